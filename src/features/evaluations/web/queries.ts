import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { EvaluationRun } from '../model.ts';

const POLL_MS = 2_000;
export const isUnderWay = (run: EvaluationRun) => run.state === 'queued' || run.state === 'running';

export const runsQuery = queryOptions({
  queryKey: ['evaluations', 'runs'],
  queryFn: ({ signal }) =>
    everyPage((cursor) =>
      answerOf(api.GET('/api/v1/evaluations', { params: { query: { limit: 200, cursor } }, signal })),
    ),
  refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? POLL_MS : false),
});

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['evaluations', 'run', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/evaluations/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? POLL_MS : false),
  });

export const resultsQuery = (id: string, failedOnly: boolean) =>
  queryOptions({
    queryKey: ['evaluations', 'results', id, failedOnly],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(
          api.GET('/api/v1/evaluations/{id}/results', {
            params: { path: { id }, query: { limit: 500, cursor, failedOnly: failedOnly ? 'true' : undefined } },
            signal,
          }),
        ),
      ),
  });

export const suitesQuery = queryOptions({
  queryKey: ['evaluations', 'suites'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/evaluations/suites', { signal })),
});

export const releasesQuery = queryOptions({
  queryKey: ['evaluations', 'releases'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/evaluations/releases', { signal })),
});

export const comparisonQuery = (before: string, after: string) =>
  queryOptions({
    queryKey: ['evaluations', 'comparison', before, after],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/evaluations/comparison', { params: { query: { before, after } }, signal })),
  });
