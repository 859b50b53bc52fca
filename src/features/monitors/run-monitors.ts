import { and, desc, eq, sql } from 'drizzle-orm';
import { wereErased } from '#src/features/events/index.ts';
import { eventLate } from '#src/features/events/tables.ts';
import { lockFor } from '#src/features/records/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { closeBatch } from './close-batch.ts';
import { type DueBatch, governedMonitors, groupBatches } from './due-batches.ts';
import type { WindowLength } from './model.ts';
import { MONITORS_LOCK, type MonitorServices } from './services.ts';
import { monitorBatch } from './tables.ts';

/** How far back windows that were never closed are looked for. */
const LOOK_BACK_MS = 400 * DAY_MS;

export type RunOutcome = { closed: number; missed: number; corrected: number; remaining: number };

/**
 * Closes every window that is due, oldest first, each in a transaction of its own, and computes again those that events
 * came too late for. Doing it twice changes nothing. At most `batchesMax`, so that a run ends.
 */
export async function runMonitors(
  services: MonitorServices,
  options: { signal?: AbortSignal; batchesMax?: number } = {},
): Promise<RunOutcome> {
  const { database, clock } = services.records;
  const batchesMax = options.batchesMax ?? 2_000;
  const outcome: RunOutcome = { closed: 0, missed: 0, corrected: 0, remaining: 0 };
  const due = await dueBatches(database.drizzle, clock());
  for (const batch of due) {
    if (options.signal?.aborted || outcome.closed >= batchesMax) break;
    const done = await database.transaction(async (tx) => {
      await lockFor(tx, MONITORS_LOCK);
      // Another process may have closed it while this one waited for the lock.
      return (await lastVersion(tx, batch)) > 0 ? null : closeBatch(tx, services, batch, clock(), 'due');
    });
    if (done === null) continue;
    outcome.closed++;
    if (done.version > 1) outcome.missed++;
  }
  outcome.remaining = Math.max(0, due.length - outcome.closed);
  outcome.corrected = await correctLate(services, options.signal);
  return outcome;
}

/** Windows that are due and were never closed. */
export async function dueBatches(executor: Executor, nowMs: number): Promise<DueBatch[]> {
  const expected = groupBatches(await governedMonitors(executor), nowMs - LOOK_BACK_MS, nowMs).filter(
    ({ dueMs }) => dueMs <= nowMs,
  );
  if (expected.length === 0) return [];
  const { rows } = await executor.execute<{ system_id: string; length: WindowLength; starts_at: string }>(
    sql`select distinct system_id, length, starts_at from monitor_batch
      where starts_at >= ${new Date(nowMs - LOOK_BACK_MS).toISOString()}`,
  );
  const known = new Set(rows.map((row) => `${row.system_id} ${row.length} ${new Date(row.starts_at).getTime()}`));
  return expected.filter(({ systemId, length, startMs }) => !known.has(`${systemId} ${length} ${startMs}`));
}

async function lastVersion(tx: Transaction, { systemId, length, startMs }: DueBatch): Promise<number> {
  const { rows } = await tx.execute<{ version: number | null }>(sql`
    select max(version) as version from monitor_batch
    where system_id = ${systemId} and length = ${length} and starts_at = ${new Date(startMs).toISOString()}`);
  return rows[0]?.version ?? 0;
}

// An event is stored a moment after it was received: a window that began to be counted within it may not have seen it.
const STORING_MS = 60_000;

/** Computes closed windows again that late events belong to: a new version beside the old one, where anything differs. */
async function correctLate(services: MonitorServices, signal?: AbortSignal): Promise<number> {
  const { database } = services.records;
  const systems = await database.drizzle.selectDistinct({ systemId: eventLate.systemId }).from(eventLate);
  let corrected = 0;
  for (const { systemId } of systems) {
    if (signal?.aborted) break;
    corrected += await database.transaction((tx) => correctSystem(tx, services, systemId));
  }
  return corrected;
}

async function correctSystem(tx: Transaction, services: MonitorServices, systemId: string): Promise<number> {
  await lockFor(tx, MONITORS_LOCK);
  // Taken before anything is counted: an event that comes from now on makes a mark of its own.
  const marks = await tx.delete(eventLate).where(eq(eventLate.systemId, systemId)).returning();
  const fromMs = Math.min(...marks.map(({ hourAt }) => hourAt.getTime())) - 32 * DAY_MS;
  const nowMs = services.records.clock();
  let corrected = 0;
  for (const batch of groupBatches(await governedMonitors(tx, { systemId }), fromMs, nowMs)) {
    const inside = marks.filter(({ hourAt }) => hourAt.getTime() >= batch.startMs && hourAt.getTime() < batch.endMs);
    if (inside.length === 0) continue;
    const [last] = await tx
      .select()
      .from(monitorBatch)
      .where(
        and(
          eq(monitorBatch.systemId, systemId),
          eq(monitorBatch.length, batch.length),
          eq(monitorBatch.startsAt, new Date(batch.startMs)),
        ),
      )
      .orderBy(desc(monitorBatch.version))
      .limit(1);
    // One that is not closed yet, or was closed after the event was there, holds it anyway.
    const markedMs = Math.max(...inside.map(({ markedAt }) => markedAt.getTime()));
    if (!last || last.startedAt.getTime() > markedMs + STORING_MS) continue;
    // With its events erased, a window can only be counted wrong: what was sealed stays.
    if (await wereErased(tx, { systemId, fromMs: batch.startMs, toMs: batch.endMs })) continue;
    if (await closeBatch(tx, services, batch, nowMs, 'late_events')) corrected++;
  }
  return corrected;
}

/** Up to when the windows of each system are closed: events before it come late. Unix milliseconds. */
export async function closedUntil(executor: Executor): Promise<Map<string, number>> {
  const { rows } = await executor.execute<{ system_id: string; until: string }>(
    sql`select system_id, max(ends_at) as until from monitor_batch group by system_id`,
  );
  return new Map(rows.map((row) => [row.system_id, new Date(row.until).getTime()]));
}
