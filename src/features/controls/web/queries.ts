import { queryOptions } from '@tanstack/react-query';
import { call } from '#src/apps/web/client.ts';
import { everyPage } from '#src/apps/web/every-page.ts';
import type {
  ControlDetail,
  ControlHistory,
  ControlPage,
  FrameworkPage,
  Subject,
  SubjectPage,
  TestPage,
} from '../model.ts';

export type ControlFilter = {
  framework?: string;
  requirement?: string;
  state?: string;
  category?: string;
  ai?: 'true' | 'false';
};

export const frameworksQuery = queryOptions({
  queryKey: ['frameworks'],
  queryFn: ({ signal }) => call<FrameworkPage>('GET', '/frameworks', { signal }),
});

export const controlsQuery = (filter: ControlFilter) =>
  queryOptions({
    queryKey: ['controls', filter],
    queryFn: ({ signal }) => call<ControlPage>('GET', '/controls', { query: filter, signal }),
  });

export const controlQuery = (id: string) =>
  queryOptions({
    queryKey: ['control', id],
    queryFn: ({ signal }) => call<ControlDetail>('GET', `/controls/${encodeURIComponent(id)}`, { signal }),
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ['control', id, 'history'],
    queryFn: ({ signal }) => call<ControlHistory>('GET', `/controls/${encodeURIComponent(id)}/history`, { signal }),
  });

export const testsQuery = queryOptions({
  queryKey: ['tests'],
  queryFn: ({ signal }) => call<TestPage>('GET', '/tests', { signal }),
});

export const subjectsQuery = (testId: string, result: string | undefined) =>
  queryOptions({
    queryKey: ['tests', testId, 'subjects', result ?? null],
    queryFn: ({ signal }) =>
      everyPage<Subject, SubjectPage>(`/tests/${encodeURIComponent(testId)}/subjects`, { result }, 200, signal),
  });
