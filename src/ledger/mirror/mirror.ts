import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import type { HeadPlace } from './mirror-heads.ts';

/** A signed head to be copied to a place outside: `note` may already carry cosignatures. */
export type MirroredHead = { size: number; note: string; signedAt: Date };

/**
 * A growing history of checkpoints in a place of its own. What is there is never changed.
 * It helps against the operator only where the operator cannot change it either: hand it to somebody.
 */
export type Mirror = HeadPlace & {
  /**
   * Adds a head; true when it was not there yet. One that is there stays byte for byte as it is, whatever came to its
   * signatures since. Throws `AppError('conflict')` for another root of a size that is there and for a head below the
   * largest, `AppError('unavailable')` when the place cannot be written now.
   */
  add(head: MirroredHead): Promise<boolean>;
  /** The note kept for a size of the log with that origin (the one of the keys, where it is left out), or null. */
  noteOf(size: number, origin?: string): Promise<string | null>;
};

/** The newest checkpoint, under the name of tlog-tiles. */
export const NEWEST = 'checkpoint';

/**
 * The head in a mirrored note. Throws `AppError('conflict')` when it is not one of this log under its signature: then the
 * mirror was damaged or meddled with, and somebody has to look before anything else is signed.
 */
export function readMirrored(note: string, keys: readonly VerifierKey[], where: string, size?: number): Checkpoint {
  try {
    const parsed = parseNote(utf8Bytes(note));
    const checkpoint = parseCheckpoint(parsed.text);
    verifyNote(parsed, keys);
    if (size !== undefined && checkpoint.size !== size)
      throw new InvalidFormat('checkpoint', `It is a head of ${checkpoint.size} entries.`);
    return checkpoint;
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    throw new AppError(
      'conflict',
      `${where} is not a checkpoint of this ledger: ${error.message} Find out how it got there. Nothing is signed until it is put right, or the mirror is taken out of the settings.`,
      { cause: error },
    );
  }
}

/**
 * The origin in a mirrored note when it is a checkpoint of another log than that of `keys`; null when it is of this one,
 * or damaged. Such a place knows nothing of this log: it mirrored the one before it, which was sealed.
 */
export function otherOrigin(note: string, keys: readonly VerifierKey[]): string | null {
  const origin = originIn(note);
  return keys.some(({ name }) => name === origin) ? null : origin;
}

/**
 * The name under which a log lies in a mirror that began with another one, which was sealed: what is there stays, and the
 * log that continues it gets a place of its own beside it. Null where the mirror is empty or began with this log.
 */
export function placeBeside(first: string | null, origin: string): string | null {
  const firstOrigin = first === null ? null : originIn(first);
  if (firstOrigin === null || firstOrigin === origin) return null;
  const id = origin.split('/').at(-1) ?? '';
  return /^[A-Za-z0-9]{1,64}$/.test(id) ? id : sha256Hex(origin).slice(0, 32);
}

function originIn(note: string): string | null {
  return statementIn(note)?.origin ?? null;
}

/** The size a mirrored note states, whoever signed it; null when it is no checkpoint. */
export function sizeInNote(note: string): number | null {
  return statementIn(note)?.size ?? null;
}

function statementIn(note: string): Checkpoint | null {
  try {
    return parseCheckpoint(parseNote(utf8Bytes(note)).text);
  } catch (error) {
    if (error instanceof InvalidFormat) return null;
    throw error;
  }
}

/** True when a head is there already. Throws `AppError('conflict')` when what is there is another one. */
export function isSameHead(kept: string, head: MirroredHead, where: string): boolean {
  // The text is the statement; signatures may have been added since.
  const [keptText, text] = [kept, head.note].map((note) => note.slice(0, note.lastIndexOf('\n\n') + 1));
  if (keptText === text) return true;
  throw new AppError(
    'conflict',
    `${where} is another checkpoint of ${head.size} entries than the one to be added: the ledger has two histories. Nothing was changed. Keep both and find out which one is true.`,
  );
}

/** Throws `AppError('conflict')` when a head would have to be put below one that is there. */
export function refuseOlder(largest: number | null, head: MirroredHead, place: string): void {
  if (largest !== null && head.size < largest)
    throw new AppError(
      'conflict',
      `${place} holds a head of ${largest} entries, and the one to be added has ${head.size}: it looks like an older backup was restored. Nothing was changed.`,
    );
}
