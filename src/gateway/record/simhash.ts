const FNV_PRIME = 16_777_619;
/** More of a prompt does not make it easier to recognize. */
const UNITS_MAX = 4_096;

/**
 * A 64-bit fingerprint of a text as 16 hexadecimal digits: near-duplicates differ in few bits, and the text cannot be had
 * back. Made of pairs of neighboring words. Source: Charikar 2002, Manku et al. 2007.
 */
export function simhash(text: string): string {
  // How often each of 32 bits was set, one plane for each binary digit of the counts: a word is counted by a few operations
  // on all bits at once.
  lowPlanes.fill(0);
  highPlanes.fill(0);
  let pairs = 0;
  let high = HIGH_START;
  let low = FNV_START;
  let before = 0;
  let isInside = false;
  const end = Math.min(text.length, UNITS_MAX);
  for (let i = 0; i <= end; i++) {
    let unit = i < end ? text.charCodeAt(i) : 0;
    if (unit >= 65 && unit <= 90) unit += 32;
    const isWord = (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || unit > 0xbf;
    if (isWord) {
      low = Math.imul(low ^ unit, FNV_PRIME);
      high = Math.imul(high + unit, 0x85ebca6b) ^ (high >>> 13);
      isInside = true;
    } else if (isInside) {
      // The pair of the word before and this one.
      count(lowPlanes, mix(low ^ before));
      count(highPlanes, mix(high + Math.imul(before, 31)));
      pairs++;
      before = low;
      low = FNV_START;
      high = HIGH_START;
      isInside = false;
    }
  }
  return digitsOf(majority(highPlanes, pairs)) + digitsOf(majority(lowPlanes, pairs));
}

const FNV_START = 2_166_136_261;
const HIGH_START = 0x9e3779b9;
/** Half of `UNITS_MAX` words at most. */
const PLANES = 12;
const lowPlanes = new Int32Array(PLANES);
const highPlanes = new Int32Array(PLANES);

function count(planes: Int32Array, bits: number): void {
  let carry = bits | 0;
  for (let plane = 0; carry !== 0; plane++) {
    const known = planes[plane] ?? 0;
    planes[plane] = known ^ carry;
    carry &= known;
  }
}

/** The bits that were set in more than half of `of`. */
function majority(planes: Int32Array, of: number): number {
  const half = of >> 1;
  let more = 0;
  let same = -1;
  for (let plane = PLANES - 1; plane >= 0; plane--) {
    const bits = planes[plane] ?? 0;
    const isSet = ((half >> plane) & 1) === 1;
    if (isSet) same &= bits;
    else {
      more |= same & bits;
      same &= ~bits;
    }
  }
  return more;
}

function digitsOf(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
