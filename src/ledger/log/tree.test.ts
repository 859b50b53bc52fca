import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '#src/kernel/hash.ts';
import { concatBytes, fromBase64, fromDecimal, fromHex, toHex } from './bytes.ts';
import { appendLeafHashes, decodeRange, EMPTY_RANGE, encodeRange, rootOfRange } from './compact-range.ts';
import { rootFromInclusionProof, verifyConsistency, verifyInclusion } from './proof.ts';
import { EMPTY_ROOT, HASH_BYTES, hashChildren, hashLeaf, MerkleTree, rootOfHashes } from './tree.ts';

const VECTORS = '../shared/data/ledger/rfc6962';
const present = existsSync(VECTORS);
const read = (name: string) => (present ? JSON.parse(readFileSync(`${VECTORS}/${name}.json`, 'utf8')) : []);

// The definition of RFC 6962 section 2.1, letter for letter, to compare with.
function naiveRoot(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return sha256(new Uint8Array(0));
  if (entries.length === 1) return sha256(concatBytes(Uint8Array.of(0), entries[0] as Uint8Array));
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(concatBytes(Uint8Array.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k))));
}

function naivePath(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  if (entries.length === 1) return [];
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return m < k
    ? [...naivePath(m, entries.slice(0, k)), naiveRoot(entries.slice(k))]
    : [...naivePath(m - k, entries.slice(k)), naiveRoot(entries.slice(0, k))];
}

function naiveSubproof(m: number, entries: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === entries.length) return whole ? [] : [naiveRoot(entries)];
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return m <= k
    ? [...naiveSubproof(m, entries.slice(0, k), whole), naiveRoot(entries.slice(k))]
    : [...naiveSubproof(m - k, entries.slice(k), false), naiveRoot(entries.slice(0, k))];
}

const SIZE_MAX = 300;
const entries = Array.from({ length: SIZE_MAX }, (_, i) => new TextEncoder().encode(`entry ${i}`));
const leafHashes = entries.map(hashLeaf);
const tree = new MerkleTree(concatBytes(...leafHashes));
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => tree.root(size));
const hexes = (hashes: readonly Uint8Array[]) => hashes.map(toHex);

describe('against the recursive definition', () => {
  test('every root up to 300 leaves is the same, from the tree, the flat list and the right edge', () => {
    let range = EMPTY_RANGE;
    for (let size = 0; size <= SIZE_MAX; size++) {
      const expected = toHex(naiveRoot(entries.slice(0, size)));
      expect(toHex(roots[size] as Uint8Array)).toBe(expected);
      expect(toHex(rootOfHashes(concatBytes(...leafHashes.slice(0, size))))).toBe(expected);
      expect(toHex(rootOfRange(range))).toBe(expected);
      expect(hexes(decodeRange(size, encodeRange(range)).hashes)).toEqual(hexes(range.hashes));
      if (size < SIZE_MAX) range = appendLeafHashes(range, [leafHashes[size] as Uint8Array]);
    }
  });

  test('every inclusion proof up to 300 leaves verifies, and a sample is the recursive one', () => {
    const failed: string[] = [];
    for (let size = 1; size <= SIZE_MAX; size++) {
      for (let index = 0; index < size; index++) {
        const proof = tree.inclusionProof(index, size);
        const root = roots[size] as Uint8Array;
        if (!verifyInclusion(index, size, leafHashes[index] as Uint8Array, proof, root))
          failed.push(`${index}/${size}`);
        if ((index * 31 + size) % 97 === 0)
          expect(hexes(proof)).toEqual(hexes(naivePath(index, entries.slice(0, size))));
      }
    }
    expect(failed).toEqual([]);
  });

  test('every consistency proof up to 300 leaves verifies, and a sample is the recursive one', () => {
    const failed: string[] = [];
    for (let newSize = 1; newSize <= SIZE_MAX; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = tree.consistencyProof(oldSize, newSize);
        const [oldRoot, newRoot] = [roots[oldSize] as Uint8Array, roots[newSize] as Uint8Array];
        if (!verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof)) failed.push(`${oldSize}/${newSize}`);
        if ((oldSize * 31 + newSize) % 97 === 0)
          expect(hexes(proof)).toEqual(hexes(naiveSubproof(oldSize, entries.slice(0, newSize), true)));
      }
    }
    expect(failed).toEqual([]);
  });
});

const sizeAndIndex = fc
  .integer({ min: 1, max: SIZE_MAX })
  .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(), fc.nat(255)));

test('a proof with any bit turned, a hash added, dropped or swapped, another index or size does not verify', () => {
  fc.assert(
    fc.property(sizeAndIndex, ([size, index, where, bit]) => {
      const root = roots[size] as Uint8Array;
      const leaf = leafHashes[index] as Uint8Array;
      const proof = tree.inclusionProof(index, size).map((hash) => hash.slice());
      const holds = (changed: readonly Uint8Array[]) => verifyInclusion(index, size, leaf, changed, root);
      expect(holds([...proof, root])).toBe(false);
      expect(holds([root, ...proof])).toBe(false);
      expect(verifyInclusion(index + size, size, leaf, proof, root)).toBe(false);
      expect(verifyInclusion(-1, size, leaf, proof, root)).toBe(false);
      expect(verifyInclusion(index, size, leaf, proof, leafHashes[(index + 1) % SIZE_MAX] as Uint8Array)).toBe(false);
      const elsewhere = Array.from({ length: size }, (_, other) => other).filter((other) =>
        verifyInclusion(other, size, leaf, proof, root),
      );
      expect(elsewhere).toEqual([index]);
      if (proof.length === 0) return;
      expect(holds(proof.slice(1))).toBe(false);
      expect(holds(proof.slice(0, -1))).toBe(false);
      const changed = proof[where % proof.length] as Uint8Array;
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(holds(proof)).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test('a consistency proof with anything changed does not verify', () => {
  fc.assert(
    fc.property(sizeAndIndex, ([newSize, index, where, bit]) => {
      const oldSize = index + 1;
      const [oldRoot, newRoot] = [roots[oldSize] as Uint8Array, roots[newSize] as Uint8Array];
      const proof = tree.consistencyProof(oldSize, newSize).map((hash) => hash.slice());
      const holds = (changed: readonly Uint8Array[]) => verifyConsistency(oldSize, newSize, oldRoot, newRoot, changed);
      expect(holds([...proof, newRoot])).toBe(false);
      expect(holds([newRoot, ...proof])).toBe(false);
      if (oldSize < newSize) {
        expect(verifyConsistency(newSize, oldSize, oldRoot, newRoot, proof)).toBe(false);
        expect(verifyConsistency(oldSize, newSize, newRoot, oldRoot, proof)).toBe(false);
        expect(holds(proof.slice(1))).toBe(false);
        expect(holds(proof.slice(0, -1))).toBe(false);
        const changed = proof[where % proof.length] as Uint8Array;
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(holds(proof)).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
});

test('appending in batches reports each complete subtree once, with its root', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }), (batches) => {
      let range = EMPTY_RANGE;
      const seen = new Map<string, string>();
      for (const width of batches) {
        const batch = leafHashes.slice(range.size, range.size + width);
        range = appendLeafHashes(range, batch, (height, index, root) => {
          expect(seen.has(`${height}/${index}`)).toBe(false);
          seen.set(`${height}/${index}`, toHex(root));
        });
      }
      let expected = 0;
      for (let height = 1; 2 ** height <= range.size; height++) {
        const count = Math.floor(range.size / 2 ** height);
        expected += count;
        for (let index = 0; index < count; index++) {
          const leaves = leafHashes.slice(index * 2 ** height, (index + 1) * 2 ** height);
          expect(seen.get(`${height}/${index}`)).toBe(toHex(rootOfHashes(concatBytes(...leaves))));
        }
      }
      expect(seen.size).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

test('sizes beyond 2^31 keep their arithmetic', () => {
  // A tree of 2^40 + 1 leaves: the last leaf stands alone beside one complete subtree.
  const left = leafHashes[0] as Uint8Array;
  const leaf = leafHashes[1] as Uint8Array;
  const size = 2 ** 40 + 1;
  const root = hashChildren(left, leaf);
  expect(verifyInclusion(2 ** 40, size, leaf, [left], root)).toBe(true);
  expect(verifyInclusion(2 ** 40 - 1, size, leaf, [left], root)).toBe(false);
  expect(verifyConsistency(2 ** 40, size, left, root, [leaf])).toBe(true);
  expect(rootFromInclusionProof(2 ** 53, 2 ** 53 + 2, leaf, [])).toBe(null);
});

test('a damaged right edge is not taken for another', () => {
  expect(() => decodeRange(3, new Uint8Array(HASH_BYTES))).toThrow(RangeError);
});

describe.skipIf(!present)('shared vectors (skipped where ../shared is absent)', () => {
  test('the reference tree of eight leaves', () => {
    const reference = read('reference-tree');
    const leaves: Uint8Array[] = reference.leaves_hex.map((hex: string) => fromHex(hex) as Uint8Array);
    expect(hexes(leaves.map(hashLeaf))).toEqual(reference.node_hashes_hex.level0);
    const small = new MerkleTree(concatBytes(...leaves.map(hashLeaf)));
    const bySize = Object.entries(reference.roots_hex_by_size as Record<string, string>);
    expect(bySize.length).toBe(9);
    for (const [size, hex] of bySize) expect(toHex(small.root(Number(size)))).toBe(hex);
    expect(toHex(EMPTY_ROOT)).toBe(reference.roots_hex_by_size[0]);
  });

  const hash = (text: string | null) => fromBase64(text ?? '') as Uint8Array;

  test.each<Record<string, string> & { proof: string[] | null; wantErr: boolean }>(read('inclusion'))('$file', ({
    leafIdx,
    treeSize,
    root,
    leafHash,
    proof,
    wantErr,
  }) => {
    const index = fromDecimal(leafIdx as string);
    const size = fromDecimal(treeSize as string);
    const holds =
      index !== null &&
      size !== null &&
      verifyInclusion(index, size, hash(leafHash as string), (proof ?? []).map(hash), hash(root as string));
    expect(holds).toBe(!wantErr);
  });

  test.each<Record<string, string> & { proof: string[] | null; wantErr: boolean }>(read('consistency'))('$file', ({
    size1,
    size2,
    root1,
    root2,
    proof,
    wantErr,
  }) => {
    const oldSize = fromDecimal(size1 as string);
    const newSize = fromDecimal(size2 as string);
    const holds =
      oldSize !== null &&
      newSize !== null &&
      verifyConsistency(oldSize, newSize, hash(root1 as string), hash(root2 as string), (proof ?? []).map(hash));
    expect(holds).toBe(!wantErr);
  });
});
