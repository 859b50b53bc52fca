import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { isCanonicalText } from './canonical-text.ts';

/** What it has to say, the long way: parsed, and written again. */
function isWrittenSo(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

// Pieces that JSON texts are made of, right and wrong ones, so that chance hits what matters.
const PIECES = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\n', '\ufeff', ''],
  ...['"a":', '"b":', '"":', '"\\n":', '"\\u0001":', '"\u20ac":', '"\ud83d\ude00":', '"\ufb33":', '"a\\"":'],
  ...['null', 'true', 'false', 'nul', 'NaN', 'Infinity', '"a"', '"a b"', '"\ud800"', '"\udc00x"', '"\ud83d\ude00"'],
  ...['"\\u000b"', '"\\u000B"', '"\\u0008"', '"\\b"', '"\\/"', '"\\u0041"', '"\\ud800"', '"\\u001f"', '"\\u007f"'],
  ...[
    '0',
    '-0',
    '1',
    '01',
    '-1',
    '1.5',
    '1.50',
    '.5',
    '1.',
    '1e3',
    '1e21',
    '1e+21',
    '1E21',
    '1e400',
    '5e-324',
    '0.000001',
  ],
  ...[
    '1e-7',
    '0.0000001',
    '999999999999999',
    '9007199254740993',
    '9007199254740992',
    '123456789012345680000',
    '+1',
    '--1',
  ],
];

test('texts pieced together by chance are taken exactly when writing their value again gives the very text', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 9 }), (pieces) => {
      for (const text of [pieces.join(''), `[${pieces.join(',')}]`, `{${pieces.join('')}}`]) {
        const expected = isWrittenSo(text);
        if (expected) taken++;
        expect(isCanonicalText(text), JSON.stringify(text)).toBe(expected);
      }
    }),
    { numRuns: 8_000 },
  );
  expect(taken).toBeGreaterThan(200);
});

test('a canonical text with one unit changed, added or taken out is taken exactly when it still is one', () => {
  const change = fc.record({ at: fc.nat(), unit: fc.nat(0xffff), kind: fc.nat(2), near: fc.nat(127) });
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), change, (value, { at, unit, kind, near }) => {
      const text = canonicalJson(value);
      expect(isCanonicalText(text)).toBe(true);
      const place = at % text.length;
      for (const code of [unit, near]) {
        const put = kind === 2 ? '' : String.fromCharCode(code);
        const changed = text.slice(0, place) + put + text.slice(kind === 1 ? place : place + 1);
        expect(isCanonicalText(changed), JSON.stringify(changed)).toBe(isWrittenSo(changed));
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([512, 513, 514, 600])('nesting of %d levels is taken exactly when it can be written', (levels) => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const text = `${open.repeat(levels)}1${close.repeat(levels)}`;
    expect(isCanonicalText(text)).toBe(isWrittenSo(text));
  }
  expect(isCanonicalText(`${'['.repeat(levels)}${']'.repeat(levels)}`)).toBe(
    isWrittenSo(`${'['.repeat(levels)}${']'.repeat(levels)}`),
  );
});

test('nesting without end does not end the process', () => {
  expect(isCanonicalText('['.repeat(1_000_000))).toBe(false);
  expect(isCanonicalText('{"a":'.repeat(1_000_000))).toBe(false);
});
