import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, fromBase64, toBase64, utf8Bytes } from './bytes.ts';
import { InclusionChecker } from './inclusion-checker.ts';
import { verifyInclusion } from './proof.ts';
import { decodeHashes } from './tlog-proof.ts';
import { hashLeaf, MerkleTree } from './tree.ts';

const leaves = Array.from({ length: 130 }, (_, i) => hashLeaf(utf8Bytes(`entry ${i}`)));
const tree = new MerkleTree(concatBytes(...leaves));
const linesOf = (index: number, size: number) => tree.inclusionProof(index, size).map(toBase64);

const check = (checker: InclusionChecker, index: number, hash: Uint8Array, path: string) => {
  // Not at the beginning and not to the end, as a path stands within its file.
  const bytes = utf8Bytes(`-${path}\n`);
  const hashes = concatBytes(new Uint8Array(5), hash);
  return checker.check(index, { hashes, hashAt: 5 }, { bytes, from: 1, to: bytes.length - 1 });
};

test('all proofs of every size hold, in any order, also twice', () => {
  for (let size = 1; size <= 130; size++) {
    const checker = new InclusionChecker(size, tree.root(size));
    const order = Array.from({ length: size }, (_, i) => (i * 37) % size);
    const all = [...order, ...Array.from({ length: size }, (_, i) => i)];
    const failed = all.filter(
      (index) => !check(checker, index, leaves[index] as Uint8Array, linesOf(index, size).join('\n')),
    );
    expect(failed, `size ${size}`).toEqual([]);
  }
});

// A proof damaged in one of the ways a proof can be.
const damaged = (lines: string[], kind: number, at: number): string[] => {
  const line = lines[at % Math.max(lines.length, 1)] ?? '';
  const bytes = decodeHashes(line === '' ? [] : [line])[0];
  if (kind === 0) return [...lines, toBase64(new Uint8Array(32))];
  if (kind === 1) return lines.slice(1);
  if (kind === 2) return lines.slice(0, -1);
  if (kind === 3 && bytes) {
    bytes[at % 32] = (bytes[at % 32] as number) ^ 1;
    return lines.map((held) => (held === line ? toBase64(bytes) : held));
  }
  if (kind === 5 && bytes) return lines.map((held) => (held === line ? held.replace(/.=$/, '/=') : held));
  if (kind === 6) return lines.map((held) => (held === line ? `\u0100${held.slice(1)}` : held));
  if (kind === 4) return lines.map((held) => (held === line ? held.replace('=', '') : held));
  return lines;
};

test('whatever was checked before, a proof is accepted exactly when it verifies by itself', () => {
  const step = fc.record({ index: fc.nat(60), leaf: fc.nat(60), kind: fc.nat(9), at: fc.nat(200) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(step, { maxLength: 40 }), (size, steps) => {
      const root = tree.root(size);
      const checker = new InclusionChecker(size, root);
      for (const { index, leaf, kind, at } of steps) {
        // Mostly the true leaf, sometimes another one.
        const leafHash = leaves[kind === 8 ? leaf : index] as Uint8Array;
        const lines = damaged(linesOf(index % size, size), kind, at);
        const isBase64 = lines.every((line) => fromBase64(line)?.length === 32);
        const expected = isBase64 && verifyInclusion(index, size, leafHash, decodeHashes(lines), root);
        expect(check(checker, index, leafHash, lines.join('\n'))).toBe(expected);
      }
    }),
    { numRuns: 300 },
  );
});

test('another root accepts nothing', () => {
  const checker = new InclusionChecker(20, new Uint8Array(32));
  for (let index = 0; index < 20; index++)
    expect(check(checker, index, leaves[index] as Uint8Array, linesOf(index, 20).join('\n'))).toBe(false);
});
