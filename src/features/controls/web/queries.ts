import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type { ControlQuery, TestResult } from '../model.ts';

export type ControlFilter = Omit<ControlQuery, 'q'>;

export const frameworksQuery = queryOptions({
  queryKey: ['frameworks'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/frameworks', { signal })),
});

export const controlsQuery = (filter: ControlFilter) =>
  queryOptions({
    queryKey: ['controls', filter],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/controls', { params: { query: filter }, signal })),
  });

export const calendarQuery = (year: number) =>
  queryOptions({
    queryKey: ['controls', 'calendar', year],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/controls/calendar', { params: { query: { year } }, signal })),
  });

export const controlQuery = (id: string) =>
  queryOptions({
    queryKey: ['control', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/controls/{id}', { params: { path: { id } }, signal })),
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ['control', id, 'history'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/controls/{id}/history', { params: { path: { id } }, signal })),
  });

export const testsQuery = queryOptions({
  queryKey: ['tests'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/tests', { signal })),
});

export const subjectsQuery = (testId: string, result: TestResult | undefined) =>
  queryOptions({
    queryKey: ['tests', testId, 'subjects', result ?? null],
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        answerOf(
          api.GET('/api/v1/tests/{id}/subjects', {
            params: { path: { id: testId }, query: { result, limit: 200, cursor } },
            signal,
          }),
        ),
      ),
  });
