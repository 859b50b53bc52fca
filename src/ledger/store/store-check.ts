import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { startSha256 } from '#src/kernel/hash.ts';
import { equalBytes, toBase64, toHex, utf8Bytes } from '../log/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../log/checkpoint.ts';
import { appendLeafHashes, type CompactRange, EMPTY_RANGE, encodeRange, rootOfRange } from '../log/compact-range.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { readLeaf } from '../log/leaf.ts';
import type { Leaf } from '../log/leaf-form.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '../log/tiles.ts';
import { HASH_BYTES, hashLeaf } from '../log/tree.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import { continuationOf, erasedBlobs, type ReadableLog } from './former-log.ts';
import { HEAD_FILE } from './head-file.ts';
import type { StoredEntry } from './store-read.ts';

export type LedgerCheck = {
  ok: boolean;
  /** The first difference, as a sentence; null when there is none. */
  firstDifference: string | null;
  entries: number;
  tiles: number;
  heads: number;
  series: number;
  /** Evidence files that were read and have the digest the entries name. */
  blobs: number;
};

export type CheckOptions = {
  /** Where the head file is; left out, it is not looked at. */
  dataDir?: string;
  /** Whether to read every evidence file too. */
  withBlobs?: boolean;
};

const PAGE = 1_024;

type StoredHead = { size: number; root: Uint8Array; note: string | null };

class Difference extends Error {
  override name = 'Difference';
}

/**
 * Re-derives everything that is stored from the bytes of the leaves: leaf hashes, series, tiles, the right edge, the root
 * of every signed head and its signature; with `withBlobs`, the digest of every evidence file that no entry says is
 * erased. Reads only. Entries that are appended meanwhile are left for the next time.
 */
export async function checkLedger(ledger: ReadableLog, options: CheckOptions = {}): Promise<LedgerCheck> {
  const result: LedgerCheck = {
    ok: false,
    firstDifference: null,
    entries: 0,
    tiles: 0,
    heads: 0,
    series: 0,
    blobs: 0,
  };
  try {
    await derive(ledger, options, result);
    result.ok = true;
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    result.firstDifference = error.message;
  }
  return result;
}

async function derive(ledger: ReadableLog, options: CheckOptions, result: LedgerCheck): Promise<void> {
  // Heads first: one that is signed meanwhile would otherwise look larger than the ledger.
  const heads = await ledger.reader.allHeads();
  await ledger.ring.refresh();
  const log = await ledger.reader.logState();
  const series: SeriesEnds = new Map();
  const tiles = new TileCollector();
  const named = new NamedBlobs();
  let range: CompactRange = EMPTY_RANGE;
  const roots = new Map([[0, rootOfRange(range)]]);
  for (let from = 0; from < log.size; from += PAGE) {
    const to = Math.min(log.size, from + PAGE);
    const page = await ledger.reader.entriesBetween(from, to);
    const leaves: Leaf[] = [];
    for (const entry of page) {
      if (entry.index !== range.size) throw new Difference(`Entry ${range.size} is missing.`);
      const leafHash = hashLeaf(entry.bytes);
      leaves.push(checkEntry(entry, leafHash));
      range = appendLeafHashes(range, [leafHash], tiles.onSubtree);
      if (heads.has(range.size)) roots.set(range.size, rootOfRange(range));
    }
    if (range.size < to) throw new Difference(`Entry ${range.size} is missing.`);
    result.entries = to;
    // A tile tells which of its entries differs; what follows from an entry comes after it.
    result.tiles += await tiles.compare(ledger);
    for (const [i, leaf] of leaves.entries()) {
      checkSeries(page[i] as StoredEntry, leaf, series);
      named.add(from + i, leaf);
    }
    result.series = series.size;
    for (const [size, root] of roots) result.heads += checkHead(ledger, heads.get(size), root);
    roots.clear();
  }
  await checkState(ledger, log, range);
  const beyond = [...heads.keys()].find((size) => size > log.size);
  if (beyond !== undefined)
    throw new Difference(`A head of ${beyond} entries was signed, and the ledger holds only ${log.size}.`);
  if (options.dataDir !== undefined) await checkHeadFile(ledger, join(options.dataDir, HEAD_FILE), log.size);
  await checkContinuation(ledger);
  if (options.withBlobs) await named.check(ledger, result);
}

async function checkState(
  ledger: ReadableLog,
  log: { size: number; root: Uint8Array; frontier: Uint8Array },
  range: CompactRange,
): Promise<void> {
  if (!equalBytes(rootOfRange(range), log.root))
    throw new Difference(`The stored root of ${log.size} entries is not the one they hash to.`);
  if (!equalBytes(encodeRange(range), log.frontier))
    throw new Difference('The stored right edge of the tree is not the one the entries hash to.');
  const newest = (await ledger.reader.page({ limit: 1 })).items[0]?.index ?? -1;
  if (newest >= log.size && (await ledger.reader.logState()).size === log.size)
    throw new Difference(`Entry ${newest} is stored, and the ledger says it has only ${log.size} entries.`);
}

function checkEntry(entry: StoredEntry, leafHash: Uint8Array): Leaf {
  const { index, bytes } = entry;
  if (toHex(leafHash) !== entry.leafHash)
    throw new Difference(`The stored hash of entry ${index} is not the one its bytes have: one of them was changed.`);
  const leaf = readEntry(index, bytes);
  if (leaf.value.at !== entry.recordedAt.toISOString())
    throw new Difference(`Entry ${index} is stored as of ${entry.recordedAt.toISOString()} and says ${leaf.value.at}.`);
  if (leaf.type !== entry.type)
    throw new Difference(`Entry ${index} is stored as ${entry.type} and says ${leaf.type}.`);
  const stored = entry.series;
  if (leaf.series?.id !== stored?.id || leaf.series?.seq !== stored?.seq)
    throw new Difference(`The series stored with entry ${index} is not the one it says.`);
  return leaf;
}

function readEntry(index: number, bytes: Uint8Array): Leaf {
  try {
    return readLeaf(bytes, { profile: true });
  } catch (error) {
    if (error instanceof InvalidFormat) throw new Difference(`Entry ${index}: ${error.message}`);
    throw error;
  }
}

type SeriesEnds = Map<string, { seq: number; leafHash: string; index: number }>;

function checkSeries({ index, leafHash }: StoredEntry, { series: own }: Leaf, series: SeriesEnds): void {
  if (!own) return;
  const before = series.get(own.id);
  if (own.seq !== (before ? before.seq + 1 : 0))
    throw new Difference(
      `Entry ${index} is number ${own.seq} of the series "${own.id}", and ${before ? before.seq + 1 : 0} was due.`,
    );
  if (own.prev !== before?.leafHash)
    throw new Difference(`Entry ${index} of the series "${own.id}" does not link to entry ${before?.index}.`);
  series.set(own.id, { seq: own.seq, leafHash, index });
}

// Gives how many heads were looked at.
function checkHead(ledger: ReadableLog, head: StoredHead | undefined, root: Uint8Array): number {
  if (!head) return 0;
  if (!equalBytes(head.root, root))
    throw new Difference(`The root signed for ${head.size} entries is not the one they hash to.`);
  if (head.note === null) return 1;
  const keys = ledger.ring.activeAt('log', head.size).map(({ key }) => [key]);
  const checkpoint = readSigned(`The note stored for ${head.size} entries`, utf8Bytes(head.note), keys);
  if (checkpoint.origin !== ledger.origin || checkpoint.size !== head.size || !equalBytes(checkpoint.root, root))
    throw new Difference(
      `The note stored for ${head.size} entries says something else: ${checkpoint.size} entries, root ${toBase64(checkpoint.root)}.`,
    );
  return 1;
}

// Of each group of keys one must have signed.
function readSigned(what: string, bytes: Uint8Array, groups: readonly (readonly VerifierKey[])[]): Checkpoint {
  try {
    const note = parseNote(bytes);
    for (const keys of groups) verifyNote(note, keys);
    return parseCheckpoint(note.text);
  } catch (error) {
    if (error instanceof InvalidFormat) throw new Difference(`${what} was changed: ${error.message}`);
    throw error;
  }
}

async function checkHeadFile(ledger: ReadableLog, path: string, size: number): Promise<void> {
  if (!existsSync(path)) return;
  const checkpoint = readSigned(path, readFileSync(path), [ledger.ring.logKeys]);
  if (checkpoint.size > size)
    throw new Difference(
      `${path} is a signed head of ${checkpoint.size} entries, and the database holds only ${size}: an older backup was restored.`,
    );
  if (!equalBytes(await ledger.reader.tree.root(checkpoint.size), checkpoint.root))
    throw new Difference(`${path} is a signed head of ${checkpoint.size} entries, and the database holds other ones.`);
}

// Of a sealed log, what the one after it says in its entry 0: readers who hold only that one rely on it.
async function checkContinuation(ledger: ReadableLog): Promise<void> {
  const next = await continuationOf(ledger.database, ledger.origin);
  if (!next) return;
  const head = await ledger.reader.lastSigned();
  const { size, root } = next.previous;
  if (size !== (head?.size ?? 0) || (head && root !== toBase64(head.root)))
    throw new Difference(
      `Entry 0 of ${next.origin}, which continues this ledger, names a last head of ${size} entries, and the one stored is ${head ? `of ${head.size}, or has another root` : 'none'}.`,
    );
}

/** Roots of full tiles as they follow from the leaves, compared with what is stored. */
class TileCollector {
  #due: { level: number; index: number; root: Uint8Array }[] = [];

  readonly onSubtree = (height: number, index: number, root: Uint8Array): void => {
    if (height % TILE_HEIGHT === 0) this.#due.push({ level: height / TILE_HEIGHT - 1, index, root });
  };

  async compare(ledger: ReadableLog): Promise<number> {
    const due = this.#due;
    this.#due = [];
    for (const { level, index, root } of due) {
      const stored = await ledger.reader.storedTile(level, index);
      if (!stored) throw new Difference(`Tile ${index} of level ${level} is missing.`);
      const hashes = await ledger.reader.hashes(level, index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
      if (!equalBytes(stored.bytes, hashes)) throw otherTile(level, index, stored.bytes, hashes);
      if (!equalBytes(stored.root, root))
        throw new Difference(`The hash stored with tile ${index} of level ${level} is not that of its hashes.`);
    }
    return due.length;
  }
}

function otherTile(level: number, index: number, stored: Uint8Array, hashes: Uint8Array): Difference {
  const at = stored.findIndex((byte, i) => byte !== hashes[i]);
  const nth = index * TILE_WIDTH + Math.floor(at / HASH_BYTES);
  const below = level === 0 ? `entry ${nth}` : `tile ${nth} of level ${level - 1}`;
  return new Difference(
    `Tile ${index} of level ${level} holds another hash of ${below} than it has: the tile or the ${level === 0 ? 'entry' : 'tile below'} was changed.`,
  );
}

/** The evidence files that entries name. */
class NamedBlobs {
  readonly #firstNamed = new Map<string, number>();

  add(index: number, { blobs }: Leaf): void {
    for (const { sha256 } of blobs) if (!this.#firstNamed.has(sha256)) this.#firstNamed.set(sha256, index);
  }

  async check(ledger: ReadableLog, result: LedgerCheck): Promise<void> {
    // Also by an entry of a later log.
    const erased = await erasedBlobs(ledger.database);
    for (const [sha256, index] of this.#firstNamed) {
      if (erased.has(sha256)) continue;
      const what = `The evidence file ${sha256}, which entry ${index} names,`;
      if (!(await ledger.blobs.has(sha256)))
        throw new Difference(`${what} is missing, and no entry says that it was erased.`);
      if (!(await isWhole(ledger, sha256))) throw new Difference(`${what} was changed: its SHA-256 is another one.`);
      result.blobs++;
    }
  }
}

async function isWhole({ blobs }: ReadableLog, sha256: string): Promise<boolean> {
  const running = startSha256();
  try {
    for await (const chunk of blobs.stream(sha256)) running.update(chunk);
  } catch (error) {
    // The store compares too, and says so at the end of a file that is not the one it should be.
    if (error instanceof AppError && error.code === 'internal') return false;
    throw error;
  }
  return running.hex() === sha256;
}
