import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { toBase64, utf8Bytes } from '../log/bytes.ts';
import { formatCheckpoint } from '../log/checkpoint.ts';
import { joinLeaf, type NewEntry, splitLeaf } from '../log/entry.ts';
import { signKeyStatement, signSuccession } from '../log/key-statement.ts';
import { cosign, formatSignatureLine, type NoteSigner, signNote } from '../log/note.ts';
import { formatTlogProof } from '../log/tlog-proof.ts';
import { hashLeaves, MerkleTree } from '../log/tree.ts';
import { formatVerifierKey, type VerifierKey } from '../log/verifier-key.ts';
import { signerFromSeed } from '../store/keys.ts';
import { formatAddCheckpoint } from './witness-protocol.ts';
import { WitnessState } from './witness-state.ts';
import { readKeyChange, trustedKeys, trustKeyChange } from './witness-trust.ts';

const ORIGIN = 'log.example/ledger/00112233445566778899aabbccddeeff';
const seed = (byte: number) => new Uint8Array(32).fill(byte);
const [first, second, third, thief] = [1, 2, 3, 4].map((byte) => signerFromSeed(ORIGIN, seed(byte))) as [
  NoteSigner,
  NoteSigner,
  NoteSigner,
  NoteSigner,
];
const own = signerFromSeed('witness.example/w', seed(9), 4);
const other = signerFromSeed('witness.example/other', seed(8), 4);
const parent = mkdtempSync(join(tmpdir(), 'assay-witness-trust-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'data-'));
});

type Change = Pick<NewEntry, 'type' | 'body'>;
const announce = (made: NoteSigner, by: readonly NoteSigner[], purpose: 'log' | 'bundle' = 'log'): Change => ({
  type: 'key.announced',
  body: {
    algorithm: 'Ed25519',
    purpose,
    vkey: formatVerifierKey(made.key),
    statement: signKeyStatement(ORIGIN, purpose, { made, by }),
  },
});
const retire = ({ key }: NoteSigner): Change => ({
  type: 'key.retired',
  body: { purpose: 'log', vkey: formatVerifierKey(key) },
});

/** A log of other entries with these changes at 3, 5, 7 and so on. */
function logOf(...changes: Change[]) {
  const plain: Change = { type: 'evidence.collected', body: {} };
  const leaves = Array.from({ length: Math.max(12, 2 * changes.length + 2) }, (_, i) => {
    const change = i >= 3 && i % 2 === 1 ? (changes[(i - 3) / 2] ?? plain) : plain;
    const entry = {
      actor: { kind: 'service', id: 'x' },
      subject: { kind: 'key', id: 'k' },
      dedupeKey: `${i}`,
    } as const;
    return utf8Bytes(joinLeaf(splitLeaf({ ...entry, ...change }, `ent_${i}`, '2026-11-28T00:00:00.000Z'), null));
  });
  const tree = new MerkleTree(hashLeaves(leaves));
  const noteOf =
    (origin: string) =>
    (size: number, signers: readonly NoteSigner[], witnesses = [own]) => {
      const text = formatCheckpoint(origin, size, tree.root(size));
      return (
        signNote(text, [...signers]) +
        witnesses.map((witness) => formatSignatureLine(cosign(text, witness, 1_795_000_000))).join('')
      );
    };
  const proof = (
    index: number,
    checkpoint: string,
    { size = 12, leaf = leaves[index] as Uint8Array }: { size?: number; leaf?: Uint8Array | undefined } = {},
  ) =>
    utf8Bytes(
      formatTlogProof({
        index,
        path: tree.inclusionProof(index, size).map(toBase64).join('\n'),
        checkpoint,
        extra: leaf,
      }),
    );
  /** The same entries under another origin. */
  const under = (origin: string) => ({ leaves, tree, note: noteOf(origin), proof });
  return { ...under(ORIGIN), under };
}

const texts = (keys: readonly VerifierKey[]) => keys.map(formatVerifierKey);
const trust = (proof: Uint8Array, given: readonly NoteSigner[] = [first]) =>
  trustKeyChange(folder, proof, { given: given.map(({ key }) => key), own: own.key });
const trusted = (given: readonly NoteSigner[] = [first]) =>
  texts(trustedKeys(folder, { given: given.map(({ key }) => key), own: own.key }).keys);

describe('a witness whose log rotates its key', () => {
  test('takes the new key in by the proof, drops the old one once it is retired, and so through several rotations', () => {
    const log = logOf(announce(second, [first]), retire(first), announce(third, [second]), retire(second));
    expect(trust(log.proof(3, log.note(12, [third, second, first])))).toMatchObject({ kind: 'announced', index: 3 });
    expect(trusted()).toEqual(texts([first.key, second.key]));
    expect(trust(log.proof(5, log.note(12, [second])))).toMatchObject({ kind: 'retired', index: 5 });
    expect(trusted()).toEqual(texts([second.key]));
    // Signed with what is retired alone, nothing counts any more.
    expect(() => trust(log.proof(7, log.note(12, [first])))).toThrow(/signed by no key this witness trusts/);
    trust(log.proof(7, log.note(12, [second, third])));
    trust(log.proof(9, log.note(12, [third])));
    expect(trusted()).toEqual(texts([third.key]));
    // The same again, and another list of given keys, change nothing.
    trust(log.proof(7, log.note(12, [third])), [first, third]);
    expect(trusted([third])).toEqual(texts([third.key]));
    expect(readdirSync(join(folder, 'key-changes'))).toHaveLength(4);
  });

  test('cosigns heads of the new key from then on, and never one that does not continue the last', () => {
    const log = logOf(announce(second, [first]), retire(first));
    const state = () =>
      new WitnessState({
        dataDir: folder,
        signer: own,
        logs: trustedKeys(folder, { given: [first.key], own: own.key }).keys,
        clock: () => 1_795_000_100_000,
      });
    const submit = (oldSize: number, size: number, by: NoteSigner, tree = log.tree) =>
      state().submit(
        formatAddCheckpoint({
          oldSize,
          proof: tree.consistencyProof(oldSize, size),
          note: signNote(formatCheckpoint(ORIGIN, size, tree.root(size)), [by]),
        }),
      );
    expect(submit(0, 6, first).status).toBe(200);
    expect(submit(6, 8, second).status).toBe(403);
    trust(log.proof(3, log.note(6, [first]), { size: 6 }));
    expect(submit(6, 8, second).status).toBe(200);
    trust(log.proof(5, log.note(8, [second]), { size: 8 }));
    expect(submit(8, 10, first).status).toBe(403);
    const fork = logOf(announce(second, [first]), announce(thief, [first])).tree;
    expect(submit(8, 10, second, fork).status).toBe(422);
    expect(submit(8, 10, second).status).toBe(200);
  });
});

describe('a witness whose log ends', () => {
  const NEXT = 'log.example/ledger/ffeeddccbbaa99887766554433221100';
  const LATER = 'log.example/ledger/0123456789abcdef0123456789abcdef';
  const [next, later, squatter] = [
    [NEXT, 21],
    [LATER, 22],
    [NEXT, 23],
  ].map(([origin, byte]) => signerFromSeed(String(origin), seed(Number(byte)))) as [NoteSigner, NoteSigner, NoteSigner];
  const seal = (made: NoteSigner, by: readonly NoteSigner[], of = ORIGIN, reason = 'ended'): Change => ({
    type: 'log.sealed',
    body: { reason, next: signSuccession(of, { made, by }) },
  });
  const plain: Change = { type: 'evidence.collected', body: {} };
  const ending = (change: Change, of = ORIGIN) => logOf(plain, plain, plain, plain, change).under(of);
  const all = (given: readonly NoteSigner[] = [first]) =>
    trustedKeys(folder, { given: given.map(({ key }) => key), own: own.key });

  test('follows the one that continues it, and so on through several', () => {
    const one = ending(seal(next, [first]));
    expect(trust(one.proof(11, one.note(12, [first])))).toMatchObject({ kind: 'sealed', origin: ORIGIN, index: 11 });
    expect(trusted()).toEqual(texts([first.key, next.key]));
    const two = ending(seal(later, [next], NEXT), NEXT);
    trust(two.proof(11, two.note(12, [next])));
    expect(trusted()).toEqual(texts([first.key, next.key, later.key]));
    expect([...all().sealed]).toEqual([
      [ORIGIN, 12],
      [NEXT, 12],
    ]);
    // Whoever lists the later log by hand too changes nothing.
    expect(new Set(trusted([later, first]))).toEqual(new Set(texts([first.key, next.key, later.key])));
  });

  test('cosigns the heads of the next one, none of the old one beyond its end, and no second end', () => {
    const one = ending(seal(next, [first]));
    const state = new WitnessState({ dataDir: folder, signer: own, logs: [first.key], clock: () => 1_795_000_100_000 });
    const submit = (oldSize: number, size: number, by: NoteSigner, of = one, origin = ORIGIN) =>
      state.submit(
        formatAddCheckpoint({
          oldSize,
          proof: of.tree.consistencyProof(oldSize, size),
          note: signNote(formatCheckpoint(origin, size, of.tree.root(size)), [by]),
        }),
      ).status;
    expect(submit(0, 11, first)).toBe(200);
    expect(submit(0, 5, next, one, NEXT)).toBe(404);
    trust(one.proof(11, one.note(12, [first])));
    state.follow(all());
    expect(submit(0, 5, next, one, NEXT)).toBe(200);
    expect(submit(11, 12, first)).toBe(200);
    const longer = logOf(plain, plain, plain, plain, seal(next, [first]), plain);
    expect(submit(12, 14, first, longer)).toBe(403);
    expect(submit(12, 12, first)).toBe(200);
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    ['a key that was stolen', () => end(seal(next, [first], ORIGIN, 'key-stolen')), /vouches for nothing/],
    ['no log that continues it', () => end({ type: 'log.sealed', body: { reason: 'ended' } }), /names no log/],
    ['a log that vouches for itself', () => end(seal(next, [next])), /./],
    ['the key of somebody else', () => end(seal(next, [thief])), /./],
    ['a statement of another log', () => end(seal(next, [first], LATER)), /about another key/],
    ['itself', () => end(seal(second, [first])), /cannot continue itself/],
    ['an end that is not the end', () => early(), /its head of 14 entries goes on/],
  ])('%s is refused, and nothing is kept', (_, proof, message) => {
    expect(() => trust(proof())).toThrow(message);
    expect(readdirSync(folder)).not.toContain('key-changes');
  });
  const end = (change: Change) => {
    const log = ending(change);
    return log.proof(11, log.note(12, [first]));
  };
  const early = () => {
    const log = logOf(plain, plain, plain, plain, seal(next, [first]), plain);
    return log.proof(11, log.note(14, [first]), { size: 14 });
  };

  test('lends no key to a log that is listed already, whichever came first', () => {
    const proof = end(seal(squatter, [first]));
    expect(() => trust(proof, [first, next])).toThrow(/knows another key already/);
    trust(proof);
    expect(trusted()).toEqual(texts([first.key, squatter.key]));
    // Once the true key is listed by hand, the other one does not count.
    expect(trusted([first, next])).toEqual(texts([first.key, next.key]));
    expect([...all([next, first]).sealed]).toEqual([]);
  });
});

describe('nothing else changes whom it listens to', () => {
  const log = logOf(
    announce(second, [first]),
    retire(first),
    announce(thief, [thief]),
    announce(third, [first], 'bundle'),
  );
  const good = log.note(12, [first]);
  const elsewhere = logOf(announce(thief, [first]));
  test.each<[string, () => Uint8Array, RegExp]>([
    ['a head it has not cosigned', () => log.proof(3, log.note(12, [first], [])), /has not cosigned the head of 12/],
    ['a head that another witness cosigned', () => log.proof(3, log.note(12, [first], [other])), /has not cosigned/],
    [
      'a head signed by somebody else',
      () => log.proof(3, log.note(12, [thief])),
      /signed by no key this witness trusts/,
    ],
    ['a key that vouches for itself', () => log.proof(7, good), /./],
    ['a key for bundles', () => log.proof(9, good), /neither announces nor retires/],
    ['another entry', () => log.proof(2, good), /neither announces nor retires/],
    ['an entry of another history', () => log.proof(3, good, { leaf: elsewhere.leaves[3] }), /is not entry 3 under/],
    [
      'an entry that is left out',
      () => utf8Bytes(formatTlogProof({ index: 3, path: '', checkpoint: good })),
      /does not hold the entry/,
    ],
    ['the retirement of the only key', () => log.proof(5, good), /only key this witness knows/],
    ['something else', () => utf8Bytes('hello'), /./],
  ])('%s is refused, and nothing is kept', (_, proof, message) => {
    expect(() => trust(proof())).toThrow(message);
    expect(readdirSync(folder)).not.toContain('key-changes');
    expect(trusted()).toEqual(texts([first.key]));
  });

  test('any byte changed is refused', () => {
    const proof = log.proof(3, good);
    for (let at = 0; at < proof.length; at++) {
      const changed = new Uint8Array(proof);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      expect(() => readKeyChange(changed, { trusted: [first.key], own: own.key }), `byte ${at}`).toThrow();
    }
  });

  test('a stored proof that was damaged stops the witness and is named', () => {
    trust(log.proof(3, good));
    const [name = ''] = readdirSync(join(folder, 'key-changes'));
    const path = join(folder, 'key-changes', name);
    writeFileSync(path, log.proof(3, log.note(12, [first], [other])));
    expect(() => trusted()).toThrow(`${path} does not hold`);
  });
});
