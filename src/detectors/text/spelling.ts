import { composed, type MappedText, MappedTextBuilder } from './mapped-text.ts';
import { isAsciiLetter } from './signs.ts';

/** English words an attack can hardly do without; misspelling them on purpose is how it hides. */
const VOCABULARY =
  'ignore ignoring disregard forget forgetting override bypass previous prior preceding earlier original initial instruction instructions directive directives guideline guidelines rules commands orders system prompt prompts message messages reveal repeat display output print hidden secret password confidential everything anything restriction restrictions unrestricted unfiltered uncensored developer administrator assistant pretend character roleplay simulate respond response answer answers without refuse refusing never always limits limitations policy policies ethical unethical illegal immoral warnings disclaimer language model conversation context configuration before above words verbatim exactly task tasks follow following obey comply execute instead translate summarize content filter filters safety training programming personality persona jailbreak mode enabled moment starting stay explain write question request requests knowledge information'.split(
    ' ',
  );
const SHORTEST = 5;
const LONGEST = 16;
/** A wrong letter makes more real words than a swapped one does, so short words are repaired of swaps only. */
const SHORTEST_WRONG = 7;

function letterHash(unit: number): number {
  return LETTER_HASH[unit & 127] ?? 0;
}

/** Of ASCII letters only; large and small ones are alike. */
const LETTER_HASH = Int32Array.from({ length: 128 }, (_, unit) => spread(unit));

function spread(unit: number): number {
  let h = Math.imul(unit | 32, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

function sumOf(word: string): number {
  let sum = 0;
  for (let i = 0; i < word.length; i++) sum = (sum + letterHash(word.charCodeAt(i))) | 0;
  return sum;
}

/** Words by the sum over their letters, whole and with one letter left out; the sum does not know the order. */
const BY_SUM = new Map<number, string[]>();
/** One look dismisses most words. */
const MAYBE = new Uint8Array(65_536);
const KNOWN = new Set(VOCABULARY);

function note(sum: number, word: string): void {
  MAYBE[(sum ^ (sum >>> 16)) & 65_535] = 1;
  BY_SUM.set(sum, [...(BY_SUM.get(sum) ?? []), word]);
}

for (const word of VOCABULARY) {
  if (word.length < SHORTEST) continue;
  const sum = sumOf(word);
  note(sum, word);
  if (word.length < SHORTEST_WRONG) continue;
  for (const letter of new Set(word)) note((sum - letterHash(letter.charCodeAt(0))) | 0, word);
}

/**
 * `ignroe prevoius insturctions` with its words repaired, or null when there is nothing to repair. Only words close to the
 * vocabulary of attacks change: swapped letters, one letter wrong, missing or too many. Linear in the length.
 */
export function repairSpelling(source: MappedText): MappedText | null {
  const { text } = source;
  let builder: MappedTextBuilder | null = null;
  let copied = 0;
  let start = 0;
  let sum = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0;
    if (isAsciiLetter(unit)) {
      sum = (sum + letterHash(unit)) | 0;
      continue;
    }
    const meant = i - start < SHORTEST || i - start > LONGEST ? null : meantWord(text, start, i, sum);
    if (meant !== null) {
      builder ??= new MappedTextBuilder(text.length);
      for (; copied < start; copied++) builder.push(text.charCodeAt(copied), copied, copied + 1);
      builder.pushText(meant, start, i);
      copied = i;
    }
    start = i + 1;
    sum = 0;
  }
  if (builder === null) return null;
  for (; copied < text.length; copied++) builder.push(text.charCodeAt(copied), copied, copied + 1);
  return composed(source, builder.finish());
}

function meantWord(text: string, start: number, end: number, sum: number): string | null {
  let isClose = isMaybe(sum);
  for (let k = start; !isClose && k < end; k++) isClose = isMaybe((sum - letterHash(text.charCodeAt(k))) | 0);
  if (!isClose) return null;
  const word = text.slice(start, end).toLowerCase();
  if (KNOWN.has(word)) return null;
  const sums = [sum, ...[...word].map((letter) => (sum - letterHash(letter.charCodeAt(0))) | 0)];
  for (const one of sums) {
    for (const meant of BY_SUM.get(one) ?? []) if (isMisspelled(word, meant)) return meant;
  }
  return null;
}

function isMaybe(sum: number): boolean {
  return MAYBE[(sum ^ (sum >>> 16)) & 65_535] === 1 && BY_SUM.has(sum);
}

/** Whether `word` is `meant` with letters swapped inside, or with one letter wrong, missing or too many. */
function isMisspelled(word: string, meant: string): boolean {
  if (word.charCodeAt(0) !== meant.charCodeAt(0)) return false;
  let head = 0;
  while (head < word.length && head < meant.length && word[head] === meant[head]) head++;
  let tail = 0;
  while (
    tail < Math.min(word.length, meant.length) - head &&
    word[word.length - 1 - tail] === meant[meant.length - 1 - tail]
  )
    tail++;
  const left = word.length - head - tail;
  const right = meant.length - head - tail;
  if (word.length === meant.length && sumOf(word) === sumOf(meant)) return tail > 0 || left === 2;
  if (meant.length < SHORTEST_WRONG) return false;
  // A word that only goes on or stops earlier is another form of it, not a mistake.
  return left <= 1 && right <= 1 && !word.startsWith(meant) && !meant.startsWith(word);
}
