import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';

const LIVE_MS = 2_000;

export const probesQuery = queryOptions({
  queryKey: ['gateway-probes'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/probes', { params: { query: { limit: 200 } }, signal })),
  refetchInterval: (query) =>
    query.state.data?.items.some(({ state }) => state === 'queued' || state === 'running') ? LIVE_MS : false,
});
