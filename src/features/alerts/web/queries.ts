import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useMay, useSession } from '#src/apps/web/session.ts';
import { useToast } from '#src/ui/toast.tsx';
import type { AlertQuery } from '../model.ts';

// Clocks run: a list that stands still for minutes would mislead.
const POLL_MS = 30_000;

export type AlertFilter = Pick<AlertQuery, 'state' | 'severity' | 'source' | 'owner' | 'clock' | 'muted'>;

export const alertsQuery = (filter: AlertFilter) =>
  queryOptions({
    queryKey: ['alerts', 'list', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(api.GET('/api/v1/alerts', { params: { query: { ...filter, limit: 200, cursor } }, signal })),
      ),
    refetchInterval: POLL_MS,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/alerts/{id}', { params: { path: { id } }, signal })),
    refetchInterval: POLL_MS,
  });

export const mutesQuery = queryOptions({
  queryKey: ['alerts', 'mutes'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/alerts/mutes', { signal })),
});

export const reportQuery = queryOptions({
  queryKey: ['alerts', 'report'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/alerts/report', { signal })),
});

export const channelsQuery = queryOptions({
  queryKey: ['alerts', 'channels'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/alerts/channels', { signal })),
});

export const deliveriesQuery = queryOptions({
  queryKey: ['alerts', 'deliveries'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/alerts/deliveries', { signal })),
});

export const alertSettingsQuery = queryOptions({
  queryKey: ['alerts', 'settings'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/alerts/settings', { signal })),
});

/** Active people to choose from: all of them, or the reader alone where the reader may not see the users. */
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

/** One change of an alert or its settings; what failed is said in a toast. */
export function useChange<Input>(
  run: (input: Input) => Promise<unknown>,
  said: { done?: string; failed: string; onDone?: () => void },
) {
  const toast = useToast();
  return useMutation({
    mutationFn: run,
    onSuccess: () => {
      if (said.done) toast.done(said.done);
      said.onDone?.();
    },
    onError: (error) => toast.failed(said.failed, asFailure(error).message),
  });
}
