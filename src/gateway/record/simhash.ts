const FNV_PRIME = 16_777_619;
/** More of a prompt does not make it easier to recognize. */
const UNITS_MAX = 4_096;

/**
 * A 64-bit fingerprint of a text as 16 hexadecimal digits: near-duplicates differ in few bits, and the text cannot be had
 * back. Made of pairs of neighboring words. Source: Charikar 2002, Manku et al. 2007.
 */
export function simhash(text: string): string {
  const counts = new Int32Array(64);
  let high = 0x9e3779b9;
  let low = 2_166_136_261;
  let before = 0;
  let isInside = false;
  const take = () => {
    // The pair of the word before and this one.
    const a = mix(low ^ before);
    const b = mix(high + Math.imul(before, 31));
    for (let bit = 0; bit < 32; bit++) {
      counts[bit] = (counts[bit] ?? 0) + ((a >>> bit) & 1 ? 1 : -1);
      counts[bit + 32] = (counts[bit + 32] ?? 0) + ((b >>> bit) & 1 ? 1 : -1);
    }
    before = low;
    low = 2_166_136_261;
    high = 0x9e3779b9;
  };
  const end = Math.min(text.length, UNITS_MAX);
  for (let i = 0; i < end; i++) {
    let unit = text.charCodeAt(i);
    if (unit >= 65 && unit <= 90) unit += 32;
    const isWord = (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || unit > 0xbf;
    if (isWord) {
      low = Math.imul(low ^ unit, FNV_PRIME);
      high = Math.imul(high + unit, 0x85ebca6b) ^ (high >>> 13);
      isInside = true;
    } else if (isInside) {
      take();
      isInside = false;
    }
  }
  if (isInside) take();
  let digits = '';
  for (let nibble = 15; nibble >= 0; nibble--) {
    let value = 0;
    for (let bit = 3; bit >= 0; bit--) value = (value << 1) | ((counts[nibble * 4 + bit] ?? 0) > 0 ? 1 : 0);
    digits += value.toString(16);
  }
  return digits;
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
