import { sql } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { RecordState } from './model.ts';
import { gapsOf, type NumberRange } from './number-ranges.ts';
import { retentionDays } from './retention.ts';

/** Nodes number their decisions from here. */
const FIRST_SEQUENCE = 1;
const GAPS_SHOWN = 20;
const NODES_SHOWN = 200;

/** How complete the record is: days held, windows, and what each node numbered and did not deliver. */
export async function recordState(executor: Executor): Promise<RecordState> {
  const { rows: nodes } = await executor.execute<{
    node_id: string;
    first_at: string;
    last_at: string;
    decisions: number;
    ranges: NumberRange[];
  }>(sql`select node_id, first_at, last_at, decisions, ranges from gateway_node order by last_at desc`);
  const { rows: windows } = await executor.execute<{ sealed: number; open: number; oldest: string | null }>(sql`
    select count(*) filter (where state = 'sealed') as sealed, count(*) filter (where state = 'open') as open,
      min(slot_from) filter (where state = 'open') as oldest from gateway_window`);
  const { rows: days } = await executor.execute<{ day: string }>(sql`
    select right(c.relname, 8) as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'gateway_decision'::regclass order by 1`);
  const { rows: dropped } = await executor.execute<{ day: string; dropped_at: string; decisions: number }>(
    sql`select day::text as day, dropped_at, decisions from gateway_retention order by day desc limit 100`,
  );
  const all = nodes.map((node) => {
    const { gaps, missing } = gapsOf(node.ranges, FIRST_SEQUENCE);
    return {
      id: node.node_id,
      firstAt: isoOf(node.first_at),
      lastAt: isoOf(node.last_at),
      decisions: node.decisions,
      newest: node.ranges.at(-1)?.[1] ?? 0,
      missing,
      gaps: gaps.slice(0, GAPS_SHOWN).map(([from, to]) => ({ from, to })),
    };
  });
  const [window] = windows;
  return {
    decisions: all.reduce((sum, { decisions }) => sum + decisions, 0),
    days: days.map(({ day }) => day.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')),
    retentionDays: await retentionDays(executor),
    windows: {
      sealed: window?.sealed ?? 0,
      open: window?.open ?? 0,
      oldestOpenFrom: window?.oldest ? isoOf(window.oldest) : null,
    },
    nodes: all.sort((a, b) => b.missing - a.missing || (a.lastAt < b.lastAt ? 1 : -1)).slice(0, NODES_SHOWN),
    missing: all.reduce((sum, { missing }) => sum + missing, 0),
    dropped: dropped.map((row) => ({ day: row.day, droppedAt: isoOf(row.dropped_at), decisions: row.decisions })),
  };
}

/** A time stamp as the database spells it, or as the driver reads it. */
export function isoOf(value: string | Date): string {
  return new Date(value).toISOString();
}
