import type { Transaction } from '#src/platform/database/connect.ts';
import { inventoryChange } from './tables.ts';

// Well below the 65,535 parameters of one statement, for the widest table here.
const ROWS_PER_STATEMENT = 500;

/** Runs `work` on parts of `rows` that fit one statement; never with an empty part. */
export async function inChunks<Row>(rows: readonly Row[], work: (part: Row[]) => PromiseLike<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
    await work(rows.slice(from, from + ROWS_PER_STATEMENT));
}

export type NewChange = {
  subjectId: string;
  at: Date;
  /** Null where a scan caused it. */
  by: string | null;
  fromState: string | null;
  toState: string;
  reason: string | null;
};

export async function addChanges(tx: Transaction, changes: readonly NewChange[]): Promise<void> {
  await inChunks(changes, (rows) => tx.insert(inventoryChange).values(rows));
}
