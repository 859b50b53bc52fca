import type { Clock } from '#src/kernel/time.ts';
import type { PersonalEntry } from '#src/ledger/store/personal.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { lockFor } from './lock.ts';
import type { RecordKind, StoreRecords } from './store-records.ts';

/** Runs the control tests whose facts changed, inside the transaction that changed them. */
export type Judge = (tx: Transaction, cause: JudgeCause) => Promise<Judged>;

/** What made the run necessary. */
export type JudgeCause = { kind: 'scan' | 'records' | 'schedule'; collectionId?: string };

/** How every test stands after a run, and which results differ from before it. */
export type Judged = {
  tests: readonly { id: string; result: string }[];
  changedTests: readonly { id: string; from: string | null; to: string | null }[];
};

/**
 * Puts an entry into the ledger with the change it tells of: both commit, or neither. What it says of a person goes into
 * `personal`: the leaf then holds commitments, and the values lie encrypted beside the log until the person is erased.
 */
export type Append = (tx: Transaction, entry: PersonalEntry) => Promise<{ pendingId: string }>;

/** How features change the product's own records, so that every change is a fact and judged before anybody sees it. */
export type Records = {
  database: Database;
  clock: Clock;
  append: Append;
  store: StoreRecords;
  judge: Judge;
  /**
   * Runs `work` as the only writer under `lock`, then stores the named kinds as facts and judges: all of it in one
   * transaction, or nothing.
   */
  change<T>(lock: string, kinds: readonly RecordKind[], work: (tx: Transaction) => Promise<T>): Promise<T>;
};

export function createRecords(parts: {
  database: Database;
  clock: Clock;
  append: Append;
  store: StoreRecords;
  judge: Judge;
}): Records {
  return {
    ...parts,
    change: (lock, kinds, work) =>
      parts.database.transaction(async (tx) => {
        await lockFor(tx, lock);
        const result = await work(tx);
        const { collectionId } = await parts.store(tx, kinds);
        await parts.judge(tx, { kind: 'records', collectionId });
        return result;
      }),
  };
}
