import { InvalidFormat } from './invalid-format.ts';

/** Hashes in a full tile, and entries in a full bundle. Source: C2SP tlog-tiles. */
export const TILE_WIDTH = 256;
/** Levels of the tree in one tile. */
export const TILE_HEIGHT = 8;
/** The format gives an entry a 16-bit length. */
export const ENTRY_BYTES_MAX = 65_535;

/** One tile. `width` below 256 means a partial one. */
export type TileName = { level: number; index: number; width: number };

export function tilePath({ level, index, width }: TileName): string {
  return `tile/${level}/${indexPath(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

export function entryBundlePath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

// 1234067 is x001/x234/067: no folder then holds more than a thousand names, and no file is also a folder.
function indexPath(index: number): string {
  let path = String(index % 1_000).padStart(3, '0');
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    path = `x${String(rest % 1_000).padStart(3, '0')}/${path}`;
  return path;
}

/** What a path below a log's prefix names. */
export type LogFileName =
  | { kind: 'checkpoint' }
  | ({ kind: 'tile' } & TileName)
  | ({ kind: 'entries' } & Omit<TileName, 'level'>);

const LEVEL_MAX = 63;
const TILE_FILE = /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads the path of a log's file, or gives null for any other one: a file has one path. Source: C2SP tlog-tiles. */
export function parseLogPath(path: string): LogFileName | null {
  if (path === 'checkpoint') return { kind: 'checkpoint' };
  const [, level, digits, partial] = TILE_FILE.exec(path) ?? [];
  if (level === undefined || digits === undefined) return null;
  const index = Number(digits.replace(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const isOnlyForm = Number.isSafeInteger(index) && indexPath(index) === digits;
  if (!isOnlyForm || Number(level) > LEVEL_MAX || (partial !== undefined && width >= TILE_WIDTH)) return null;
  return level === 'entries' ? { kind: 'entries', index, width } : { kind: 'tile', level: Number(level), index, width };
}

/** All tiles of a tree of `size` leaves, lowest level first, the partial one of each level last. */
export function* tilesOf(size: number): Generator<TileName> {
  let hashes = size;
  for (let level = 0; hashes > 0; level++) {
    for (let index = 0; index * TILE_WIDTH < hashes; index++)
      yield { level, index, width: Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH) };
    hashes = Math.floor(hashes / TILE_WIDTH);
  }
}

/** Entries, each behind its length as two bytes, the higher first. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) throw new RangeError('an entry is at most 65,535 bytes long');
    sizeBytes += 2 + entry.length;
  }
  const bundle = new Uint8Array(sizeBytes);
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 255;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** Throws `InvalidFormat` unless `bundle` is exactly `width` entries. */
export function decodeEntryBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length && entries.length < width) {
    const sizeBytes = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
    if (at + 2 + sizeBytes > bundle.length) throw new InvalidFormat('tile', 'The entry bundle ends within an entry.');
    entries.push(bundle.subarray(at + 2, at + 2 + sizeBytes));
    at += 2 + sizeBytes;
  }
  if (entries.length !== width || at !== bundle.length)
    throw new InvalidFormat('tile', `The entry bundle does not hold exactly ${width} entries.`);
  return entries;
}
