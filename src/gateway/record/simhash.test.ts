import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simhash } from './simhash.ts';

/** Bit by bit, as the paper tells it, for texts of small letters and blanks. */
function counted(text: string): string {
  const mix = (value: number) => {
    let mixed = value ^ (value >>> 16);
    mixed = Math.imul(mixed, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    return BigInt((mixed ^ (mixed >>> 16)) >>> 0);
  };
  const counts = new Array<number>(64).fill(0);
  let before = 0;
  for (const word of text.split(' ').filter(Boolean)) {
    let low = 2_166_136_261;
    let high = 0x9e3779b9;
    for (let i = 0; i < word.length; i++) {
      low = Math.imul(low ^ word.charCodeAt(i), 16_777_619);
      high = Math.imul(high + word.charCodeAt(i), 0x85ebca6b) ^ (high >>> 13);
    }
    const pair = (mix(high + Math.imul(before, 31)) << 32n) | mix(low ^ before);
    for (let bit = 0; bit < 64; bit++) counts[bit] = (counts[bit] ?? 0) + ((pair >> BigInt(bit)) & 1n ? 1 : -1);
    before = low;
  }
  const bits = counts.reduce((sum, one, bit) => (one > 0 ? sum | (1n << BigInt(bit)) : sum), 0n);
  return bits.toString(16).padStart(16, '0');
}

describe('the fingerprint of a prompt', () => {
  it('is what counting bit by bit gives, whatever the number of words', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', ' ', ' '), maxLength: 4_096 }), (text) => {
        expect(simhash(text)).toBe(counted(text));
      }),
      { numRuns: 200, examples: [[''], ['a'], ['a '.repeat(2_048)]] },
    );
  });
});
