import { EMPTY_ROOT, HASH_BYTES, hashChildren } from './tree.ts';

/**
 * The right edge of a tree: the roots of the complete subtrees its first `size` leaves fall into, largest first. It is all
 * that must be remembered to append leaves and compute roots. At most 53 hashes.
 */
export type CompactRange = { readonly size: number; readonly hashes: readonly Uint8Array[] };

export const EMPTY_RANGE: CompactRange = { size: 0, hashes: [] };

/**
 * Appends leaves that already are hashed. `onSubtree(height, index, root)` hears of every complete subtree of 2^height
 * leaves that comes into being, lower ones first; leaves themselves are not reported.
 */
export function appendLeafHashes(
  range: CompactRange,
  leafHashes: readonly Uint8Array[],
  onSubtree?: (height: number, index: number, root: Uint8Array) => void,
): CompactRange {
  const hashes = [...range.hashes];
  let size = range.size;
  for (const leafHash of leafHashes) {
    let root = leafHash;
    let height = 0;
    // Each trailing 1 in the binary form of the size is a complete subtree that the new one merges with.
    for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      root = hashChildren(hashes.pop() as Uint8Array, root);
      height++;
      onSubtree?.(height, Math.floor(rest / 2), root);
    }
    hashes.push(root);
    size++;
  }
  return { size, hashes };
}

export function rootOfRange(range: CompactRange): Uint8Array {
  let root: Uint8Array | undefined;
  for (let i = range.hashes.length - 1; i >= 0; i--) {
    const hash = range.hashes[i] as Uint8Array;
    root = root ? hashChildren(hash, root) : hash;
  }
  return root ?? EMPTY_ROOT;
}

/** The hashes end to end, as they are stored beside the size. */
export function encodeRange(range: CompactRange): Uint8Array {
  const bytes = new Uint8Array(range.hashes.length * HASH_BYTES);
  range.hashes.forEach((hash, i) => {
    bytes.set(hash, i * HASH_BYTES);
  });
  return bytes;
}

/** Throws `RangeError` when the number of hashes does not belong to `size`. */
export function decodeRange(size: number, bytes: Uint8Array): CompactRange {
  let subtrees = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) subtrees += rest % 2;
  if (bytes.length !== subtrees * HASH_BYTES) throw new RangeError(`the right edge of ${size} leaves is damaged`);
  const hashes = Array.from({ length: subtrees }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  return { size, hashes };
}
