import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';

export const ledgerQuery = queryOptions({
  queryKey: ['ledger'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/ledger', { signal })),
});

export const ENTRIES_SHOWN = 50;

export const entriesQuery = (before: number | undefined, type: string | undefined) =>
  queryOptions({
    queryKey: ['ledger', 'entries', before ?? null, type ?? null],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/api/v1/ledger/entries', { params: { query: { before, type, limit: ENTRIES_SHOWN } }, signal }),
      ),
  });

export const entryQuery = (index: number) =>
  queryOptions({
    queryKey: ['ledger', 'entry', index],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/ledger/entries/{index}', { params: { path: { index } }, signal })),
  });
