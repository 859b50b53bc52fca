import { composed, type MappedText, MappedTextBuilder } from './mapped-text.ts';
import { isAsciiLetter, isDigit, isWordUnit } from './signs.ts';

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '+': 't',
  '€': 'e',
  '£': 'l',
};
const LEET_BY_UNIT = new Map(Object.entries(LEET).map(([sign, letter]) => [sign.charCodeAt(0), letter.charCodeAt(0)]));

const MARKUP_HINT = /[*_`~]/;
const LEET_HINT = /[A-Za-z][0134578@$!|+9][A-Za-z]|[0134578@$][A-Za-z][0134578@$!]/;
const SPACED_HINT = /(?:^|[^A-Za-z])[A-Za-z]([ ._*|/,\-\n+~])[A-Za-z]\1[A-Za-z]\1[A-Za-z](?![A-Za-z])/;

/** The text without the small tricks that break words: emphasis marks, single spaced letters, digits in place of letters. */
export function unmask(source: MappedText): MappedText {
  let mapped = source;
  if (SPACED_HINT.test(mapped.text)) mapped = composed(mapped, joinSpacedLetters(mapped.text));
  if (MARKUP_HINT.test(mapped.text)) mapped = composed(mapped, withoutEmphasis(mapped.text));
  if (LEET_HINT.test(mapped.text)) mapped = composed(mapped, withoutLeet(mapped.text));
  return mapped;
}

const SEPARATORS = new Set([' ', '.', '_', '*', '|', '/', ',', '-', '\n', '+', '~'].map((sign) => sign.charCodeAt(0)));
const SPACE = 32;
const LINE = 10;
const FEWEST_SPACED = 4;
/** Dots and dashes between letters are rarer than spaces, so fewer of them are enough. */
const FEWEST_JOINED = 3;
/** After so many words of spaced letters, shorter ones are read that way too. */
const SURE_RUNS = 2;
const FEWEST_AFTER = 2;

/** `i g n o r e` and `i.g.n.o.r.e` become one word; two or more separators, or another one, end it. */
function joinSpacedLetters(text: string): MappedText {
  const isRelaxed = sureRuns(text) >= SURE_RUNS;
  const builder = new MappedTextBuilder(text.length);
  let i = 0;
  while (i < text.length) {
    const end = endOfSpaced(text, i, isRelaxed);
    if (end === i) {
      builder.push(text.charCodeAt(i), i, i + 1);
      i++;
      continue;
    }
    for (let k = i; k < end; k += 2) builder.push(text.charCodeAt(k), k, Math.min(end, k + 2));
    i = end;
    // Words of spaced letters stand apart by more of the separator: keep one space between them.
    const gap = i;
    while (i < text.length && SEPARATORS.has(text.charCodeAt(i))) i++;
    if (i > gap) builder.push(SPACE, gap, i);
  }
  return builder.finish();
}

function sureRuns(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length && count < SURE_RUNS; i++) {
    const end = endOfSpaced(text, i, false);
    if (end === i) continue;
    count++;
    i = end;
  }
  return count;
}

function endOfSpaced(text: string, from: number, isRelaxed: boolean): number {
  if (!isSingle(text, from)) return from;
  const separator = text.charCodeAt(from + 1);
  if (!SEPARATORS.has(separator)) return from;
  let last = from;
  let count = 1;
  while (last + 2 < text.length && text.charCodeAt(last + 1) === separator && isLone(text, last + 2, separator)) {
    last += 2;
    count++;
  }
  const sure = separator === SPACE || separator === LINE ? FEWEST_SPACED : FEWEST_JOINED;
  return count >= (isRelaxed ? FEWEST_AFTER : sure) ? last + 1 : from;
}

/** A letter or digit with no word sign before it. */
function isSingle(text: string, at: number): boolean {
  return isWordUnit(text.charCodeAt(at)) && (at === 0 || !isWordUnit(text.charCodeAt(at - 1)));
}

function isLone(text: string, at: number, separator: number): boolean {
  if (!isWordUnit(text.charCodeAt(at))) return false;
  const next = at + 1 < text.length ? text.charCodeAt(at + 1) : separator;
  return !isWordUnit(next);
}

function withoutEmphasis(text: string): MappedText {
  const builder = new MappedTextBuilder(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isStar = unit === 42 || unit === 96 || unit === 126;
    const isUnderscore = unit === 95;
    if (isStar && touchesWord(text, i)) continue;
    // `snake_case` is a name, `__bold__` is not.
    if (isUnderscore && touchesWord(text, i) && (text.charCodeAt(i - 1) === 95 || text.charCodeAt(i + 1) === 95))
      continue;
    builder.push(unit, i, i + 1);
  }
  return builder.finish();
}

function touchesWord(text: string, at: number): boolean {
  let before = at - 1;
  let after = at + 1;
  const reach = 3;
  while (before >= 0 && at - before <= reach && text.charCodeAt(before) === text.charCodeAt(at)) before--;
  while (after < text.length && after - at <= reach && text.charCodeAt(after) === text.charCodeAt(at)) after++;
  return (
    (before >= 0 && isWordUnit(text.charCodeAt(before))) || (after < text.length && isWordUnit(text.charCodeAt(after)))
  );
}

/** Longer runs are keys or encoded data, not words. */
const LONGEST_WORD = 40;

/** Words that are surely written with digits for letters; after so many, less sure ones are read that way too. */
const SURE_WORDS = 2;

function withoutLeet(text: string): MappedText {
  const isRelaxed = sureLeetWords(text) >= SURE_WORDS;
  const builder = new MappedTextBuilder(text.length);
  let i = 0;
  while (i < text.length) {
    if (!isLeetUnit(text.charCodeAt(i))) {
      builder.push(text.charCodeAt(i), i, i + 1);
      i++;
      continue;
    }
    const start = i;
    while (i < text.length && isLeetUnit(text.charCodeAt(i))) i++;
    const end = trimmedEnd(text, start, i);
    const isWord = looksLikeLeet(text, start, end, isRelaxed);
    for (let k = start; k < i; k++) {
      const unit = text.charCodeAt(k);
      builder.push(isWord && k < end ? (LEET_BY_UNIT.get(unit) ?? unit) : unit, k, k + 1);
    }
  }
  return builder.finish();
}

function sureLeetWords(text: string): number {
  let count = 0;
  let i = 0;
  while (i < text.length && count < SURE_WORDS) {
    const start = i;
    while (i < text.length && isLeetUnit(text.charCodeAt(i))) i++;
    if (i > start && looksLikeLeet(text, start, trimmedEnd(text, start, i), false)) count++;
    else if (i === start) i++;
  }
  return count;
}

function isLeetUnit(unit: number): boolean {
  return isAsciiLetter(unit) || isDigit(unit) || LEET_BY_UNIT.has(unit);
}

/** `now!` ends with a sign, not with an i. */
function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && !isAsciiLetter(text.charCodeAt(last - 1)) && !isDigit(text.charCodeAt(last - 1))) last--;
  return last;
}

/** A word of letters in which signs stand for letters: letters on both sides of a sign, or a sign at its head and one inside. */
function looksLikeLeet(text: string, start: number, end: number, isRelaxed: boolean): boolean {
  // `70 m3`: among words written with digits, what is too short to tell is one of them.
  if (end - start < 3) return isRelaxed && end > start;
  if (end - start > LONGEST_WORD) return false;
  let letters = 0;
  let between = 0;
  let longestDigits = 0;
  let digits = 0;
  for (let k = start; k < end; k++) {
    const unit = text.charCodeAt(k);
    if (isAsciiLetter(unit)) {
      letters++;
      if (digits > 0 && (k - digits > start || digits === 1)) between++;
      digits = 0;
    } else {
      digits++;
      longestDigits = Math.max(longestDigits, digits);
    }
  }
  if (isRelaxed) return letters > 0 && longestDigits <= 4 && letters * 10 >= (end - start) * 2;
  return between > 0 && longestDigits <= 2 && letters * 10 >= (end - start) * 4;
}
