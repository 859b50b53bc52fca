import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { AbuseQuery } from '../model.ts';

const LIVE_MS = 10_000;

export const findingsQuery = (filter: Pick<AbuseQuery, 'state' | 'kind' | 'key'>) =>
  queryOptions({
    queryKey: ['gateway-abuse', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(api.GET('/api/v1/gateway/abuse', { params: { query: { ...filter, limit: 200, cursor } }, signal })),
      ),
    refetchInterval: LIVE_MS,
  });

export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway-abuse-finding', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/abuse/{id}', { params: { path: { id } }, signal })),
  });
