import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { useMay, useSession } from '#src/apps/web/session.ts';

type Option = { value: string; label: string };

/** Who may own a monitor or a clause: everybody active, or, where the reader may not see the users, the reader. */
export function useOwnerOptions(): Option[] {
  const mayList = useMay('users.read');
  const me = useSession().user;
  const users = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/users', { signal })),
    enabled: mayList,
  }).data;
  const others = (users?.items ?? []).filter((user) => user.state === 'active' && user.id !== me?.id);
  return [
    ...(me ? [{ value: me.id, label: `${me.name} (you)` }] : []),
    ...others.map((user) => ({ value: user.id, label: user.name })),
  ];
}

export function useSystemOptions(): Option[] {
  const systems = useQuery({
    queryKey: ['inventory', 'systems'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/inventory/systems', { signal })),
  }).data;
  return (systems?.items ?? []).map((system) => ({ value: system.id, label: system.name }));
}
