import { DOCUMENT_COUNT } from './document-features.ts';
import { GRAMMAR_COUNT } from './lexicon.ts';
import { BUCKETS, bucketsOf } from './ngrams.ts';

/** What stands in the head of the committed weights. */
export type ModelHead = {
  version: string;
  /** Sources by name, with license and number of rows used. */
  sources: readonly { name: string; license: string; rows: number }[];
  /** SHA-256 of the training rows in the order they were used. */
  dataSha256: string;
  /** SHA-256 of the bytes of the buckets. */
  weightsSha256: string;
  /** One step of a byte weight. */
  step: number;
  bias: number;
  grammar: readonly number[];
  document: { bias: number; score: number; grammar: readonly number[]; features: readonly number[]; handicap: number };
};

export type Model = { head: ModelHead; weights: Int8Array };

/** Turns base64 of the weights into bytes; throws RangeError when their number is not that of the buckets. */
export function weightsOf(base64: string): Int8Array {
  const binary = atob(base64);
  if (binary.length !== BUCKETS) throw new RangeError(`weights have ${binary.length} bytes instead of ${BUCKETS}`);
  const weights = new Int8Array(BUCKETS);
  for (let i = 0; i < BUCKETS; i++) weights[i] = (binary.charCodeAt(i) << 24) >> 24;
  return weights;
}

/** The log-odds that a text (in small letters) is an attack, from n-grams and grammar. */
export function textScore(model: Model, lower: string, grammar: Uint8Array): number {
  const { weights } = model;
  const buckets = bucketsOf(lower);
  let sum = 0;
  for (let i = 0; i < buckets.length; i++) sum += weights[buckets[i] ?? 0] ?? 0;
  let score = model.head.bias + (buckets.length === 0 ? 0 : (sum * model.head.step) / Math.sqrt(buckets.length));
  for (let i = 0; i < GRAMMAR_COUNT; i++) if (grammar[i] === 1) score += model.head.grammar[i] ?? 0;
  return score;
}

/** The log-odds that a segment of a document is an instruction to an assistant. */
export function segmentScore(model: Model, score: number, grammar: Uint8Array, features: Float64Array): number {
  const { document } = model.head;
  let sum = document.bias + document.score * score;
  for (let i = 0; i < GRAMMAR_COUNT; i++) if (grammar[i] === 1) sum += document.grammar[i] ?? 0;
  for (let i = 0; i < DOCUMENT_COUNT; i++) sum += (document.features[i] ?? 0) * (features[i] ?? 0);
  return sum;
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
