import { sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Database, Executor, Transaction } from './database/connect.ts';
import { type MasterKey, newDataKey, unwrapKey, wrapKey } from './envelope.ts';
import { MASTER_KEY_LOCK, masterKeysOf, wrongKey } from './secrets.ts';

/**
 * Keys under which other data is encrypted, one for each thing that must be destroyable by itself, such as everything held
 * of one person. Each is wrapped by the master key, which is kept outside the database. Destroying a key destroys what is
 * under it, wherever copies of that may lie.
 */
export type DataKeys = {
  /**
   * The 32 bytes of the key called `id`, made if there is none, in the caller's transaction. Throws `conflict` for one
   * that was destroyed: what was erased does not come back under its old name.
   */
  getOrCreate(tx: Transaction, id: string): Promise<Buffer>;
  /** Null for one that was destroyed or never was. Throws `unavailable` when the master key it needs is not there. */
  get(executor: Executor, id: string): Promise<Buffer | null>;
  /** Which of these were destroyed, and when. */
  destroyed(executor: Executor, ids: readonly string[]): Promise<Map<string, Date>>;
  /** False where there was none. The id stays, so that it is never given out again. */
  destroy(tx: Transaction, id: string, at: Date): Promise<boolean>;
};

type Row = { id: string; wrapped_key: Buffer | null };

/** `given` is the master key from ASSAY_MASTER_KEY, in place of the key file. */
export function openDataKeys(database: Pick<Database, 'pool'>, dataDir: string, given?: MasterKey): DataKeys {
  const masterKeys = () => masterKeysOf(database.pool, dataDir, given);
  const find = async (executor: Executor, id: string): Promise<Row | undefined> =>
    (await executor.execute<Row>(sql`select id, wrapped_key from data_key where id = ${id}`)).rows[0];
  const open = async (row: Row): Promise<Buffer> => {
    if (!row.wrapped_key) throw destroyedKey();
    for (const master of await masterKeys()) {
      const key = unwrapKey(row.wrapped_key, row.id, master);
      if (key) return key;
    }
    throw wrongKey({ name: row.id, wrapped_key: row.wrapped_key }, dataDir);
  };
  return {
    async getOrCreate(tx, id) {
      const known = await find(tx, id);
      if (known) return open(known);
      // The first key of a data folder is made before the lock is held, which a change of the master key takes alone.
      await masterKeys();
      await tx.execute(sql`select pg_advisory_xact_lock_shared(${MASTER_KEY_LOCK})`);
      const [current] = await masterKeys();
      if (!current) throw new AppError('unavailable', 'There is no master key to keep a data key under.');
      const key = newDataKey();
      const { rows } = await tx.execute(
        sql`insert into data_key (id, wrapped_key) values (${id}, ${wrapKey(key, id, current)})
            on conflict (id) do nothing returning id`,
      );
      if (rows.length > 0) return key;
      const made = await find(tx, id);
      if (!made) throw new AppError('conflict', 'The same key is being made elsewhere. Try again.');
      return open(made);
    },
    async get(executor, id) {
      const row = await find(executor, id);
      return row?.wrapped_key ? open(row) : null;
    },
    async destroyed(executor, ids) {
      if (ids.length === 0) return new Map();
      const { rows } = await executor.execute<{ id: string; destroyed_at: Date }>(
        sql`select id, destroyed_at from data_key where destroyed_at is not null and id = any(${sql.param([...ids])}::text[])`,
      );
      return new Map(rows.map((row) => [row.id, new Date(row.destroyed_at)]));
    },
    async destroy(tx, id, at) {
      const { rows } = await tx.execute(
        sql`update data_key set wrapped_key = null, destroyed_at = ${at.toISOString()}::timestamptz
            where id = ${id} and wrapped_key is not null returning id`,
      );
      return rows.length > 0;
    },
  };
}

function destroyedKey(): AppError {
  return new AppError('conflict', 'This was erased for good: nothing new can be stored under its name.');
}
