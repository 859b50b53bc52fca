import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Database } from './database/connect.ts';
import {
  type Envelope,
  fingerprintOf,
  type MasterKey,
  neededKey,
  newDataKey,
  rewrap,
  seal,
  unseal,
} from './envelope.ts';
import { masterKeyFile, newMasterKey, readMasterKeys, writeMasterKeys } from './master-key.ts';

export type SecretInfo = { id: string; name: string; createdAt: Date; rotatedAt: Date | null };

/** Credentials of other systems and keys of our own, encrypted in the database under a key that is kept outside of it. */
export type Secrets = {
  /** Stores or replaces the secret called `name` (such as `connector.github.token`). */
  put(name: string, plaintext: string): Promise<void>;
  /** The plaintext, or null. Throws `unavailable` when the master key it needs is not there. */
  get(name: string): Promise<string | null>;
  /** The secret called `name`, made by `make` if there is none. Processes that ask at once get the same one. */
  getOrCreate(name: string, make: () => string): Promise<string>;
  remove(name: string): Promise<boolean>;
  /** What is stored, without plaintexts. */
  list(): Promise<SecretInfo[]>;
  /**
   * Puts every secret under a new master key and returns how many. With the key in a file a new one is made; with
   * ASSAY_MASTER_KEY, the new key is that one and the old one is `previous`. Cut short, it is finished by running it again.
   */
  rotateMasterKey(previous?: MasterKey): Promise<number>;
};

/** A key for `sealUnder` that is kept as the secret called `name`, made if there is none. */
export async function storedDataKey(secrets: Pick<Secrets, 'getOrCreate'>, name: string): Promise<Buffer> {
  return Buffer.from(await secrets.getOrCreate(name, () => newDataKey().toString('base64')), 'base64');
}

type Row = { id: string; name: string; wrapped_key: Buffer; nonce: Buffer; ciphertext: Buffer };
type Client = pg.Pool | pg.PoolClient;

// Writers and a change of the master key exclude each other: no secret is stored under a key that is being given up.
export const MASTER_KEY_LOCK = 7_283_003;
// Everything the master key wraps.
const WRAPPED = [
  { table: 'secret', name: 'name' },
  { table: 'data_key', name: 'id' },
] as const;
const PLAINTEXT_MAX_BYTES = 65_536;

/** Opens the secrets of a data folder. `given` is the master key from ASSAY_MASTER_KEY, in place of the key file. */
export function openSecrets(database: Pick<Database, 'pool'>, dataDir: string, given?: MasterKey): Secrets {
  const { pool } = database;
  const keys = async (client: Client) =>
    given ? [given] : (readMasterKeys(dataDir) ?? (await firstKey(client, dataDir)));
  const open = async (client: Client, row: Row) => openRow(row, await keys(client), dataDir);
  const store = async (client: Client, name: string, plaintext: string) => {
    const [current] = await keys(client);
    if (current) await storeRow(client, name, plaintext, current);
  };
  return {
    put: (name, plaintext) => withLock(pool, (client) => store(client, name, plaintext)),
    get: async (name) => {
      const row = await findRow(pool, name);
      return row && open(pool, row);
    },
    getOrCreate: async (name, make) => {
      const known = await findRow(pool, name);
      if (known) return open(pool, known);
      return withLock(pool, async (client) => {
        const made = await findRow(client, name);
        if (made) return open(client, made);
        const plaintext = make();
        await store(client, name, plaintext);
        return plaintext;
      });
    },
    remove: async (name) => (await pool.query('delete from secret where name = $1', [name])).rowCount === 1,
    list: async () => {
      const { rows } = await pool.query<SecretInfo>(
        'select id, name, created_at as "createdAt", rotated_at as "rotatedAt" from secret order by name',
      );
      return rows;
    },
    rotateMasterKey: (previous) => (given ? rotateTo(pool, dataDir, given, previous) : rotateFile(pool, dataDir)),
  };
}

/** The master keys in use, the current one first; makes the first one of a data folder that has none. */
export async function masterKeysOf(pool: pg.Pool, dataDir: string, given?: MasterKey): Promise<MasterKey[]> {
  if (given) return [given];
  return (
    readMasterKeys(dataDir) ?? withLock(pool, async (client) => readMasterKeys(dataDir) ?? firstKey(client, dataDir))
  );
}

async function withLock<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [MASTER_KEY_LOCK]);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Makes the key file of a data folder that has no secret yet. Called under the lock by whoever stores the first. */
async function firstKey(client: Client, dataDir: string): Promise<MasterKey[]> {
  const { rows } = await client.query<{ count: number }>(
    'select (select count(*) from secret) + (select count(wrapped_key) from data_key) as count',
  );
  if (rows[0]?.count !== 0)
    throw new AppError(
      'unavailable',
      `The key file ${masterKeyFile(dataDir)} is gone, and without it what is stored under it does not open. Restore it from a backup, or set ASSAY_MASTER_KEY.`,
    );
  const key = newMasterKey();
  writeMasterKeys(dataDir, [key]);
  return [key];
}

async function findRow(client: Client, name: string): Promise<Row | null> {
  const { rows } = await client.query<Row>(
    'select id, name, wrapped_key, nonce, ciphertext from secret where name = $1',
    [name],
  );
  return rows[0] ?? null;
}

function openRow(row: Row, keys: readonly MasterKey[], dataDir: string): string {
  const envelope = { wrappedKey: row.wrapped_key, nonce: row.nonce, ciphertext: row.ciphertext };
  for (const key of keys) {
    const plaintext = unsealStored(envelope, row, key);
    if (plaintext) return plaintext.toString('utf8');
  }
  throw wrongKey(row, dataDir);
}

function unsealStored(envelope: Envelope, row: Row, key: MasterKey): Buffer | null {
  try {
    return unseal(envelope, row.id, key);
  } catch (cause) {
    throw new AppError(
      'internal',
      `The secret "${row.name}" was changed in the database by something else. Store it again.`,
      {
        cause,
      },
    );
  }
}

/** What to say of a key that none of the master keys opens. */
export function wrongKey(row: { name: string; wrapped_key: Buffer }, dataDir: string): AppError {
  return new AppError(
    'unavailable',
    `The secret "${row.name}" was stored under another master key (${neededKey(row.wrapped_key)}). Restore that key in ${masterKeyFile(dataDir)} or ASSAY_MASTER_KEY, or store the secret again.`,
  );
}

async function storeRow(client: Client, name: string, plaintext: string, key: MasterKey): Promise<void> {
  const bytes = Buffer.from(plaintext, 'utf8');
  if (name === '' || name.length > 200)
    throw new AppError('invalid_input', 'A secret has a name of 1 to 200 characters.');
  if (bytes.length > PLAINTEXT_MAX_BYTES)
    throw new AppError('too_large', `The secret "${name}" is larger than ${PLAINTEXT_MAX_BYTES} bytes.`);
  const { rows } = await client.query<{ id: string }>('select id from secret where name = $1 for update', [name]);
  const id = rows[0]?.id ?? makeId('sec', Date.now(), randomBytes(10));
  const { wrappedKey, nonce, ciphertext } = seal(bytes, id, key);
  await client.query(
    `insert into secret (id, name, wrapped_key, nonce, ciphertext) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set wrapped_key = $3, nonce = $4, ciphertext = $5, rotated_at = now()`,
    [id, name, wrappedKey, nonce, ciphertext],
  );
}

async function rotateFile(pool: pg.Pool, dataDir: string): Promise<number> {
  const count = await withLock(pool, async (client) => {
    const old = readMasterKeys(dataDir) ?? [];
    const fresh = newMasterKey();
    // Both keys are on disk before the first secret changes hands, so that no moment of a crash leaves one without its key.
    writeMasterKeys(dataDir, [fresh, ...old]);
    return rewrapAll(client, old, fresh, dataDir);
  });
  await withLock(pool, (client) => dropUnneededKeys(client, dataDir));
  return count;
}

/** After the change is committed, and by what is stored then: another change may have begun meanwhile. */
async function dropUnneededKeys(client: pg.PoolClient, dataDir: string): Promise<void> {
  const { rows } = await client.query<Pick<Row, 'wrapped_key'>>(
    'select wrapped_key from secret union all select wrapped_key from data_key where wrapped_key is not null',
  );
  const needed = new Set(rows.map((row) => neededKey(row.wrapped_key)));
  const keys = readMasterKeys(dataDir) ?? [];
  writeMasterKeys(
    dataDir,
    keys.filter((key, position) => position === 0 || needed.has(fingerprintOf(key))),
  );
}

async function rotateTo(pool: pg.Pool, dataDir: string, current: MasterKey, previous?: MasterKey): Promise<number> {
  const old = [...(previous ? [previous] : []), ...(readMasterKeys(dataDir) ?? [])];
  return withLock(pool, (client) => rewrapAll(client, old, current, dataDir));
}

async function rewrapAll(
  client: pg.PoolClient,
  old: readonly MasterKey[],
  fresh: MasterKey,
  dataDir: string,
): Promise<number> {
  let count = 0;
  for (const { table, name } of WRAPPED) {
    const { rows } = await client.query<Row>(
      `select id, ${name} as name, wrapped_key from ${table} where wrapped_key is not null for update`,
    );
    for (const row of rows) {
      if (neededKey(row.wrapped_key) === fingerprintOf(fresh)) continue;
      const wrapped = old.map((key) => rewrap(row.wrapped_key, row.id, key, fresh)).find((found) => found !== null);
      if (!wrapped) throw wrongKey(row, dataDir);
      await client.query(`update ${table} set wrapped_key = $2 where id = $1`, [row.id, wrapped]);
      count++;
    }
  }
  return count;
}
