import { AppError } from '#src/kernel/errors.ts';
import type { ReadableLog } from '#src/ledger/store/former-log.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { logIdOf } from '#src/ledger/store/store-log.ts';

/** The present ledger, or the sealed one of that id or origin. Throws `AppError('not_found')`. */
export async function oneLog(ledger: Ledger, name: string | undefined): Promise<ReadableLog> {
  if (name === undefined || name === ledger.origin || name === logIdOf(ledger.origin)) return ledger;
  const former = await ledger.formerLog(name);
  if (former) return former;
  throw new AppError(
    'not_found',
    `There is no ledger ${name.slice(0, 200)} in the database. List them: assay ledger list`,
  );
}
