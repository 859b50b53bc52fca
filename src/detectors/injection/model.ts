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
  /** SHA-256 of the bytes of the buckets, those of prompts before those of documents. */
  weightsSha256: string;
  /** Judges what a person asks. */
  prompt: LinearHead;
  /** Judges what a sentence says inside a document: there a plain task is out of place, in a prompt it is the rule. */
  sentence: LinearHead;
  document: { bias: number; score: number; grammar: readonly number[]; features: readonly number[]; handicap: number };
};

/** `step` is one step of a byte weight. */
export type LinearHead = { step: number; bias: number; grammar: readonly number[] };
export type Linear = { head: LinearHead; weights: Int8Array };
export type Model = { head: ModelHead; prompt: Linear; sentence: Linear };

/** The model from its head and the base64 of its weights; throws RangeError when their number is not that of the buckets. */
export function modelOf(head: ModelHead, base64: string): Model {
  const binary = atob(base64);
  if (binary.length !== 2 * BUCKETS)
    throw new RangeError(`weights have ${binary.length} bytes instead of ${2 * BUCKETS}`);
  const weights = new Int8Array(binary.length);
  for (let i = 0; i < binary.length; i++) weights[i] = (binary.charCodeAt(i) << 24) >> 24;
  return {
    head,
    prompt: { head: head.prompt, weights: weights.subarray(0, BUCKETS) },
    sentence: { head: head.sentence, weights: weights.subarray(BUCKETS) },
  };
}

/** A text of few words says little: its sum counts less than its length alone would make it. */
const SHORTNESS = 60;

export function scaleOf(buckets: number): number {
  return 1 / Math.sqrt(buckets + SHORTNESS);
}

/** The log-odds that a text (in small letters) is an attack, from n-grams and grammar. */
export function textScore(model: Linear, lower: string, grammar: Uint8Array): number {
  const { weights } = model;
  const buckets = bucketsOf(lower);
  let sum = 0;
  for (let i = 0; i < buckets.length; i++) sum += weights[buckets[i] as number] as number;
  let score = model.head.bias + sum * model.head.step * scaleOf(buckets.length);
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
