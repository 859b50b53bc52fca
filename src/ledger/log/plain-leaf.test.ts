import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type JsonValue, parseCanonicalJson } from '#src/kernel/canonical-json.ts';
import { utf8Bytes } from './bytes.ts';
import { checkLeaf, readLeaf } from './leaf.ts';
import { readPlainLeaf } from './plain-leaf.ts';

type Members = { [member: string]: JsonValue | undefined };

const LEAF: Members = {
  actor: { id: 'judge', kind: 'service' },
  at: '2026-11-23T08:53:33.123Z',
  body: { passed: 3, note: 'h\u00e9', within: { a: [1, { b: null }] } },
  id: 'ent_1',
  series: { id: 'test/x', seq: 4, prev: 'ab'.repeat(32) },
  subject: { id: 'x', kind: 'control-test', version: '1' },
  type: 'test.result',
  v: 1,
};

/** What a leaf is read as the long way; null where it is not one of the profile. */
function readTheLongWay(text: string): Members | null {
  try {
    const value = parseCanonicalJson(text) as Members;
    checkLeaf(value, utf8Bytes(text).length);
    return value;
  } catch {
    return null;
  }
}

function expectAsTheLongWay(text: string): boolean {
  const plain = readPlainLeaf(text);
  if (plain === null) return false;
  const value = readTheLongWay(text);
  expect(value, text).not.toBeNull();
  const { type, at, series, blobs, commitments, refs } = value ?? {};
  expect({ value: plain.value, type: plain.type, at: plain.at, series: plain.series ?? undefined }, text).toEqual({
    value,
    type,
    at,
    series,
  });
  expect([blobs, commitments, refs, plain.blobs, plain.commitments]).toEqual([undefined, undefined, undefined, [], {}]);
  return true;
}

test('leaves as most are read at a glance, and what stands in them is read right', () => {
  const { series, ...alone } = LEAF;
  for (const leaf of [
    LEAF,
    alone,
    { ...LEAF, series: { id: 's', seq: 0 } },
    { ...LEAF, subject: { id: 'x', kind: 'y' } },
    { ...LEAF, body: {} },
    { ...LEAF, body: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`m${i}`, { actor: i }])) },
  ])
    expect(expectAsTheLongWay(canonicalJson(leaf)), canonicalJson(leaf)).toBe(true);
  expect(series).toBeDefined();
});

const STRANGE: JsonValue[] = [
  ...['', 'x', 'a"b', 'x'.repeat(600), 'user', 'test.result', 'nodots', 'AB'.repeat(32), 'cd'.repeat(32), 'h\u00e9'],
  ...['2026-02-30T00:00:00.000Z', '2026-02-28T00:00:00.000Z', '2026-11-23T08:53:33Z'],
  ...[0, 1, 2, -1, 1.5, 9_007_199_254_740_992, true, null, [], {}, { id: 'a', kind: 'user' }, { id: 'a' }],
  ...[
    { id: 's', seq: 0 },
    { id: 's', seq: 0, prev: 'ab'.repeat(32) },
    { id: 's', seq: 1 },
    { id: '', seq: 0 },
  ],
  ...[{ id: 's', seq: 1, prev: 'ab'.repeat(32), more: 1 }, { id: 's', kind: 'k', more: { v: 1 } }, { seq: 1 }],
];

test('whatever stands in place of a member, a leaf is read at a glance only as it is read the long way', () => {
  let taken = 0;
  let refused = 0;
  for (const member of [...Object.keys(LEAF), 'blobs', 'commitments', 'refs', 'aa', 'zz'])
    for (const value of [...STRANGE, undefined]) {
      const text = canonicalJson({ ...LEAF, [member]: value });
      if (expectAsTheLongWay(text)) taken++;
      else refused++;
      for (const within of ['id', 'kind', 'prev', 'seq', 'version', 'more']) {
        const held = LEAF[member];
        if (typeof held !== 'object' || held === null || Array.isArray(held)) continue;
        if (expectAsTheLongWay(canonicalJson({ ...LEAF, [member]: { ...held, [within]: value } }))) taken++;
        else refused++;
      }
    }
  expect(taken).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(400);
});

test('a leaf with any byte changed is read as before, or refused with a sentence', () => {
  const text = canonicalJson(LEAF);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 0x2ff }), fc.boolean(), (at, unit, instead) => {
      const changed = text.slice(0, at) + String.fromCharCode(unit) + text.slice(instead ? at + 1 : at);
      expectAsTheLongWay(changed);
      const long = readTheLongWay(changed);
      if (long) expect(readLeaf(utf8Bytes(changed), { profile: true }).value).toEqual(long);
      else expect(() => readLeaf(utf8Bytes(changed), { profile: true })).toThrow(/\.$/);
    }),
    { numRuns: 5_000 },
  );
});
