import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CanonicalJsonError, canonicalJson, parseCanonicalJson, parseUnambiguousJson } from './canonical-json.ts';

const VECTORS = '../shared/data/ledger';

describe.skipIf(!existsSync(VECTORS))('shared vectors (skipped where ../shared is absent)', () => {
  const folder = `${VECTORS}/jcs`;
  const names = existsSync(folder) ? readdirSync(`${folder}/input`) : [];
  test.each(names)('the published pair %s', (name) => {
    const output = readFileSync(`${folder}/output/${name}`);
    const hex = readFileSync(`${folder}/outhex/${name.replace('.json', '.txt')}`, 'utf8').replace(/\s+/g, '');
    const written = canonicalJson(parseUnambiguousJson(readFileSync(`${folder}/input/${name}`, 'utf8')));
    expect(Buffer.from(written).equals(output)).toBe(true);
    expect(Buffer.from(written).toString('hex')).toBe(hex);
    expect(parseCanonicalJson(written)).toEqual(JSON.parse(written));
  });

  type Pair = { name: string; input_b64: string; output_b64: string };
  const own: Pair[] = existsSync(VECTORS) ? JSON.parse(readFileSync(`${VECTORS}/own/jcs-accept.json`, 'utf8')) : [];
  test.each(own)('$name', ({ input_b64, output_b64 }) => {
    const input = Buffer.from(input_b64, 'base64').toString('utf8');
    const output = Buffer.from(output_b64, 'base64').toString('utf8');
    expect(canonicalJson(parseUnambiguousJson(input))).toBe(output);
    expect(canonicalJson(parseCanonicalJson(output))).toBe(output);
    if (input !== output) expect(() => parseCanonicalJson(input)).toThrow(CanonicalJsonError);
  });
});

test('the text of any JSON value is read back, and is the only text that is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
      expect(() => parseCanonicalJson(` ${text}`)).toThrow(CanonicalJsonError);
      expect(canonicalJson(parseUnambiguousJson(` ${text}\n`))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test('member names that look like array indexes are in code unit order all the same', () => {
  expect(canonicalJson({ 10: 1, 9: 2, a: 3 })).toBe('{"10":1,"9":2,"a":3}');
  expect(parseCanonicalJson('{"10":1,"9":2,"a":3}')).toEqual({ 10: 1, 9: 2, a: 3 });
  expect(() => parseCanonicalJson('{"9":2,"10":1,"a":3}')).toThrow(CanonicalJsonError);
});

test.each([
  ['members out of order', '{"b":1,"a":2}'],
  ['members out of order deep inside', '[{"a":[{"z":1,"y":2}]}]'],
  ['a member twice', '{"a":1,"a":1}'],
  ['white space', '{"a": 1}'],
  ['an escaped letter', '{"a":"\\u0041"}'],
  ['an escaped solidus', '["\\/"]'],
  ['an upper case hex escape', '["\\u001F"]'],
  ['a lone high surrogate', '["\\ud800"]'],
  ['a lone low surrogate', '["\\udc00"]'],
  ['an escaped pair', '["\\ud83d\\ude00"]'],
  ['another spelling of a number', '[1.0]'],
  ['an exponent in another spelling', '[1E3]'],
  ['minus zero', '[-0]'],
  ['a number beyond a double', '[1e400]'],
  ['nothing', ''],
  ['two values', '1 2'],
  ['a byte order mark', '\ufeff{}'],
  ['nesting beyond the limit', `${'['.repeat(600)}${']'.repeat(600)}`],
])('%s is not canonical', (_, text) => {
  expect(() => parseCanonicalJson(text)).toThrow(CanonicalJsonError);
});

test.each([
  ['a member twice', '{"a":1,"a":2}'],
  ['a member twice, once escaped', '{"a":1,"\\u0061":2}'],
  ['a member twice deep inside', '{"x":[1,{"k":{},"l":"}","k":[]}]}'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
  ['a lone surrogate', '"\\ud800"'],
  ['a number beyond a double', '1e400'],
  ['a trailing comma', '[1,]'],
])('%s is ambiguous', (_, text) => {
  expect(() => parseUnambiguousJson(text)).toThrow(CanonicalJsonError);
});

test('the same name in two objects, and in strings, is no repetition', () => {
  const text = '{"a":{"a":["a","a",{"a":1}]},"b":"\\"a\\":1,\\"a\\":2"}';
  expect(parseUnambiguousJson(text)).toEqual(JSON.parse(text));
});

test.each([
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Date(0),
  1n,
  undefined,
  Symbol('x'),
])('%s has no canonical form', (value) => {
  expect(() => canonicalJson(value)).toThrow(CanonicalJsonError);
});
