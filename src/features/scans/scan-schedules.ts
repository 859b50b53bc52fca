import { randomBytes } from 'node:crypto';
import { and, asc, eq, lte } from 'drizzle-orm';
import { type Actor, actorText, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { ScanSchedule, SetScanSchedule } from './model.ts';
import { scannablePath } from './scan-path.ts';
import { requestScan, type ScanQueue } from './scan-queue.ts';
import { scan, scanSchedule } from './tables.ts';

const SERVER: Actor = { kind: 'service', id: 'assay' };

/** Has a folder scanned again and again from now on, or no longer (`everyHours` null). The first scan is due at once. */
export async function setSchedule(queue: ScanQueue, given: SetScanSchedule, actor: Actor): Promise<void> {
  const { drizzle } = queue.database;
  if (given.everyHours === null) {
    // As it is listed: a folder that is gone can still be taken off.
    await drizzle.delete(scanSchedule).where(eq(scanSchedule.path, given.path));
    return;
  }
  const path = await scannablePath(given.path, queue.scanRoots);
  const at = new Date(queue.clock());
  const row = { path, everyHours: given.everyHours, nextAt: at, setAt: at, setBy: actorText(actor) };
  await drizzle.insert(scanSchedule).values(row).onConflictDoUpdate({ target: scanSchedule.path, set: row });
}

export async function listSchedules(executor: Executor, namesOf: NamesOf): Promise<ScanSchedule[]> {
  const rows = await executor.select().from(scanSchedule).orderBy(asc(scanSchedule.path));
  const who = await resolveWho(
    namesOf,
    rows.map(({ setBy }) => setBy),
  );
  return rows.map(({ path, everyHours, nextAt, setAt, setBy }) => ({
    path,
    everyHours,
    nextAt: nextAt.toISOString(),
    setAt: setAt.toISOString(),
    setBy: who(setBy),
  }));
}

/**
 * Queues a scan of each folder that is due. What was due while no server ran is done once, not made up for. A folder that
 * cannot be scanned any more leaves a failed scan, which opens an alert. Safe beside other processes doing the same.
 */
export async function requestDueScans(queue: ScanQueue): Promise<number> {
  const { drizzle } = queue.database;
  const now = new Date(queue.clock());
  const due = await drizzle.select().from(scanSchedule).where(lte(scanSchedule.nextAt, now));
  let requested = 0;
  for (const row of due) {
    const taken = await drizzle
      .update(scanSchedule)
      .set({ nextAt: new Date(now.getTime() + row.everyHours * HOUR_MS) })
      .where(and(eq(scanSchedule.path, row.path), eq(scanSchedule.nextAt, row.nextAt)))
      .returning({ path: scanSchedule.path });
    if (taken.length === 0) continue;
    try {
      await requestScan(queue, row.path, SERVER);
      requested++;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Another scan of it is under way: that one will do.
      if (error.code === 'conflict') continue;
      await drizzle.insert(scan).values({
        id: makeId('scn', now.getTime(), randomBytes(10)),
        path: row.path,
        state: 'failed',
        phase: 'done',
        requestedBy: actorText(SERVER),
        requestedAt: now,
        finishedAt: now,
        error: error.message.slice(0, 500),
      });
    }
  }
  return requested;
}
