import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { equalBytes, utf8Bytes } from '../log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import { entryBundlePath, TILE_WIDTH, tilePath, tilesOf } from '../log/tiles.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import type { ReadableLog } from './former-log.ts';
import { entryBundleBytes, tileBytes } from './log-files.ts';
import type { KnownHead } from './signer.ts';
import { removeLeftovers, syncFolder, writeFileDurably, writeFileWhole } from './store-files.ts';
import { vouchersOf } from './vouchers.ts';

const CHECKPOINT = 'checkpoint';

/**
 * Writes the ledger into the folder `out` as static files (C2SP tlog-tiles): `tile/`, `tile/entries/` and, last, `checkpoint`.
 * Stopped at any moment, what is there verifies, and the next run goes on; repeated, it changes nothing. A file of the
 * log never changes, so one that differs is not written over; partial tiles are removed once the full one is published.
 * `beforeHead` is called when all but the checkpoint is there. Throws `AppError('conflict')` for a file that differs, and for a
 * folder that holds another log, a newer head, or a head this ledger does not continue.
 */
export async function publishLedger(
  ledger: ReadableLog,
  out: string,
  beforeHead?: (folder: string) => void,
): Promise<{ size: number; written: number }> {
  const folder = resolve(out);
  const head = await ledger.signedHead();
  const published = readPublishedHead(folder, ledger.ring.logKeys);
  if (published) await refuseOtherHistory(ledger, published, head.size, folder);
  makeFolder(folder);
  removeLeftovers(folder);
  let written = 0;
  const folders = new Set<string>();
  const put = (path: string, bytes: Uint8Array) => {
    const full = join(folder, path);
    makeFolder(dirname(full));
    for (let above = dirname(full); above !== folder; above = dirname(above)) folders.add(above);
    if (putOnce(full, bytes)) written++;
  };
  for (const tile of tilesOf(head.size)) {
    put(tilePath(tile), await tileBytes(ledger, tile));
    if (tile.level === 0) put(entryBundlePath(tile.index, tile.width), await entryBundleBytes(ledger, tile));
  }
  // Also those of files that were there already: the run that wrote them may have been stopped before it came to this.
  for (const path of [...folders, folder]) syncFolder(path);
  beforeHead?.(folder);
  // Only now: whoever reads this head finds every file it speaks of.
  const note = utf8Bytes((await vouchersOf(ledger, head)).note);
  const path = join(folder, CHECKPOINT);
  if (!existsSync(path) || !equalBytes(readFileSync(path), note)) {
    writeFileDurably(path, note);
    written++;
  }
  removeSuperseded(folder, head.size);
  return { size: head.size, written };
}

// C2SP tlog-tiles lets a partial tile go once the full one is there: a reader of an older head takes that instead. A tile that
// is not full yet keeps every width, as heads that were published speak of them.
function removeSuperseded(folder: string, size: number): void {
  for (const { level, index, width } of tilesOf(size)) {
    if (width < TILE_WIDTH) continue;
    removePartials(join(folder, `${tilePath({ level, index, width })}.p`));
    if (level === 0) removePartials(join(folder, `${entryBundlePath(index, width)}.p`));
  }
}

function removePartials(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (/^[1-9]\d{0,2}$/.test(name)) rmSync(join(folder, name), { force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** The head in a published folder, or null when there is none. Throws `AppError('conflict')` when it is not this log's. */
export function readPublishedHead(folder: string, keys: readonly VerifierKey[]): KnownHead | null {
  const path = join(folder, CHECKPOINT);
  if (!existsSync(path)) return null;
  try {
    const note = parseNote(readFileSync(path));
    verifyNote(note, keys);
    return { checkpoint: parseCheckpoint(note.text), where: path };
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    throw new AppError(
      'conflict',
      `${path} is not a checkpoint of this ledger: ${error.message} Choose another folder.`,
      { cause: error },
    );
  }
}

async function refuseOtherHistory(
  ledger: ReadableLog,
  { checkpoint, where }: { checkpoint: Checkpoint; where: string },
  size: number,
  folder: string,
): Promise<void> {
  if (checkpoint.size > size)
    throw new AppError(
      'conflict',
      `${where} is a head of ${checkpoint.size} entries, and the ledger has ${size}: an older backup of the database was restored, or the folder belongs to another copy. Nothing was changed.`,
    );
  if (!equalBytes(await ledger.reader.tree.root(checkpoint.size), checkpoint.root))
    throw new AppError(
      'conflict',
      `${folder} holds another history of this ledger: its first ${checkpoint.size} entries differ. Nothing was changed. Keep both and find out which one is true.`,
    );
}

// True when the file was not there yet.
function putOnce(path: string, bytes: Uint8Array): boolean {
  if (existsSync(path)) {
    if (equalBytes(readFileSync(path), bytes)) return false;
    throw new AppError(
      'conflict',
      `${path} differs from the ledger. Published files never change: keep it for inspection and publish into another folder.`,
    );
  }
  writeFileWhole(path, bytes);
  return true;
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  // One level only: Node's recursive form never ends on file systems such as /proc.
  if (!existsSync(folder)) mkdirSync(folder);
  syncFolder(dirname(folder));
}
