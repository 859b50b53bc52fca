import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { DecisionQuery, TrafficQuery } from '../model.ts';

const LIVE_MS = 3_000;

export const trafficQuery = (query: TrafficQuery) =>
  queryOptions({
    queryKey: ['gateway-traffic', query],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/traffic', { params: { query }, signal })),
    refetchInterval: query.span === '1h' ? LIVE_MS : 20 * LIVE_MS,
    placeholderData: keepPreviousData,
  });

export const recordQuery = queryOptions({
  queryKey: ['gateway-record'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/record', { signal })),
  refetchInterval: 10 * LIVE_MS,
});

export type DecisionFilter = Partial<Omit<DecisionQuery, 'cursor' | 'limit'>>;

export const decisionsQuery = (filter: DecisionFilter) =>
  queryOptions({
    queryKey: ['gateway-decisions', filter],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(
          api.GET('/api/v1/gateway/decisions', { params: { query: { ...filter, limit: 500, cursor } }, signal }),
        ),
      ),
    placeholderData: keepPreviousData,
  });

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway-decision', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/decisions/{id}', { params: { path: { id } }, signal })),
    // An open window is sealed within minutes; the page then shows its proof by itself.
    refetchInterval: (query) => (query.state.data?.window?.ledgerIndex == null ? 5 * LIVE_MS : false),
  });

export const proofQuery = (id: string) =>
  queryOptions({
    queryKey: ['gateway-proof', id],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/gateway/decisions/{id}/proof', { params: { path: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
