import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import {
  AT,
  blobOf,
  bundleKey,
  inMemory,
  logKey,
  type Made,
  makeBundle,
  makeEntry,
  ORIGIN,
  seed,
  unpack,
  witness,
} from '../../../tests/support/bundle.ts';
import { concatBytes, toHex, utf8Bytes, utf8Text } from '../log/bytes.ts';
import { formatCheckpoint } from '../log/checkpoint.ts';
import { joinLeaf, type NewEntry, splitLeaf } from '../log/entry.ts';
import type { EntrySeries } from '../log/leaf-form.ts';
import { type NoteSigner, parseNote, signNote } from '../log/note.ts';
import { hashLeaf, MerkleTree } from '../log/tree.ts';
import { formatVerifierKey } from '../log/verifier-key.ts';
import { bundleKeyName, signerFromSeed } from '../store/keys.ts';
import { type BundleFiles, fromBlob, fromMemory } from './bundle-files.ts';
import { verifyBundle } from './verify-bundle.ts';
import { endRecords, LOCAL_HEADER_BYTES } from './zip-format.ts';
import { openZip } from './zip-read.ts';

const VECTORS = '../shared/data/ledger/own/bundles';

function folder(path: string): BundleFiles {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => statSync(join(path, name)).isFile())
    .sort();
  return inMemory(new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(path, name)))])));
}

describe.skipIf(!existsSync(VECTORS))('shared vectors (skipped where ../shared is absent)', () => {
  test.each(existsSync(VECTORS) ? readdirSync(VECTORS) : [])('%s', async (name) => {
    const path = join(VECTORS, name);
    const policy = readFileSync(join(path, 'policy'));
    const { accept } = JSON.parse(readFileSync(join(path, 'expect.json'), 'utf8'));
    const report = await verifyBundle(folder(path), { policy });
    expect(report.firstProblem === null, report.firstProblem?.sentence).toBe(accept);
    expect(report.ok).toBe(accept);
    expect(report.facts.level === null || report.facts.level === 'witnessed').toBe(true);
    expect(report.notChecked.map(({ what }) => what)).toContain('Whether the evidence was true when it was collected');
    if (accept) expect(report.notChecked.map(({ what }) => what)).toContain('That the bundle is as it was exported');
  });

  // Without a signature on the manifest, JSON outside leaves can be spaced otherwise.
  const meansTheSame = (name: string, before: Uint8Array, after: Uint8Array) =>
    /manifest|disclosures/.test(name) &&
    canonicalJson(JSON.parse(utf8Text(before) ?? '')) === canonicalJson(JSON.parse(utf8Text(after) ?? ''));

  test('every byte of an unpacked vector matters, other than for spacing', async () => {
    const path = join(VECTORS, 'no-range-claim');
    const policy = readFileSync(join(path, 'policy'));
    const files = await unpack(folder(path));
    for (const [name, bytes] of files) {
      if (name === 'policy' || name === 'expect.json') continue;
      // The proofs are alike: of the first more bytes are tried.
      const step = /proofs\/(?!3)/.test(name) ? 11 : 2;
      for (let at = 0; at < bytes.length; at += step) {
        const changed = new Uint8Array(bytes);
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        const report = await verifyBundle(inMemory(new Map(files).set(name, changed)), { policy });
        if (report.ok) expect(meansTheSame(name, bytes, changed), `${name} ${at}`).toBe(true);
      }
    }
  }, 120_000);
});

let made: Made;
beforeAll(async () => {
  made = await makeBundle();
});

describe('a bundle', () => {
  test('verifies with a policy, and says what was checked', async () => {
    const report = await verifyBundle(made.zip, { policy: made.policy });
    expect(report.firstProblem).toBe(null);
    expect(report.ok).toBe(true);
    expect(report.facts).toMatchObject({
      format: 'assay-bundle/v1',
      bundle: 'bnd_test',
      origin: ORIGIN,
      size: 8,
      entries: 8,
      from: 0,
      to: 8,
      level: 'signed',
      keyFromBundle: false,
      exportedAt: AT,
      latestEntryAt: AT,
      blobs: 2,
    });
    expect(report.checked.map(({ what }) => what)).toEqual([
      'Signed head',
      'Manifest',
      'Entries',
      'Series',
      'Disclosed values',
      'Completeness',
      'Place in the log',
      'Evidence files',
      'Earlier heads',
      'Files',
    ]);
    expect(report.entryTypes).toEqual([
      { type: 'test.result', count: 6 },
      { type: 'key.announced', count: 2 },
    ]);
  });

  test('without a policy is checked with its own key, and that is said with the fingerprint', async () => {
    const report = await verifyBundle(made.zip);
    expect(report.ok).toBe(true);
    expect(report.facts.keyFromBundle).toBe(true);
    const remark = report.notChecked.find(({ what }) => what === 'Whose key signed the log');
    expect(remark?.why).toContain(report.facts.keyFingerprint);
  });

  test('is read the same from memory, a browser file and an unpacked folder', async () => {
    const expected = await verifyBundle(made.zip, { policy: made.policy });
    const file = new Blob([made.zip as Uint8Array<ArrayBuffer>]);
    expect(await verifyBundle(fromBlob(file), { policy: made.policy })).toEqual(expected);
    const unpacked = await unpack(made.zip);
    expect(await verifyBundle(inMemory(unpacked), { policy: made.policy })).toEqual(expected);
  });

  test('with cosignatures reaches the level of its witnesses', async () => {
    const cosigned = await makeBundle({ cosigned: true });
    const policy = `${made.policy.replace('quorum none\n', '')}witness w ${formatVerifierKey(witness.key)}\nquorum w\n`;
    const report = await verifyBundle(cosigned.zip, { policy });
    expect(report.facts).toMatchObject({ level: 'witnessed', cosigners: [{ name: 'w' }] });
    const alone = await verifyBundle(made.zip, { policy });
    expect(alone.firstProblem?.rule).toBe('quorum');
  });

  test('of a part of the log says which part is not there', async () => {
    const part = await makeBundle({ indexes: [0, 1, 4, 5, 6], range: { from: 4, to: 7 } });
    const report = await verifyBundle(part.zip, { policy: part.policy });
    expect(report.ok).toBe(true);
    expect(report.notChecked.some(({ what }) => what.includes('before entry 4 or from entry 7 on'))).toBe(true);
  });

  test('declares evidence files that are withheld or erased', async () => {
    const five = sha256Hex(blobOf(5));
    const some = await makeBundle({ blobState: async (sha256) => (sha256 === five ? 'erased' : 'withheld') });
    const report = await verifyBundle(some.zip, { policy: some.policy });
    expect(report.ok).toBe(true);
    expect(report.facts).toMatchObject({ blobs: 0, blobsErased: 1, blobsWithheld: 1 });
  });

  test('of an empty range, and of a log of two entries, verifies', async () => {
    const none = await makeBundle({ indexes: [0, 1], range: { from: 3, to: 3 }, disclosuresOf: undefined });
    expect((await verifyBundle(none.zip, { policy: none.policy })).ok).toBe(true);
    const two = await makeBundle({ size: 2, disclosuresOf: undefined });
    expect((await verifyBundle(two.zip, { policy: two.policy })).ok).toBe(true);
  });
});

// 1 for the bytes that belong to the contents of a file the manifest gives a digest for.
async function insideOfFiles(zip: Uint8Array): Promise<Uint8Array> {
  const inside = new Uint8Array(zip.length);
  let at = 0;
  const files = await openZip(fromMemory(zip));
  for (const [place, name] of files.names.entries()) {
    const sizeBytes = files.sizeBytesAt(place);
    at += LOCAL_HEADER_BYTES + name.length;
    if (!name.startsWith('manifest.') && name !== 'checkpoint') inside.fill(1, at, at + sizeBytes);
    at += sizeBytes;
  }
  return inside;
}

describe('any single byte', () => {
  test('changed in any bit makes the bundle wrong, with and without a policy', async () => {
    // Four entries with everything a bundle can have.
    const { zip, policy } = await makeBundle({
      size: 4,
      entry: (i) => makeEntry([0, 1, 5, 4][i] ?? 2),
      disclosuresAt: 3,
    });
    const inside = await insideOfFiles(zip);
    for (let at = 0; at < zip.length; at++) {
      // Inside a file under its digest one byte is as good as another: every fifth is tried, and of the rest each.
      if (inside[at] === 1 && at % 5 > 0) continue;
      const changed = new Uint8Array(zip);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const report = await verifyBundle(changed, at % 2 === 0 ? { policy } : {});
      expect(report.ok, `byte ${at}`).toBe(false);
      expect(report.firstProblem?.sentence, `byte ${at}`).toMatch(/^[A-Z"a-z0-9].*\.$/s);
    }
  }, 120_000);

  test('set to anything makes it wrong, tried where structure is densest', async () => {
    const { zip } = made;
    const tail = zip.length - 400;
    for (const at of [...Array(60).keys(), ...Array.from({ length: 400 }, (_, i) => tail + i)])
      for (const value of [0, 1, 0x20, 0x7f, 0x80, 0xff]) {
        if (zip[at] === value) continue;
        const changed = new Uint8Array(zip);
        changed[at] = value;
        expect((await verifyBundle(changed)).ok, `byte ${at} set to ${value}`).toBe(false);
      }
  });

  test('taken out, put in or cut off makes it wrong', async () => {
    const { zip } = made;
    for (let at = 0; at <= zip.length; at += 97) {
      const without = concatBytes(zip.subarray(0, at), zip.subarray(at + 1));
      if (at < zip.length) expect((await verifyBundle(without)).ok, `without byte ${at}`).toBe(false);
      const within = concatBytes(zip.subarray(0, at), Uint8Array.of(0), zip.subarray(at));
      expect((await verifyBundle(within)).ok, `with one more at ${at}`).toBe(false);
      if (at < zip.length) expect((await verifyBundle(zip.subarray(0, at))).ok, `cut at ${at}`).toBe(false);
    }
    expect((await verifyBundle(concatBytes(zip, zip))).ok).toBe(false);
    expect((await verifyBundle(concatBytes(utf8Bytes('#!/bin/sh\n'), zip))).ok).toBe(false);
  });
});

describe('a forger without the keys', () => {
  // Repacks a bundle after changing its files, with a correct ZIP and correct digests in the manifest.
  async function repack(change: (files: Map<string, Uint8Array>) => void, by = bundleKey): Promise<BundleFiles> {
    const files = await unpack(made.zip);
    change(files);
    const manifest = JSON.parse(utf8Text(files.get('manifest.json') as Uint8Array) ?? '');
    manifest.files = [...files]
      .filter(([name]) => !name.startsWith('manifest.'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, bytes]) => ({ path, sha256: sha256Hex(bytes), size: bytes.length }));
    const held = [...files.keys()].flatMap((name) => /^entries\/(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
    manifest.entries = held.sort((a, b) => a - b).map((index) => ({ index }));
    const bytes = utf8Bytes(canonicalJson(manifest));
    files.set('manifest.json', bytes);
    const text = `assay-bundle/v1\n${ORIGIN}\nsha256:${sha256Hex(bytes)}\n`;
    files.set('manifest.note', utf8Bytes(signNote(text, [by])));
    return inMemory(files);
  }
  const verify = async (files: BundleFiles) => (await verifyBundle(files, { policy: made.policy })).firstProblem;

  test('is the harness for a true bundle too', async () => {
    expect(await verify(await repack(() => undefined))).toBe(null);
  });

  test('cannot sign a manifest', async () => {
    const other = signerFromSeed(bundleKeyName(ORIGIN), seed(7));
    const problem = await verify(await repack((files) => files.delete('README.txt'), other));
    expect(problem).toMatchObject({ rule: 'signature', where: 'manifest.note' });
  });

  test('cannot change the first page, drop the note, or add a second signature', async () => {
    const held = await unpack(await repack(() => undefined));
    const readme = new Map(held).set('README.txt', utf8Bytes('all is well'));
    expect(await verify(inMemory(readme))).toMatchObject({ rule: 'file-digest', where: 'README.txt' });
    const unsigned = new Map(held);
    unsigned.delete('manifest.note');
    expect(await verify(inMemory(unsigned))).toMatchObject({ rule: 'layout', where: 'manifest.note' });
    const note = parseNote(held.get('manifest.note') as Uint8Array);
    const more = signNote(note.text, [bundleKey, logKey]);
    expect(await verify(inMemory(new Map(held).set('manifest.note', utf8Bytes(more))))).toMatchObject({
      rule: 'bundle-signature',
    });
    const plain = JSON.parse(utf8Text(held.get('manifest.json') as Uint8Array) ?? '');
    const { origin, size, entries, range } = plain;
    const stripped = new Map(held).set('manifest.json', utf8Bytes(JSON.stringify({ origin, size, entries, range })));
    stripped.delete('manifest.note');
    const report = await verifyBundle(inMemory(stripped), { policy: made.policy });
    // Without signature it is another kind of bundle, and the report says what that leaves open.
    expect(report.facts.format).toBe('unsigned layout');
    expect(report.notChecked.map(({ what }) => what)).toContain('That the bundle is as it was exported');
  });

  describe('even with the bundle key stolen', () => {
    const blobName = (i: number) => `blobs/sha256/${sha256Hex(blobOf(i))}`;
    const edit = (f: Map<string, Uint8Array>, name: string, from: string, to: string) =>
      f.set(name, utf8Bytes((utf8Text(f.get(name) as Uint8Array) ?? '').replace(from, to)));
    const drop = (f: Map<string, Uint8Array>, ...names: string[]) => {
      for (const name of names) f.delete(name);
    };
    const swap = (f: Map<string, Uint8Array>, a: string, b: string) => {
      const held = f.get(a) as Uint8Array;
      f.set(a, f.get(b) as Uint8Array).set(b, held);
    };

    const cut = (f: Map<string, Uint8Array>, name: string) => f.set(name, (f.get(name) as Uint8Array).subarray(0, -3));
    const stranger = signerFromSeed(ORIGIN, seed(77));
    const head = (f: Map<string, Uint8Array>, name: string, size: number, origin: string, by: NoteSigner) =>
      f.set(name, utf8Bytes(signNote(formatCheckpoint(origin, size, seed(5)), [by])));

    const cases: [string, (files: Map<string, Uint8Array>) => void, string, string][] = [
      ['an entry changed', (f) => edit(f, 'entries/5.json', '"i":5', '"i":6'), 'inclusion', 'proofs/5.tlog-proof'],
      ['an entry left out', (f) => drop(f, 'entries/5.json', 'proofs/5.tlog-proof'), 'range', 'manifest.json'],
      [
        'an entry without a series left out',
        (f) => drop(f, 'entries/3.json', 'proofs/3.tlog-proof'),
        'range',
        'manifest.json',
      ],
      ['the last entry left out', (f) => drop(f, 'entries/7.json', 'proofs/7.tlog-proof'), 'range', 'manifest.json'],
      ['the announcement of the key left out', (f) => drop(f, 'entries/1.json'), 'bundle-key', 'checkpoint'],
      ['the first page left out', (f) => drop(f, 'README.txt'), 'layout', 'README.txt'],
      ['a proof left out', (f) => drop(f, 'proofs/5.tlog-proof'), 'layout', 'proofs/5.tlog-proof'],
      [
        'two proofs exchanged',
        (f) => f.set('proofs/5.tlog-proof', f.get('proofs/6.tlog-proof') as Uint8Array),
        'proof-file',
        'proofs/5.tlog-proof',
      ],
      ['two entries exchanged', (f) => swap(f, 'entries/3.json', 'entries/6.json'), 'inclusion', 'proofs/3.tlog-proof'],
      ['an evidence file left out', (f) => drop(f, blobName(5)), 'blob', blobName(5)],
      ['an evidence file changed', (f) => f.set(blobName(5), utf8Bytes('evidence file X')), 'blob', blobName(5)],
      [
        'an evidence file added',
        (f) => f.set(`blobs/sha256/${sha256Hex('x')}`, utf8Bytes('x')),
        'blob',
        `blobs/sha256/${sha256Hex('x')}`,
      ],
      [
        'a disclosed value changed',
        (f) => edit(f, 'disclosures/4.json', 'person@', 'porson@'),
        'commitment',
        'disclosures/4.json',
      ],
      [
        'a disclosure without commitment',
        (f) => f.set('disclosures/5.json', f.get('disclosures/4.json') as Uint8Array),
        'commitment',
        'disclosures/5.json',
      ],
      [
        'an earlier head changed',
        (f) => edit(f, 'history/3.checkpoint', '\n3\n', '\n4\n'),
        'signature',
        'history/3.checkpoint',
      ],
      ['the proof of growth left out', (f) => drop(f, 'history/3.consistency'), 'layout', 'history/3.consistency'],
      [
        'the proof of growth emptied',
        (f) => f.set('history/3.consistency', new Uint8Array(0)),
        'consistency',
        'history/3.consistency',
      ],
      ['an entry cut off', (f) => cut(f, 'entries/5.json'), 'canonical-json', 'entries/5.json'],
      [
        'an entry far too large',
        (f) => f.set('entries/5.json', new Uint8Array(70_000).fill(32)),
        'limit',
        'entries/5.json',
      ],
      [
        'an entry with a member twice',
        (f) => edit(f, 'entries/5.json', '{', '{"actor":{"id":"judge","kind":"service"},'),
        'canonical-json',
        'entries/5.json',
      ],
      ['an entry written otherwise', (f) => edit(f, 'entries/5.json', ':', ': '), 'canonical-json', 'entries/5.json'],
      [
        'an entry shown again in place of the next',
        (f) => f.set('entries/6.json', f.get('entries/5.json') as Uint8Array),
        'series',
        'entries/6.json',
      ],
      [
        'a head of another log',
        (f) => head(f, 'checkpoint', 8, 'other.example/log', logKey),
        'checkpoint',
        'checkpoint',
      ],
      ['a head signed by somebody else', (f) => head(f, 'checkpoint', 8, ORIGIN, stranger), 'signature', 'checkpoint'],
      [
        'a head of another history',
        (f) => head(f, 'checkpoint', 8, ORIGIN, logKey),
        'bundle-key',
        'proofs/1.tlog-proof',
      ],
      ['a head rolled back', (f) => head(f, 'checkpoint', 3, ORIGIN, logKey), 'checkpoint', 'checkpoint'],
      [
        'an earlier head of another history',
        (f) => head(f, 'history/3.checkpoint', 3, ORIGIN, logKey),
        'consistency',
        'history/3.consistency',
      ],
      ['a file of no kind added', (f) => f.set('run.exe', utf8Bytes('x')), 'layout', 'manifest.json'],
      ['the checkpoint of another size', (f) => edit(f, 'checkpoint', '\n8\n', '\n9\n'), 'signature', 'checkpoint'],
    ];
    test.each(cases)('%s shows', async (_, change, rule, where) => {
      expect(await verify(await repack(change))).toMatchObject({ rule, where });
    });
  });
});

test('a key that signs bundles and was retired, or is not the one announced, is refused', async () => {
  const retire = (i: number): NewEntry =>
    i === 7 ? { ...makeEntry(1), type: 'key.retired', dedupeKey: 'r' } : makeEntry(i);
  const retired = await makeBundle({ entry: retire });
  expect((await verifyBundle(retired.zip, { policy: retired.policy })).firstProblem).toMatchObject({
    rule: 'bundle-key',
    where: 'entries/7.json',
  });
  const elsewhere = await makeBundle({ bundleKeyIndex: 0 });
  expect((await verifyBundle(elsewhere.zip)).firstProblem?.rule).toBe('bundle-key');
  const unannounced = await makeBundle({ bundleKey: signerFromSeed(bundleKeyName(ORIGIN), seed(7)) });
  expect((await verifyBundle(unannounced.zip)).firstProblem?.rule).toBe('bundle-key');
  const otherLog = await makeBundle({
    entry: (i) => (i === 0 ? { ...makeEntry(2), series: undefined } : makeEntry(i)),
  });
  expect((await verifyBundle(otherLog.zip)).firstProblem?.rule).toBe('log-key');
});

test('a log with a number twice in a series is caught by the bundle of all its leaves', async () => {
  // Signed and proven, as an operator could do it: entry 6 is numbered as entry 3 was.
  const leaves = [0, 1].map((i) => utf8Bytes(joinLeaf(splitLeaf(makeEntry(i), `ent_${i}`, AT), null)));
  const numbered = (i: number, series: EntrySeries) =>
    utf8Bytes(joinLeaf(splitLeaf({ ...makeEntry(2), body: { i } }, `ent_${i}`, AT), series));
  const first = numbered(2, { id: 's2', seq: 0 });
  const prev = toHex(hashLeaf(first));
  leaves.push(first, numbered(3, { id: 's2', seq: 1, prev }), numbered(4, { id: 's2', seq: 1, prev }));
  const tree = new MerkleTree(concatBytes(...leaves.map(hashLeaf)));
  const { zip } = await makeBundle({
    tree,
    indexes: [0, 1, 2, 3, 4],
    range: { from: 0, to: 5 },
    checkpoint: signNote(formatCheckpoint(ORIGIN, 5, tree.root()), [logKey]),
    readLeaves: async (indexes) => indexes.map((i) => leaves[i] as Uint8Array),
    history: [],
    disclosuresOf: undefined,
  });
  expect((await verifyBundle(zip, { policy: made.policy })).firstProblem).toMatchObject({
    rule: 'series',
    sentence: 'Number 1 of the series "s2" is given to entry 3 and to entry 4.',
  });
});

describe('a file that is no bundle', () => {
  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a few bytes', utf8Bytes('hello')],
    ['zeroes', new Uint8Array(10_000)],
    ['a ZIP without files', endRecords(0, 0, 0)],
    ['a ZIP that claims four billion files', endRecords(65_535, 0, 0)],
    ['a ZIP whose directory lies outside', endRecords(1, 0xffff_fff0, 0)],
  ])('%s is refused', async (_, bytes) => {
    const report = await verifyBundle(bytes);
    expect(report.ok).toBe(false);
    expect(report.firstProblem?.sentence).toMatch(/\.$/);
  });

  test('a manifest that is missing, broken or of a later version is refused by name', async () => {
    const only = async (manifest: string) =>
      (await verifyBundle(inMemory(new Map([['manifest.json', utf8Bytes(manifest)]])))).firstProblem?.sentence;
    expect((await verifyBundle(inMemory(new Map()))).firstProblem?.sentence).toBe('manifest.json is missing.');
    expect(await only('{')).toMatch(/not a JSON text/);
    expect(await only('[]')).toMatch(/not a JSON object/);
    expect(await only('{"format":"assay-bundle/v2"}')).toMatch(/"assay-bundle\/v2"; this verifier reads/);
    expect(await only('{"origin":"a","size":1,"entries":[],"entries":[]}')).toMatch(/given twice/);
    expect(await only('{"origin":"a","size":1,"entries":[{"index":3},{"index":3}]}')).toMatch(/not in order/);
    expect(await only('{"origin":"a","size":1,"entries":[],"extra":1}')).toMatch(/no member "extra"/);
    expect(await only('{"origin":"a","size":1,"entries":[],"range":{"from":0,"to":2}}')).toMatch(/range/);
  });
});
