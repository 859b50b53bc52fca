import { and, eq } from 'drizzle-orm';
import type { ScanOptions, ScanProgress, ScanResult } from '#src/connectors/source-tree/model.ts';
import { parseActor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { describeError } from '#src/platform/http/failure.ts';
import type { Log } from '#src/platform/log.ts';
import { storageError } from '#src/platform/storage-error.ts';
import { type RecordScanServices, recordScan } from './record-scan.ts';
import { showAlive } from './scan-liveness.ts';
import { type ScanRow, scan } from './tables.ts';

export type ScanTree = (path: string, options: ScanOptions) => Promise<ScanResult>;

export type RunScanServices = RecordScanServices & {
  log: Pick<Log, 'error'>;
  scanTree: ScanTree;
};

/** How often progress is written and a wish to cancel is noticed. */
const PROGRESS_EVERY_MS = 500;

class Canceled extends Error {}

/**
 * Runs one queued scan to its end: recorded, failed or canceled. A scan that is no longer queued is left alone. When
 * `shutdown` fires the scan goes back into the queue, for the next start.
 */
export async function runScan(services: RunScanServices, scanId: string, shutdown?: AbortSignal): Promise<void> {
  const { database, clock } = services.records;
  const alive = await showAlive(database, scanId);
  if (!alive) return;
  try {
    const row = await claim(services, scanId);
    if (!row) return;
    try {
      const watched = watch(services, row, shutdown);
      let result: ScanResult;
      try {
        result = await services.scanTree(row.path, {
          signal: watched.signal,
          onProgress: watched.onProgress,
          now: clock,
        });
      } finally {
        await watched.end();
      }
      await record(services, row, result, watched.signal);
    } catch (error) {
      await settle(services, row, error, shutdown);
    }
  } finally {
    await alive.end();
  }
}

async function claim(services: RunScanServices, scanId: string): Promise<ScanRow | undefined> {
  const { database, clock } = services.records;
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select()
      .from(scan)
      .where(and(eq(scan.id, scanId), eq(scan.state, 'queued')))
      .for('update');
    if (!row) return undefined;
    const [claimed] = await tx
      .update(scan)
      .set({
        state: 'running',
        phase: 'listing',
        attempts: row.attempts + 1,
        startedAt: new Date(clock()),
        error: null,
      })
      .where(eq(scan.id, scanId))
      .returning();
    return claimed;
  });
}

/** Writes progress now and then, and turns a wish to cancel or a shutdown into the signal that ends the scan. */
function watch(services: RunScanServices, row: ScanRow, shutdown?: AbortSignal) {
  const { database } = services.records;
  const canceling = new AbortController();
  let latest: ScanProgress | undefined;
  let failure: unknown;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const progress = latest;
    const [now] = await database.drizzle
      .update(scan)
      .set(progress ? progressValues(progress) : { phase: 'listing' })
      .where(and(eq(scan.id, row.id), eq(scan.state, 'running')))
      .returning({ cancelRequested: scan.cancelRequested });
    if (now?.cancelRequested) canceling.abort(new Canceled('canceled'));
  };
  const timer = setInterval(() => {
    writing = writing.then(write).catch((error: unknown) => {
      // Progress that cannot be written does not matter; a database that stays away fails the recording.
      failure = error;
    });
  }, PROGRESS_EVERY_MS);
  return {
    signal: shutdown ? AbortSignal.any([canceling.signal, shutdown]) : canceling.signal,
    onProgress: (progress: ScanProgress) => {
      latest = progress;
    },
    end: async () => {
      clearInterval(timer);
      await writing;
      if (failure !== undefined)
        services.log.error({ err: describeError(failure), scan: row.id }, 'scan progress could not be written');
      await write();
    },
  };
}

function progressValues(progress: ScanProgress): Partial<ScanRow> {
  return {
    phase: progress.phase,
    files: progress.filesDone,
    filesTotal: progress.filesTotal,
    bytes: progress.bytesRead,
    detections: progress.detections,
    // A file name may hold what Postgres cannot store.
    current: progress.current?.replaceAll('\0', ' ').toWellFormed().slice(0, 500) ?? null,
  };
}

async function record(services: RunScanServices, row: ScanRow, result: ScanResult, signal: AbortSignal): Promise<void> {
  const { database, clock } = services.records;
  signal.throwIfAborted();
  await database.drizzle.update(scan).set({ phase: 'recording', current: null }).where(eq(scan.id, row.id));
  await recordScan(services, result, parseActor(row.requestedBy), async (tx, { summary, evidenceId }) => {
    const [still] = await tx.select().from(scan).where(eq(scan.id, row.id)).for('update');
    if (still?.cancelRequested) throw new Canceled('canceled');
    await tx
      .update(scan)
      .set({
        state: 'recorded',
        phase: 'done',
        finishedAt: new Date(clock()),
        sourceKey: result.source.key,
        sourceTitle: result.source.title,
        files: result.stats.files,
        bytes: result.stats.bytes,
        detections: result.detections.length,
        summary,
        evidenceId,
      })
      .where(eq(scan.id, row.id));
  });
}

/** Ends a scan that was not recorded. */
async function settle(services: RunScanServices, row: ScanRow, error: unknown, shutdown?: AbortSignal): Promise<void> {
  const { database, clock } = services.records;
  const running = and(eq(scan.id, row.id), eq(scan.state, 'running'));
  const ended = { phase: 'done', current: null, finishedAt: new Date(clock()) };
  if (error instanceof Canceled) {
    await database.drizzle
      .update(scan)
      .set({ ...ended, state: 'canceled' })
      .where(running);
    return;
  }
  if (shutdown?.aborted) {
    // Not the scan's fault: the attempt does not count.
    await database.drizzle
      .update(scan)
      .set({ state: 'queued', phase: 'waiting', attempts: row.attempts - 1, current: null })
      .where(running);
    return;
  }
  const told = storageError(error, `The scan of ${row.path} could not be recorded`);
  if (!(told instanceof AppError)) services.log.error({ err: describeError(error), scan: row.id }, 'a scan failed');
  const sentence = told instanceof AppError ? told.message : 'An unexpected error ended the scan; the log says more.';
  await database.drizzle
    .update(scan)
    .set({ ...ended, state: 'failed', error: `${sentence} Nothing was recorded.` })
    .where(running);
}
