import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { storageError } from '#src/platform/storage-error.ts';
import { fromDecimal, utf8Bytes } from '../log/bytes.ts';
import { NOTE_BYTES_MAX } from '../log/note.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import type { KnownHead } from '../store/signer.ts';
import { SyncFailed, syncFolder, writeFileDurably } from '../store/store-files.ts';
import {
  isSameHead,
  type Mirror,
  type MirroredHead,
  NEWEST,
  otherOrigin,
  placeBeside,
  readMirrored,
  refuseOlder,
} from './mirror.ts';

// Every checkpoint lies here under its size, and the newest once more beside the folder.
const HISTORY = 'checkpoints';
const LATER_LOGS = 'logs';

/**
 * A mirror in a folder: a mounted disk, a share of somebody else. With `publishTiles` the folder becomes a whole copy of
 * the log (C2SP tlog-tiles); that function then writes the newest `checkpoint`, after the files it speaks of. A folder that
 * began with another log, now sealed, stays as it is: the log that continues it lies in `logs/<id>`.
 */
export function openFolderMirror(parts: {
  folder: string;
  /** All keys the log signs or signed with. */
  keys: () => readonly VerifierKey[];
  publishTiles?: (folder: string) => Promise<unknown>;
}): Mirror {
  const { folder, keys, publishTiles } = parts;
  const name = `the mirror ${folder}`;
  const placeOf = (origin: string | undefined) => {
    const beside = origin === undefined ? null : placeBeside(readIfThere(join(folder, NEWEST)), origin);
    return beside === null ? folder : join(folder, LATER_LOGS, beside);
  };
  return {
    name,
    add: async (head) => {
      try {
        const { origin } = readMirrored(head.note, keys(), `What is to be added to ${name}`, head.size);
        const place = placeOf(origin);
        if (place !== folder) makeFolder(place);
        refuseOlder(largestSize(place), head, `The mirror ${place}`);
        await publishTiles?.(place);
        return addToFolder(place, head, publishTiles === undefined);
      } catch (error) {
        if (error instanceof SyncFailed)
          throw new AppError('unavailable', `${error.message} The mirror is not to be relied on.`, { cause: error });
        throw storageError(error, `The mirror ${folder} cannot be written`, 'choose another folder for it');
      }
    },
    noteOf: async (size, origin = keys()[0]?.name) => readIfThere(join(placeOf(origin), HISTORY, String(size))),
    knownHeads: async () => {
      try {
        return headsIn(placeOf(keys()[0]?.name), keys());
      } catch (error) {
        // A disk that is not there now knows nothing; one that holds something wrong must be looked at.
        if (error instanceof Error && 'code' in error && !(error instanceof AppError)) return [];
        throw error;
      }
    },
  };
}

/** The head in a published folder (C2SP tlog-tiles) as a place that knows heads. */
export function publishedPlace(
  folder: string,
  keys: () => readonly VerifierKey[],
): Pick<Mirror, 'name' | 'knownHeads'> {
  const path = join(folder, NEWEST);
  return {
    name: `the published folder ${folder}`,
    knownHeads: async () => {
      const note = readIfThere(path);
      if (note === null || otherOrigin(note, keys()) !== null) return [];
      return [{ checkpoint: readMirrored(note, keys(), path), where: path }];
    },
  };
}

function addToFolder(folder: string, head: MirroredHead, writesNewest: boolean): boolean {
  const path = join(folder, HISTORY, String(head.size));
  const isNew = createOnce(path, head);
  // Repeated after a crash between the two, this is what was missing.
  const newest = join(folder, NEWEST);
  if (writesNewest && readIfThere(newest) !== readIfThere(path))
    writeFileDurably(newest, utf8Bytes(readIfThere(path) ?? head.note));
  return isNew;
}

// Linked into place, so that a file which appeared meanwhile is never written over.
function createOnce(path: string, head: MirroredHead): boolean {
  const kept = readIfThere(path);
  if (kept !== null) return !isSameHead(kept, head, path);
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.new`;
  writeFileDurably(temporary, utf8Bytes(head.note));
  try {
    linkSync(temporary, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return !isSameHead(readFileSync(path, 'utf8'), head, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function headsIn(folder: string, keys: readonly VerifierKey[]): KnownHead[] {
  const heads: KnownHead[] = [];
  const size = largestSize(folder);
  const where = join(folder, HISTORY, String(size));
  const note = size === null ? null : readIfThere(where);
  if (size !== null && note !== null && otherOrigin(note, keys) === null)
    heads.push({ checkpoint: readMirrored(note, keys, where, size), where });
  const newest = join(folder, NEWEST);
  const shown = readIfThere(newest);
  if (shown !== null && otherOrigin(shown, keys) === null)
    heads.push({ checkpoint: readMirrored(shown, keys, newest), where: newest });
  return heads;
}

function largestSize(folder: string): number | null {
  let largest: number | null = null;
  for (const name of namesIn(join(folder, HISTORY))) {
    const size = fromDecimal(name);
    if (size !== null && (largest === null || size > largest)) largest = size;
  }
  return largest;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function readIfThere(path: string): string | null {
  try {
    if (statSync(path).size > NOTE_BYTES_MAX)
      throw new AppError('conflict', `${path} is too large to be a checkpoint. Find out how it got there.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true }) === undefined) return;
  syncFolder(dirname(folder));
}
