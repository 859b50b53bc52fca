import { queryOptions, useMutation } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import { asFailure } from '#src/apps/web/failure.ts';
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

/** One change of an alert or its settings; what failed is said in a toast. */
export function useChange<Input>(
  run: (input: Input) => Promise<unknown>,
  said: {
    done?: string /** Left out where the failure is shown beside what was asked. */;
    failed?: string;
    onDone?: () => void;
  },
) {
  const toast = useToast();
  return useMutation({
    mutationFn: run,
    onSuccess: () => {
      if (said.done) toast.done(said.done);
      said.onDone?.();
    },
    onError: (error) => said.failed && toast.failed(said.failed, asFailure(error).message),
  });
}
