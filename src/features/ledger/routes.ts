import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { toBase64 } from '#src/ledger/log/bytes.ts';
import { formatVerifierKey } from '#src/ledger/log/verifier-key.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { logIdOf } from '#src/ledger/store/store-log.ts';
import type { StoredEntry } from '#src/ledger/store/store-read.ts';
import { assuranceOfHead, sizesReached, vouchersOf } from '#src/ledger/store/vouchers.ts';
import { type App, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import {
  EntryDetail,
  EntryPage,
  EntryQuery,
  type FormerLedger,
  FormerLedgers,
  GrowthQuery,
  HeadPage,
  HeadQuery,
  type LedgerEntryRow,
  LedgerGrowth,
  LedgerHead,
  LogQuery,
} from './model.ts';
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
        signedAt: head.signedAt.toISOString(),
        level: assurance.level,
        assurance: { ...assurance, steps: [...assurance.steps] },
        reached: await sizesReached(ledger),
        problem: ledger.problem,
        pending: await ledger.pendingCount(),
      };
    });
    app.get(
      '/ledger/entries',
      { config: read, schema: { querystring: EntryQuery, response: { 200: EntryPage } } },
      async (request) => {
        const { limit, from, to, log, ...query } = request.query;
        const { items, total } = await (await logNamed(ledger, log)).reader.page({
          ...query,
          limit,
          ...(from !== undefined && { from: new Date(from) }),
          ...(to !== undefined && { to: new Date(to) }),
        });
        const last = items.at(-1);
        const more = items.length === limit && last !== undefined && last.index > 0;
        return { items: items.map(rowOf), total, ...(more && { nextCursor: String(last.index) }) };
      },
    );
    app.get(
      '/ledger/entries/:index',
      { config: read, schema: { params: ByIndex, querystring: LogQuery, response: { 200: EntryDetail } } },
      async (request) => {
        const { index } = request.params;
        const log = await logNamed(ledger, request.query.log);
        const entry = await log.reader.entryAt(index);
        if (!entry)
          throw new AppError(
            'not_found',
            `The ledger has no entry ${index}. Its newest one is in the list of entries.`,
          );
        return { ...rowOf(entry), position: await positionOfEntry(log, entry) };
      },
    );
    app.get('/ledger/logs', { config: read, schema: { response: { 200: FormerLedgers } } }, async () => ({
      items: await formerLedgers(ledger),
    }));
    addHeadRoutes(app, ledger);
  });
}

async function logNamed(ledger: Ledger, id: string | undefined): Promise<ReadableLog> {
  if (id === undefined || id === logIdOf(ledger.origin)) return ledger;
  const former = await ledger.formerLog(id);
  if (former) return former;
  throw new AppError('not_found', `There is no sealed ledger ${id}. GET /api/v1/ledger/logs lists them.`);
}

async function formerLedgers(ledger: Ledger): Promise<FormerLedger[]> {
  return Promise.all(
    (await ledger.formerLogs()).map(
      async ({ id, origin, createdAt, sealedAt, reason, continuedBy, head, size, lostFrom }) => {
        const log = await ledger.formerLog(id);
        return {
          id,
          origin,
          vkey: log?.vkey ?? null,
          createdAt: createdAt.toISOString(),
          sealedAt: sealedAt.toISOString(),
          reason,
          continuedBy,
          head: head &&
            log && {
              size: head.size,
              root: toBase64(head.root),
              checkpoint: (await vouchersOf(log, head)).note,
              signedAt: head.signedAt.toISOString(),
            },
          unsigned: size - (head?.size ?? 0),
          lostFrom,
        };
      },
    ),
  );
}

function addHeadRoutes(app: App, ledger: Ledger): void {
  app.get(
    '/ledger/heads',
    { config: read, schema: { querystring: HeadQuery, response: { 200: HeadPage } } },
    async (request) => {
      const { limit, log, ...query } = request.query;
      const { reader } = await logNamed(ledger, log);
      const heads = await reader.signedHeads({ ...query, limit });
      const said = await reader.saidOfHeads(heads.map(({ size }) => size));
      const last = heads.at(-1);
      return {
        items: heads.map(({ size, root, signedAt }) => ({
          size,
          root: toBase64(root),
          signedAt: signedAt.toISOString(),
          cosigned: voices(said.get(size)?.cosigned),
          stamped: voices(said.get(size)?.stamped),
        })),
        ...(heads.length === limit && last && { nextCursor: String(last.size) }),
      };
    },
  );
  app.get(
    '/ledger/growth',
    { config: read, schema: { querystring: GrowthQuery, response: { 200: LedgerGrowth } } },
    async (request) => {
      const { older, newer, log: id } = request.query;
      if (older > newer)
        throw new AppError(
          'invalid_input',
          `A log of ${older} entries cannot grow into one of ${newer}: exchange them.`,
        );
      const log = await logNamed(ledger, id);
      const heads = await Promise.all([older, newer].map((size) => headOf(log, size)));
      const proof = await log.reader.tree.consistencyProof(older, newer);
      return {
        older: heads[0] as { size: number; checkpoint: string },
        newer: heads[1] as { size: number; checkpoint: string },
        proof: proof.map(toBase64),
        vkeys: log.ring.logKeys.map(formatVerifierKey),
        origin: log.origin,
      };
    },
  );
}

function voices(said: readonly { name: string; at: Date }[] = []): { name: string; at: string }[] {
  return said.map(({ name, at }) => ({ name, at: at.toISOString() }));
}

async function headOf(log: ReadableLog, size: number): Promise<{ size: number; checkpoint: string }> {
  const head = await log.reader.signedHeadOf(size);
  if (head) return { size, checkpoint: head.note };
  throw new AppError('not_found', `No head of ${size} entries was signed. The signed ones are in the list of heads.`);
}

const Subject = z.object({ kind: z.string(), id: z.string() });
const ExportBody = z
  .object({ from: z.number().int(), to: z.number().int(), series: z.array(z.string()), origin: z.string() })
  .partial();
const LeafParts = z.object({ subject: Subject, actor: Subject, body: z.unknown() }).partial();

function rowOf(entry: StoredEntry): LedgerEntryRow {
  const leaf = LeafParts.safeParse(JSON.parse(textOf(entry))).data;
  const range = entry.type === 'bundle.exported' ? ExportBody.safeParse(leaf?.body).data : undefined;
  return {
    index: entry.index,
    type: entry.type,
    recordedAt: entry.recordedAt.toISOString(),
    leafHash: entry.leafHash,
    sizeBytes: entry.bytes.length,
    subject: leaf?.subject ?? null,
    actor: leaf?.actor ?? null,
    series: entry.series,
    exported: range
      ? { from: range.from ?? null, to: range.to ?? null, series: range.series ?? null, origin: range.origin ?? null }
      : null,
  };
}
