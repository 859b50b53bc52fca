import { equalBytes, fromBase64, toBase64 } from './bytes.ts';
import { HASH_BYTES, hashChildren } from './tree.ts';

/**
 * Checks many inclusion proofs against one root, hashing every node of the tree once. A node that an earlier proof has
 * connected with the root is known, and so are its sibling and all nodes above: a later proof that reaches it only has
 * to repeat them. What is accepted is exactly what `verifyInclusion` accepts for hashes in canonical base64.
 */
export class InclusionChecker {
  readonly #size: number;
  readonly #root: Uint8Array;
  // By height: the base64 of nodes known to be in the tree, by their position at that height.
  readonly #known: Map<number, string>[] = [];

  constructor(size: number, root: Uint8Array) {
    this.#size = size;
    this.#root = root;
  }

  /** `lines`: base64 of the hashes from the leaf's sibling to the root's child. */
  check(index: number, leafHash: Uint8Array, lines: readonly string[]): boolean {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.#size) return false;
    const place = new Place(index, this.#size - 1);
    let hash = leafHash;
    const found: { height: number; position: number; line: string }[] = [];
    for (const line of lines) {
      if (place.isRoot()) return false;
      const here = toBase64(hash);
      const known = this.#known[place.height]?.get(place.position);
      if (known !== undefined) {
        if (known !== here || !this.#repeatsKnown(place, lines, found.length / 2)) return false;
        this.#remember(found);
        return true;
      }
      const sibling = fromBase64(line);
      if (sibling?.length !== HASH_BYTES) return false;
      found.push({ height: place.height, position: place.position, line: here });
      found.push({ height: place.height, position: place.sibling(), line });
      hash = place.isRight() ? hashChildren(sibling, hash) : hashChildren(hash, sibling);
      place.climb();
    }
    if (!place.isRoot() || !equalBytes(hash, this.#root)) return false;
    this.#remember(found);
    return true;
  }

  #repeatsKnown(place: Place, lines: readonly string[], from: number): boolean {
    for (let i = from; i < lines.length; i++) {
      if (place.isRoot() || this.#known[place.height]?.get(place.sibling()) !== lines[i]) return false;
      place.climb();
    }
    return place.isRoot();
  }

  #remember(found: readonly { height: number; position: number; line: string }[]): void {
    for (const { height, position, line } of found) {
      this.#known[height] ??= new Map();
      this.#known[height].set(position, line);
    }
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

  sibling(): number {
    return this.isRight() ? this.position - 1 : this.position + 1;
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
