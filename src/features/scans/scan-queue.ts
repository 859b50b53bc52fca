import { randomBytes } from 'node:crypto';
import { and, eq, inArray } from 'drizzle-orm';
import { type Actor, actorText, databaseCode } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { isAlive } from './scan-liveness.ts';
import { scannablePath } from './scan-path.ts';
import { type ScanRow, scan } from './tables.ts';

/** Puts a job into the queue; a waiting job with the same key is replaced. */
export type AddJob = (executor: Executor, name: string, payload: object, options: { key: string }) => Promise<unknown>;

export type ScanQueue = {
  database: Database;
  clock: Clock;
  addJob: AddJob;
  /** Absolute folders that scans from the web stay in; absent: anywhere. */
  scanRoots?: readonly string[];
};

export const SCAN_JOB = 'scans:run';

// One retry: what ends the process twice will end it a third time.
const ATTEMPTS_MAX = 2;
const UNIQUE_VIOLATION = '23505';

/** Queues a scan of a folder. Throws `conflict` while another scan of it waits or runs. */
export async function requestScan(queue: ScanQueue, path: string, actor: Actor): Promise<string> {
  const real = await scannablePath(path, queue.scanRoots);
  const id = makeId('scn', queue.clock(), randomBytes(10));
  try {
    await queue.database.transaction(async (tx) => {
      await tx.insert(scan).values({
        id,
        path: real,
        state: 'queued',
        requestedBy: actorText(actor),
        requestedAt: new Date(queue.clock()),
      });
      await enqueue(queue, tx, id);
    });
  } catch (cause) {
    if (databaseCode(cause) !== UNIQUE_VIOLATION) throw cause;
    throw new AppError('conflict', `A scan of ${real} is waiting or running already. Open it in the list of scans.`, {
      cause,
    });
  }
  return id;
}

/** Asks a scan to stop; one that waits stops at once. Throws `not_found`, and `conflict` when it has ended. */
export async function cancelScan(queue: ScanQueue, id: string): Promise<void> {
  await queue.database.transaction(async (tx) => {
    const [row] = await tx.select().from(scan).where(eq(scan.id, id)).for('update');
    if (!row) throw unknownScan(id);
    if (row.state === 'queued')
      await tx
        .update(scan)
        .set({ state: 'canceled', phase: 'done', finishedAt: new Date(queue.clock()) })
        .where(eq(scan.id, id));
    else if (row.state === 'running') await tx.update(scan).set({ cancelRequested: true }).where(eq(scan.id, id));
    else throw new AppError('conflict', `This scan has ended (${row.state}): there is nothing to cancel.`);
  });
}

export function unknownScan(id: string): AppError {
  return new AppError('not_found', `There is no scan ${id.slice(0, 80)}. Reload the list of scans.`);
}

/**
 * Takes up scans that a process left behind: one that was lost while it ran is tried once more, and fails with a plain
 * sentence after that. Safe to call at any time, by any number of processes.
 */
export async function recoverScans(queue: ScanQueue): Promise<{ requeued: number; failed: number }> {
  const open = await queue.database.drizzle
    .select()
    .from(scan)
    .where(inArray(scan.state, ['queued', 'running']));
  const outcome = { requeued: 0, failed: 0 };
  for (const row of open) {
    if (row.state === 'queued') await enqueue(queue, queue.database.drizzle, row.id);
    else if (!(await isAlive(queue.database, row.id))) await takeUp(queue, row, outcome);
  }
  return outcome;
}

async function takeUp(queue: ScanQueue, row: ScanRow, outcome: { requeued: number; failed: number }): Promise<void> {
  const stillRunning = and(eq(scan.id, row.id), eq(scan.state, 'running'), eq(scan.attempts, row.attempts));
  const finishedAt = new Date(queue.clock());
  await queue.database.transaction(async (tx) => {
    if (row.cancelRequested) {
      await tx.update(scan).set({ state: 'canceled', phase: 'done', finishedAt }).where(stillRunning);
      return;
    }
    if (row.attempts >= ATTEMPTS_MAX) {
      const error =
        'The server stopped twice while this scan ran. Nothing was recorded; look at its log, then scan again.';
      const failed = await tx
        .update(scan)
        .set({ state: 'failed', phase: 'done', finishedAt, error })
        .where(stillRunning)
        .returning({ id: scan.id });
      outcome.failed += failed.length;
      return;
    }
    const requeued = await tx
      .update(scan)
      .set({ state: 'queued', phase: 'waiting', files: 0, filesTotal: null, bytes: 0, detections: 0, current: null })
      .where(stillRunning)
      .returning({ id: scan.id });
    if (requeued.length > 0) await enqueue(queue, tx, row.id);
    outcome.requeued += requeued.length;
  });
}

function enqueue(queue: ScanQueue, executor: Executor, scanId: string): Promise<unknown> {
  return queue.addJob(executor, SCAN_JOB, { scanId }, { key: `scan:${scanId}` });
}
