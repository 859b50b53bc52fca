import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';

const HEAD_EVERY_MS = 5_000;

export const ledgerQuery = queryOptions({
  queryKey: ['ledger'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/ledger', { signal })),
});
/** The same, asked again and again while somebody looks at it. */
export const liveLedgerQuery = queryOptions({ ...ledgerQuery, refetchInterval: HEAD_EVERY_MS });

export const ENTRIES_SHOWN = 50;
export const HEADS_SHOWN = 100;

/** Days are UTC, and both are included. */
export type EntryFilter = { type?: string; series?: string; from?: string; to?: string; log?: string };

/** `size` is that of the newest head: with it the newest page is read anew. */
export const entriesQuery = (before: number | undefined, filter: EntryFilter, size: number | undefined) =>
  queryOptions({
    queryKey: ['ledger', 'entries', before ?? `newest of ${size}`, filter],
    queryFn: ({ signal }) => {
      const { type, series, from, to, log } = filter;
      const query = {
        before,
        type,
        series,
        log,
        limit: ENTRIES_SHOWN,
        ...(from && { from: `${from}T00:00:00.000Z` }),
        ...(to && { to: `${to}T23:59:59.999Z` }),
      };
      return answerOf(api.GET('/api/v1/ledger/entries', { params: { query }, signal }));
    },
  });

/** The newest heads below `before`. `log` is the id of a sealed ledger. */
export const headsQuery = (before: number | undefined, log: string | undefined) =>
  queryOptions({
    queryKey: ['ledger', 'heads', before ?? 'newest', log],
    queryFn: ({ signal }) => {
      const query = { before, log, limit: HEADS_SHOWN };
      return answerOf(api.GET('/api/v1/ledger/heads', { params: { query }, signal }));
    },
  });

export const growthQuery = (older: number, newer: number, log: string | undefined) =>
  queryOptions({
    queryKey: ['ledger', 'growth', older, newer, log],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/ledger/growth', { params: { query: { older, newer, log } }, signal })),
  });

export const exportsQuery = queryOptions({
  queryKey: ['ledger', 'exports'],
  queryFn: async ({ signal }) => {
    const exportsIn = async (log?: string) => {
      const query = { type: 'bundle.exported', limit: 200, log };
      const page = await answerOf(api.GET('/api/v1/ledger/entries', { params: { query }, signal }));
      return page.items.map((entry) => ({ ...entry, log }));
    };
    const sealed = await answerOf(api.GET('/api/v1/ledger/logs', { signal }));
    // The newest ledger first, and in each the newest export.
    return (await Promise.all([exportsIn(), ...sealed.items.map(({ id }) => exportsIn(id))])).flat();
  },
});

export const formerLedgersQuery = queryOptions({
  queryKey: ['ledger', 'logs'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/v1/ledger/logs', { signal })),
});

/** `log` is the id of a sealed ledger. */
export const entryQuery = (index: number, log?: string) =>
  queryOptions({
    queryKey: ['ledger', 'entry', index, log],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/ledger/entries/{index}', { params: { path: { index }, query: { log } }, signal })),
  });
