import { isSameSpan } from '#src/kernel/hash.ts';
import { BASE64_OF_32_LENGTH, base64Of32Into, equalBytes } from './bytes.ts';
import { HASH_BYTES, hashPairInto } from './tree.ts';

const PAIR_BYTES = 2 * HASH_BYTES;
const LINE_BYTES = BASE64_OF_32_LENGTH + 1;
const NEWLINE = 10;
// A tree of 2^53 - 1 leaves has 53 levels above them.
const LEVELS_MAX = 53;
const PATH_BYTES_MAX = LEVELS_MAX * LINE_BYTES;
const UNKNOWN = -1;

/**
 * Checks many inclusion proofs against one root; in the order of their indexes every node of the tree is hashed once. A
 * pair of nodes that the proof before has connected with the root is known: a proof that reaches it only has to go on in
 * the same bytes. What is accepted is exactly what `verifyInclusion` accepts for hashes in canonical base64, whatever the
 * order. Nothing is made anew for a proof.
 */
export class InclusionChecker {
  readonly #size: number;
  readonly #root: Uint8Array;
  // By height, the pair with one parent that was met last and is connected with the root: the position of its left node,
  // both hashes, and the bytes of the path from the parent on. One is enough, as in ascending order none is met again.
  readonly #lefts = new Array<number>(LEVELS_MAX).fill(UNKNOWN);
  readonly #pairs = new Uint8Array(LEVELS_MAX * PAIR_BYTES);
  readonly #rests = new Uint8Array(LEVELS_MAX * PATH_BYTES_MAX);
  readonly #restBytes = new Uint16Array(LEVELS_MAX);
  // Of the proof that is looked at: the node it has come to, the pair of that node, and the heights it came through.
  readonly #node = new Uint8Array(HASH_BYTES);
  readonly #pair = new Uint8Array(PAIR_BYTES);
  readonly #heights = new Uint8Array(LEVELS_MAX);
  #passed = 0;

  constructor(size: number, root: Uint8Array) {
    this.#size = size;
    this.#root = root;
  }

  /**
   * Whether the leaf at `index`, whose hash stands at `hashAt` in `hashes`, is under the root. `bytes` from `from` up to
   * `to`: base64 of the hashes from the leaf's sibling to the root's child, joined by newlines.
   */
  check(
    index: number,
    { hashes, hashAt }: { hashes: Uint8Array; hashAt: number },
    { bytes, from, to }: { bytes: Uint8Array; from: number; to: number },
  ): boolean {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.#size) return false;
    for (let i = 0; i < HASH_BYTES; i++) this.#node[i] = hashes[hashAt + i] as number;
    this.#passed = 0;
    const holds = this.#climb(new Place(index, this.#size - 1), bytes, from, to);
    // What was noted on the way of a proof that does not hold is connected with nothing.
    if (!holds) for (let i = 0; i < this.#passed; i++) this.#lefts[this.#heights[i] as number] = UNKNOWN;
    return holds;
  }

  #climb(place: Place, bytes: Uint8Array, from: number, to: number): boolean {
    let at = from;
    for (; !place.isRoot(); at += LINE_BYTES) {
      const restAt = at + BASE64_OF_32_LENGTH;
      const { height } = place;
      const own = place.isRight() ? HASH_BYTES : 0;
      if (restAt > to || !base64Of32Into(bytes, at, this.#pair, HASH_BYTES - own)) return false;
      for (let i = 0; i < HASH_BYTES; i++) this.#pair[own + i] = this.#node[i] as number;
      if (this.#lefts[height] === place.leftPosition()) return this.#goesOnAsKnown(height, bytes, restAt, to);
      this.#note(place, bytes, restAt, to);
      hashPairInto(this.#pair, 0, this.#node, 0);
      place.climb();
      // A newline stands between two hashes and nothing behind the last.
      if (place.isRoot() ? restAt !== to : bytes[restAt] !== NEWLINE) return false;
    }
    return (at > from || from === to) && equalBytes(this.#node, this.#root);
  }

  #goesOnAsKnown(height: number, bytes: Uint8Array, restAt: number, to: number): boolean {
    const length = to - restAt;
    return (
      isSameSpan(this.#pair, 0, this.#pairs, height * PAIR_BYTES, PAIR_BYTES) &&
      length === this.#restBytes[height] &&
      isSameSpan(bytes, restAt, this.#rests, height * PATH_BYTES_MAX, length)
    );
  }

  #note(place: Place, bytes: Uint8Array, restAt: number, to: number): void {
    const { height } = place;
    this.#heights[this.#passed++] = height;
    const length = to - restAt;
    // A path too long for any tree does not hold, so nothing has to be known of it.
    this.#lefts[height] = length <= PATH_BYTES_MAX ? place.leftPosition() : UNKNOWN;
    if (length > PATH_BYTES_MAX) return;
    this.#pairs.set(this.#pair, height * PAIR_BYTES);
    this.#rests.set(bytes.subarray(restAt, to), height * PATH_BYTES_MAX);
    this.#restBytes[height] = length;
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
