import { isUnspaced, isWordUnit } from '../text/signs.ts';

/** Number of buckets: 2^18, one signed byte each in the model. */
export const BUCKETS = 1 << 18;
const MASK = BUCKETS - 1;
const FNV_PRIME = 16_777_619;
const FNV_START = 2_166_136_261;
/** Seeds that keep words and character runs of the same letters apart. */
const WORD_SEED = [0x51ed270b, 0x2c1b3c6d, 0x297a2d39] as const;
const RUN_SEED = [0x3c6ef372, 0x5a6d7c1b, 0x6b43a9b5] as const;
const SPACE = 32;

function bucket(hash: number): number {
  let h = hash ^ (hash >>> 15);
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  return h & MASK;
}

/** Spread so that sums over different letters hardly ever meet. */
function letterHash(unit: number): number {
  let h = Math.imul(unit, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** Marks which buckets the current text has already counted; a new stamp forgets all of them at once. */
const seen = new Uint32Array(BUCKETS);
let stamp = 0;

/**
 * Calls `visit` once for every distinct bucket of the text: words 1 to 3 and characters 3 to 5, of small letters with runs
 * of other signs read as one space. Returns how many there were. A sign of a script without spaces is a word.
 */
export function visitBuckets(lower: string, visit: (bucket: number) => void): number {
  stamp++;
  if (stamp > 0xfffffffe) {
    seen.fill(0);
    stamp = 1;
  }
  let count = 0;
  const take = (index: number) => {
    if (seen[index] === stamp) return;
    seen[index] = stamp;
    count++;
    visit(index);
  };
  // Rolling hashes of the last words and characters.
  let word = FNV_START;
  // The sum does not know the order of letters, so that rows of words survive swapped letters.
  let letters = 0;
  let length = 0;
  let before = 0;
  let beforeThat = 0;
  const endWord = () => {
    if (length === 0) return;
    take(bucket(word ^ WORD_SEED[0]));
    if (before !== 0) take(bucket(Math.imul(word, 31) ^ Math.imul(before, 17) ^ WORD_SEED[1]));
    if (beforeThat !== 0)
      take(bucket(Math.imul(word, 31) ^ Math.imul(before, 17) ^ Math.imul(beforeThat, 13) ^ WORD_SEED[2]));
    beforeThat = before;
    before = word;
    word = FNV_START;
    length = 0;
  };
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let c4 = SPACE;
  const takeSign = (unit: number) => {
    // Runs of 3, 4 and 5 that end here.
    const three = Math.imul(Math.imul(Math.imul(FNV_START ^ c3, FNV_PRIME) ^ c4, FNV_PRIME) ^ unit, FNV_PRIME);
    if (c3 !== 0) take(bucket(three ^ RUN_SEED[0]));
    if (c2 !== 0) take(bucket(Math.imul(three ^ c2, FNV_PRIME) ^ RUN_SEED[1]));
    if (c1 !== 0) take(bucket(Math.imul(Math.imul(three ^ c2, FNV_PRIME) ^ c1, FNV_PRIME) ^ RUN_SEED[2]));
    c1 = c2;
    c2 = c3;
    c3 = c4;
    c4 = unit;
  };
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    if (isWordUnit(unit)) {
      if (isUnspaced(unit)) endWord();
      word = Math.imul(word ^ unit, FNV_PRIME);
      letters = (letters + letterHash(unit)) | 0;
      length++;
      if (isUnspaced(unit)) endWord();
      takeSign(unit);
    } else {
      endWord();
      if (c4 !== SPACE) takeSign(SPACE);
    }
  }
  endWord();
  if (c4 !== SPACE) takeSign(SPACE);
  return count;
}
