import { type SQL, sql } from 'drizzle-orm';
import { toHex } from '#src/ledger/log/bytes.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Window, WindowCounts, WindowQuery } from './model.ts';
import { isoOf } from './record-state.ts';

export async function listWindows(
  executor: Executor,
  query: WindowQuery,
): Promise<{ items: Window[]; total: number; nextCursor?: string }> {
  const [, fromMs, part] = /^(\d{1,15})\.(\d{1,6})$/.exec(query.cursor ?? '') ?? [];
  const before =
    fromMs === undefined
      ? sql`true`
      : sql`(w.slot_from, w.part) < (${new Date(Number(fromMs)).toISOString()}::timestamptz, ${Number(part)}::int)`;
  const found = await windowsWhere(executor, before, query.limit + 1);
  const { rows } = await executor.execute<{ total: number }>(sql`select count(*) as total from gateway_window`);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items,
    total: rows[0]?.total ?? 0,
    ...(found.length > query.limit && last && { nextCursor: `${Date.parse(last.from)}.${last.part}` }),
  };
}

/** Windows, newest first, with the place of their entry in the ledger. `w` is the window in `where`. */
export async function windowsWhere(executor: Executor, where: SQL, limit: number): Promise<Window[]> {
  const { rows } = await executor.execute<{
    id: string;
    slot_from: string;
    slot_to: string;
    part: number;
    supplement: boolean;
    state: 'open' | 'sealed';
    decisions: number | null;
    root: Buffer | null;
    counts: WindowCounts | null;
    sealed_at: string | null;
    ledger_index: number | null;
  }>(sql`
    select w.id, w.slot_from, w.slot_to, w.part, w.supplement, w.state, w.decisions, w.root, w.counts, w.sealed_at,
      (select e.idx from ledger_entry e where e.pending_id = w.ledger_pending_id) as ledger_index
    from gateway_window w where ${where} order by w.slot_from desc, w.part desc limit ${limit}`);
  return rows.map((row) => ({
    id: row.id,
    from: isoOf(row.slot_from),
    to: isoOf(row.slot_to),
    part: row.part,
    supplement: row.supplement,
    state: row.state,
    decisions: row.decisions,
    root: row.root && toHex(row.root),
    counts: row.counts,
    sealedAt: row.sealed_at && isoOf(row.sealed_at),
    ledgerIndex: row.ledger_index,
  }));
}
