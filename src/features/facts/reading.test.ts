import { expect, test } from 'vitest';
import type { KnownFact } from '#src/facts/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { BODY_MAX_BYTES, KEY_MAX_BYTES, prepareFacts, readingDigest, storedKey } from './reading.ts';

function dataset(key: string, changes: Record<string, unknown> = {}): KnownFact {
  const body = {
    place: { path: `data/${key}`, line: null },
    format: 'csv',
    sizeBytes: 10,
    sha256: null,
    storedAs: 'file',
    licence: null,
    ...changes,
  };
  return { kind: 'dataset-file', key, body } as KnownFact;
}

test('a fact is named by the digest of its kind and its canonical body', () => {
  const [fact] = prepareFacts(['dataset-file'], [dataset('a')]);
  expect(fact?.body).toBe(
    '{"format":"csv","licence":null,"place":{"line":null,"path":"data/a"},"sha256":null,"sizeBytes":10,"storedAs":"file"}',
  );
  expect(fact?.digest).toBe(sha256Hex(`{"body":${fact?.body},"kind":"dataset-file"}`));
});

test('members that the schema does not name are not kept', () => {
  const [plain] = prepareFacts(['dataset-file'], [dataset('a')]);
  const [more] = prepareFacts(['dataset-file'], [dataset('a', { password: 'hunter2' })]);
  expect(more).toEqual(plain);
});

test.each<[string, KnownFact[], RegExp]>([
  [
    'a body without a required member',
    [dataset('a', { format: undefined })],
    /kind dataset-file with key "a".*field format/,
  ],
  ['a wrong type deep inside', [dataset('b', { place: { path: 7, line: null } })], /key "b".*field place\.path/],
  ['an empty key', [dataset('')], /fact of kind dataset-file has no key/],
  [
    'two facts of one key that differ',
    [dataset('a'), dataset('a', { sizeBytes: 11 })],
    /Two facts of kind dataset-file have the key "a"/,
  ],
  ['a number that is none', [dataset('a', { sizeBytes: Number.NaN })], /key "a".*field sizeBytes/],
  ['a body that is too large', [dataset('a', { format: 'x'.repeat(BODY_MAX_BYTES) })], /larger than 256 KiB/],
])('%s is refused by name', (_what, facts, message) => {
  expect(() => prepareFacts(['dataset-file'], facts)).toThrow(message);
});

test('an error never repeats the value that was wrong', () => {
  let message = '';
  try {
    prepareFacts(['dataset-file'], [dataset('a', { storedAs: 'sk-live-secret' })]);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('field storedAs');
  expect(message).not.toContain('sk-live');
});

test('a fact of a kind the reading does not state is refused', () => {
  expect(() => prepareFacts(['prompt'], [dataset('a')])).toThrow(/does not state that kind/);
});

test('a kind nobody knows is refused', () => {
  expect(() => prepareFacts(['toString' as never], [])).toThrow(/"toString", which is not known/);
});

test('keys that cannot be stored as they are keep their head, and stay as different as they were', () => {
  const long = 'é'.repeat(600);
  const keys = [`${long}1`, `${long}2`, 'a\u0000b', 'a\ufffdb', 'a\ud800', 'a\ud801', 'plain/path.py'];
  const stored = keys.map(storedKey);
  expect(new Set(stored).size).toBe(keys.length);
  for (const key of stored) {
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(KEY_MAX_BYTES);
    expect(key.isWellFormed() && !key.includes('\u0000')).toBe(true);
  }
  expect(stored.at(-1)).toBe('plain/path.py');
  expect(
    prepareFacts(
      ['dataset-file'],
      keys.map((key) => dataset(key, { place: { path: 'x', line: null } })),
    ),
  ).toHaveLength(keys.length);
});

test('half a surrogate pair inside a body becomes the replacement character', () => {
  const [fact] = prepareFacts(['dataset-file'], [dataset('a', { format: 'x\ud800y' })]);
  expect(JSON.parse(fact?.body ?? '').format).toBe('x\ufffdy');
});

test('a zero character inside a body is kept as it is', () => {
  const [fact] = prepareFacts(['dataset-file'], [dataset('a', { format: 'x\u0000y' })]);
  expect(JSON.parse(fact?.body ?? '').format).toBe('x\u0000y');
});

test('the same fact twice is kept once', () => {
  expect(prepareFacts(['dataset-file'], [dataset('a'), dataset('a')])).toHaveLength(1);
});

test('the digest of a reading depends on what was found and not on its order', () => {
  const facts = prepareFacts(['dataset-file'], [dataset('a'), dataset('b')]);
  const reading = { kinds: ['dataset-file'], complete: true };
  const digest = readingDigest(reading, facts);
  expect(readingDigest(reading, [...facts].reverse())).toBe(digest);
  expect(readingDigest(reading, facts.slice(1))).not.toBe(digest);
  expect(readingDigest({ ...reading, complete: false }, facts)).not.toBe(digest);
  expect(readingDigest({ ...reading, kinds: ['dataset-file', 'prompt'] }, facts)).not.toBe(digest);
});
