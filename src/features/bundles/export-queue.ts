import { randomBytes } from 'node:crypto';
import { eq, inArray } from 'drizzle-orm';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import type { NewBundle } from './model.ts';
import { bundle } from './tables.ts';

/** Puts a job into the queue; a waiting job with the same key is replaced. */
export type AddJob = (executor: Executor, name: string, payload: object, options: { key: string }) => Promise<unknown>;

export type ExportQueue = {
  database: Database;
  clock: Clock;
  addJob: AddJob;
  /** How many entries the ledger has. */
  ledgerSize(): Promise<number>;
};

export const BUNDLE_JOB = 'bundles:export';

/** Queues an export. Throws `invalid_input` for a range the ledger does not have. */
export async function requestBundle(queue: ExportQueue, range: NewBundle, actor: Actor): Promise<string> {
  const size = await queue.ledgerSize();
  if (size === 0)
    throw new AppError('conflict', 'The ledger is empty: there is nothing to export yet. Record a scan first.');
  const whole = range.from === undefined && range.to === undefined;
  const from = range.from ?? 0;
  const to = range.to ?? size - 1;
  if (from > to) throw new AppError('invalid_input', `to: the range ends (${to}) before it begins (${from}).`);
  if (to >= size)
    throw new AppError(
      'invalid_input',
      `to: the newest entry of the ledger is ${size - 1}. Choose that or a lower one.`,
    );
  const id = makeId('bnd', queue.clock(), randomBytes(10));
  await queue.database.transaction(async (tx) => {
    await tx.insert(bundle).values({
      id,
      state: 'queued',
      fromIndex: whole ? null : from,
      toIndex: whole ? null : to,
      withBlobs: range.withBlobs,
      series: range.series ? [...new Set(range.series)] : null,
      disclose: range.disclose,
      requestedBy: actorText(actor),
      requestedAt: new Date(queue.clock()),
    });
    await enqueue(queue, tx, id);
  });
  return id;
}

/**
 * Takes up exports that a process left behind. Safe to call at any time: an export is written beside its place and only
 * then named, so a second run of one that is still under way does no harm.
 */
export async function recoverBundles(queue: ExportQueue): Promise<number> {
  const open = await queue.database.drizzle
    .select({ id: bundle.id })
    .from(bundle)
    .where(inArray(bundle.state, ['queued', 'running']));
  for (const { id } of open) await enqueue(queue, queue.database.drizzle, id);
  return open.length;
}

function enqueue(queue: ExportQueue, executor: Executor, bundleId: string): Promise<unknown> {
  return queue.addJob(executor, BUNDLE_JOB, { bundleId }, { key: `bundle:${bundleId}` });
}

/** The row, as it stands. Throws `not_found`. */
export async function bundleRow(executor: Executor, id: string) {
  const [row] = await executor.select().from(bundle).where(eq(bundle.id, id));
  if (!row) throw new AppError('not_found', `There is no bundle ${id.slice(0, 80)}. Reload the list of bundles.`);
  return row;
}
