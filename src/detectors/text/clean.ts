import { boxedLetter, LOOKALIKES, SHAPED } from './lookalikes.ts';
import { composed, identityOf, type MappedText, MappedTextBuilder, textOf, unitsOf } from './mapped-text.ts';
import { isAsciiLetter, isInvisible, isMark, isWordUnit } from './signs.ts';

export type Cleaned = {
  mapped: MappedText;
  /** Units that were taken out because they cannot be seen. */
  invisible: number;
  /** Characters of the tag block that hid text. */
  tags: number;
};

/** Marks on one letter that are kept; more is decoration meant to break words. */
const MOST_MARKS = 4;
/** NFKC can make 18 units of one. A text may grow by this factor, short ones by FREE_GROWTH; then signs stay as they are. */
const MOST_GROWTH = 2;
const FREE_GROWTH = 4096;
const ASCII_ONLY = /^[\t\n\r\x20-\x7e]*$/;

/** Repairs can uncover more to repair (a decoded letter takes the mark after it); this many rounds settle any real text. */
const MOST_ROUNDS = 4;

/**
 * The text as a reader sees it: NFKC, without invisible characters, tag characters decoded, and look-alike letters of other
 * scripts made Latin in words that mix scripts. Linear; the same text gives the same result, and a second run changes nothing.
 */
export function clean(text: string): Cleaned {
  let result: Cleaned = { mapped: identityOf(text), invisible: 0, tags: 0 };
  const longest = text.length * MOST_GROWTH + FREE_GROWTH;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (ASCII_ONLY.test(result.mapped.text)) return result;
    const next = cleanOnce(result.mapped.text, longest);
    if (next.mapped.text === result.mapped.text) return result;
    result = {
      mapped: composed(result.mapped, next.mapped),
      invisible: result.invisible + next.invisible,
      tags: result.tags + next.tags,
    };
  }
  return result;
}

function cleanOnce(text: string, longest: number): Cleaned {
  const builder = new MappedTextBuilder(text.length + 16);
  let invisible = 0;
  let tags = 0;
  let i = 0;
  while (i < text.length) {
    const unit = text.charCodeAt(i);
    const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
    if (next < 128 && isStable(unit)) {
      builder.push(unit, i, i + 1);
      i++;
      continue;
    }
    const codePoint = text.codePointAt(i) ?? 0;
    const width = codePoint > 0xffff ? 2 : 1;
    const byte = hiddenByte(text, i, codePoint);
    if (byte !== 0) {
      builder.push(byte, i, i + width);
      tags++;
      i += width;
    } else if (isInvisible(codePoint)) {
      invisible++;
      i += width;
    } else if (codePoint >= 0xe0020 && codePoint <= 0xe007e) {
      builder.push(codePoint - 0xe0000, i, i + width);
      tags++;
      i += width;
    } else {
      i = pushCluster(builder, text, i, codePoint, longest);
    }
  }
  return { mapped: latinWhereMixed(builder.finish()), invisible, tags };
}

const SELECTOR_FIRST = 0xe0110;
const SELECTOR_LAST = 0xe016e;
/** The selector that stands for the space; the signs follow in their order. */
const SELECTOR_OFFSET = 0xe00f0;

/**
 * The sign that a variation selector hides, 0 when it hides none. One selector belongs to the letter before it; in a row they
 * have nothing to select and carry text that nobody sees.
 */
function hiddenByte(text: string, at: number, codePoint: number): number {
  if (codePoint < SELECTOR_FIRST || codePoint > SELECTOR_LAST) return 0;
  const isSelector = (place: number) => {
    const other = place < 0 ? 0 : (text.codePointAt(place) ?? 0);
    return other >= SELECTOR_FIRST && other <= SELECTOR_LAST;
  };
  return isSelector(at - 2) || isSelector(at + 2) ? codePoint - SELECTOR_OFFSET : 0;
}

/** Units that NFKC leaves alone when no mark follows: ASCII, Latin-1 letters, Cyrillic, kana, Han, Hangul. */
function isStable(unit: number): boolean {
  return (
    unit < 128 ||
    (unit >= 0xc0 && unit <= 0xff) ||
    (unit >= 0x410 && unit <= 0x44f) ||
    (unit >= 0x3041 && unit <= 0x3096) ||
    (unit >= 0x30a1 && unit <= 0x30fa) ||
    (unit >= 0x4e00 && unit <= 0x9fff) ||
    (unit >= 0xac00 && unit <= 0xd7a3)
  );
}

/** Where the marks that belong to a letter end; `kept` leaves out those beyond MOST_MARKS. */
function endOfCluster(text: string, from: number): { kept: number; last: number } {
  let last = from;
  let kept = from;
  let marks = 0;
  while (last < text.length) {
    const codePoint = text.codePointAt(last) ?? 0;
    if (codePoint < 0x300 || !isMark(codePoint) || isInvisible(codePoint)) break;
    last += codePoint > 0xffff ? 2 : 1;
    if (++marks <= MOST_MARKS) kept = last;
  }
  return { kept, last };
}

/** Writes one letter with its marks; returns where the next one begins. */
function pushCluster(
  builder: MappedTextBuilder,
  text: string,
  start: number,
  codePoint: number,
  longest: number,
): number {
  const { kept, last } = endOfCluster(text, start + (codePoint > 0xffff ? 2 : 1));
  const boxed = boxedLetter(codePoint);
  if (boxed !== 0) {
    builder.push(boxed, start, last);
    return last;
  }
  const before = text.slice(start, kept);
  const mayGrow = builder.length < longest;
  const whole = before.length === 1 && isStable(codePoint) ? before : mayGrow ? before.normalize('NFKC') : before;
  // Marks that make no letter of any alphabet with a Latin one are strokes through a text and towers of accents.
  const isBare = codePoint < 0x250 && whole.length > 1 && isMark(whole.charCodeAt(1));
  const after = isBare ? whole.charAt(0) : whole;
  for (let k = 0; k < after.length; k++) {
    const unit = after.charCodeAt(k);
    const shown = unit < 128 ? unit : (SHAPED.get(unit) ?? unit);
    // A text that stayed as it was keeps the place of each unit, so that offsets stay exact.
    if (after === before) builder.push(shown, start + k, k === after.length - 1 ? last : start + k + 1);
    else builder.push(shown, start, last);
  }
  return last;
}

/** Look-alikes become Latin in words that hold both Latin letters and look-alikes of another script. */
function latinWhereMixed(mapped: MappedText): MappedText {
  const { text } = mapped;
  let units: Uint16Array | null = null;
  let i = 0;
  while (i < text.length) {
    if (!isWordUnit(text.charCodeAt(i))) {
      i++;
      continue;
    }
    const start = i;
    let latin = 0;
    let alike = 0;
    while (i < text.length && isWordUnit(text.charCodeAt(i))) {
      const unit = text.charCodeAt(i);
      if (isAsciiLetter(unit)) latin++;
      else if (unit > 0x24f && LOOKALIKES.has(unit)) alike++;
      i++;
    }
    if (latin === 0 || alike === 0) continue;
    units ??= unitsOf(text);
    for (let k = start; k < i; k++) {
      const latinUnit = LOOKALIKES.get(text.charCodeAt(k));
      if (latinUnit !== undefined) units[k] = latinUnit;
    }
  }
  // Replaced unit by unit, so the map stays as it is.
  return units === null ? mapped : { ...mapped, text: textOf(units) };
}
