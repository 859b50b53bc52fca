import { DOCUMENT_COUNT, neighborhoodOf, readDocumentFeatures } from './document-features.ts';
import { GRAMMAR_COUNT, readGrammar } from './lexicon.ts';
import { type Model, segmentScore, textScore } from './model.ts';
import { segmentsOf } from './segments.ts';

/** The log-odds of the worst stretch of a text, and where it is. */
export type Scored = { score: number; start: number; end: number };

/** A user text longer than this is also judged in parts when it holds words of the grammar: an attack hides in the crowd. */
const CROWD_UNITS = 300;
/** What a part of a user text must have more than a whole one, per natural logarithm of their number. */
const PART_HANDICAP = 0.5;
/** What a text must have more when it grows long without one word of the grammar, per `BARE_UNITS` beyond the first. */
const BARE_UNITS = 300;
const MOST_BARE = 2;
/** A whole text is judged on its first units; what follows is judged in parts. */
const WHOLE_UNITS = 16_384;

/** `text` as one prompt of a person. */
export function scorePrompt(model: Model, text: string): Scored {
  const lower = lowerOf(text);
  const head = lower.length > WHOLE_UNITS ? lower.slice(0, WHOLE_UNITS) : lower;
  const grammar = readGrammar(lower);
  const hasGrammar = grammar.features.some((on) => on === 1);
  // Long texts that attack say so somewhere; prose of an unfamiliar kind or language gathers small weights instead.
  const bare = hasGrammar ? 0 : Math.min(MOST_BARE, Math.max(0, lower.length / BARE_UNITS - 1));
  let best: Scored = { score: textScore(model.prompt, head, grammar.features) - bare, start: 0, end: text.length };
  const isCrowd = lower.length > CROWD_UNITS && (hasGrammar || lower.length > WHOLE_UNITS);
  if (!isCrowd) return best;
  const segments = segmentsOf(lower);
  const handicap = PART_HANDICAP * Math.log(segments.length + 1);
  for (const { start, end } of segments) {
    const part = lower.slice(start, end);
    const partGrammar = readGrammar(part);
    // A part without any word of the grammar has never been the attack.
    if (!partGrammar.features.some((on) => on === 1)) continue;
    const score = textScore(model.prompt, part, partGrammar.features) - handicap;
    if (score > best.score) best = { score, start, end };
  }
  return best;
}

/** `text` as something an assistant reads, not obeys: its worst sentence or pair of sentences counts. */
export function scoreDocument(model: Model, text: string): Scored {
  const lower = lowerOf(text);
  const segments = segmentsOf(lower);
  const around = neighborhoodOf(lower, segments);
  const handicap = model.head.document.handicap * Math.log(Math.max(1, segments.length));
  const features = new Float64Array(DOCUMENT_COUNT);
  let best: Scored = { score: Number.NEGATIVE_INFINITY, start: 0, end: text.length };
  for (let i = 0; i < segments.length; i++) {
    for (let span = 1; span <= 2 && i + span <= segments.length; span++) {
      const segment = { start: segments[i]?.start ?? 0, end: segments[i + span - 1]?.end ?? 0 };
      const part = lower.slice(segment.start, segment.end);
      const grammar = readGrammar(part);
      readDocumentFeatures(lower, segment, i, span, around, features);
      const score =
        segmentScore(model, textScore(model.sentence, part, grammar.features), grammar.features, features) - handicap;
      if (score > best.score) best = { score, ...segment };
    }
  }
  return segments.length === 0 ? { score: -10, start: 0, end: 0 } : best;
}

/** Small letters, unit by unit where lowering would change the length. */
export function lowerOf(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return [...text].map((sign) => (sign.toLowerCase().length === sign.length ? sign.toLowerCase() : sign)).join('');
}

export const NO_GRAMMAR = new Uint8Array(GRAMMAR_COUNT);
