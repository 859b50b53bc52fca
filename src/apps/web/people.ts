import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from './client.ts';
import { useMay, useSession } from './session.ts';

/** Active people to choose from, the reader first: all of them, or the reader alone where the reader may not see the users. */
export function usePeople(): { value: string; label: string }[] {
  const { user: me } = useSession();
  const mayList = useMay('users.read');
  const users = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/users', { signal })),
    enabled: mayList,
  }).data;
  const people = new Map<string, string>();
  if (me) people.set(me.id, `${me.name} (you)`);
  for (const user of users?.items ?? [])
    if (user.state === 'active' && user.id !== me?.id) people.set(user.id, user.name);
  return [...people].map(([value, label]) => ({ value, label }));
}
