import { rocAuc } from './discrimination.ts';
import { normalSf } from './normal.ts';
import { seededRandom, shuffle } from './random.ts';
import type { Status } from './sample.ts';

/** Drift of embeddings: rows of equal length, one a text. Meant for at most about 2,000 rows a side, offline. */

export type KernelDiscrepancy = { status: Status; mmd2: number | null; bandwidth: number | null; p: number | null };

const ROWS_MIN = 5;

/**
 * Unbiased squared maximum mean discrepancy with a Gaussian kernel at the median distance, and its permutation p
 * ((1 + as large) / (1 + draws)). Source: Gretton et al. (2012), equation 3.
 */
export function kernelDiscrepancy(
  r: readonly Float64Array[],
  c: readonly Float64Array[],
  { permutations = 999, seed = 1 } = {},
): KernelDiscrepancy {
  const n = r.length;
  const m = c.length;
  if (n < ROWS_MIN || m < ROWS_MIN) return { status: 'insufficient_data', mmd2: null, bandwidth: null, p: null };
  const rows = [...r, ...c];
  const all = n + m;
  const distances = new Float64Array(all * all);
  const upper: number[] = [];
  for (let i = 0; i < all; i++)
    for (let j = i + 1; j < all; j++) {
      const distance = squaredDistance(rows[i] as Float64Array, rows[j] as Float64Array);
      distances[i * all + j] = distance;
      distances[j * all + i] = distance;
      upper.push(distance);
    }
  const ordered = Float64Array.from(upper).sort();
  const median = ordered[ordered.length >> 1] as number;
  // Identical rows everywhere: any width gives the same kernel.
  const bandwidth = median > 0 ? median : 1;
  const kernel = distances.map((distance) => Math.exp(-distance / (2 * bandwidth)));
  const order = Uint32Array.from({ length: all }, (_, k) => k);
  const observed = discrepancyOf(kernel, order, n, all);
  const random = seededRandom(seed);
  let asLarge = 0;
  for (let k = 0; k < permutations; k++) {
    shuffle(order, random);
    if (discrepancyOf(kernel, order, n, all) >= observed) asLarge++;
  }
  return { status: 'ok', mmd2: observed, bandwidth: Math.sqrt(bandwidth), p: (1 + asLarge) / (1 + permutations) };
}

function discrepancyOf(kernel: Float64Array, order: Uint32Array, n: number, all: number): number {
  const inFirst = new Uint8Array(all);
  for (let k = 0; k < n; k++) inFirst[order[k] as number] = 1;
  let first = 0;
  let second = 0;
  let between = 0;
  for (let i = 0; i < all; i++)
    for (let j = i + 1; j < all; j++) {
      const value = kernel[i * all + j] as number;
      if (inFirst[i] !== inFirst[j]) between += value;
      else if (inFirst[i]) first += value;
      else second += value;
    }
  const m = all - n;
  return (2 * first) / (n * (n - 1)) + (2 * second) / (m * (m - 1)) - (2 * between) / (n * m);
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += ((a[k] as number) - (b[k] as number)) ** 2;
  return sum;
}

export type DomainClassifier = { status: Status; auc: number | null; standardError: number | null; p: number | null };

/**
 * How well a linear classifier, cross-fitted in `folds` parts, tells current rows from reference rows: AUC 0.5 means it
 * cannot. One-sided p by DeLong's error. Source: Lopez-Paz and Oquab (2017).
 */
export function domainClassifier(
  r: readonly Float64Array[],
  c: readonly Float64Array[],
  { folds = 5, seed = 1 } = {},
): DomainClassifier {
  if (r.length < 4 * folds || c.length < 4 * folds)
    return { status: 'insufficient_data', auc: null, standardError: null, p: null };
  const rows = [...r, ...c];
  const labels = rows.map((_, k) => (k < r.length ? 0 : 1));
  const order = Uint32Array.from(rows, (_, k) => k);
  shuffle(order, seededRandom(seed));
  const scores = new Float64Array(rows.length);
  for (let fold = 0; fold < folds; fold++) {
    const train = [...order].filter((_, place) => place % folds !== fold);
    const weights = fitLogistic(rows, labels, train);
    order.forEach((k, place) => {
      if (place % folds === fold) scores[k] = weights(rows[k] as Float64Array);
    });
  }
  const result = rocAuc(labels, scores);
  if (!result) return { status: 'insufficient_data', auc: null, standardError: null, p: null };
  const { auc, standardError } = result;
  return {
    status: 'ok',
    auc,
    standardError,
    p: standardError > 0 ? normalSf((auc - 0.5) / standardError) : auc > 0.5 ? 0 : 1,
  };
}

/** Logistic regression with a ridge penalty on standardized columns, by gradient descent with momentum. */
function fitLogistic(
  rows: readonly Float64Array[],
  labels: readonly number[],
  train: readonly number[],
): (row: Float64Array) => number {
  const width = (rows[0] as Float64Array).length;
  const mean = new Float64Array(width);
  const spread = new Float64Array(width);
  for (const k of train)
    (rows[k] as Float64Array).forEach((value, d) => {
      mean[d] = (mean[d] as number) + value / train.length;
    });
  for (const k of train)
    (rows[k] as Float64Array).forEach((value, d) => {
      spread[d] = (spread[d] as number) + (value - (mean[d] as number)) ** 2 / train.length;
    });
  const scale = spread.map((variance) => (variance > 0 ? 1 / Math.sqrt(variance) : 0));
  const weights = new Float64Array(width);
  const velocity = new Float64Array(width);
  let bias = 0;
  const score = (row: Float64Array) => {
    let sum = bias;
    for (let d = 0; d < width; d++)
      sum += (weights[d] as number) * ((row[d] as number) - (mean[d] as number)) * (scale[d] as number);
    return sum;
  };
  // A fixed number of small steps: the ranking is what counts, and a fixed recipe can be recomputed.
  const rate = 0.5 / Math.sqrt(width);
  for (let step = 0; step < 120; step++) {
    const gradient = new Float64Array(width);
    let biasGradient = 0;
    for (const k of train) {
      const row = rows[k] as Float64Array;
      const error = 1 / (1 + Math.exp(-score(row))) - (labels[k] as number);
      biasGradient += error;
      for (let d = 0; d < width; d++)
        gradient[d] =
          (gradient[d] as number) + error * ((row[d] as number) - (mean[d] as number)) * (scale[d] as number);
    }
    for (let d = 0; d < width; d++) {
      velocity[d] =
        0.9 * (velocity[d] as number) - rate * ((gradient[d] as number) / train.length + 0.01 * (weights[d] as number));
      weights[d] = (weights[d] as number) + (velocity[d] as number);
    }
    bias -= (rate * biasGradient) / train.length;
  }
  return score;
}
