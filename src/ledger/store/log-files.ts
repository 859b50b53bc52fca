import { utf8Bytes } from '../log/bytes.ts';
import { encodeEntryBundle, type LogFileName, TILE_WIDTH, type TileName } from '../log/tiles.ts';
import { HASH_BYTES } from '../log/tree.ts';
import type { ReadableLog } from './former-log.ts';
import { vouchersOf } from './vouchers.ts';

/**
 * The bytes of one of the ledger's static files, or null for one that is not there under the newest signed head: what is
 * not signed yet is not served. Source: C2SP tlog-tiles.
 */
export async function readLogFile(ledger: ReadableLog, file: LogFileName): Promise<Uint8Array | null> {
  const head = await ledger.signedHead();
  // With what witnesses said about it.
  if (file.kind === 'checkpoint') return utf8Bytes((await vouchersOf(ledger, head)).note);
  const level = file.kind === 'entries' ? 0 : file.level;
  // 256^level is beyond any size long before it is beyond a number.
  const hashes = Math.floor(head.size / TILE_WIDTH ** level);
  if (file.index * TILE_WIDTH + file.width > hashes) return null;
  return file.kind === 'entries' ? entryBundleBytes(ledger, file) : tileBytes(ledger, file);
}

/** The hashes of a tile, which must be there. */
export async function tileBytes(ledger: ReadableLog, { level, index, width }: TileName): Promise<Uint8Array> {
  return (await ledger.reader.tile(level, index)).subarray(0, width * HASH_BYTES);
}

/** The entries of a tile of level 0, which must be there. */
export async function entryBundleBytes(
  ledger: ReadableLog,
  { index, width }: Omit<TileName, 'level'>,
): Promise<Uint8Array> {
  const first = index * TILE_WIDTH;
  const entries = await ledger.reader.entriesBetween(first, first + width);
  return encodeEntryBundle(entries.map(({ bytes }) => bytes));
}
