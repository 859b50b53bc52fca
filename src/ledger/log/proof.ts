import { equalBytes } from './bytes.ts';
import { HASH_BYTES, hashChildren } from './tree.ts';

// Sizes go to 2^53 - 1 here, so the arithmetic below divides instead of shifting 32-bit integers.
const half = (value: number) => Math.floor(value / 2);
const isOdd = (value: number) => value % 2 === 1;

/**
 * The root that `proof` leads to from `leafHash` at `index` in a tree of `size` leaves, or null when the proof has not
 * the length or form such a proof has. Source: RFC 9162, section 2.1.3.2.
 */
export function rootFromInclusionProof(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return null;
  if (index < 0 || index >= size || leafHash.length !== HASH_BYTES) return null;
  let first = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== HASH_BYTES) return null;
    if (isOdd(first) || first === last) {
      hash = hashChildren(sibling, hash);
      while (!isOdd(first) && first !== 0) {
        first = half(first);
        last = half(last);
      }
    } else {
      hash = hashChildren(hash, sibling);
    }
    first = half(first);
    last = half(last);
  }
  return last === 0 ? hash : null;
}

/** True when `leafHash` is the leaf `index` of the tree of `size` leaves with that `root`. Source: RFC 9162, 2.1.3.2. */
export function verifyInclusion(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootFromInclusionProof(index, size, leafHash, proof);
  return computed !== null && equalBytes(computed, root);
}

/**
 * True when the tree of `oldSize` leaves and `oldRoot` is the beginning of the tree of `newSize` leaves and `newRoot`.
 * For equal sizes the proof is empty. There is no proof from the empty tree: it is the beginning of every other, so who
 * starts from it decides without this function. Source: RFC 9162, section 2.1.4.2.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize)) return false;
  if (oldSize < 0 || oldSize > newSize) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0 || proof.length === 0) return false;

  let first = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(first)) {
    first = half(first);
    last = half(last);
  }
  // An old tree that is one complete subtree of the new one is not repeated in the proof.
  const start = first === 0 ? oldRoot : (proof[0] as Uint8Array);
  const rest = first === 0 ? proof : proof.slice(1);
  let oldHash = start;
  let newHash = start;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(first) || first === last) {
      oldHash = hashChildren(sibling, oldHash);
      newHash = hashChildren(sibling, newHash);
      while (!isOdd(first) && first !== 0) {
        first = half(first);
        last = half(last);
      }
    } else {
      newHash = hashChildren(newHash, sibling);
    }
    first = half(first);
    last = half(last);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}
