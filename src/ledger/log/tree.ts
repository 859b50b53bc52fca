import {
  sha256,
  sha256EachInto,
  sha256Pair,
  sha256PairAt,
  sha256PairsInto,
  sha256Prefixed,
  sha256PrefixedInto,
} from '#src/kernel/hash.ts';

/** Bytes in a hash. */
export const HASH_BYTES = 32;
/** The root of the tree without leaves. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** Source: RFC 6962, section 2.1. */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256Prefixed(LEAF_PREFIX, entry);
}

/** `hashLeaf(entry)`, written to `at` in `target`. */
export function hashLeafInto(entry: Uint8Array, target: Uint8Array, at: number): void {
  sha256PrefixedInto(LEAF_PREFIX, entry, target, at);
}

/** The hashes of `entries`, end to end. */
export function hashLeaves(entries: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(entries.length * HASH_BYTES);
  sha256EachInto(LEAF_PREFIX, entries, hashes);
  return hashes;
}

/** Source: RFC 6962, section 2.1. */
export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Pair(NODE_PREFIX, left, right);
}

/** `hashChildren` of the two hashes from `at` on in `pair`, written to `targetAt` in `target`. */
export function hashPairInto(pair: Uint8Array, at: number, target: Uint8Array, targetAt: number): void {
  sha256PairAt(NODE_PREFIX, pair, at, target, targetAt);
}

/** The root over `hashes`, leaf hashes (or roots of complete subtrees of one height) laid end to end. */
export function rootOfHashes(hashes: Uint8Array): Uint8Array {
  let width = hashes.length / HASH_BYTES;
  if (width === 0) return EMPTY_ROOT;
  // A copy in plain memory: `slice` of a Node Buffer would be the caller's own bytes.
  const level = new Uint8Array(hashes);
  while (width > 1) {
    const pairs = width >> 1;
    sha256PairsInto(NODE_PREFIX, level, pairs, level);
    // The one without a neighbor goes up as it is: it is the root of a smaller subtree at the right edge.
    if (width % 2 === 1) level.copyWithin(pairs * HASH_BYTES, (width - 1) * HASH_BYTES, width * HASH_BYTES);
    width = pairs + (width % 2);
  }
  return level.slice(0, HASH_BYTES);
}

/**
 * A tree kept in memory, 64 bytes a leaf: roots and proofs for any size up to its own.
 * Indexes and sizes are below 2^53; asking beyond the tree is an error of the caller and throws `RangeError`.
 */
export class MerkleTree {
  // Level h holds the roots of all complete subtrees of 2^h leaves, end to end.
  readonly #levels: Uint8Array[];
  readonly size: number;

  /** `leafHashes`: 32 bytes for each leaf, end to end. */
  constructor(leafHashes: Uint8Array) {
    this.size = leafHashes.length / HASH_BYTES;
    if (!Number.isInteger(this.size)) throw new RangeError('leaf hashes are 32 bytes each');
    this.#levels = [leafHashes];
    let below = leafHashes;
    for (let pairs = this.size >> 1; pairs > 0; pairs >>= 1) {
      const level = new Uint8Array(pairs * HASH_BYTES);
      sha256PairsInto(NODE_PREFIX, below, pairs, level);
      this.#levels.push(level);
      below = level;
    }
  }

  leafHash(index: number): Uint8Array {
    if (!(index >= 0 && index < this.size)) throw new RangeError(`no leaf ${index} in a tree of ${this.size}`);
    return this.#node(0, index);
  }

  /** The root of the first `size` leaves. */
  root(size: number = this.size): Uint8Array {
    this.#check(size);
    return size === 0 ? EMPTY_ROOT : this.#subtree(0, size);
  }

  /** The hashes from the leaf's sibling up to the root's child. Source: RFC 6962, section 2.1.1. */
  inclusionProof(index: number, size: number = this.size): Uint8Array[] {
    this.#check(size);
    return inclusionPath(index, size).map(([from, to]) => this.#subtree(from, to));
  }

  /** Shows that the tree of `newSize` begins with the tree of `oldSize`. Source: RFC 6962, section 2.1.2. */
  consistencyProof(oldSize: number, newSize: number = this.size): Uint8Array[] {
    this.#check(newSize);
    return consistencyPath(oldSize, newSize).map(([from, to]) => this.#subtree(from, to));
  }

  // `from` is a multiple of the largest power of two below `to - from`, as everywhere in the recursion of RFC 6962.
  #subtree(from: number, to: number): Uint8Array {
    const width = to - from;
    if (isPowerOfTwo(width)) return this.#node(Math.log2(width), from / width);
    const split = from + splitOf(width);
    return hashChildren(this.#subtree(from, split), this.#subtree(split, to));
  }

  #node(height: number, index: number): Uint8Array {
    const level = this.#levels[height] as Uint8Array;
    return level.subarray(index * HASH_BYTES, index * HASH_BYTES + HASH_BYTES);
  }

  #check(size: number): void {
    if (!(Number.isInteger(size) && size >= 0 && size <= this.size))
      throw new RangeError(`a tree of ${this.size} leaves has no size ${size}`);
  }
}

/** Leaves `from` to `to` (not included), whose root a proof holds. */
export type Subtree = readonly [from: number, to: number];

/** The subtrees of an inclusion proof, from the leaf's sibling up. Throws `RangeError` beyond the tree. */
export function inclusionPath(index: number, size: number): Subtree[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const path: Subtree[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const split = from + splitOf(to - from);
    if (index < split) {
      path.push([split, to]);
      to = split;
    } else {
      path.push([from, split]);
      from = split;
    }
  }
  return path.reverse();
}

/** The subtrees of a consistency proof. None from the empty tree or to the same size. Throws `RangeError`. */
export function consistencyPath(oldSize: number, newSize: number): Subtree[] {
  if (!(oldSize >= 0 && oldSize <= newSize)) throw new RangeError(`no size ${oldSize} within ${newSize}`);
  if (oldSize === 0) return [];
  const path: Subtree[] = [];
  let from = 0;
  let to = newSize;
  // Whether the subtree looked at is the whole old tree, whose root the reader already holds.
  let known = true;
  while (oldSize !== to) {
    const split = from + splitOf(to - from);
    if (oldSize <= split) {
      path.push([split, to]);
      to = split;
    } else {
      path.push([from, split]);
      from = split;
      known = false;
    }
  }
  if (!known) path.push([from, to]);
  return path.reverse();
}

/** The largest power of two below `width`, for `width` of at least 2. */
export function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

function isPowerOfTwo(width: number): boolean {
  return width === 1 || splitOf(width) * 2 === width;
}
