import { sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Transaction } from '#src/platform/database/connect.ts';

// Recording a large scan holds the lock for the time of its judgment; a writer behind it waits that long before it gives up.
const WAIT_MAX_MS = 120_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Lets one transaction at a time write under `name`; the others wait. Held until the transaction ends.
 * Take locks in this order, so that no two transactions wait for each other: `source:…`, `inventory`, `gateway`, `records`.
 * Throws `conflict` when the wait takes too long.
 */
export async function lockFor(tx: Transaction, name: string): Promise<void> {
  await tx.execute(sql.raw(`set local lock_timeout = ${WAIT_MAX_MS}`));
  try {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`assay:${name}`}, 0))`);
  } catch (cause) {
    if (databaseCode(cause) === LOCK_NOT_AVAILABLE)
      throw new AppError(
        'conflict',
        'Another recording is still being written. Nothing was stored; try again in a minute.',
        { cause },
      );
    throw cause;
  }
}

/** The SQLSTATE of a database error, also where a library wrapped it; undefined for other errors. */
export function databaseCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code)) return at.code;
  return undefined;
}
