import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toBase64, toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { formatCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { signNote } from '#src/ledger/log/note.ts';
import { hashLeaf, MerkleTree } from '#src/ledger/log/tree.ts';
import { ED25519, formatVerifierKey, makeVerifierKey } from '#src/ledger/log/verifier-key.ts';
import type { LedgerGrowth, LedgerPosition } from '../model.ts';
import { checkGrowth, checkPosition } from './proof-check.ts';

const ORIGIN = 'assay.example/ledger/1';
const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const SIZE = 43;

const leaves = Array.from({ length: SIZE }, (_, index) =>
  JSON.stringify({ v: 1, id: `${index}`, blobs: [{ sha256: DIGEST }] }),
);
const hashes = leaves.map((leaf) => hashLeaf(utf8Bytes(leaf)));
const tree = new MerkleTree(concatBytes(...hashes));
const secretKey = new Uint8Array(32).fill(3);
const key = makeVerifierKey(ORIGIN, ED25519, ed25519.getPublicKey(secretKey));
const checkpoint = signNote(formatCheckpoint(ORIGIN, SIZE, tree.root()), [
  { key, sign: (message) => ed25519.sign(message, secretKey) },
]);

function positionOf(index: number): LedgerPosition {
  return {
    state: 'integrated',
    index,
    size: SIZE,
    leafHash: toHex(hashes[index] ?? new Uint8Array(0)),
    leaf: leaves[index] ?? '',
    proof: tree.inclusionProof(index, SIZE).map(toBase64),
    checkpoint,
    vkey: formatVerifierKey(key),
    origin: ORIGIN,
  };
}

test('every entry of a tree checks out, and the drawn path ends at the signed root', () => {
  for (let index = 0; index < SIZE; index++) {
    const check = checkPosition(positionOf(index), DIGEST);
    expect(check.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(check.ok).toBe(true);
    expect(check.path?.root).toBe(toHex(tree.root()));
    expect(check.path?.steps.at(-1)?.resultSpan).toEqual([0, SIZE]);
  }
});

describe('a position that was changed does not pass', () => {
  const good = positionOf(40);
  const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  const changed: [string, Partial<LedgerPosition>][] = [
    ['another index', { index: 39 }],
    ['another size', { size: SIZE + 1 }],
    ['another leaf', { leaf: leaves[39] ?? '' }],
    ['another leaf hash', { leafHash: toHex(hashes[39] ?? new Uint8Array(0)) }],
    ['a hash too few', { proof: good.proof.slice(1) }],
    ['a hash too many', { proof: [...good.proof, good.proof[0] ?? ''] }],
    ['two hashes exchanged', { proof: [good.proof[1] ?? '', good.proof[0] ?? '', ...good.proof.slice(2)] }],
    ['another origin', { origin: 'assay.example/ledger/2' }],
    ['no proof at all', { index: null, size: null, leaf: null, checkpoint: null }],
    ['a checkpoint that is none', { checkpoint: 'this is no note' }],
    [
      'a key of somebody else',
      { vkey: formatVerifierKey(makeVerifierKey(ORIGIN, ED25519, new Uint8Array(32).fill(7))) },
    ],
  ];
  test.each(changed)('%s', (_, change) => {
    const check = checkPosition({ ...good, ...change }, DIGEST);
    expect(check.ok).toBe(false);
    expect(check.checks.some(({ ok }) => !ok)).toBe(true);
  });

  test('a leaf that names another content', () => {
    expect(checkPosition(good, DIGEST.replace('9', '8')).ok).toBe(false);
  });

  test('any one character of the checkpoint', () => {
    fc.assert(
      fc.property(fc.nat(checkpoint.length - 1), (at) => {
        fc.pre(flip(checkpoint, at) !== checkpoint);
        expect(checkPosition({ ...good, checkpoint: flip(checkpoint, at) }, DIGEST).ok).toBe(false);
      }),
    );
  });
});

test('whatever the server hands over, checking it never throws', () => {
  const text = fc.oneof(fc.string(), fc.constant(null));
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer(),
      text,
      text,
      fc.array(fc.string()),
      fc.string(),
      (index, size, leaf, note, proof, vkey) => {
        const check = checkPosition(
          { state: 'integrated', index, size, leafHash: leaf, leaf, proof, checkpoint: note, vkey, origin: ORIGIN },
          DIGEST,
        );
        expect(check.ok).toBe(false);
      },
    ),
  );
});

describe('growth between two heads', () => {
  const note = (size: number) =>
    signNote(formatCheckpoint(ORIGIN, size, tree.root(size)), [
      { key, sign: (message) => ed25519.sign(message, secretKey) },
    ]);
  const growthOf = (older: number, newer: number): LedgerGrowth => ({
    older: { size: older, checkpoint: note(older) },
    newer: { size: newer, checkpoint: note(newer) },
    proof: tree.consistencyProof(older, newer).map(toBase64),
    vkeys: [formatVerifierKey(key)],
    origin: ORIGIN,
  });

  test('is shown for all pairs of sizes, and both ways that are drawn end at the signed roots', () => {
    for (let newer = 0; newer <= SIZE; newer++)
      for (let older = 0; older <= newer; older++) {
        const check = checkGrowth(growthOf(older, newer));
        expect(
          check.checks.filter(({ ok }) => !ok),
          `${older} to ${newer}`,
        ).toEqual([]);
        expect(check.ok).toBe(true);
        if (older === 0 || older === newer) continue;
        expect(check.older?.root).toBe(toHex(tree.root(older)));
        expect(check.newer?.root).toBe(toHex(tree.root(newer)));
        expect(check.newer?.steps.at(-1)?.resultSpan ?? check.newer?.startSpan).toEqual([0, newer]);
      }
  });

  test.each<[string, (good: LedgerGrowth) => Partial<LedgerGrowth>]>([
    [
      'a hash of the proof changed',
      ({ proof }) => ({ proof: proof.map((hash, i) => (i === 1 ? toBase64(tree.leafHash(3)) : hash)) }),
    ],
    ['a hash left out', ({ proof }) => ({ proof: proof.slice(1) })],
    ['a hash added', ({ proof }) => ({ proof: [...proof, proof[0] ?? ''] })],
    ['another head in place of the older', ({ older }) => ({ older: { ...older, checkpoint: note(12) } })],
    ['the heads exchanged', ({ older, newer }) => ({ older: newer, newer: older })],
    ['a note that is none', ({ newer }) => ({ newer: { ...newer, checkpoint: 'no note' } })],
    ['no key', () => ({ vkeys: [] })],
    ['another origin', () => ({ origin: 'assay.example/ledger/2' })],
  ])('is not shown with %s', (_, change) => {
    const good = growthOf(11, 40);
    expect(checkGrowth({ ...good, ...change(good) }).ok).toBe(false);
  });
});
