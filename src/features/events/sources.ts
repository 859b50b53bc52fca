import { sql } from 'drizzle-orm';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { sequenceGaps } from '#src/statistics/sequence-gaps.ts';
import type { EventSource, SequenceState } from './model.ts';

const GAPS_LISTED = 100;

/** The sequence numbers of sources within a time: each source against the span from what it had reached before. */
export type SequenceReading = SequenceState & { source: string };

// Around a time, events that came out of order are looked for this far, and so is the number a source had reached before.
const AROUND_MS = 2 * DAY_MS;

/**
 * Which numbers of each source that reported on the given system (or any) within [fromMs, toMs) are there. The span of a
 * source goes from the number after its highest one before the time (or its first one within) to its highest one within it:
 * what is missing at the edge of two windows is missing in the later one, and in no other. Linear in the events around.
 */
export async function sequencesWithin(
  executor: Executor,
  within: { fromMs: number; toMs: number; systemId?: string },
): Promise<SequenceReading[]> {
  const { fromMs, toMs, systemId } = within;
  const [from, to] = [toInstant(fromMs), toInstant(toMs)];
  const earliest = toInstant(fromMs - AROUND_MS);
  const inside = sql`occurred_at >= ${from}::timestamptz ${systemId === undefined ? sql`` : sql`and system_id = ${systemId}`}`;
  const { rows: spans } = await executor.execute<{
    id: number;
    name: string;
    lowest: number;
    last: number;
    before: number | null;
  }>(sql`
    select source.id, source.name, span.lowest, span.last, span.before from (
      select source_id, min(sequence) filter (where ${inside}) as lowest, max(sequence) filter (where ${inside}) as last,
        max(sequence) filter (where occurred_at < ${from}::timestamptz) as before
      from event
      where occurred_at >= ${earliest}::timestamptz and occurred_at < ${to}::timestamptz and sequence is not null
      group by source_id) as span
    join event_source as source on source.id = span.source_id
    where span.last is not null order by source.name collate "C"`);
  const readings: SequenceReading[] = [];
  for (const { id, name, lowest, last, before } of spans) {
    const first = before !== null && before < last ? before + 1 : lowest;
    const { rows } = await executor.execute<{ sequence: number }>(sql`
      select sequence from event where source_id = ${id} and sequence between ${first} and ${last}
        and occurred_at >= ${earliest}::timestamptz and occurred_at < ${toInstant(toMs + AROUND_MS)}::timestamptz`);
    const { unique, missing, share, gaps } = sequenceGaps(
      rows.map(({ sequence }) => sequence),
      first,
      last,
    );
    readings.push({
      source: name,
      first,
      last,
      unique,
      missing,
      share,
      gaps: gaps.slice(0, GAPS_LISTED),
      gapCount: gaps.length,
    });
  }
  return readings;
}

/** Every source with its counts, and its sequence numbers of the asked time. */
export async function listSources(
  executor: Executor,
  within: { fromMs: number; toMs: number },
): Promise<EventSource[]> {
  const readings = new Map((await sequencesWithin(executor, within)).map((reading) => [reading.source, reading]));
  const { rows } = await executor.execute<{
    name: string;
    first_received_at: string;
    last_received_at: string;
    last_occurred_at: string | null;
    accepted: number;
    duplicates: number;
    rejected: number;
    late: number;
    out_of_order: number;
    skewed: number;
  }>(sql`select * from event_source order by last_received_at desc, name limit 1000`);
  const instant = (value: string) => new Date(value).toISOString();
  return rows.map((row) => {
    const reading = readings.get(row.name);
    return {
      name: row.name,
      firstReceivedAt: instant(row.first_received_at),
      lastReceivedAt: instant(row.last_received_at),
      lastOccurredAt: row.last_occurred_at && instant(row.last_occurred_at),
      accepted: row.accepted,
      duplicates: row.duplicates,
      rejected: row.rejected,
      late: row.late,
      outOfOrder: row.out_of_order,
      skewed: row.skewed,
      sequence: reading === undefined ? null : { ...reading, gaps: reading.gaps },
    };
  });
}
