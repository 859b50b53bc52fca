import { sql } from 'drizzle-orm';
import { type Append, ledgerActor } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import type { Clock } from '#src/kernel/time.ts';
import { toHex } from '#src/ledger/log/bytes.ts';
import { HASH_BYTES, rootOfHashes } from '#src/ledger/log/tree.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';
import { emptyCounts, type WindowCounts } from './model.ts';
import { GRACE_MS, openWindows } from './open-windows.ts';

/** A window is closed early at this many decisions, so that a proof stays cheap to make. */
export const WINDOW_DECISIONS_MAX = 100_000;
/** Tenants, routes and codes that a ledger entry names one by one; the rest is in the counts whose digest it holds. */
const NAMED_MAX = 30;
const PAGE = 10_000;
const SEALER = ledgerActor({ kind: 'service', id: 'gateway' });

export type OpenWindow = {
  id: string;
  fromMs: number;
  toMs: number;
  part: number;
  supplement: boolean;
  arrivalAfter: number;
};

/**
 * Seals every window that is due: its slot is over, or it is full. `boundary` is where taking in has come to: all of what
 * arrived up to it is stored and has its window. Each window is one transaction with its one ledger entry.
 * Returns the ids of what was sealed.
 */
export async function sealWindows(
  parts: { database: Database; append: Append; clock: Clock; decisionsMax?: number },
  boundary: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const sealed: string[] = [];
  for (const window of await openOnes(parts.database)) {
    if (signal?.aborted) break;
    const isOver = window.toMs + GRACE_MS <= parts.clock();
    const decisionsMax = parts.decisionsMax ?? WINDOW_DECISIONS_MAX;
    // Fewer arrived at all than fit: it cannot be full.
    if (!isOver && boundary - window.arrivalAfter < decisionsMax) continue;
    const id = await parts.database.transaction((tx) =>
      sealOne(tx, window, boundary, { ...parts, decisionsMax, isOver }),
    );
    if (id !== null) sealed.push(id);
  }
  return sealed;
}

async function openOnes(database: Database): Promise<OpenWindow[]> {
  const { rows } = await database.pool.query<OpenWindow>(
    `select id, (extract(epoch from slot_from) * 1000)::bigint as "fromMs",
       (extract(epoch from slot_to) * 1000)::bigint as "toMs", part, supplement, arrival_after as "arrivalAfter"
     from gateway_window where state = 'open' order by slot_from, part`,
  );
  return rows;
}

async function sealOne(
  tx: Transaction,
  window: OpenWindow,
  boundary: number,
  parts: { append: Append; clock: Clock; decisionsMax: number; isOver: boolean },
): Promise<string | null> {
  const { rows: held } = await tx.execute(
    sql`select id from gateway_window where id = ${window.id} and state = 'open' for update`,
  );
  // Another process sealed it.
  if (held.length === 0) return null;
  const read = await readWindow(tx, window, boundary, parts.decisionsMax);
  if (read.decisions < parts.decisionsMax && !parts.isOver) return null;
  if (read.decisions === 0) {
    await tx.execute(sql`delete from gateway_window where id = ${window.id}`);
    return null;
  }
  const sealedAt = new Date(parts.clock()).toISOString();
  const root = rootOfHashes(read.hashes);
  const { pendingId } = await parts.append(tx, {
    type: 'gateway.window',
    actor: SEALER,
    subject: { kind: 'gateway-window', id: window.id },
    series: 'gateway:windows',
    body: {
      from: new Date(window.fromMs).toISOString(),
      to: new Date(window.toMs).toISOString(),
      part: window.part,
      supplement: window.supplement,
      decisions: read.decisions,
      root: toHex(root),
      ...namedCounts(read.counts),
      countsSha256: sha256Hex(canonicalJson(read.counts)),
    },
    dedupeKey: `gateway-window:${window.id}`,
  });
  await tx.execute(sql`
    update gateway_window set state = 'sealed', arrival_to = ${read.arrivalTo}, decisions = ${read.decisions},
      root = ${Buffer.from(root)}, counts = ${JSON.stringify(read.counts)}::jsonb, sealed_at = ${sealedAt}::timestamptz,
      ledger_pending_id = ${pendingId}
    where id = ${window.id}`);
  // A full window leaves the rest of its slot to the next part.
  if (read.more) await openWindows(tx, [window.fromMs]);
  return window.id;
}

type WindowContent = {
  hashes: Uint8Array;
  decisions: number;
  counts: WindowCounts;
  arrivalTo: number;
  /** Whether decisions of the slot had to be left to the next part. */
  more: boolean;
};

async function readWindow(
  tx: Transaction,
  window: OpenWindow,
  boundary: number,
  decisionsMax: number,
): Promise<WindowContent> {
  const counts = emptyCounts();
  const chunks: Buffer[] = [];
  let decisions = 0;
  let after = window.arrivalAfter;
  for (;;) {
    const rows = await windowRows(tx, window, {
      after,
      to: boundary,
      limit: Math.min(PAGE, decisionsMax + 1 - decisions),
    });
    for (const row of rows) {
      if (decisions === decisionsMax) {
        return { hashes: Buffer.concat(chunks), decisions, counts, arrivalTo: after, more: true };
      }
      chunks.push(row.leaf_hash);
      countRow(counts, row);
      decisions++;
      after = row.arrival;
    }
    if (rows.length === 0) break;
  }
  return { hashes: Buffer.concat(chunks), decisions, counts, arrivalTo: boundary, more: false };
}

type WindowRow = {
  [column: string]: unknown;
  arrival: number;
  leaf_hash: Buffer;
  outcome: string;
  refusal: string | null;
  tenant_id: string | null;
  route_id: string | null;
  fail_open: boolean;
  found: string[];
};

async function windowRows(
  tx: Transaction,
  window: Pick<OpenWindow, 'fromMs' | 'toMs'>,
  range: { after: number; to: number; limit: number },
): Promise<WindowRow[]> {
  // Slots divide the day, so a window stands in one partition.
  const { rows } = await tx.execute<WindowRow>(sql`
    select arrival, leaf_hash, outcome, refusal, tenant_id, route_id, fail_open, found from gateway_decision
    where day = ${dayOfMs(window.fromMs)}::date
      and occurred_at >= ${new Date(window.fromMs).toISOString()}::timestamptz
      and occurred_at < ${new Date(window.toMs).toISOString()}::timestamptz
      and arrival > ${range.after} and arrival <= ${range.to}
    order by arrival limit ${range.limit}`);
  return rows;
}

function countRow(counts: WindowCounts, row: WindowRow): void {
  const add = (held: Record<string, number>, name: string) => {
    held[name] = (held[name] ?? 0) + 1;
  };
  add(counts.outcomes, row.outcome);
  if (row.refusal !== null) add(counts.refusals, row.refusal);
  add(counts.tenants, row.tenant_id ?? 'none');
  add(counts.routes, row.route_id ?? 'none');
  for (const detector of row.found) add(counts.detectors, detector);
  if (row.fail_open) counts.failOpen++;
}

/** The largest of each group by name, and how many are not named: an entry of the ledger has 16 KiB. */
function namedCounts(counts: WindowCounts) {
  const named = (held: Record<string, number>) => {
    const all = Object.entries(held).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return Object.fromEntries(all.slice(0, NAMED_MAX).map(([name, times]) => [name.slice(0, 64), times]));
  };
  return {
    outcomes: named(counts.outcomes),
    refusals: named(counts.refusals),
    tenants: named(counts.tenants),
    routes: named(counts.routes),
    detectors: named(counts.detectors),
    failOpen: counts.failOpen,
  };
}

/** The leaf hashes of a sealed window in the order they were sealed in, and the place of one decision among them. */
export async function leavesOf(
  tx: Transaction,
  window: Pick<OpenWindow, 'fromMs' | 'toMs' | 'arrivalAfter'> & { arrivalTo: number },
  arrival: number,
): Promise<{ hashes: Uint8Array; index: number }> {
  const chunks: Buffer[] = [];
  let index = -1;
  let after = window.arrivalAfter;
  for (;;) {
    const rows = await windowRows(tx, window, { after, to: window.arrivalTo, limit: PAGE });
    for (const row of rows) {
      if (row.arrival === arrival) index = chunks.length;
      chunks.push(row.leaf_hash);
    }
    const last = rows.at(-1);
    if (!last) break;
    after = last.arrival;
  }
  const hashes = new Uint8Array(chunks.length * HASH_BYTES);
  for (const [i, hash] of chunks.entries()) hashes.set(hash, i * HASH_BYTES);
  return { hashes, index };
}
