import { rocAuc } from './discrimination.ts';
import { chiSquareSf } from './gamma.ts';
import { normalSf } from './normal.ts';
import { seededRandom, shuffle } from './random.ts';
import type { Status } from './sample.ts';

/** Drift of embeddings: rows of equal length, one a text. Meant for at most about 2,000 rows a side, offline. */

export type KernelDiscrepancy = {
  status: Status;
  mmd2: number | null;
  bandwidth: number | null;
  /** By permutation: no finer than 1 / (1 + permutations). */
  p: number | null;
  /**
   * From a Pearson III curve through the mean, spread and skewness of the permutations, where none of them was as large as
   * what was seen: only there can it be taken for p without false alarms beyond their level.
   */
  tailP: number | null;
  /** What 95 of 100 permutations stay below: the most that chance shows. */
  noise95: number | null;
};

const TOO_FEW: KernelDiscrepancy = {
  status: 'insufficient_data',
  mmd2: null,
  bandwidth: null,
  p: null,
  tailP: null,
  noise95: null,
};

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
  if (n < ROWS_MIN || m < ROWS_MIN) return TOO_FEW;
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
  const sums = kernelSums(kernel, all);
  const order = Uint32Array.from({ length: all }, (_, k) => k);
  // Only pairs within the smaller side are added up anew; the rest follows from sums over rows.
  const smaller = n <= m ? order.slice(0, n) : order.slice(n);
  const observed = discrepancyOf(kernel, sums, smaller, all);
  const random = seededRandom(seed);
  const draws = Float64Array.from({ length: permutations }, () => {
    shuffle(order, random);
    return discrepancyOf(kernel, sums, order.subarray(0, smaller.length), all);
  });
  const asLarge = draws.reduce((count, draw) => count + (draw >= observed ? 1 : 0), 0);
  return {
    status: 'ok',
    mmd2: observed,
    bandwidth: Math.sqrt(bandwidth),
    p: (1 + asLarge) / (1 + permutations),
    tailP: asLarge === 0 ? pearsonTail(draws, observed) : null,
    noise95: draws.sort()[Math.ceil(0.95 * permutations) - 1] ?? null,
  };
}

type KernelSums = { rows: Float64Array; total: number };

/** Of each row without its own place, and of all pairs once. */
function kernelSums(kernel: Float64Array, all: number): KernelSums {
  const rows = new Float64Array(all);
  for (let i = 0; i < all; i++) {
    let sum = 0;
    for (let j = 0; j < all; j++) if (j !== i) sum += kernel[i * all + j] as number;
    rows[i] = sum;
  }
  return { rows, total: rows.reduce((sum, row) => sum + row, 0) / 2 };
}

function discrepancyOf(kernel: Float64Array, { rows, total }: KernelSums, side: Uint32Array, all: number): number {
  const n = side.length;
  const m = all - n;
  let within = 0;
  let touching = 0;
  for (let a = 0; a < n; a++) {
    const i = side[a] as number;
    const from = i * all;
    touching += rows[i] as number;
    for (let b = a + 1; b < n; b++) within += kernel[from + (side[b] as number)] as number;
  }
  const between = touching - 2 * within;
  const other = total - within - between;
  return (2 * within) / (n * (n - 1)) + (2 * other) / (m * (m - 1)) - (2 * between) / (n * m);
}

/** Source for the curve: Gretton et al. (2009), who fit a gamma distribution; here with its own place by the third moment. */
function pearsonTail(draws: Float64Array, observed: number): number | null {
  const count = draws.length;
  if (count < 30) return null;
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / count;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / count;
  if (variance === 0) return null;
  const skewness = draws.reduce((sum, draw) => sum + (draw - mean) ** 3, 0) / count / variance ** 1.5;
  const z = (observed - mean) / Math.sqrt(variance);
  if (skewness < 0.01) return normalSf(z);
  const shape = 4 / skewness ** 2;
  return chiSquareSf(2 * Math.max(0, shape + z * Math.sqrt(shape)), 2 * shape);
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += ((a[k] as number) - (b[k] as number)) ** 2;
  return sum;
}

export type DomainClassifier = { status: Status; auc: number | null; standardError: number | null; p: number | null };

/**
 * How well a linear classifier, cross-fitted in `folds` parts, tells current rows from reference rows: AUC 0.5 means it
 * cannot. The areas of the folds are averaged; since their classifiers share rows, the variance of the mean is the corrected
 * one. The p is one-sided, by the error the areas have where there is nothing to tell apart.
 * Sources: Lopez-Paz and Oquab (2017); Nadeau and Bengio (2003) for the correction.
 */
export function domainClassifier(
  r: readonly Float64Array[],
  c: readonly Float64Array[],
  { folds = 5, seed = 1 } = {},
): DomainClassifier {
  const nothing: DomainClassifier = { status: 'insufficient_data', auc: null, standardError: null, p: null };
  if (r.length < 4 * folds || c.length < 4 * folds) return nothing;
  const rows = [...r, ...c];
  const labels = rows.map((_, k) => (k < r.length ? 0 : 1));
  const order = Uint32Array.from(rows, (_, k) => k);
  shuffle(order, seededRandom(seed));
  // Both sides are dealt out evenly, so that every fold has its share of each.
  const dealt = [0, 0];
  const foldOf = new Uint8Array(rows.length);
  for (const k of order) {
    const side = labels[k] as number;
    foldOf[k] = (dealt[side] as number) % folds;
    dealt[side] = (dealt[side] as number) + 1;
  }
  let [sum, variance, varianceOfNothing] = [0, 0, 0];
  for (let fold = 0; fold < folds; fold++) {
    const score = fitLogistic(
      rows,
      labels,
      [...order].filter((k) => foldOf[k] !== fold),
    );
    const test = [...order].filter((k) => foldOf[k] === fold);
    const found = rocAuc(
      test.map((k) => labels[k] as number),
      test.map((k) => score(rows[k] as Float64Array)),
    );
    if (!found) return nothing;
    const m = test.reduce((count, k) => count + (labels[k] as number), 0);
    sum += found.auc;
    variance += found.standardError ** 2;
    varianceOfNothing += (test.length + 1) / (12 * m * (test.length - m));
  }
  const corrected = (total: number) => Math.sqrt((total / folds) * (1 / folds + 1 / (folds - 1)));
  const auc = sum / folds;
  return {
    status: 'ok',
    auc,
    standardError: corrected(variance),
    p: normalSf((auc - 0.5) / corrected(varianceOfNothing)),
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
