import { queryOptions } from '@tanstack/react-query';
import type * as z from 'zod';
import { call } from '#src/apps/web/client.ts';
import type { EntryDetail, EntryPage, LedgerHead } from '../model.ts';

export const ledgerQuery = queryOptions({
  queryKey: ['ledger'],
  queryFn: ({ signal }) => call<LedgerHead>('GET', '/ledger', { signal }),
});

export const ENTRIES_SHOWN = 100;

export const entriesQuery = (before: number | undefined, type: string | undefined) =>
  queryOptions({
    queryKey: ['ledger', 'entries', before ?? null, type ?? null],
    queryFn: ({ signal }) =>
      call<z.infer<typeof EntryPage>>('GET', '/ledger/entries', {
        query: { before, type, limit: ENTRIES_SHOWN },
        signal,
      }),
  });

export const entryQuery = (index: number) =>
  queryOptions({
    queryKey: ['ledger', 'entry', index],
    queryFn: ({ signal }) => call<EntryDetail>('GET', `/ledger/entries/${index}`, { signal }),
  });
