import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { ledgerActor, type Records } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';

/*
 * Events lie in one table and leave it day by day. Partitions by month would drop faster, and were not chosen: an id counts
 * once whatever the time of its event, which no index over partitions by time can promise, and a hold keeps the events of one
 * system of a day whose other events go. The room of what was erased is filled by what comes next.
 */

/** Counted whole up to here; above it, the planner's estimate will do for a page. */
const COUNTED_MAX = 200_000;

export async function countEvents(executor: Executor): Promise<number> {
  const { rows } = await executor.execute<{ estimate: number }>(
    sql`select greatest(reltuples, 0)::bigint as estimate from pg_class where oid = 'event'::regclass`,
  );
  const estimate = Number(rows[0]?.estimate ?? 0);
  if (estimate > COUNTED_MAX) return estimate;
  const { rows: counted } = await executor.execute<{ n: number }>(sql`select count(*)::int as n from event`);
  return counted[0]?.n ?? 0;
}

/** Events older than an instant, and how many of them belong to the named systems. */
export async function countEventsBefore(
  executor: Executor,
  beforeMs: number,
  systemIds: readonly string[],
): Promise<{ due: number; held: number }> {
  const { rows } = await executor.execute<{ due: number; held: number }>(sql`
    select count(*)::int as due, (count(*) filter (where system_id = any(${sql.param([...systemIds])}::text[])))::int as held
    from event where occurred_at < ${toInstant(beforeMs)}`);
  return rows[0] ?? { due: 0, held: 0 };
}

/** The first day, in UTC, on which an event before the instant lies that does not belong to the named systems. */
export async function firstDayBefore(
  executor: Executor,
  beforeMs: number,
  heldSystemIds: readonly string[],
): Promise<number | null> {
  const { rows } = await executor.execute<{ first: string | null }>(sql`
    select min(occurred_at) as first from event where occurred_at < ${toInstant(beforeMs)}
      and not system_id = any(${sql.param([...heldSystemIds])}::text[])`);
  const first = rows[0]?.first;
  return first ? Math.floor(new Date(first).getTime() / DAY_MS) * DAY_MS : null;
}

/**
 * Erases the events of one day but for those of the named systems, with one ledger entry, in the caller's transaction. Returns
 * how many. What windows were decided on stays: it was sealed with them.
 */
export async function eraseEventsOfDay(
  tx: Transaction,
  { append, clock }: Pick<Records, 'append' | 'clock'>,
  { dayMs, heldSystemIds, basis }: { dayMs: number; heldSystemIds: readonly string[]; basis: string },
): Promise<number> {
  const day = toInstant(dayMs).slice(0, 10);
  const at = toInstant(clock());
  const { rows } = await tx.execute<{ system_id: string; events: number }>(sql`
    with erased as (
      delete from event where occurred_at >= ${toInstant(dayMs)} and occurred_at < ${toInstant(dayMs + DAY_MS)}
        and not system_id = any(${sql.param([...heldSystemIds])}::text[])
      returning system_id),
    counted as (select system_id, count(*) as events from erased group by system_id),
    noted as (
      insert into event_erasure (day, system_id, events, erased_at)
      select ${day}::date, system_id, events, ${at}::timestamptz from counted
      on conflict (day, system_id) do update set events = event_erasure.events + excluded.events,
        erased_at = excluded.erased_at)
    select system_id, events::int as events from counted order by system_id`);
  if (rows.length === 0) return 0;
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  await append(tx, {
    type: 'event.erased',
    actor: ledgerActor({ kind: 'service', id: 'assay' }),
    subject: { kind: 'event-day', id: day },
    series: 'event-erasures',
    body: { day, events, systems: rows.length, held: heldSystemIds.length, basis },
    dedupeKey: `event.erased:${makeId('evx', clock(), randomBytes(10))}`,
  });
  return events;
}

/** Whether retention took events of the system within [fromMs, toMs): then nothing can be counted from them again. */
export async function wereErased(
  executor: Executor,
  within: { systemId: string; fromMs: number; toMs: number },
): Promise<boolean> {
  const { rows } = await executor.execute<{ erased: boolean }>(sql`
    select exists (select 1 from event_erasure where system_id = ${within.systemId}
      and day >= (${toInstant(within.fromMs)}::timestamptz at time zone 'UTC')::date
      and day < ${toInstant(within.toMs)}::timestamptz at time zone 'UTC') as erased`);
  return rows[0]?.erased === true;
}

/**
 * Finds room again: what was erased is freed, and the ranges of time that the index keeps for each part of the table are taken
 * anew. Without it a part that is filled again would seem to hold everything between then and now.
 */
export async function tidyEvents({ database }: Pick<Records, 'database'>): Promise<void> {
  await database.pool.query('vacuum event');
  for (const index of ['event_occurred', 'event_received'])
    await database.pool.query(`reindex index concurrently ${index}`);
}
