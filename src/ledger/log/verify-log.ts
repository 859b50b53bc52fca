import { concatBytes, equalBytes } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { InvalidFormat } from './invalid-format.ts';
import { type AcceptedCheckpoint, acceptCheckpoint, type Policy } from './policy.ts';
import { verifyConsistency } from './proof.ts';
import { decodeEntryBundle, entryBundlePath, TILE_WIDTH, tilePath } from './tiles.ts';
import { parseHashLines } from './tlog-proof.ts';
import { EMPTY_ROOT, HASH_BYTES, hashLeaves, rootOfHashes } from './tree.ts';

/** The static files of a log. `read` gives null for a file that is not there. Source: C2SP tlog-tiles. */
export type LogFiles = { read(path: string): Promise<Uint8Array | null> };

export type EntryVisitor = (firstIndex: number, entries: readonly Uint8Array[]) => void;

/**
 * Re-derives a whole log from its files: the checkpoint under the policy, every entry against its leaf hash, every tile
 * against the one below, the root against the checkpoint. Throws `InvalidFormat` naming the first file that is wrong.
 * `onEntries` sees each bundle of entries once its hashes agree with the tile.
 */
export async function verifyLog(
  files: LogFiles,
  policy: Policy,
  onEntries?: EntryVisitor,
): Promise<AcceptedCheckpoint> {
  const note = await files.read('checkpoint');
  if (!note) throw new InvalidFormat('layout', 'The log has no file "checkpoint".');
  const accepted = acceptCheckpoint(policy, note);
  const { size, root } = accepted.checkpoint;
  const computed = await recomputeRoot(files, size, onEntries);
  if (!equalBytes(computed, root))
    throw new InvalidFormat('root', `The entries lead to another root than the one signed for size ${size}.`);
  return accepted;
}

async function recomputeRoot(files: LogFiles, size: number, onEntries?: EntryVisitor): Promise<Uint8Array> {
  let roots: Uint8Array[] = [];
  let rest: Uint8Array | undefined;
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const entries = await readEntries(files, index, width);
    const hashes = hashLeaves(entries);
    await compareTile(files, 0, index, hashes);
    onEntries?.(index * TILE_WIDTH, entries);
    if (width === TILE_WIDTH) roots.push(rootOfHashes(hashes));
    else rest = rootOfHashes(hashes);
  }
  // The tree over the complete tiles and, as its last and smaller part, what is left of each level below.
  for (let level = 1; roots.length > 0; level++) {
    const above: Uint8Array[] = [];
    let partial: Uint8Array[] = [];
    for (let from = 0; from < roots.length; from += TILE_WIDTH) {
      const part = roots.slice(from, from + TILE_WIDTH);
      const hashes = concatBytes(...part);
      await compareTile(files, level, from / TILE_WIDTH, hashes);
      if (part.length === TILE_WIDTH) above.push(rootOfHashes(hashes));
      else partial = part;
    }
    const tail = rest ? [...partial, rest] : partial;
    if (tail.length > 0) rest = rootOfHashes(concatBytes(...tail));
    roots = above;
  }
  return rest ?? EMPTY_ROOT;
}

async function readEntries(files: LogFiles, index: number, width: number): Promise<Uint8Array[]> {
  const path = entryBundlePath(index, width);
  const bundle = await files.read(path);
  if (bundle) return decodeNamed(path, bundle, width);
  // A log may drop a partial file once the full one exists.
  const fullPath = entryBundlePath(index, TILE_WIDTH);
  const full = width < TILE_WIDTH ? await files.read(fullPath) : null;
  if (!full) throw new InvalidFormat('layout', `${path} is missing.`);
  return decodeNamed(fullPath, full, TILE_WIDTH).slice(0, width);
}

function decodeNamed(path: string, bundle: Uint8Array, width: number): Uint8Array[] {
  try {
    return decodeEntryBundle(bundle, width);
  } catch (error) {
    if (error instanceof InvalidFormat) throw new InvalidFormat(error.rule, `${path}: ${error.message}`);
    throw error;
  }
}

async function compareTile(files: LogFiles, level: number, index: number, expected: Uint8Array): Promise<void> {
  const width = expected.length / HASH_BYTES;
  const path = tilePath({ level, index, width });
  let tile = await files.read(path);
  if (!tile && width < TILE_WIDTH) {
    const full = await files.read(tilePath({ level, index, width: TILE_WIDTH }));
    if (full?.length === TILE_WIDTH * HASH_BYTES) tile = full.subarray(0, expected.length);
  }
  if (!tile) throw new InvalidFormat('layout', `${path} is missing.`);
  if (!equalBytes(tile, expected))
    throw new InvalidFormat('tile', `${path} is not what ${level === 0 ? 'the entries' : 'the tiles below'} hash to.`);
}

/**
 * Checks that a log only grew between two checkpoints a reader holds. `proof`: hashes, one per line.
 * Throws `InvalidFormat` when a checkpoint does not hold under the policy or the proof does not connect them.
 */
export function verifyGrowth(
  policy: Policy,
  oldNote: Uint8Array,
  newNote: Uint8Array,
  proof: Uint8Array,
): { oldSize: number; newSize: number } {
  const newer = acceptCheckpoint(policy, newNote).checkpoint;
  const older = acceptOlder(policy, oldNote);
  if (older.origin !== newer.origin)
    throw new InvalidFormat('consistency', `The checkpoints are of two logs, ${older.origin} and ${newer.origin}.`);
  const hashes = parseHashLines(proof);
  const fromNothing = older.size === 0 && hashes.length === 0;
  if (!fromNothing && !verifyConsistency(older.size, newer.size, older.root, newer.root, hashes))
    throw new InvalidFormat(
      'consistency',
      `The log of size ${newer.size} does not begin with the log of size ${older.size}: it was rewritten, or the proof is wrong.`,
    );
  return { oldSize: older.size, newSize: newer.size };
}

/** An earlier head must be signed by the log; the quorum is asked of the newest only, which witnesses saw last. */
export function acceptOlder(policy: Policy, note: Uint8Array): Checkpoint {
  return acceptCheckpoint({ ...policy, quorum: 'none' }, note).checkpoint;
}
