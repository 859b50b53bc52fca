import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signerFromSeed } from '../store/keys.ts';
import { concatBytes, utf8Bytes } from './bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { InvalidFormat } from './invalid-format.ts';
import { signNote } from './note.ts';
import { parsePolicy, policyOfLog } from './policy.ts';
import { decodeEntryBundle, encodeEntryBundle, entryBundlePath, tilePath, tilesOf } from './tiles.ts';
import { formatHashLines } from './tlog-proof.ts';
import { HASH_BYTES, hashLeaf, MerkleTree, rootOfHashes } from './tree.ts';
import { type LogFiles, verifyGrowth, verifyLog } from './verify-log.ts';

const VECTORS = '../shared/data/ledger/own';

const folderFiles = (folder: string): LogFiles => ({
  async read(path) {
    const full = join(folder, path);
    return existsSync(full) && statSync(full).isFile() ? readFileSync(full) : null;
  },
});

describe.skipIf(!existsSync(VECTORS))('shared vectors (skipped where ../shared is absent)', () => {
  const cases = (group: string) =>
    existsSync(VECTORS) ? readdirSync(join(VECTORS, group)).map((name) => join(group, name)) : [];
  const expected = (name: string): { accept: boolean } =>
    JSON.parse(readFileSync(join(VECTORS, name, 'expect.json'), 'utf8'));
  const policyOf = (name: string) => parsePolicy(readFileSync(join(VECTORS, name, 'policy')));

  test.each([...cases('logs'), ...cases('logs-bad'), ...cases('cosigned')])('%s', async (name) => {
    const verified = verifyLog(folderFiles(join(VECTORS, name)), policyOf(name));
    if (expected(name).accept) await expect(verified).resolves.toBeDefined();
    else await expect(verified).rejects.toThrow(InvalidFormat);
  });

  test.each(cases('pairs'))('%s', (name) => {
    const read = (file: string) => readFileSync(join(VECTORS, name, file));
    const verify = () => verifyGrowth(policyOf(name), read('old.checkpoint'), read('checkpoint'), read('proof'));
    if (expected(name).accept) expect(verify().newSize).toBeGreaterThan(0);
    else expect(verify).toThrow(InvalidFormat);
  });
});

const signer = signerFromSeed('ledger.example/log', new Uint8Array(32).fill(1));
const policy = policyOfLog(signer.key);

// A log as tlog-tiles lays it out, made here straight from the definition of a tile.
function makeLog(size: number): Map<string, Uint8Array> {
  const entries = Array.from({ length: size }, (_, i) => utf8Bytes(`entry ${i}`));
  const hashes = entries.map(hashLeaf);
  const files = new Map<string, Uint8Array>();
  for (const { level, index, width } of tilesOf(size)) {
    const span = 256 ** level;
    const tile = Array.from({ length: width }, (_, i) => {
      const from = (index * 256 + i) * span;
      return rootOfHashes(concatBytes(...hashes.slice(from, from + span)));
    });
    files.set(tilePath({ level, index, width }), concatBytes(...tile));
    if (level === 0)
      files.set(entryBundlePath(index, width), encodeEntryBundle(entries.slice(index * 256, index * 256 + width)));
  }
  const root = rootOfHashes(concatBytes(...hashes));
  files.set('checkpoint', utf8Bytes(signNote(formatCheckpoint('ledger.example/log', size, root), [signer])));
  return files;
}

const asFiles = (files: Map<string, Uint8Array>): LogFiles => ({ read: async (path) => files.get(path) ?? null });

test('the paths are those of the specification', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
  expect(tilePath({ level: 2, index: 0, width: 1 })).toBe('tile/2/000.p/1');
  expect(entryBundlePath(1_000, 255)).toBe('tile/entries/x001/000.p/255');
  const widths = [...tilesOf(70_000)];
  expect(widths.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273);
  expect(widths.filter(({ width }) => width < 256)).toEqual([
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
  expect([...tilesOf(0)]).toEqual([]);
});

test.each([0, 1, 2, 255, 256, 257, 512, 700, 65_537])('a log of %i entries verifies', async (size) => {
  let seen = 0;
  const { checkpoint } = await verifyLog(asFiles(makeLog(size)), policy, (first, entries) => {
    expect(first).toBe(seen);
    seen += entries.length;
  });
  expect(checkpoint.size).toBe(size);
  expect(seen).toBe(size);
});

test('a full file serves where the partial one was dropped', async () => {
  const files = makeLog(300);
  const larger = makeLog(512);
  for (const path of ['tile/0/001.p/44', 'tile/entries/001.p/44']) {
    files.delete(path);
    files.set(path.replace('.p/44', ''), larger.get(path.replace('.p/44', '')) as Uint8Array);
  }
  await expect(verifyLog(asFiles(files), policy)).resolves.toBeDefined();
});

test('every byte of every file of a log matters', async () => {
  const files = makeLog(258);
  for (const [path, bytes] of files) {
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let at = 0; at < bytes.length; at += step) {
      const changed = new Uint8Array(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const tampered = new Map(files).set(path, changed);
      await expect(verifyLog(asFiles(tampered), policy), `${path} byte ${at}`).rejects.toThrow(InvalidFormat);
    }
    for (const resized of [bytes.subarray(1), bytes.subarray(0, -1), concatBytes(bytes, Uint8Array.of(0))])
      await expect(verifyLog(asFiles(new Map(files).set(path, resized)), policy), path).rejects.toThrow(InvalidFormat);
    const missing = new Map(files);
    missing.delete(path);
    await expect(verifyLog(asFiles(missing), policy), `${path} missing`).rejects.toThrow(/missing|no file/);
  }
});

test('entry bundles hold empty and largest entries, and nothing larger', () => {
  const entries = [new Uint8Array(0), new Uint8Array(65_535).fill(7), utf8Bytes('x')];
  expect(decodeEntryBundle(encodeEntryBundle(entries), 3)).toEqual(entries);
  expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
});

test('growth is shown between two heads, and neither a rewrite nor another log passes for it', () => {
  const hashes = Array.from({ length: 40 }, (_, i) => hashLeaf(utf8Bytes(`entry ${i}`)));
  const tree = new MerkleTree(concatBytes(...hashes));
  const head = (size: number, root = tree.root(size), origin = 'ledger.example/log', by = signer) =>
    utf8Bytes(signNote(formatCheckpoint(origin, size, root), [by]));
  const proof = utf8Bytes(formatHashLines(tree.consistencyProof(11, 40)));
  expect(verifyGrowth(policy, head(11), head(40), proof)).toEqual({ oldSize: 11, newSize: 40 });
  expect(verifyGrowth(policy, head(40), head(40), new Uint8Array(0)).newSize).toBe(40);
  expect(verifyGrowth(policy, head(0), head(40), new Uint8Array(0)).oldSize).toBe(0);
  expect(() => verifyGrowth(policy, head(11, tree.root(12)), head(40), proof)).toThrow(/rewritten/);
  expect(() => verifyGrowth(policy, head(40), head(11), proof)).toThrow(InvalidFormat);
  expect(() => verifyGrowth(policy, head(11), head(40), new Uint8Array(HASH_BYTES))).toThrow(InvalidFormat);
  const other = signerFromSeed('other.example/log', new Uint8Array(32).fill(2));
  const both = { ...policy, logs: [signer.key, other.key] };
  const foreign = head(11, tree.root(11), 'other.example/log', other);
  expect(() => verifyGrowth(both, foreign, head(40), proof)).toThrow(/two logs/);
});
