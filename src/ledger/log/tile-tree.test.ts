import { expect, test } from 'vitest';
import { concatBytes, toHex, utf8Bytes } from './bytes.ts';
import { TileTree } from './tile-tree.ts';
import { HASH_BYTES, hashLeaf, MerkleTree, rootOfHashes } from './tree.ts';

const leaves = Array.from({ length: 70_000 }, (_, i) => hashLeaf(utf8Bytes(`entry ${i}`)));
const tree = new MerkleTree(concatBytes(...leaves));
const hexes = (hashes: readonly Uint8Array[]) => hashes.map(toHex);

const reads: string[] = [];
const tiles = new TileTree(async (level, index) => {
  reads.push(`${level}/${index}`);
  const span = 256 ** level;
  const width = Math.min(256, Math.floor(leaves.length / span) - index * 256);
  const hashes = Array.from({ length: width }, (_, i) => {
    const from = (index * 256 + i) * span;
    return rootOfHashes(concatBytes(...leaves.slice(from, from + span)));
  });
  return concatBytes(...hashes);
});

test.each([
  [0, 1],
  [0, 70_000],
  [69_999, 70_000],
  [255, 256],
  [256, 257],
  [65_535, 65_536],
  [65_536, 65_537],
  [12_345, 54_321],
])('leaf %i in %i has the proof of the tree in memory', async (index, size) => {
  expect(hexes(await tiles.inclusionProof(index, size))).toEqual(hexes(tree.inclusionProof(index, size)));
  expect(toHex(await tiles.root(size))).toBe(toHex(tree.root(size)));
  expect(hexes(await tiles.consistencyProof(index, size))).toEqual(hexes(tree.consistencyProof(index, size)));
});

test('a proof reads few tiles', async () => {
  reads.length = 0;
  await tiles.inclusionProof(12_345, 70_000);
  expect(new Set(reads).size).toBeLessThanOrEqual(5);
});

test('a tile too short for the tree is an error, not a proof', async () => {
  const short = new TileTree(async () => new Uint8Array(HASH_BYTES));
  await expect(short.inclusionProof(0, 4)).rejects.toThrow(RangeError);
});
