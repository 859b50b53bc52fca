import { TILE_HEIGHT, TILE_WIDTH } from './tiles.ts';
import {
  consistencyPath,
  EMPTY_ROOT,
  HASH_BYTES,
  hashChildren,
  inclusionPath,
  rootOfHashes,
  type Subtree,
  splitOf,
} from './tree.ts';

/**
 * Gives the hashes of tile `index` at `level`, end to end: all 256, or as many as the tree has. Where a tree grows
 * meanwhile, more than asked for may come; hashes that are there never change.
 */
export type TileReader = (level: number, index: number) => Promise<Uint8Array>;

/** Roots and proofs of a log read tile by tile, so that a proof costs a few kilobytes whatever the size of the log. */
export class TileTree {
  readonly #read: TileReader;

  constructor(read: TileReader) {
    this.#read = read;
  }

  async root(size: number): Promise<Uint8Array> {
    return size === 0 ? EMPTY_ROOT : this.#subtree([0, size]);
  }

  /** The hashes from the leaf's sibling up to the root's child. Source: RFC 6962, section 2.1.1. */
  async inclusionProof(index: number, size: number): Promise<Uint8Array[]> {
    return Promise.all(inclusionPath(index, size).map((part) => this.#subtree(part)));
  }

  /** Shows that the tree of `newSize` begins with the tree of `oldSize`. Source: RFC 6962, section 2.1.2. */
  async consistencyProof(oldSize: number, newSize: number): Promise<Uint8Array[]> {
    return Promise.all(consistencyPath(oldSize, newSize).map((part) => this.#subtree(part)));
  }

  async #subtree([from, to]: Subtree): Promise<Uint8Array> {
    const width = to - from;
    const height = Math.round(Math.log2(width));
    if (2 ** height === width) return this.#complete(height, from / width);
    const split = from + splitOf(width);
    const [left, right] = await Promise.all([this.#subtree([from, split]), this.#subtree([split, to])]);
    return hashChildren(left, right);
  }

  // The root over 2^height leaves, hashed from the tile that holds the level at or just below it.
  async #complete(height: number, index: number): Promise<Uint8Array> {
    const level = Math.floor(height / TILE_HEIGHT);
    const span = 2 ** (height % TILE_HEIGHT);
    const first = index * span;
    const tile = await this.#read(level, Math.floor(first / TILE_WIDTH));
    const at = (first % TILE_WIDTH) * HASH_BYTES;
    const hashes = tile.subarray(at, at + span * HASH_BYTES);
    if (hashes.length !== span * HASH_BYTES)
      throw new RangeError(`tile ${level}/${Math.floor(first / TILE_WIDTH)} is shorter than the tree asks for`);
    return rootOfHashes(hashes);
  }
}
