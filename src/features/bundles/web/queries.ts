import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import type { Bundle } from '../model.ts';

const POLL_MS = 1000;

export const isBeingMade = (bundle: Bundle) => bundle.state === 'queued' || bundle.state === 'running';

export const bundlesQuery = queryOptions({
  queryKey: ['bundles'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/bundles', { signal })),
  refetchInterval: (query) => (query.state.data?.items.some(isBeingMade) ? POLL_MS : false),
});
