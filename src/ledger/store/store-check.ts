import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes, toBase64, toHex, utf8Bytes } from '../log/bytes.ts';
import { parseCheckpoint } from '../log/checkpoint.ts';
import { appendLeafHashes, type CompactRange, EMPTY_RANGE, encodeRange, rootOfRange } from '../log/compact-range.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { type EntrySeries, readLeaf } from '../log/leaf.ts';
import { parseNote, verifyNote } from '../log/note.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '../log/tiles.ts';
import { HASH_BYTES, hashLeaf } from '../log/tree.ts';
import type { Ledger } from './store.ts';
import type { StoredEntry } from './store-read.ts';

export type LedgerCheck = {
  ok: boolean;
  /** The first difference, as a sentence; null when there is none. */
  firstDifference: string | null;
  entries: number;
  tiles: number;
  heads: number;
  series: number;
};

const PAGE = 1_024;

class Difference extends Error {
  override name = 'Difference';
}

/**
 * Re-derives everything that is stored from the bytes of the leaves: leaf hashes, series, tiles, the right edge, the root
 * of every signed head and its signature. Reads only. Entries that are appended meanwhile are left for the next time.
 */
export async function checkLedger(ledger: Ledger, dataDir?: string): Promise<LedgerCheck> {
  const result: LedgerCheck = { ok: false, firstDifference: null, entries: 0, tiles: 0, heads: 0, series: 0 };
  try {
    await derive(ledger, dataDir, result);
    result.ok = true;
  } catch (error) {
    if (!(error instanceof Difference || error instanceof InvalidFormat)) throw error;
    result.firstDifference = error.message;
  }
  return result;
}

async function derive(ledger: Ledger, dataDir: string | undefined, result: LedgerCheck): Promise<void> {
  // Heads first: one that is signed meanwhile would otherwise look larger than the ledger.
  const heads = await ledger.reader.allHeads();
  await ledger.ring.refresh();
  const log = await ledger.reader.logState();
  const series = new Map<string, { seq: number; leafHash: string; index: number }>();
  const tiles = new TileCollector();
  let range: CompactRange = EMPTY_RANGE;
  const compareHead = () => {
    const head = heads.get(range.size);
    if (!head) return;
    checkHead(ledger, head, rootOfRange(range));
    result.heads++;
  };
  compareHead();
  for (let from = 0; from < log.size; from += PAGE) {
    const page = await ledger.reader.entriesBetween(from, Math.min(log.size, from + PAGE));
    for (const entry of page) {
      if (entry.index !== range.size) throw new Difference(`Entry ${range.size} is missing.`);
      const leafHash = checkEntry(entry);
      checkSeries(entry, series);
      range = appendLeafHashes(range, [leafHash], tiles.onSubtree);
      result.entries++;
      compareHead();
    }
    result.tiles += await tiles.compare(ledger);
  }
  result.series = series.size;
  if (range.size !== log.size)
    throw new Difference(`The ledger says it has ${log.size} entries and holds ${range.size}.`);
  if (!equalBytes(rootOfRange(range), log.root))
    throw new Difference(`The stored root of ${log.size} entries is not the one they hash to.`);
  if (!equalBytes(encodeRange(range), log.frontier))
    throw new Difference('The stored right edge of the tree is not the one the entries hash to.');
  const beyond = [...heads.keys()].find((size) => size > log.size);
  if (beyond !== undefined)
    throw new Difference(`A head of ${beyond} entries was signed, and the ledger holds only ${log.size}.`);
  if (dataDir !== undefined) await checkHeadFile(ledger, join(dataDir, 'ledger-head'), log.size);
}

function checkEntry(entry: StoredEntry): Uint8Array {
  const { index, bytes } = entry;
  const leafHash = hashLeaf(bytes);
  if (toHex(leafHash) !== entry.leafHash)
    throw new Difference(`The stored hash of entry ${index} is not the one its bytes have: one of them was changed.`);
  const leaf = readEntry(index, bytes);
  if (leaf.type !== entry.type)
    throw new Difference(`Entry ${index} is stored as ${entry.type} and says ${leaf.type}.`);
  const stored = entry.series;
  if (leaf.series?.id !== stored?.id || leaf.series?.seq !== stored?.seq)
    throw new Difference(`The series stored with entry ${index} is not the one it says.`);
  return leafHash;
}

function readEntry(index: number, bytes: Uint8Array) {
  try {
    return readLeaf(bytes, { profile: true });
  } catch (error) {
    if (error instanceof InvalidFormat) throw new Difference(`Entry ${index}: ${error.message}`);
    throw error;
  }
}

function checkSeries(
  { index, bytes, leafHash }: StoredEntry,
  series: Map<string, { seq: number; leafHash: string; index: number }>,
): void {
  const own: EntrySeries | null = readLeaf(bytes, { profile: true }).series;
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

function checkHead(
  ledger: Ledger,
  head: { size: number; root: Uint8Array; note: string | null },
  root: Uint8Array,
): void {
  if (!equalBytes(head.root, root))
    throw new Difference(`The root signed for ${head.size} entries is not the one they hash to.`);
  if (head.note === null) return;
  const note = parseNote(utf8Bytes(head.note));
  for (const { key } of ledger.ring.activeAt('log', head.size)) verifyNote(note, [key]);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== ledger.origin || checkpoint.size !== head.size || !equalBytes(checkpoint.root, root))
    throw new Difference(
      `The note stored for ${head.size} entries says something else: ${checkpoint.size} entries, root ${toBase64(checkpoint.root)}.`,
    );
}

async function checkHeadFile(ledger: Ledger, path: string, size: number): Promise<void> {
  if (!existsSync(path)) return;
  const note = parseNote(readFileSync(path));
  verifyNote(note, ledger.ring.logKeys);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.size > size)
    throw new Difference(
      `${path} is a signed head of ${checkpoint.size} entries, and the database holds only ${size}: an older backup was restored.`,
    );
  if (!equalBytes(await ledger.reader.tree.root(checkpoint.size), checkpoint.root))
    throw new Difference(`${path} is a signed head of ${checkpoint.size} entries, and the database holds other ones.`);
}

/** Roots of full tiles as they follow from the leaves, compared with what is stored. */
class TileCollector {
  #due: { level: number; index: number; root: Uint8Array }[] = [];

  readonly onSubtree = (height: number, index: number, root: Uint8Array): void => {
    if (height % TILE_HEIGHT === 0) this.#due.push({ level: height / TILE_HEIGHT - 1, index, root });
  };

  async compare(ledger: Ledger): Promise<number> {
    const due = this.#due;
    this.#due = [];
    for (const { level, index, root } of due) {
      const stored = await ledger.reader.storedTile(level, index);
      if (!stored) throw new Difference(`Tile ${index} of level ${level} is missing.`);
      const hashes = await ledger.reader.hashes(level, index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
      if (
        !equalBytes(stored.root, root) ||
        !equalBytes(stored.bytes, hashes) ||
        hashes.length !== TILE_WIDTH * HASH_BYTES
      )
        throw new Difference(`Tile ${index} of level ${level} is not what the entries hash to.`);
    }
    return due.length;
  }
}
