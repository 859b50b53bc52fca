import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { verifyKeyStatement, verifySuccession } from '../log/key-statement.ts';
import { readLeaf } from '../log/leaf.ts';
import type { Leaf } from '../log/leaf-form.ts';
import { type Note, parseNote, verifyKnownSignatures, verifyNote } from '../log/note.ts';
import { verifyInclusion } from '../log/proof.ts';
import { hashesOf, parseTlogProof } from '../log/tlog-proof.ts';
import { hashLeaf } from '../log/tree.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../log/verifier-key.ts';
import { syncFolder, writeFileDurably } from '../store/store-files.ts';
import { originHash } from './witness-protocol.ts';

/**
 * A log took a key into use, ended the use of one, or ended and named the log that continues it (`key` is then the first
 * key of that one), by an entry of its own.
 */
export type KeyChange = { kind: 'announced' | 'retired' | 'sealed'; key: VerifierKey; index: number; origin: string };

/** Whom a witness listens to. */
export type Trusted = {
  keys: readonly VerifierKey[];
  /** By the origin of a log that ended: how many entries it has, and no head of it has more. */
  sealed: ReadonlyMap<string, number>;
};

/** In the data folder: the proofs that were taken in. */
export const KEY_CHANGES_FOLDER = 'key-changes';
const CHANGES_MAX = 1_000;

/**
 * Reads the proof of a key change (docs/spec/ledger.md, section 4): a C2SP tlog-proof with the leaf as its extra data.
 * It holds only when a trusted key of that log signed the head, this very witness cosigned it, the leaf is under it, and,
 * for a new key, a trusted key and the new one signed the statement in the leaf. A log that ended, by its last entry, hands
 * on to one this witness knows no other key of. Nothing but what this witness has already vouched for as part of the one
 * history can so change whom it listens to. Throws `InvalidFormat`.
 */
export function readKeyChange(
  bytes: Uint8Array,
  { trusted, own }: { trusted: readonly VerifierKey[]; own: VerifierKey },
): KeyChange {
  const proven = readProven(bytes, own);
  const { note, origin } = proven;
  const keys = trusted.filter(({ name }) => name === origin);
  if (keys.length === 0)
    throw new InvalidFormat('log-key', `This witness trusts no key of the log "${origin.slice(0, 200)}".`);
  if (verifyKnownSignatures(note, keys).length === 0)
    throw new InvalidFormat('signature', 'The head in the proof is signed by no key this witness trusts for the log.');
  const change = changeIn(proven, keys);
  if (change.kind === 'sealed' && isTakenByOther(change, trusted))
    throw new InvalidFormat(
      'log-key',
      `The entry hands on to the log "${change.key.name.slice(0, 200)}", of which this witness knows another key already.`,
    );
  return change;
}

// Whoever ends a log could otherwise lend a key to a log of somebody else.
function isTakenByOther({ key }: KeyChange, trusted: readonly VerifierKey[]): boolean {
  const known = trusted.filter(({ name }) => name === key.name).map(formatVerifierKey);
  return known.length > 0 && !known.includes(formatVerifierKey(key));
}

type Proven = { note: Note; origin: string; size: number; leaf: Leaf; index: number };

// What holds whomever the witness listens to now: it cosigned the head, and the leaf is under it.
function readProven(bytes: Uint8Array, own: VerifierKey): Proven {
  const proof = parseTlogProof(bytes);
  if (!proof.extra) throw new InvalidFormat('proof-file', 'The proof does not hold the entry it is of.');
  const note = parseNote(utf8Bytes(proof.checkpoint));
  const { origin, size, root } = parseCheckpoint(note.text);
  if (!note.signatures.some(({ name, keyId }) => name === own.name && keyId === own.id))
    throw new InvalidFormat(
      'signature',
      `This witness has not cosigned the head of ${size} entries in the proof. Ask for a proof under one that it has.`,
    );
  verifyNote(note, [own]);
  if (!verifyInclusion(proof.index, size, hashLeaf(proof.extra), hashesOf(proof), root))
    throw new InvalidFormat('inclusion', `The entry in the proof is not entry ${proof.index} under its head.`);
  return { note, origin, size, leaf: readLeaf(proof.extra, { profile: true }), index: proof.index };
}

function changeIn(proven: Proven, trusted: readonly VerifierKey[]): KeyChange {
  const { leaf, origin, index } = proven;
  if (leaf.type === 'log.sealed') return { kind: 'sealed', key: nextLogKey(proven, trusted), index, origin };
  const { body } = leaf.value;
  const { purpose, vkey } = (body ?? {}) as { purpose?: unknown; vkey?: unknown };
  if ((leaf.type !== 'key.announced' && leaf.type !== 'key.retired') || purpose !== 'log' || typeof vkey !== 'string')
    throw new InvalidFormat(
      'log-key',
      'The entry in the proof neither announces nor retires a key of the log, nor does it end the log.',
    );
  if (leaf.type === 'key.announced')
    return { kind: 'announced', key: announcedKey(leaf, origin, trusted), index, origin };
  const key = parseVerifierKey(vkey);
  if (key.name !== origin) throw new InvalidFormat('log-key', 'The key in the entry is not one of this log.');
  return { kind: 'retired', key, index, origin };
}

function announcedKey(leaf: Leaf, origin: string, trusted: readonly VerifierKey[]): VerifierKey {
  return vouchedBy(trusted, origin, (one) => {
    const key = verifyKeyStatement(leaf.value.body, origin, one);
    if (key.name !== origin) throw new InvalidFormat('log-key', 'The key in the entry is not one of this log.');
    return key;
  });
}

function nextLogKey({ leaf, origin, index, size }: Proven, trusted: readonly VerifierKey[]): VerifierKey {
  if (index !== size - 1)
    throw new InvalidFormat('log-key', `The entry in the proof ends the log, and its head of ${size} entries goes on.`);
  const { reason } = (leaf.value.body ?? {}) as { reason?: unknown };
  // Whoever holds a stolen key can name any other.
  if (reason !== 'ended')
    throw new InvalidFormat('log-key', 'The log ended for another reason than "ended": its key vouches for nothing.');
  return vouchedBy(trusted, origin, (one) => verifySuccession(leaf.value.body, origin, one));
}

// Any of the keys that sign may have vouched for the new one; the first complaint is told when none has.
function vouchedBy(
  trusted: readonly VerifierKey[],
  origin: string,
  check: (one: VerifierKey) => VerifierKey,
): VerifierKey {
  let complaint: unknown;
  for (const one of trusted) {
    try {
      return check(one);
    } catch (error) {
      if (!(error instanceof InvalidFormat)) throw error;
      complaint ??= error;
    }
  }
  throw complaint ?? new InvalidFormat('log-key', `This witness trusts no key of the log "${origin.slice(0, 200)}".`);
}

/** The keys after a change. */
function applied(keys: readonly VerifierKey[], { kind, key }: KeyChange): readonly VerifierKey[] {
  const others = keys.filter((one) => formatVerifierKey(one) !== formatVerifierKey(key));
  return kind === 'retired' ? others : [...others, key];
}

/**
 * The keys a witness listens to: those it was given, changed by what it was shown before. Each stored proof is checked
 * again, in the order of its log, and a log that ended before the one that continues it. A key that was retired is not taken
 * again, whatever else is listed. Throws `AppError('conflict')` for a proof that does not hold, and when a log has no key left.
 */
export function trustedKeys(
  dataDir: string,
  { given, own }: { given: readonly VerifierKey[]; own: VerifierKey },
): Trusted {
  const proofs = storedChanges(dataDir).map(({ path, bytes }) => provenIn(path, bytes, own));
  const sealed = new Map<string, number>();
  const retired = new Set<string>();
  const origins = new Set(given.map(({ name }) => name));
  let keys = given;
  // Grows while it is gone through.
  for (const origin of origins)
    for (const proven of proofs.filter((one) => one.origin === origin)) {
      const change = changeUnder(
        proven,
        keys.filter(({ name }) => name === origin),
      );
      if (!change || (change.kind === 'sealed' && isTakenByOther(change, keys))) continue;
      const vkey = formatVerifierKey(change.key);
      if (change.kind === 'sealed') {
        sealed.set(origin, proven.size);
        origins.add(change.key.name);
      }
      if (change.kind === 'retired') retired.add(vkey);
      if (!retired.has(vkey) || change.kind === 'retired') keys = applied(keys, change);
    }
  const orphan = given.find(({ name }) => !keys.some((key) => key.name === name));
  if (orphan)
    throw new AppError(
      'conflict',
      `Every key given for the log ${orphan.name} was retired by the log. Ask its operator for the key that signs now, or for the proof of its announcement.`,
    );
  return { keys, sealed };
}

function provenIn(path: string, bytes: Uint8Array, own: VerifierKey): Proven {
  try {
    return readProven(bytes, own);
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    throw new AppError('conflict', `${path} does not hold: ${error.message} Take it out, or put it right.`, {
      cause: error,
    });
  }
}

// Null for a new key that none of these vouched for: whoever lists other keys now trusts less by what was stored, never more.
function changeUnder(proven: Proven, keys: readonly VerifierKey[]): KeyChange | null {
  try {
    return changeIn(proven, keys);
  } catch (error) {
    if (error instanceof InvalidFormat) return null;
    throw error;
  }
}

/**
 * Keeps the proof of a key change that holds; a witness that runs takes it in (see `followTrust`). Throws `InvalidFormat` when it does not
 * hold, and `AppError('conflict')` when the log would have no key left.
 */
export function trustKeyChange(
  dataDir: string,
  bytes: Uint8Array,
  { given, own }: { given: readonly VerifierKey[]; own: VerifierKey },
): KeyChange {
  const { keys } = trustedKeys(dataDir, { given, own });
  const change = readKeyChange(bytes, { trusted: keys, own });
  const { name } = change.key;
  if (!applied(keys, change).some((key) => key.name === name))
    throw new AppError(
      'conflict',
      `The entry retires the only key this witness knows for ${name}. Take in the announcement of the key that took over first.`,
    );
  const folder = join(dataDir, KEY_CHANGES_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncFolder(dataDir);
  writeFileDurably(join(folder, fileName(change.origin, change.index)), bytes, 0o600);
  return change;
}

// In the order of the log when sorted: an announcement comes before the retirement of the key that vouched for it.
function fileName(origin: string, index: number): string {
  return `${originHash(origin)}-${String(index).padStart(16, '0')}.tlog-proof`;
}

function storedChanges(dataDir: string): { path: string; bytes: Uint8Array }[] {
  const folder = join(dataDir, KEY_CHANGES_FOLDER);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.tlog-proof'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  if (names.length > CHANGES_MAX) throw new AppError('conflict', `${folder} holds more than ${CHANGES_MAX} changes.`);
  return names.sort().map((name) => ({ path: join(folder, name), bytes: readFileSync(join(folder, name)) }));
}
