import type { Claim } from './claims.ts';
import { isNegation, type Word, wordsOf } from './words.ts';

/** The context, read once for all claims. */
export type Context = {
  words: readonly Word[];
  stems: ReadonlySet<string>;
  /** Where each pair of neighboring stems begins, bounded. */
  pairs: ReadonlyMap<string, readonly number[]>;
  triples: ReadonlySet<string>;
  sentences: readonly { from: number; to: number; start: number; end: number }[];
};

const PLACES_MAX = 32;

export function readContext(text: string): Context {
  const words = wordsOf(text);
  const pairs = new Map<string, number[]>();
  const triples = new Set<string>();
  words.forEach((word, k) => {
    const next = words[k + 1];
    if (!next) return;
    const pair = `${word.stem} ${next.stem}`;
    const places = pairs.get(pair);
    if (!places) pairs.set(pair, [k]);
    else if (places.length < PLACES_MAX) places.push(k);
    const after = words[k + 2];
    if (after) triples.add(`${pair} ${after.stem}`);
  });
  return { words, stems: new Set(words.map((word) => word.stem)), pairs, triples, sentences: sentencesOf(text, words) };
}

function sentencesOf(text: string, words: readonly Word[]): Context['sentences'] {
  const sentences: { from: number; to: number; start: number; end: number }[] = [];
  let from = 0;
  words.forEach((word, k) => {
    const next = words[k + 1];
    const gap = text.slice(word.end, next?.start ?? text.length);
    if (next && !/[.!?。！？\n]/.test(gap)) return;
    const first = words[from];
    if (first) sentences.push({ from, to: k + 1, start: first.start, end: word.end });
    from = k + 1;
  });
  return sentences;
}

/** What the words of a claim say about it, before anybody reads its meaning. All shares are in [0, 1]. */
export type LexicalSigns = {
  /** Words with content, numbers included. */
  contentWords: number;
  /** Share of them that stand in the context. */
  coverage: number;
  /** The same, in the one sentence of the context that holds most of them. */
  bestSentence: number;
  /** Share of the claim's word triples that stand in the context. */
  triples: number;
  /** Share of the claim that stands there in runs, weighted by how long the runs are. */
  runs: number;
  missingNumbers: string[];
  missingNames: string[];
  /** The claim denies what the nearest sentence states, or the other way round. */
  negationFlipped: boolean;
  /** The sentence of the context it was compared with. */
  nearest: { start: number; end: number } | null;
};

export function lexicalSigns(claim: Claim, context: Context): LexicalSigns {
  const words = wordsOf(claim.text);
  const content = words.filter((word) => word.kind !== 'function');
  const stems = [...new Set(content.map((word) => word.stem))];
  const found = stems.filter((stem) => context.stems.has(stem));
  const nearest = nearestSentence(stems, context);
  const missing = content.filter((word) => !context.stems.has(word.stem));
  const shown = (word: Word) => claim.text.slice(word.start, word.end);
  return {
    contentWords: stems.length,
    coverage: stems.length === 0 ? 0 : found.length / stems.length,
    bestSentence: stems.length === 0 ? 0 : nearest.held / stems.length,
    triples: shareOfTriples(words, context),
    runs: shareInRuns(words, context),
    missingNumbers: unique(missing.filter((word) => word.kind === 'number').map(shown)),
    missingNames: unique(missing.filter((word) => word.isName).map(shown)),
    negationFlipped: isFlipped(words, nearest, stems.length, context),
    nearest: nearest.sentence && { start: nearest.sentence.start, end: nearest.sentence.end },
  };
}

type Nearest = { held: number; sentence: Context['sentences'][number] | null };

function nearestSentence(stems: readonly string[], context: Context): Nearest {
  const wanted = new Set(stems);
  let best: Nearest = { held: 0, sentence: null };
  for (const sentence of context.sentences) {
    const seen = new Set<string>();
    for (let k = sentence.from; k < sentence.to; k++) {
      const stem = context.words[k]?.stem ?? '';
      if (wanted.has(stem)) seen.add(stem);
    }
    if (seen.size > best.held) best = { held: seen.size, sentence };
  }
  return best;
}

function shareOfTriples(words: readonly Word[], context: Context): number {
  if (words.length < 3) return shareOfShort(words, context);
  let held = 0;
  for (let k = 0; k + 2 < words.length; k++)
    if (context.triples.has(`${words[k]?.stem} ${words[k + 1]?.stem} ${words[k + 2]?.stem}`)) held++;
  return held / (words.length - 2);
}

function shareOfShort(words: readonly Word[], context: Context): number {
  const [first, second] = words;
  if (!first) return 0;
  if (!second) return context.stems.has(first.stem) ? 1 : 0;
  return context.pairs.has(`${first.stem} ${second.stem}`) ? 1 : 0;
}

// A run this long is taken over from the context; shorter ones also come about by chance.
const WHOLE_RUN = 6;

/** Covers the claim from left to right with the longest runs of the context. */
function shareInRuns(words: readonly Word[], context: Context): number {
  if (words.length === 0) return 0;
  const whole = Math.min(WHOLE_RUN, words.length);
  let sum = 0;
  for (let k = 0; k < words.length; ) {
    const length = longestRun(words, k, context);
    if (length === 0) {
      k++;
      continue;
    }
    sum += length * Math.min(1, length / whole);
    k += length;
  }
  return sum / words.length;
}

function longestRun(words: readonly Word[], from: number, context: Context): number {
  const first = words[from];
  if (!first || !context.stems.has(first.stem)) return 0;
  const places = context.pairs.get(`${first.stem} ${words[from + 1]?.stem}`) ?? [];
  let longest = 1;
  for (const place of places) {
    let length = 2;
    while (from + length < words.length && words[from + length]?.stem === context.words[place + length]?.stem) length++;
    if (length > longest) longest = length;
  }
  return longest;
}

// A sentence that shares less speaks of something else, and its negation says nothing about the claim.
const SAME_SUBJECT = 0.6;

function isFlipped(words: readonly Word[], nearest: Nearest, contentWords: number, context: Context): boolean {
  if (!nearest.sentence || contentWords < 3 || nearest.held / contentWords < SAME_SUBJECT) return false;
  const denies = words.some((word) => isNegation(word.stem));
  let sentenceDenies = false;
  for (let k = nearest.sentence.from; k < nearest.sentence.to; k++)
    if (isNegation(context.words[k]?.stem ?? '')) sentenceDenies = true;
  return denies !== sentenceDenies;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
