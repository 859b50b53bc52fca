import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { toBase64 } from '#src/ledger/log/bytes.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { StoredEntry } from '#src/ledger/store/store-read.ts';
import { assuranceOfHead, sizesReached, vouchersOf } from '#src/ledger/store/vouchers.ts';
import { defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { EntryDetail, EntryPage, EntryQuery, type LedgerEntryRow, LedgerHead } from './model.ts';
import { positionOfEntry, textOf } from './position.ts';

const read = { permission: 'ledger.read' } as const;
const ByIndex = z.object({ index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) });

export function ledgerRoutes(ledger: Ledger): Routes {
  return defineRoutes((app) => {
    app.get('/ledger', { config: read, schema: { response: { 200: LedgerHead } } }, async () => {
      const head = await ledger.signedHead();
      const vouchers = await vouchersOf(ledger, head);
      const assurance = await assuranceOfHead(ledger, head, vouchers);
      return {
        origin: ledger.origin,
        vkey: ledger.vkey,
        size: head.size,
        root: toBase64(head.root),
        checkpoint: vouchers.note,
        level: assurance.level,
        assurance: { ...assurance, steps: [...assurance.steps] },
        reached: await sizesReached(ledger),
        pending: await ledger.pendingCount(),
      };
    });
    app.get(
      '/ledger/entries',
      { config: read, schema: { querystring: EntryQuery, response: { 200: EntryPage } } },
      async (request) => {
        const { limit } = request.query;
        const { items, total } = await ledger.entries(request.query);
        const last = items.at(-1);
        const more = items.length === limit && last !== undefined && last.index > 0;
        return { items: items.map(rowOf), total, ...(more && { nextCursor: String(last.index) }) };
      },
    );
    app.get(
      '/ledger/entries/:index',
      { config: read, schema: { params: ByIndex, response: { 200: EntryDetail } } },
      async (request) => {
        const { index } = request.params;
        const entry = await ledger.entryAt(index);
        if (!entry)
          throw new AppError(
            'not_found',
            `The ledger has no entry ${index}. Its newest one is in the list of entries.`,
          );
        return { ...rowOf(entry), position: await positionOfEntry(ledger, entry) };
      },
    );
  });
}

const Subject = z.object({ kind: z.string(), id: z.string() });

function rowOf(entry: StoredEntry): LedgerEntryRow {
  const leaf = z
    .object({ subject: Subject, actor: Subject })
    .partial()
    .safeParse(JSON.parse(textOf(entry)));
  return {
    index: entry.index,
    type: entry.type,
    recordedAt: entry.recordedAt.toISOString(),
    leafHash: entry.leafHash,
    sizeBytes: entry.bytes.length,
    subject: leaf.data?.subject ?? null,
    actor: leaf.data?.actor ?? null,
    series: entry.series,
  };
}
