import { isUnspaced, isWordUnit } from '../text/signs.ts';

/** Number of buckets: 2^19, one signed byte each in the model. */
export const BUCKETS = 1 << 19;
const MASK = BUCKETS - 1;
const FNV_PRIME = 16_777_619;
const FNV_START = 2_166_136_261;
/** Seeds that keep words and character runs of the same letters apart. */
const WORD_SEED = [0x51ed270b, 0x2c1b3c6d, 0x297a2d39] as const;
const RUN_SEED = [0x3c6ef372, 0x5a6d7c1b, 0x6b43a9b5] as const;
/** A word as a bag of letters, which swapped letters leave as it is; short ones are too often other words. */
const BAG_SEED = 0x1b873593;
const SHORTEST_BAG = 4;
const SPACE = 32;
/** Scripts without spaces begin after this unit. */
const LAST_SPACED = 0x0dff;

/** Spread so that sums over different letters hardly ever meet. */
function letterHash(unit: number): number {
  return unit < 128 ? (LETTER_HASH[unit] ?? 0) : spread(unit);
}

const LETTER_HASH = Int32Array.from({ length: 128 }, (_, unit) => spread(unit));

function spread(unit: number): number {
  let h = Math.imul(unit, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** Marks which buckets the current text has already counted; a new stamp forgets all of them at once. */
const seen = new Uint8Array(BUCKETS);
const LAST_STAMP = 255;
let stamp = 0;
/** The buckets of the last text, written again for each: no text allocates. */
const taken = new Uint32Array(BUCKETS);
let count = 0;

function take(hash: number): void {
  let h = hash ^ (hash >>> 15);
  h = Math.imul(h, 0x2c1b3c6d);
  h = (h ^ (h >>> 12)) & MASK;
  if (seen[h] === stamp) return;
  seen[h] = stamp;
  taken[count++] = h;
}

/**
 * The distinct buckets of the text: words 1 to 3, long words as bags of letters, and characters 3 to 5, of small letters with runs of other signs read as
 * one space. A sign of a script without spaces is a word. The result is overwritten by the next call.
 */
export function bucketsOf(lower: string): Uint32Array {
  stamp++;
  if (stamp > LAST_STAMP) {
    seen.fill(0);
    stamp = 1;
  }
  count = 0;
  takeWords(lower);
  takeRuns(lower);
  return taken.subarray(0, count);
}

function takeWords(lower: string): void {
  let word = FNV_START;
  // The sum does not know the order of letters, so that rows of words survive swapped letters.
  let letters = 0;
  let length = 0;
  let before = 0;
  let beforeThat = 0;
  for (let i = 0; i <= lower.length; i++) {
    const unit = i < lower.length ? lower.charCodeAt(i) : SPACE;
    const isWord = isWordUnit(unit);
    const isAlone = unit > LAST_SPACED && isUnspaced(unit);
    if (length > 0 && (!isWord || isAlone)) {
      take(word ^ WORD_SEED[0]);
      if (length >= SHORTEST_BAG) take(Math.imul(letters, 31) ^ BAG_SEED);
      if (before !== 0) take(Math.imul(letters, 31) ^ Math.imul(before, 17) ^ WORD_SEED[1]);
      if (beforeThat !== 0)
        take(Math.imul(letters, 31) ^ Math.imul(before, 17) ^ Math.imul(beforeThat, 13) ^ WORD_SEED[2]);
      beforeThat = before;
      before = letters;
      word = FNV_START;
      letters = 0;
      length = 0;
    }
    if (!isWord) continue;
    word = Math.imul(word ^ unit, FNV_PRIME);
    letters = (letters + letterHash(unit)) | 0;
    length++;
  }
}

function takeRuns(lower: string): void {
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let c4 = SPACE;
  for (let i = 0; i <= lower.length; i++) {
    const read = i < lower.length ? lower.charCodeAt(i) : SPACE;
    const unit = isWordUnit(read) ? read : SPACE;
    if (unit === SPACE && c4 === SPACE) continue;
    // Runs of 3, 4 and 5 that end here.
    const three = Math.imul(Math.imul(Math.imul(FNV_START ^ c3, FNV_PRIME) ^ c4, FNV_PRIME) ^ unit, FNV_PRIME);
    if (c3 !== 0) take(three ^ RUN_SEED[0]);
    const four = Math.imul(three ^ c2, FNV_PRIME);
    if (c2 !== 0) take(four ^ RUN_SEED[1]);
    if (c1 !== 0) take(Math.imul(four ^ c1, FNV_PRIME) ^ RUN_SEED[2]);
    c1 = c2;
    c2 = c3;
    c3 = c4;
    c4 = unit;
  }
}
