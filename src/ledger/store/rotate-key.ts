import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { EntryActor } from '../log/entry.ts';
import { type KeyPurpose, signKeyStatement } from '../log/key-statement.ts';
import type { NoteSigner } from '../log/note.ts';
import { formatKeyId, formatVerifierKey } from '../log/verifier-key.ts';
import { appendEntry } from './append.ts';
import type { AnnouncedKey } from './key-ring.ts';
import { bundleKeyName, createKey, keyPath, rotatedKeyPath } from './keys.ts';
import type { Ledger } from './store.ts';
import { diskError, syncFolder } from './store-files.ts';
import { logIdOf } from './store-log.ts';

const WAIT_MS = 30_000;
const ALL = Number.MAX_SAFE_INTEGER;

/**
 * Makes a new key, keeps it in the data folder, and announces it under the signatures of the keys that sign now. From the
 * head that covers the announcement on, both sign. Throws `AppError`: `conflict` while another one is taking over,
 * `unavailable` when it cannot be stored.
 */
export async function rotateKey(
  ledger: Ledger,
  { purpose, actor, dataDir }: { purpose: KeyPurpose; actor: EntryActor; dataDir: string },
): Promise<AnnouncedKey> {
  await ledger.ring.refresh();
  const active = ledger.ring.activeAt(purpose, ALL);
  if (active.length > 1)
    throw new AppError(
      'conflict',
      `Two ${purpose} keys sign already: ${active.map(idOf).join(' and ')}. Retire the older one first: assay ledger key retire ${idOf(active[0])}.`,
    );
  const by = ledger.ring.activeAt('log', ALL).map((key) => ledger.ring.signerOf(key));
  const logId = logIdOf(ledger.origin);
  const name = purpose === 'log' ? ledger.origin : bundleKeyName(ledger.origin);
  const made = storeKey((keyId) => rotatedKeyPath(dataDir, logId, purpose, keyId), name);
  const vkey = formatVerifierKey(made.key);
  const statement = signKeyStatement(ledger.origin, purpose, { made, by });
  await record(ledger, {
    type: 'key.announced',
    actor,
    subject: { kind: 'key', id: formatKeyId(made.key.id) },
    body: { algorithm: 'Ed25519', purpose, vkey, statement },
    dedupeKey: `key.announced/${logId}/${purpose}/${vkey}`,
  });
  await ledger.ring.refresh();
  return ledger.ring.newest(purpose);
}

/**
 * Ends the use of a key, by its id (8 hex digits) or whole vkey. Heads and bundles signed before stay valid. Its private
 * half is removed from the data folder; for a key that was retired before, only that is done, if it is still there. Throws
 * `AppError`: `not_found`, `conflict` for the only key of its purpose and for one of which nothing is left, `unavailable`
 * when the file cannot be removed.
 */
export async function retireKey(
  ledger: Ledger,
  { wanted, actor, dataDir }: { wanted: string; actor: EntryActor; dataDir: string },
): Promise<AnnouncedKey> {
  await ledger.ring.refresh();
  const key = ledger.ring.all.find((one) => one.vkey === wanted || idOf(one) === wanted.toLowerCase());
  if (!key)
    throw new AppError('not_found', `No key "${wanted.slice(0, 200)}" is announced. See: assay ledger key --all.`);
  if (key.retiredIndex !== null) {
    if (removePrivateHalf(ledger, key, dataDir)) return key;
    throw new AppError('conflict', `The key ${idOf(key)} was retired by entry ${key.retiredIndex} already.`);
  }
  if (ledger.ring.activeAt(key.purpose, ALL).length < 2)
    throw new AppError(
      'conflict',
      `${idOf(key)} is the only ${key.purpose} key. Announce another first: assay ledger key rotate${key.purpose === 'log' ? '' : ' --purpose bundle'}.`,
    );
  const logId = logIdOf(ledger.origin);
  await record(ledger, {
    type: 'key.retired',
    actor,
    subject: { kind: 'key', id: idOf(key) },
    body: { purpose: key.purpose, vkey: key.vkey },
    dedupeKey: `key.retired/${logId}/${key.vkey}`,
  });
  await ledger.ring.refresh();
  removePrivateHalf(ledger, key, dataDir);
  return key;
}

function storeKey(...key: Parameters<typeof createKey>): NoteSigner {
  try {
    return createKey(...key);
  } catch (error) {
    throw diskError(error, 'The new key could not be stored, and was not announced');
  }
}

// The head that covers the retirement is signed by the others; nothing needs this one any more, a thief would. True when
// there was something to remove.
function removePrivateHalf(ledger: Ledger, key: AnnouncedKey, dataDir: string): boolean {
  const logId = logIdOf(ledger.origin);
  const paths = [rotatedKeyPath(dataDir, logId, key.purpose, idOf(key))];
  if (key.index === firstIndexOf(ledger, key)) paths.push(keyPath(dataDir, logId, key.purpose));
  const held = paths.filter((path) => existsSync(path));
  try {
    for (const path of held) rmSync(path);
    if (held.length > 0) syncFolder(join(dataDir, 'keys'));
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `The key ${idOf(key)} is retired, and its file ${held.join(', ')} could not be removed. Run the same again, or remove it by hand: a thief could sign with it.`,
      { cause },
    );
  }
  return held.length > 0;
}

// The first key of each purpose has the plain file name.
function firstIndexOf(ledger: Ledger, { purpose }: AnnouncedKey): number | undefined {
  return ledger.ring.all.find((one) => one.purpose === purpose)?.index;
}

async function record(ledger: Ledger, entry: Parameters<typeof appendEntry>[1]): Promise<void> {
  const { pendingId } = await ledger.database.transaction((tx) => appendEntry(tx, entry, ledger.clock));
  await ledger.waitIntegrated(pendingId, WAIT_MS);
}

function idOf(key: AnnouncedKey | undefined): string {
  return key ? formatKeyId(key.key.id) : '';
}
