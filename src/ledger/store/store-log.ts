import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { type NewEntry, splitLeaf } from '../log/entry.ts';
import type { NoteSigner } from '../log/note.ts';
import { EMPTY_ROOT } from '../log/tree.ts';
import { formatKeyId, formatVerifierKey } from '../log/verifier-key.ts';
import { pendingIdOf } from './append.ts';
import { bundleKeyName, createKey, type KeyPurpose, keyPath, readKey } from './keys.ts';
import { sequenceWithin, WRITER, withClient } from './sequencer.ts';

export type LogIdentity = { id: string; origin: string };
export type LogKeys = { log: NoteSigner; bundle: NoteSigner };

/** The ledger this database writes to, or null when it has none yet. */
export async function findLog(source: Pick<pg.Pool, 'query'>): Promise<LogIdentity | null> {
  const { rows } = await source.query<LogIdentity>('select id, origin from ledger_log where sealed_at is null');
  return rows[0] ?? null;
}

/** Reads both keys of a ledger from the data folder. Throws `AppError` when one is missing or another ledger's. */
export function readKeys(dataDir: string, { id, origin }: LogIdentity): LogKeys {
  return {
    log: readKey(keyPath(dataDir, id, 'log'), origin),
    bundle: readKey(keyPath(dataDir, id, 'bundle'), bundleKeyName(origin)),
  };
}

/**
 * Finds the ledger or starts one: a new origin under `host`, two keys in the data folder, and their announcements as
 * entries 0 and 1. Two processes that start together get the same ledger.
 */
export async function findOrCreateLog(parts: {
  database: Database;
  dataDir: string;
  host: string;
  clock: Clock;
}): Promise<{ identity: LogIdentity; keys: LogKeys; created: boolean }> {
  const found = await findLog(parts.database.pool);
  if (found) return { identity: found, keys: readKeys(parts.dataDir, found), created: false };
  if (!/^[a-z0-9.-]{1,253}$/i.test(parts.host))
    throw new AppError('invalid_input', `"${parts.host}" is not a host name a ledger can be named after.`);
  return withClient(parts.database, async (client) => {
    const meanwhile = await findLog(client);
    if (meanwhile) return { identity: meanwhile, keys: readKeys(parts.dataDir, meanwhile), created: false };
    const id = randomBytes(16).toString('hex');
    const identity = { id, origin: `${parts.host}/ledger/${id}` };
    // The keys are on disk before the ledger exists: a ledger whose key is lost could never be signed.
    const keys = {
      log: createKey(keyPath(parts.dataDir, id, 'log'), identity.origin),
      bundle: createKey(keyPath(parts.dataDir, id, 'bundle'), bundleKeyName(identity.origin)),
    };
    const at = toInstant(parts.clock());
    await client.query(
      'insert into ledger_log (id, origin, root, frontier, writer, created_at) values ($1, $2, $3, $4, $5, $6)',
      [id, identity.origin, EMPTY_ROOT, new Uint8Array(0), WRITER, at],
    );
    await announceFirst(client, identity, keys, at);
    return { identity, keys, created: true };
  });
}

// Entries that wait already are older than the ledger; the announcements go before them, at 0 and 1.
async function announceFirst(client: pg.PoolClient, { id }: LogIdentity, keys: LogKeys, at: string): Promise<void> {
  const purposes: readonly KeyPurpose[] = ['log', 'bundle'];
  for (const [index, purpose] of purposes.entries()) {
    const entry = announcement(id, purpose, keys[purpose]);
    const { before, after } = splitLeaf(entry, makeId('ent', Date.parse(at), randomBytes(10)), at);
    await client.query(
      `insert into ledger_pending (queue, id, type, before_series, after_series, recorded_at)
        overriding system value values ($1, $2, $3, $4, $5, $6)`,
      [index - purposes.length, pendingIdOf(entry.dedupeKey), entry.type, before, after, at],
    );
  }
  await sequenceWithin(client, id);
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
