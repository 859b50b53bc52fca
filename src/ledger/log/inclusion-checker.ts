import { equalBytes, fromBase64 } from './bytes.ts';
import { HASH_BYTES, hashChildren } from './tree.ts';

// Base64 of a hash.
const HASH_LENGTH = 44;

/** Two nodes with one parent that are connected with the root, and the path from their parent on. */
type KnownPair = { left: number; leftHash: Uint8Array; rightHash: Uint8Array; rest: string };
type FoundPair = Omit<KnownPair, 'rest'> & { height: number; restAt: number };

/**
 * Checks many inclusion proofs against one root; in the order of their indexes every node of the tree is hashed once. A
 * node that the proof before has connected with the root is known, and so is its sibling: a proof that reaches it only
 * has to go on in the same words. What is accepted is exactly what `verifyInclusion` accepts for hashes in canonical
 * base64, whatever the order.
 */
export class InclusionChecker {
  readonly #size: number;
  readonly #root: Uint8Array;
  // By height: the pair that was met last. One is enough, as in ascending order none is met again.
  readonly #known: KnownPair[] = [];

  constructor(size: number, root: Uint8Array) {
    this.#size = size;
    this.#root = root;
  }

  /** `path`: base64 of the hashes from the leaf's sibling to the root's child, joined by newlines. */
  check(index: number, leafHash: Uint8Array, path: string): boolean {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.#size) return false;
    const place = new Place(index, this.#size - 1);
    const found: FoundPair[] = [];
    let hash = leafHash;
    for (let at = 0; !place.isRoot(); at += HASH_LENGTH + 1) {
      const restAt = at + HASH_LENGTH;
      const sibling = fromBase64(path.slice(at, restAt));
      if (sibling?.length !== HASH_BYTES) return false;
      const [leftHash, rightHash] = place.isRight() ? [sibling, hash] : [hash, sibling];
      const known = this.#known[place.height];
      if (known?.left === place.leftPosition()) {
        const isSame = equalBytes(known.leftHash, leftHash) && equalBytes(known.rightHash, rightHash);
        if (!isSame || path.slice(restAt) !== known.rest) return false;
        this.#remember(found, path);
        return true;
      }
      found.push({ height: place.height, left: place.leftPosition(), leftHash, rightHash, restAt });
      hash = hashChildren(leftHash, rightHash);
      place.climb();
      // A newline stands between two hashes and nothing behind the last.
      if (place.isRoot() ? restAt !== path.length : path[restAt] !== '\n') return false;
    }
    if ((found.length === 0 && path !== '') || !equalBytes(hash, this.#root)) return false;
    this.#remember(found, path);
    return true;
  }

  #remember(found: readonly FoundPair[], path: string): void {
    for (const { height, left, leftHash, rightHash, restAt } of found)
      this.#known[height] = { left, leftHash, rightHash, rest: path.slice(restAt) };
  }
}

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

  /** Of the two nodes below the parent, the left one's. */
  leftPosition(): number {
    return this.isRight() ? this.position - 1 : this.position;
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
