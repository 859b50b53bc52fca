import { equalBytes, fromBase64 } from './bytes.ts';
import { HASH_BYTES, hashChildren } from './tree.ts';

// Base64 of a hash.
const HASH_LENGTH = 44;

/** A node that is connected with the root: its hash, its sibling's, and the path from their parent on. */
type KnownNode = { hash: Uint8Array; sibling: Uint8Array; rest: string };
type FoundNode = { height: number; position: number; hash: Uint8Array; sibling: Uint8Array; restAt: number };

/**
 * Checks many inclusion proofs against one root, hashing every node of the tree once. A node that an earlier proof has
 * connected with the root is known, and so is its sibling: a later proof that reaches it only has to go on in the same
 * words. What is accepted is exactly what `verifyInclusion` accepts for hashes in canonical base64.
 */
export class InclusionChecker {
  readonly #size: number;
  readonly #root: Uint8Array;
  // By height: nodes by their position at that height.
  readonly #known: Map<number, KnownNode>[] = [];

  constructor(size: number, root: Uint8Array) {
    this.#size = size;
    this.#root = root;
  }

  /** `path`: base64 of the hashes from the leaf's sibling to the root's child, joined by newlines. */
  check(index: number, leafHash: Uint8Array, path: string): boolean {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.#size) return false;
    const place = new Place(index, this.#size - 1);
    const found: FoundNode[] = [];
    let hash = leafHash;
    for (let at = 0; !place.isRoot(); at += HASH_LENGTH + 1) {
      const restAt = at + HASH_LENGTH;
      const sibling = fromBase64(path.slice(at, restAt));
      if (sibling?.length !== HASH_BYTES) return false;
      const known = this.#known[place.height]?.get(place.position);
      if (known) {
        const isSame = equalBytes(known.hash, hash) && equalBytes(known.sibling, sibling);
        if (!isSame || path.slice(restAt) !== known.rest) return false;
        this.#remember(found, path);
        return true;
      }
      found.push({ height: place.height, position: place.position, hash, sibling, restAt });
      hash = place.isRight() ? hashChildren(sibling, hash) : hashChildren(hash, sibling);
      place.climb();
      // A newline stands between two hashes and nothing behind the last.
      if (place.isRoot() ? restAt !== path.length : path[restAt] !== '\n') return false;
    }
    if ((found.length === 0 && path !== '') || !equalBytes(hash, this.#root)) return false;
    this.#remember(found, path);
    return true;
  }

  #remember(found: readonly FoundNode[], path: string): void {
    for (const { height, position, hash, sibling, restAt } of found) {
      this.#known[height] ??= new Map();
      const rest = path.slice(restAt);
      this.#known[height].set(position, { hash, sibling, rest });
      this.#known[height].set(siblingOf(position), { hash: sibling, sibling: hash, rest });
    }
  }
}

const siblingOf = (position: number) => (position % 2 === 1 ? position - 1 : position + 1);

// Where a node stands: its position among those of its height, and the position of the last one. A last node without a
// right neighbor and with an even position has no sibling at its height; it goes up unchanged to where it has one.
class Place {
  height = 0;
  position: number;
  #last: number;

  constructor(position: number, last: number) {
    this.position = position;
    this.#last = last;
    this.#rise();
  }

  isRoot(): boolean {
    return this.#last === 0;
  }

  isRight(): boolean {
    return this.position % 2 === 1;
  }

  climb(): void {
    this.#up();
    this.#rise();
  }

  #rise(): void {
    while (this.position === this.#last && this.position % 2 === 0 && this.position > 0) this.#up();
  }

  #up(): void {
    this.position = Math.floor(this.position / 2);
    this.#last = Math.floor(this.#last / 2);
    this.height++;
  }
}
