import { sql } from 'drizzle-orm';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { EventSource, SequenceState } from './model.ts';

const GAPS_LISTED = 100;

/** The sequence numbers of sources within a time: each source against the span from what it had reached before. */
export type SequenceReading = SequenceState & { source: string };

/**
 * Which numbers of each source that reported on the given systems within [fromMs, toMs) are there. The span of a source goes
 * from the number after its highest one before the time (or its first one within) to its highest one within it: what is
 * missing at the edge of two windows is missing in the later one, and in no other.
 */
export async function sequencesWithin(
  executor: Executor,
  within: { fromMs: number; toMs: number; systemId?: string },
): Promise<SequenceReading[]> {
  const { fromMs, toMs, systemId } = within;
  const ofSystem = systemId === undefined ? sql`` : sql`and system_id = ${systemId}`;
  const { rows } = await executor.execute<{
    name: string;
    first: number;
    last: number;
    uniq: number;
    gap_count: number;
    missing: number;
    gaps: [number, number][] | null;
  }>(sql`
    with inside as (
      select source_id, max(sequence) as last, min(sequence) as lowest from event
      where occurred_at >= ${toInstant(fromMs)} and occurred_at < ${toInstant(toMs)} and sequence is not null ${ofSystem}
      group by source_id),
    span as (
      select inside.source_id, inside.last,
        coalesce((select max(sequence) + 1 from event
          where event.source_id = inside.source_id and occurred_at < ${toInstant(fromMs)}
            and occurred_at >= ${toInstant(fromMs - 31 * 86_400_000)} and sequence < inside.last), inside.lowest) as first
      from inside),
    numbered as (
      select span.source_id, span.first, span.last, seen.sequence,
        lag(seen.sequence, 1, span.first - 1) over (partition by span.source_id order by seen.sequence) as before
      from span join lateral (
        select distinct sequence from event
        where event.source_id = span.source_id and sequence between span.first and span.last
          and occurred_at >= ${toInstant(fromMs - 31 * 86_400_000)} and occurred_at < ${toInstant(toMs + 31 * 86_400_000)}) as seen on true),
    gap as (
      select source_id, before + 1 as low, sequence - 1 as high,
        row_number() over (partition by source_id order by sequence) as place
      from numbered where sequence > before + 1)
    select source.name, numbered.first, numbered.last, count(*) as uniq,
      numbered.last - numbered.first + 1 - count(*) as missing,
      (select count(*) from gap where gap.source_id = numbered.source_id) as gap_count,
      (select json_agg(json_build_array(low, high) order by low) from gap
       where gap.source_id = numbered.source_id and place <= ${GAPS_LISTED}) as gaps
    from numbered join event_source as source on source.id = numbered.source_id
    group by source.name, numbered.source_id, numbered.first, numbered.last
    order by source.name collate "C"`);
  return rows.map((row) => ({
    source: row.name,
    first: row.first,
    last: row.last,
    unique: row.uniq,
    missing: row.missing,
    share: row.last >= row.first ? row.uniq / (row.last - row.first + 1) : null,
    gaps: row.gaps ?? [],
    gapCount: row.gap_count,
  }));
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
