import { queryOptions } from '@tanstack/react-query';
import type * as z from 'zod';
import { call } from '#src/apps/web/client.ts';
import type { Bundle, BundlePage } from '../model.ts';

const POLL_MS = 1000;

export const isBeingMade = (bundle: Bundle) => bundle.state === 'queued' || bundle.state === 'running';

export const bundlesQuery = queryOptions({
  queryKey: ['bundles'],
  queryFn: ({ signal }) => call<z.infer<typeof BundlePage>>('GET', '/bundles', { signal }),
  refetchInterval: (query) => (query.state.data?.items.some(isBeingMade) ? POLL_MS : false),
});
