import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, fromDecimal, fromHex, isHexOf, octetText, toBase64, toHex, utf8Text } from './bytes.ts';

test('base64 and hex are those of Node, and lead back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const base64 = Buffer.from(bytes).toString('base64');
      expect(toBase64(bytes)).toBe(base64);
      expect(fromBase64(base64)).toEqual(bytes);
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(isHexOf(toHex(bytes), bytes)).toBe(true);
      expect(isHexOf(`${toHex(bytes)}0`, bytes)).toBe(false);
      if (bytes.length > 0)
        expect(
          isHexOf(
            toHex(bytes),
            Uint8Array.from(bytes, (byte) => byte ^ 1),
          ),
        ).toBe(false);
      expect(octetText(bytes)).toBe(Buffer.from(bytes).toString('latin1'));
    }),
  );
});

test('of all texts only the canonical one is read as base64', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABQgwx/+9=-_ \n'), maxLength: 12 }), (text) => {
      const bytes = fromBase64(text);
      if (bytes !== null) expect(toBase64(bytes)).toBe(text);
      else expect(Buffer.from(text, 'base64').toString('base64')).not.toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  'AB',
  'AB=',
  'AB==',
  'ABC=',
  '=AAA',
  'A=AA',
  'AA=A',
  '====',
  'AA==AAAA',
  'AAA\n',
  'AAAA\n',
  'AA-_',
])('%j is not base64', (text) => {
  expect(fromBase64(text)).toBe(null);
});

test.each([
  '',
  '00',
  '01',
  '-1',
  '+1',
  '1.0',
  ' 1',
  '1 ',
  '1e3',
  '９',
  '9007199254740992',
  '18446744073709551615',
])('%j is not a decimal', (text) => {
  expect(fromDecimal(text)).toBe(null);
});

test('the largest exact integer is a decimal', () => {
  expect(fromDecimal('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  expect(fromDecimal('0')).toBe(0);
});

test('upper-case hex and bytes that are not UTF-8 are refused, a byte order mark is kept', () => {
  expect(fromHex('AB')).toBe(null);
  expect(fromHex('abc')).toBe(null);
  expect(utf8Text(Uint8Array.of(0xff))).toBe(null);
  expect(utf8Text(Uint8Array.of(0xed, 0xa0, 0x80))).toBe(null);
  expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
});
