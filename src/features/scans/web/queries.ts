import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import type { Scan } from '../model.ts';

const RUNNING_POLL_MS = 1000;
const LIST_POLL_MS = 3000;

export const isUnderWay = (scan: Scan) => scan.state === 'queued' || scan.state === 'running';

export const scansQuery = queryOptions({
  queryKey: ['scans'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/scans', { params: { query: { limit: 200 } }, signal })),
  refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? LIST_POLL_MS : false),
});

export const scanQuery = (id: string) =>
  queryOptions({
    queryKey: ['scans', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/scans/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? RUNNING_POLL_MS : false),
  });

export const schedulesQuery = queryOptions({
  queryKey: ['scans', 'schedules'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/scans/schedules', { signal })),
});

export const rootsQuery = queryOptions({
  queryKey: ['scans', 'roots'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/scans/roots', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});
