import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { and, eq, inArray, ne } from 'drizzle-orm';
import { type Actor, actorText, ledgerActor, parseActor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Exported, ExportRequest } from '#src/ledger/store/export.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { databaseProblem, describeError } from '#src/platform/http/failure.ts';
import type { Log } from '#src/platform/log.ts';
import { storageError } from '#src/platform/storage-error.ts';
import { type BundleRow, bundle } from './tables.ts';

/** Writes the bundle to `out` and ends it. The export itself becomes an entry of the ledger. */
export type ExportBundle = (request: ExportRequest) => Promise<Exported>;

export type RunExportServices = {
  database: Database;
  clock: Clock;
  dataDir: string;
  exportBundle: ExportBundle;
  log: Pick<Log, 'error'>;
};

const ATTEMPTS_MAX = 3;
const PROGRESS_EVERY_BYTES = 4 * 1024 * 1024;

export function bundlePath(dataDir: string, id: string): string {
  return join(dataDir, 'bundles', `${id}.zip`);
}

/** Exports one queued bundle to its file. Doing it twice does no harm. */
export async function runExport(services: RunExportServices, id: string, shutdown?: AbortSignal): Promise<void> {
  const row = await claim(services, id);
  if (!row) return;
  const path = bundlePath(services.dataDir, id);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(join(services.dataDir, 'bundles'), { recursive: true, mode: 0o700 });
    const written = await writeBundle(services, row, temporary, shutdown);
    await syncFile(temporary);
    await rename(temporary, path);
    await syncFile(join(services.dataDir, 'bundles'));
    const kept = await services.database.drizzle
      .update(bundle)
      .set({ ...written, state: 'ready', writtenBytes: written.sizeBytes, finishedAt: new Date(services.clock()) })
      .where(and(eq(bundle.id, id), eq(bundle.state, 'running')))
      .returning({ id: bundle.id });
    // Somebody was erased meanwhile whose values are in it.
    if (kept.length === 0) await rm(path, { force: true });
  } catch (error) {
    await rm(temporary, { force: true });
    await settle(services, row, error, shutdown);
  }
}

/**
 * Removes the files of bundles that disclose personal values, as a person was erased who may be among them. What was
 * handed out stays with whoever has it. Returns how many.
 */
export async function removeDisclosingBundles(
  { database, dataDir }: { database: Database; dataDir: string },
  nowMs: number,
): Promise<number> {
  const error =
    'A person was erased, and this bundle disclosed personal values: its file was removed. Export it again.';
  const removed = await database.drizzle
    .update(bundle)
    .set({ state: 'failed', error, finishedAt: new Date(nowMs) })
    .where(
      and(eq(bundle.kept, true), ne(bundle.disclose, 'nothing'), inArray(bundle.state, ['ready', 'running', 'queued'])),
    )
    .returning({ id: bundle.id });
  for (const { id } of removed) await rm(bundlePath(dataDir, id), { force: true });
  return removed.length;
}

/** Keeps who exported what, when, and the digest of a bundle that a command wrote elsewhere. */
export async function noteCommandExport(
  database: Database,
  made: Pick<BundleRow, 'id' | 'requestedAt' | 'finishedAt' | 'withBlobs' | 'disclose' | 'series'> & {
    /** As asked for; `to` not included. */
    range: { from: number; to: number } | null;
    actor: Actor;
    exported: Exported;
  },
): Promise<void> {
  const { range, actor, exported, ...row } = made;
  const { sizeBytes, sha256, entries, assurance } = exported;
  await database.drizzle.insert(bundle).values({
    ...row,
    state: 'ready',
    kept: false,
    fromIndex: range?.from ?? null,
    toIndex: range ? range.to - 1 : null,
    requestedBy: actorText(actor),
    writtenBytes: sizeBytes,
    sizeBytes,
    sha256,
    entries,
    assurance,
  });
}

/** Removes what exports of a killed process left behind. Call it while none runs. */
export async function clearUnfinishedBundles(dataDir: string): Promise<number> {
  const folder = join(dataDir, 'bundles');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.part'));
  for (const name of names) await rm(join(folder, name), { force: true });
  return names.length;
}

async function claim(services: RunExportServices, id: string): Promise<BundleRow | undefined> {
  return services.database.transaction(async (tx) => {
    const [row] = await tx
      .select()
      .from(bundle)
      .where(and(eq(bundle.id, id), inArray(bundle.state, ['queued', 'running'])))
      .for('update');
    if (!row) return undefined;
    if (row.attempts >= ATTEMPTS_MAX) {
      const error = 'The server stopped each time this bundle was exported. Look at its log, then export again.';
      await tx
        .update(bundle)
        .set({ state: 'failed', error, finishedAt: new Date(services.clock()) })
        .where(eq(bundle.id, id));
      return undefined;
    }
    const [claimed] = await tx
      .update(bundle)
      .set({ state: 'running', attempts: row.attempts + 1, writtenBytes: 0, error: null })
      .where(eq(bundle.id, id))
      .returning();
    return claimed;
  });
}

async function writeBundle(
  services: RunExportServices,
  row: BundleRow,
  file: string,
  shutdown: AbortSignal | undefined,
): Promise<Pick<Exported, 'sizeBytes' | 'sha256' | 'entries' | 'assurance'>> {
  const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  // The export listens only once it writes; a file that cannot be opened fails earlier than that.
  let failure: Error | undefined;
  out.on('error', (error) => {
    failure = error;
  });
  const stop = () => out.destroy(new Error('the server stops'));
  shutdown?.addEventListener('abort', stop, { once: true });
  try {
    const { fromIndex, toIndex, series, disclose } = row;
    const { sizeBytes, sha256, entries, assurance } = await services.exportBundle({
      out,
      // The ledger's ranges leave their end out; those that people give include it.
      ...(fromIndex !== null && toIndex !== null && { range: { from: fromIndex, to: toIndex + 1 } }),
      bundleId: row.id,
      exportedBy: ledgerActor(parseActor(row.requestedBy)),
      ...(series && { series }),
      withBlobs: row.withBlobs,
      disclose,
      onProgress: tellProgress(services, row.id),
    });
    return { sizeBytes, sha256, entries, assurance };
  } catch (error) {
    throw failure ?? error;
  } finally {
    shutdown?.removeEventListener('abort', stop);
    out.destroy();
    // Until it is closed, opening may still be under way, and would leave a file behind that is removed already.
    if (!out.closed) await new Promise<void>((resolve) => out.once('close', () => resolve()));
  }
}

function tellProgress(services: RunExportServices, id: string): (writtenBytes: number) => void {
  let told = 0;
  return (writtenBytes) => {
    if (writtenBytes - told < PROGRESS_EVERY_BYTES) return;
    told = writtenBytes;
    services.database.drizzle
      .update(bundle)
      .set({ writtenBytes })
      .where(and(eq(bundle.id, id), eq(bundle.state, 'running')))
      .catch((error: unknown) =>
        services.log.error({ err: describeError(error), bundle: id }, 'export progress could not be written'),
      );
  };
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function settle(
  services: RunExportServices,
  row: BundleRow,
  error: unknown,
  shutdown?: AbortSignal,
): Promise<void> {
  const running = and(eq(bundle.id, row.id), eq(bundle.state, 'running'));
  if (shutdown?.aborted) {
    await services.database.drizzle
      .update(bundle)
      .set({ state: 'queued', attempts: row.attempts - 1 })
      .where(running);
    return;
  }
  const stored = storageError(error, 'The bundle could not be written');
  const known = stored instanceof AppError ? undefined : databaseProblem(error);
  const told = known ? new AppError(known.code, known.message) : stored;
  services.log.error({ err: describeError(error), bundle: row.id }, 'a bundle could not be exported');
  if (!(told instanceof AppError) && row.attempts < ATTEMPTS_MAX) {
    await services.database.drizzle.update(bundle).set({ state: 'queued' }).where(running);
    throw new Error('the export is tried again');
  }
  const sentence = told instanceof AppError ? told.message : 'An unexpected error ended the export; the log says more.';
  await services.database.drizzle
    .update(bundle)
    .set({ state: 'failed', error: sentence, finishedAt: new Date(services.clock()) })
    .where(running);
}
