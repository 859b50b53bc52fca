import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type pg from 'pg';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { type NewEntry, splitLeaf } from '../log/entry.ts';
import type { KeyPurpose } from '../log/key-statement.ts';
import type { NoteSigner } from '../log/note.ts';
import { EMPTY_ROOT } from '../log/tree.ts';
import { formatKeyId, formatVerifierKey } from '../log/verifier-key.ts';
import { pendingIdOf } from './append.ts';
import { HEAD_FILE, readHeadFile } from './head-file.ts';
import { bundleKeyName, createKey, keyPath, readKey } from './keys.ts';
import { sequenceWithin, WRITER, withClient } from './sequencer.ts';

export type LogIdentity = { id: string; origin: string };
export type LogKeys = { log: NoteSigner; bundle: NoteSigner };

/** The 128-bit id at the end of an origin. */
export function logIdOf(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1);
}

/** The ledger this database writes to, or null when it has none yet. */
export async function findLog(source: Pick<pg.Pool, 'query'>): Promise<LogIdentity | null> {
  const { rows } = await source.query<LogIdentity>('select id, origin from ledger_log where sealed_at is null');
  return rows[0] ?? null;
}

/**
 * Finds the ledger or starts one: a new origin under `host`, two keys in the data folder, and their announcements as
 * entries 0 and 1. Two processes that start together get the same ledger. Throws `AppError('conflict')` when the data
 * folder has signed a ledger and the database holds none: then it is the wrong database, or its data is lost.
 */
export async function findOrCreateLog(parts: {
  database: Database;
  dataDir: string;
  host: string;
  clock: Clock;
}): Promise<{ identity: LogIdentity; created: boolean }> {
  const found = await findLog(parts.database.pool);
  if (found) return { identity: found, created: false };
  refuseSecondLedger(parts.dataDir);
  return withClient(parts.database, async (client) => {
    const meanwhile = await findLog(client);
    if (meanwhile) return { identity: meanwhile, created: false };
    return { identity: await startLog(client, parts), created: true };
  });
}

function refuseSecondLedger(dataDir: string): void {
  const head = readHeadFile(dataDir);
  if (head === null) return;
  const [origin, size] = head.split('\n');
  throw new AppError(
    'conflict',
    `${join(dataDir, HEAD_FILE)} is a signed head of ${size} entries of the ledger ${origin}, and the database holds no ledger at all: it is another database, an empty one, or its data is lost. Nothing was changed. Set DATABASE_URL (or ASSAY_DATA_DIR) back to what belongs together, or restore the database. If it is gone for good, start a new ledger with: assay ledger seal --reason database-lost`,
  );
}

/**
 * The name of a ledger that is to be started, and its log key, which is in the data folder from now on: a ledger whose key
 * is lost could never be signed.
 */
export function prepareLog({ dataDir, host }: { dataDir: string; host: string }): {
  identity: LogIdentity;
  log: NoteSigner;
} {
  if (!/^[a-z0-9.-]{1,253}$/i.test(host))
    throw new AppError('invalid_input', `"${host}" is not a host name a ledger can be named after.`);
  const id = randomBytes(16).toString('hex');
  const identity = { id, origin: `${host}/ledger/${id}` };
  return { identity, log: createKey(() => keyPath(dataDir, id, 'log'), identity.origin) };
}

/**
 * Starts a ledger, in a transaction of `withClient`: keys in the data folder, then `first` if there is one, and the
 * announcements of the keys. Entries that wait already come after them. `identity` is one that was prepared before.
 */
export async function startLog(
  client: pg.PoolClient,
  parts: { dataDir: string; host: string; clock: Clock; first?: NewEntry; identity?: LogIdentity },
): Promise<LogIdentity> {
  const { dataDir } = parts;
  const { identity, log } = parts.identity
    ? { identity: parts.identity, log: readKey(keyPath(dataDir, parts.identity.id, 'log'), parts.identity.origin) }
    : prepareLog(parts);
  const { id } = identity;
  const at = toInstant(parts.clock());
  await client.query(
    'insert into ledger_log (id, origin, root, frontier, writer, created_at) values ($1, $2, $3, $4, $5, $6)',
    [id, identity.origin, EMPTY_ROOT, new Uint8Array(0), WRITER, at],
  );
  // Made only now: where the ledger is there already, nothing comes over its key.
  const bundle = createKey(() => keyPath(dataDir, id, 'bundle'), bundleKeyName(identity.origin));
  const announcements = [announcement(id, 'log', log), announcement(id, 'bundle', bundle)];
  await submitFirst(client, at, parts.first ? [parts.first, ...announcements] : announcements);
  await sequenceWithin(client, id);
  return identity;
}

/** Puts entries in line before all that wait. */
export async function submitFirst(client: pg.PoolClient, at: string, entries: readonly NewEntry[]): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    const { before, after } = splitLeaf(entry, makeId('ent', Date.parse(at), randomBytes(10)), at);
    await client.query(
      `insert into ledger_pending (queue, id, type, before_series, after_series, recorded_at)
        overriding system value values ($1, $2, $3, $4, $5, $6)`,
      [index - entries.length, pendingIdOf(entry.dedupeKey), entry.type, before, after, at],
    );
  }
}

function announcement(logId: string, purpose: KeyPurpose, signer: NoteSigner): NewEntry {
  return {
    type: 'key.announced',
    actor: { kind: 'service', id: 'ledger' },
    subject: { kind: 'key', id: formatKeyId(signer.key.id) },
    body: { algorithm: 'Ed25519', purpose, vkey: formatVerifierKey(signer.key) },
    dedupeKey: `key.announced/${logId}/${purpose}`,
  };
}
