import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { fromHex, utf8Bytes, utf8Text } from './bytes.ts';
import { commitTo } from './commitment.ts';
import { joinLeaf, type NewEntry, splitLeaf } from './entry.ts';
import { InvalidFormat } from './invalid-format.ts';
import { readLeaf } from './leaf.ts';
import { LEAF_BYTES_MAX } from './leaf-form.ts';

const AT = '2026-11-23T08:53:33.123Z';
const entry: NewEntry = {
  type: 'test.result',
  actor: { kind: 'service', id: 'judge' },
  subject: { kind: 'control', id: 'CC6.1', version: '1' },
  series: 'test/model-revision-pinned',
  refs: [{ rel: 'evaluates', leaf: 'ab'.repeat(32) }],
  body: { result: 'fail', failed: 2 },
  commitments: { email: 'cd'.repeat(32) },
  blobs: [{ sha256: 'ef'.repeat(32), size: 12, mediaType: 'application/json', role: 'facts' }],
  dedupeKey: 'k',
};

test('a leaf is canonical with and without its series, and reads back', () => {
  const halves = splitLeaf(entry, 'ent_1', AT);
  for (const series of [null, { id: 'a', seq: 0 }, { id: 'a', seq: 7, prev: '00'.repeat(32) }]) {
    const text = joinLeaf(halves, series);
    expect(canonicalJson(JSON.parse(text))).toBe(text);
    const leaf = readLeaf(utf8Bytes(text), { profile: true });
    expect(leaf.series).toEqual(series);
    expect(leaf.type).toBe('test.result');
    expect(leaf.blobs).toEqual([{ sha256: 'ef'.repeat(32), size: 12 }]);
    expect({ ...leaf.commitments }).toEqual({ email: 'cd'.repeat(32) });
  }
});

test('any JSON body makes a leaf that is read back as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.jsonValue({ maxDepth: 3 })), (body) => {
      // What looks like an address is refused, which is another test's matter.
      fc.pre(!JSON.stringify(body).includes('@'));
      const text = joinLeaf(splitLeaf({ ...entry, body: body as NewEntry['body'] }, 'ent_1', AT), null);
      const leaf = readLeaf(utf8Bytes(text), { profile: true });
      expect(canonicalJson(leaf.value.body)).toBe(canonicalJson(body));
    }),
    { numRuns: 100 },
  );
});

test('an entry too large for a leaf is refused when it is appended, room for its link included', () => {
  const room = (length: number) => ({ ...entry, body: { text: 'x'.repeat(length) } });
  const used = joinLeaf(splitLeaf(room(0), 'ent_1', AT), {
    id: entry.series as string,
    seq: Number.MAX_SAFE_INTEGER,
    prev: '0'.repeat(64),
  }).length;
  expect(() => splitLeaf(room(LEAF_BYTES_MAX - used), 'ent_1', AT)).not.toThrow();
  expect(() => splitLeaf(room(LEAF_BYTES_MAX - used + 1), 'ent_1', AT)).toThrow(/at most 16384 bytes/);
});

test.each([
  ['an address in the body', { body: { who: { mail: 'jane@example.org' } } }, /body.who.mail .* e-mail address/],
  ['an address in a list', { body: { who: ['x', 'jane@example.org'] } }, /body.who\[1\]/],
  ['an address for the actor', { actor: { kind: 'user' as const, id: 'jane@example.org' } }, /actor.id/],
  ['an address for the subject', { subject: { kind: 'person', id: 'jane@example.org' } }, /subject.id/],
  ['a lone surrogate', { body: { text: '\ud800' } }, /lone surrogate/],
  ['a number that is none', { body: { n: Number.NaN } }, /not a JSON number/],
  ['a commitment that is no digest', { commitments: { email: 'jane' } }, /commitment to "email"/],
  ['a blob without digest', { blobs: [{ sha256: 'x', size: 1, mediaType: 'a/b', role: 'c' }] }, /SHA-256/],
  ['an empty subject', { subject: { kind: 'control', id: '' } }, /subject/],
  ['a reference to no leaf', { refs: [{ rel: 'a', leaf: 'b' }] }, /refs/],
])('%s is refused when it is appended', (_, change, expected) => {
  expect(() => splitLeaf({ ...entry, ...change }, 'ent_1', AT)).toThrow(expected);
});

test('the address of a repository is not taken for a person', () => {
  expect(() => splitLeaf({ ...entry, body: { url: 'git@github.com:org/repo.git' } }, 'ent_1', AT)).not.toThrow();
});

describe('a leaf from outside', () => {
  const good = JSON.parse(joinLeaf(splitLeaf(entry, 'ent_1', AT), { id: 'a', seq: 1, prev: '00'.repeat(32) }));
  const text = canonicalJson(good);

  test.each([
    ['an unknown member', { extra: 1 }],
    ['another version', { v: 2 }],
    ['no type', { type: undefined }],
    ['a type in upper case', { type: 'Test.Result' }],
    ['a type of one word', { type: 'test' }],
    ['no time', { at: undefined }],
    ['a time without milliseconds', { at: '2026-11-23T08:53:33Z' }],
    ['a day that does not exist', { at: '2026-02-30T08:53:33.000Z' }],
    ['an unknown kind of actor', { actor: { kind: 'robot', id: 'x' } }],
    ['a body that is a list', { body: [] }],
    ['refs that are no list', { refs: {} }],
    ['blobs that are no list', { blobs: {} }],
    ['a blob without a role', { blobs: [{ sha256: 'ef'.repeat(32), size: 1, mediaType: 'a/b' }] }],
    ['a negative size', { blobs: [{ sha256: 'ef'.repeat(32), size: -1, mediaType: 'a/b', role: 'c' }] }],
    ['a series without number', { series: { id: 'a' } }],
    ['a first entry with a link', { series: { id: 'a', seq: 0, prev: '00'.repeat(32) } }],
    ['a second entry without a link', { series: { id: 'a', seq: 1 } }],
    ['a fractional number', { series: { id: 'a', seq: 1.5, prev: '00'.repeat(32) } }],
  ])('with %s breaks the profile', (_, change) => {
    const changed = canonicalJson({ ...good, ...change });
    expect(() => readLeaf(utf8Bytes(changed), { profile: true })).toThrow(InvalidFormat);
  });

  test.each([
    ['white space', text.replace(':', ': ')],
    ['a member twice', text.replace('{', '{"actor":{"id":"judge","kind":"service"},')],
    ['an escape that need not be', text.replace('"judge"', '"\\u006audge"')],
    ['another spelling of a number', text.replace('"v":1', '"v":1.0')],
    ['another order', text.replace(/^\{(.*),"v":1\}$/, '{"v":1,$1}')],
    ['a byte order mark', `\ufeff${text}`],
    ['two values', `${text}${text}`],
    ['no object', '[]'],
    ['nothing', ''],
  ])('with %s is refused, in the profile or out of it', (_, changed) => {
    for (const profile of [true, false]) expect(() => readLeaf(utf8Bytes(changed), { profile })).toThrow(InvalidFormat);
  });

  test('every byte of it matters: flipped, it is refused or says something else', () => {
    const bytes = utf8Bytes(text);
    for (let at = 0; at < bytes.length; at++) {
      const changed = new Uint8Array(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      let read: unknown;
      try {
        read = readLeaf(changed, { profile: true }).value;
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidFormat);
        continue;
      }
      expect(canonicalJson(read)).toBe(utf8Text(changed));
      expect(canonicalJson(read)).not.toBe(text);
    }
  });

  test('of another profile is read as far as the rules of a bundle go', () => {
    const foreign =
      '{"blobs":[{"sha256":"' +
      'ab'.repeat(32) +
      '","size":3}],"kind":"evidence","seq":3,"series":{"id":"c","seq":0},"v":1}';
    expect(readLeaf(utf8Bytes(foreign), { profile: false })).toMatchObject({ type: null, series: { id: 'c', seq: 0 } });
    expect(() => readLeaf(utf8Bytes(foreign), { profile: true })).toThrow(InvalidFormat);
  });
});

test('a commitment fixes value and salt, and is not the bare hash of the value', () => {
  const salt = new Uint8Array(32).fill(5);
  const digest = commitTo({ email: 'person@example.org', b: 1 }, salt);
  expect(commitTo({ b: 1, email: 'person@example.org' }, salt)).toBe(digest);
  expect(commitTo({ email: 'other@example.org', b: 1 }, salt)).not.toBe(digest);
  expect(commitTo({ email: 'person@example.org', b: 1 }, new Uint8Array(32).fill(6))).not.toBe(digest);
  expect(fromHex(digest)).toHaveLength(32);
  expect(() => commitTo('x', new Uint8Array(16))).toThrow(/32 bytes/);
  expect(() => commitTo('\udc00', salt)).toThrow(/lone surrogate/);
});
