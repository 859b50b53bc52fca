import { DOCUMENT_COUNT, neighborhoodOf, readDocumentFeatures } from '../injection/document-features.ts';
import { GRAMMAR_COUNT, readGrammar } from '../injection/lexicon.ts';
import { type Linear, type Model, type ModelHead, scaleOf, sigmoid, textScore } from '../injection/model.ts';
import { BUCKETS, bucketsOf } from '../injection/ngrams.ts';
import { lowerOf } from '../injection/score.ts';
import { segmentsOf } from '../injection/segments.ts';
import { normalize } from '../text/normalize.ts';
import { seededRandom, shuffled } from './random.ts';
import type { TrainingRow } from './row.ts';

const SEED = 20_260_101;
const EPOCHS = 4;
/** The helpers of the second stage need not be as good. */
const HALF_EPOCHS = 2;
const RATE = 0.25;
const DECAY = 2e-6;
/** Clean segments are many and alike; this many of a document are enough. */
const CLEAN_SEGMENTS = 6;

type Piece = { buckets: Uint32Array; grammar: Uint8Array; label: number; weight: number };
type Segmented = {
  lower: string;
  score: number;
  grammar: Uint8Array;
  features: Float64Array;
  label: number;
  weight: number;
  document: number;
  isTask: boolean;
};

function plainOf(text: string): string {
  return lowerOf(normalize(text).plain.text);
}

function pieceOf(lower: string, label: number, weight: number): Piece {
  return { buckets: bucketsOf(lower).slice(), grammar: readGrammar(lower).features, label, weight };
}

const isDocument = (row: TrainingRow) =>
  row.attack !== undefined || /tool_output|clean_doc|whois|indirect/.test(row.category);

/** Attacks outnumber what else is said in most languages: without more weight the language itself would count as one. */
const weightOf = (row: TrainingRow) => (row.category === 'benign_multilingual' ? 2 : 1);

/** Text that tells something, as documents do. */
const isProse = (row: TrainingRow) => /document|security_text/.test(row.category);

const LONGEST_SPOKEN = 600;

/** Attacks on users that a document could hold as well: no long speeches, nor detours, which begin with a harmless matter. */
const speaksLikeADocument = (row: TrainingRow) => row.category !== 'direct_detour' && row.text.length <= LONGEST_SPOKEN;

/** The segments of a document with what overlaps the injected stretch marked. */
function documentPieces(row: TrainingRow, document: number): Segmented[] {
  const lower = plainOf(row.text);
  const attack = row.attack === undefined ? '' : plainOf(row.attack);
  const from = attack === '' ? -1 : lower.indexOf(attack.slice(0, 200));
  const to = from < 0 ? -1 : from + attack.length;
  if (row.label === 1 && from < 0) return [];
  const segments = segmentsOf(lower);
  const around = neighborhoodOf(lower, segments);
  const pieces: Segmented[] = [];
  for (const [i, segment] of segments.entries()) {
    const covered = Math.min(segment.end, to) - Math.max(segment.start, from);
    const isAttack = covered > (segment.end - segment.start) * 0.5;
    // Segments at the edge of the attack are neither one nor the other.
    if (covered > 0 && !isAttack) continue;
    if (
      !isAttack &&
      segments.length > CLEAN_SEGMENTS &&
      (i * 7919 + document) % segments.length >= CLEAN_SEGMENTS &&
      from < 0
    )
      continue;
    const features = new Float64Array(DOCUMENT_COUNT);
    readDocumentFeatures(lower, segment, i, 1, around, features);
    const part = lower.slice(segment.start, segment.end);
    pieces.push({
      lower: part,
      score: 0,
      grammar: readGrammar(part).features,
      features,
      label: isAttack ? 1 : 0,
      weight: 1,
      document,
      isTask: isAttack && /bipia|indirect_task/.test(row.category),
    });
  }
  return pieces;
}

/** Trains everything; the same rows give the same bytes. `handicap` and the thresholds are fixed by hand on held-out rows. */
export function trainModel(rows: readonly TrainingRow[]): Model {
  const prompts = rows.filter((row) => !isDocument(row));
  const documents = rows.filter(isDocument);
  const promptPieces = prompts.map((row) => pieceOf(plainOf(row.text), row.label, weightOf(row)));
  const segments = documents.flatMap((row, document) => documentPieces(row, document));
  // A task that would be an ordinary prompt is an attack only where nobody asked for one.
  const orders = segments.filter((one) => !one.isTask).map((one) => pieceOf(one.lower, one.label, 0.5));
  const prompt = fitLinear([...promptPieces, ...orders], EPOCHS);
  const sentencePieces = segments.map((one) => pieceOf(one.lower, one.label, 1));
  const spokenOf = prompts
    .filter((row) => (row.label === 1 ? speaksLikeADocument(row) : isProse(row)))
    .map((row) => pieceOf(plainOf(row.text), row.label, 0.3));
  const sentence = fitLinear([...spokenOf, ...sentencePieces], EPOCHS);
  // The second stage must see scores of texts the first has not learned by heart: each half is scored by the other.
  for (const half of [0, 1]) {
    const other = fitLinear(
      [...spokenOf, ...sentencePieces.filter((_, i) => (segments[i]?.document ?? 0) % 2 !== half)],
      HALF_EPOCHS,
    );
    for (const one of segments) if (one.document % 2 === half) one.score = textScore(other, one.lower, one.grammar);
  }
  const head: ModelHead = {
    version: '',
    sources: [],
    dataSha256: '',
    weightsSha256: '',
    prompt: prompt.head,
    sentence: sentence.head,
    document: fitDocument(segments),
  };
  return { head, prompt, sentence };
}

function fitLinear(pieces: readonly Piece[], epochs: number): Linear {
  const random = seededRandom(SEED);
  const weights = new Float32Array(BUCKETS);
  const sums = new Float32Array(BUCKETS).fill(1e-3);
  const grammar = new Float64Array(GRAMMAR_COUNT);
  const grammarSums = new Float64Array(GRAMMAR_COUNT).fill(1);
  let bias = 0;
  let biasSum = 1;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const piece of shuffled(random, pieces)) {
      const { buckets, label, weight } = piece;
      const scale = scaleOf(buckets.length);
      let score = bias;
      for (let i = 0; i < buckets.length; i++) score += (weights[buckets[i] ?? 0] ?? 0) * scale;
      for (let i = 0; i < GRAMMAR_COUNT; i++) if (piece.grammar[i] === 1) score += grammar[i] ?? 0;
      const slope = (sigmoid(score) - label) * weight;
      biasSum += slope * slope;
      bias -= (RATE * slope) / Math.sqrt(biasSum);
      const step = slope * scale;
      for (let i = 0; i < buckets.length; i++) {
        const at = buckets[i] ?? 0;
        const gradient = step + DECAY * (weights[at] ?? 0);
        sums[at] = (sums[at] ?? 0) + gradient * gradient;
        weights[at] = (weights[at] ?? 0) - (RATE * gradient) / Math.sqrt(sums[at] ?? 1);
      }
      for (let i = 0; i < GRAMMAR_COUNT; i++) {
        if (piece.grammar[i] !== 1) continue;
        grammarSums[i] = (grammarSums[i] ?? 0) + slope * slope;
        grammar[i] = (grammar[i] ?? 0) - (RATE * slope) / Math.sqrt(grammarSums[i] ?? 1);
      }
    }
  }
  return quantized(weights, grammar, bias);
}

/** Weights beyond this many steps are cut: a few large ones must not take the resolution of all others. */
const STEPS = 127;
const CUT_SHARE = 0.9995;

function quantized(weights: Float32Array, grammar: Float64Array, bias: number): Linear {
  const sizes = Float64Array.from(weights, Math.abs).sort();
  const step = rounded((sizes[Math.floor(sizes.length * CUT_SHARE)] ?? 1) / STEPS, 1e6);
  const bytes = new Int8Array(BUCKETS);
  for (let i = 0; i < BUCKETS; i++) bytes[i] = Math.max(-STEPS, Math.min(STEPS, Math.round((weights[i] ?? 0) / step)));
  const head = { step, bias: rounded(bias, 1e4), grammar: [...grammar].map((one) => rounded(one, 1e4)) };
  return { head, weights: bytes };
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}

const DOCUMENT_EPOCHS = 12;
const HANDICAP = 0.45;

/** Logistic regression over the linear score, the grammar and the features of a segment. */
function fitDocument(segments: readonly Segmented[]): ModelHead['document'] {
  const random = seededRandom(SEED + 1);
  const count = 1 + GRAMMAR_COUNT + DOCUMENT_COUNT;
  const weights = new Float64Array(count);
  const sums = new Float64Array(count).fill(1);
  const inputs = segments.map((one) => Float64Array.from([one.score / 4, ...one.grammar, ...one.features]));
  const order = segments.map((_, i) => i);
  let bias = -1;
  let biasSum = 1;
  for (let epoch = 0; epoch < DOCUMENT_EPOCHS; epoch++) {
    for (const i of shuffled(random, order)) {
      const input = inputs[i] ?? new Float64Array(count);
      let score = bias;
      for (let k = 0; k < count; k++) score += (weights[k] ?? 0) * (input[k] ?? 0);
      const slope = sigmoid(score) - (segments[i]?.label ?? 0);
      biasSum += slope * slope;
      bias -= (0.3 * slope) / Math.sqrt(biasSum);
      for (let k = 0; k < count; k++) {
        const gradient = slope * (input[k] ?? 0) + 1e-5 * (weights[k] ?? 0);
        if (gradient === 0) continue;
        sums[k] = (sums[k] ?? 0) + gradient * gradient;
        weights[k] = (weights[k] ?? 0) - (0.3 * gradient) / Math.sqrt(sums[k] ?? 1);
      }
    }
  }
  const all = [...weights].map((one) => rounded(one, 1e4));
  return {
    bias: rounded(bias, 1e4),
    score: rounded((all[0] ?? 0) / 4, 1e4),
    grammar: all.slice(1, 1 + GRAMMAR_COUNT),
    features: all.slice(1 + GRAMMAR_COUNT),
    handicap: HANDICAP,
  };
}
