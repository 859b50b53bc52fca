import { exactTwoSampleSf, kolmogorovLimitSf, oneSampleSf } from './kolmogorov.ts';
import { normalSf } from './normal.ts';
import { sorted } from './sample.ts';

/**
 * All functions here take at least one value a side, none of them NaN; the caller checks with `Status`. All but
 * `kolmogorovSmirnov` take both samples in ascending order.
 */

/** Above this many cells the exact lattice path gives way to the approximation. */
const EXACT_CELLS_MAX = 1_000_000;

export type KolmogorovSmirnov = {
  /** sup |F_r - F_c| */
  d: number;
  /** P(D >= d): exact where n m <= 1,000,000, else by the one-sample distribution at the effective size. Ties make it conservative. */
  p: number;
  exact: boolean;
  /** By the one-sample distribution at round(n m / (n + m)), as scipy's asymptotic mode gives it. */
  pOneSample: number;
  pLimit: number;
};

/** Of two samples in any order: most of their values are only counted, not sorted. */
export function kolmogorovSmirnov(r: Float64Array, c: Float64Array): KolmogorovSmirnov {
  const n = r.length;
  const m = c.length;
  const steps = largestStep(r, c);
  const d = steps / n / m;
  const effective = (n * m) / (n + m);
  const pOneSample = oneSampleSf(Math.max(1, Math.round(effective)), d);
  const exact = n * m <= EXACT_CELLS_MAX;
  return {
    d,
    p: exact ? exactTwoSampleSf(n, m, steps) : pOneSample,
    exact,
    pOneSample,
    pLimit: kolmogorovLimitSf(d * Math.sqrt(effective)),
  };
}

const BUCKETED_FROM = 8_192;
const BUCKETS = 1 << 16;
/** Above this share of values in buckets that could hold the largest gap, sorting everything is no dearer. */
const GATHERED_SHARE_MAX = 0.5;

/** n m sup |F_r - F_c|, in whole numbers. */
function largestStep(r: Float64Array, c: Float64Array): number {
  const counted = r.length + c.length < BUCKETED_FROM ? null : largestStepByBuckets(r, c);
  return counted ?? largestStepInOrder(sorted(r), sorted(c), r.length, c.length, 0, 0);
}

/**
 * The same without a full sort: both samples are counted into buckets of equal width, which gives the gap at every border
 * and a bound within every bucket, and only the buckets whose bound is above the largest of the gaps are looked into.
 * Null where that would save nothing: a range that is no double, or most values in the buckets to look into.
 */
function largestStepByBuckets(r: Float64Array, c: Float64Array): number | null {
  const n = r.length;
  const m = c.length;
  const [min, max] = rangeOf(r, c);
  const scale = BUCKETS / (max - min);
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return null;
  const bucketsR = new Uint16Array(n);
  const bucketsC = new Uint16Array(m);
  const countsR = countBuckets(r, min, scale, bucketsR);
  const countsC = countBuckets(c, min, scale, bucketsC);

  let largest = 0;
  for (let bucket = 0, i = 0, j = 0; bucket < BUCKETS; bucket++) {
    i += countsR[bucket] as number;
    j += countsC[bucket] as number;
    largest = Math.max(largest, Math.abs(i * m - j * n));
  }
  const open = new Uint8Array(BUCKETS);
  let [openR, openC] = [0, 0];
  for (let bucket = 0, i = 0, j = 0; bucket < BUCKETS; bucket++) {
    const ofR = countsR[bucket] as number;
    const ofC = countsC[bucket] as number;
    if (Math.max((i + ofR) * m - j * n, (j + ofC) * n - i * m) > largest) {
      open[bucket] = 1;
      openR += ofR;
      openC += ofC;
    }
    i += ofR;
    j += ofC;
  }
  if (openR + openC > (n + m) * GATHERED_SHARE_MAX) return null;

  // Buckets follow one another, so that each bucket's values lie together once all gathered ones are in order.
  const inOrderR = sorted(gather(r, bucketsR, open, openR));
  const inOrderC = sorted(gather(c, bucketsC, open, openC));
  let [atR, atC] = [0, 0];
  for (let bucket = 0, i = 0, j = 0; bucket < BUCKETS; bucket++) {
    const ofR = countsR[bucket] as number;
    const ofC = countsC[bucket] as number;
    if (open[bucket]) {
      const within = largestStepInOrder(
        inOrderR.subarray(atR, atR + ofR),
        inOrderC.subarray(atC, atC + ofC),
        n,
        m,
        i,
        j,
      );
      largest = Math.max(largest, within);
      atR += ofR;
      atC += ofC;
    }
    i += ofR;
    j += ofC;
  }
  return largest;
}

function rangeOf(r: Float64Array, c: Float64Array): [min: number, max: number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of [r, c]) {
    for (let k = 0; k < values.length; k++) {
      const value = values[k] as number;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return [min, max];
}

/** Subtracting, scaling and cutting off never turn an order round, so a larger value is never in a lower bucket. */
function countBuckets(values: Float64Array, min: number, scale: number, buckets: Uint16Array): Uint32Array {
  const counts = new Uint32Array(BUCKETS);
  for (let k = 0; k < values.length; k++) {
    const place = (((values[k] as number) - min) * scale) | 0;
    const bucket = place < BUCKETS ? place : BUCKETS - 1;
    buckets[k] = bucket;
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return counts;
}

function gather(values: Float64Array, buckets: Uint16Array, open: Uint8Array, count: number): Float64Array {
  const gathered = new Float64Array(count);
  for (let k = 0, at = 0; k < values.length && at < count; k++)
    if (open[buckets[k] as number]) gathered[at++] = values[k] as number;
  return gathered;
}

/** Largest gap after each distinct value of two runs in ascending order, before which `i` and `j` of all n and m values lie. */
function largestStepInOrder(
  r: Float64Array,
  c: Float64Array,
  n: number,
  m: number,
  beforeR: number,
  beforeC: number,
): number {
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < r.length || j < c.length) {
    const x = i < r.length ? (r[i] as number) : Number.POSITIVE_INFINITY;
    const y = j < c.length ? (c[j] as number) : Number.POSITIVE_INFINITY;
    const at = x < y ? x : y;
    while (i < r.length && (r[i] as number) === at) i++;
    while (j < c.length && (c[j] as number) === at) j++;
    const gap = Math.abs((beforeR + i) * m - (beforeC + j) * n);
    if (gap > largest) largest = gap;
  }
  return largest;
}

/** ∫ |F_r - F_c|^power dx over the merged samples. */
function integrateGap(r: Float64Array, c: Float64Array, square: boolean): number {
  const n = r.length;
  const m = c.length;
  let i = 0;
  let j = 0;
  let sum = 0;
  let lost = 0;
  let last = Math.min(r[0] as number, c[0] as number);
  while (i < n || j < m) {
    const x = i < n ? (r[i] as number) : Number.POSITIVE_INFINITY;
    const y = j < m ? (c[j] as number) : Number.POSITIVE_INFINITY;
    const at = x < y ? x : y;
    const gap = Math.abs(i / n - j / m);
    if (at !== last && gap !== 0) {
      const term = (square ? gap * gap : gap) * (at - last);
      const next = sum + term;
      if (Number.isFinite(next)) lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
      sum = next;
    }
    last = at;
    while (i < n && (r[i] as number) === at) i++;
    while (j < m && (c[j] as number) === at) j++;
  }
  return sum + lost;
}

/** Wasserstein distance of order 1: ∫ |F_r - F_c| dx, in the unit of the values. Infinity where the range is beyond double. */
export function wasserstein1(r: Float64Array, c: Float64Array): number {
  return integrateGap(r, c, false);
}

/** Energy distance √(2 ∫ (F_r - F_c)² dx). Source: Székely and Rizzo (2013). */
export function energyDistance(r: Float64Array, c: Float64Array): number {
  return Math.sqrt(2 * integrateGap(r, c, true));
}

export type RankSums = { rankSumR: number; squaresR: number; squaresC: number; ties: number };

/**
 * One walk over the merged samples: sum of the mid-ranks of r, Σ (rank - place)² of each sample, and Σ (t³ - t) over ties.
 */
function rankSums(r: Float64Array, c: Float64Array): RankSums {
  const n = r.length;
  const m = c.length;
  let i = 0;
  let j = 0;
  const sums: RankSums = { rankSumR: 0, squaresR: 0, squaresC: 0, ties: 0 };
  while (i < n || j < m) {
    const x = i < n ? (r[i] as number) : Number.POSITIVE_INFINITY;
    const y = j < m ? (c[j] as number) : Number.POSITIVE_INFINITY;
    const at = x < y ? x : y;
    const fromR = i;
    const fromC = j;
    while (i < n && (r[i] as number) === at) i++;
    while (j < m && (c[j] as number) === at) j++;
    const tied = i - fromR + (j - fromC);
    const rank = fromR + fromC + (tied + 1) / 2;
    sums.rankSumR += rank * (i - fromR);
    sums.ties += tied ** 3 - tied;
    for (let k = fromR; k < i; k++) sums.squaresR += (rank - (k + 1)) ** 2;
    for (let k = fromC; k < j; k++) sums.squaresC += (rank - (k + 1)) ** 2;
  }
  return sums;
}

/** Mann-Whitney U of r, and its two-sided p by the normal approximation with tie and continuity correction. */
export function mannWhitney(r: Float64Array, c: Float64Array): { u: number; p: number } {
  const n = r.length;
  const m = c.length;
  const all = n + m;
  const { rankSumR, ties } = rankSums(r, c);
  const u = rankSumR - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  // With every value tied the ranks say nothing.
  if (!(variance > 0)) return { u, p: 1 };
  const z = (Math.max(u, n * m - u) - (n * m) / 2 - 0.5) / Math.sqrt(variance);
  return { u, p: Math.min(1, 2 * normalSf(z)) };
}

/** Two-sample Cramér-von Mises statistic T and its asymptotic p. Source: Anderson (1962); limit by Anderson and Darling (1952). */
export function cramerVonMises(r: Float64Array, c: Float64Array): { t: number; p: number } {
  const n = r.length;
  const m = c.length;
  const all = n + m;
  const { squaresR, squaresC } = rankSums(r, c);
  const product = n * m;
  const u = n * squaresR + m * squaresC;
  const t = u / (product * all) - (4 * product - 1) / (6 * all);
  const mean = (1 + 1 / all) / 6;
  const variance =
    ((all + 1) * (4 * product * all - 3 * (n * n + m * m) - 2 * product)) / (45 * all * all * 4 * product);
  const standardized = 1 / 6 + (t - mean) / Math.sqrt(45 * variance);
  return { t, p: standardized < 0.003 ? 1 : Math.max(0, 1 - cramerVonMisesLimitCdf(standardized)) };
}

/**
 * Terms below 1e-7 end the series, as in scipy's `cramervonmises_2samp`, with which reports are compared: a p under about
 * 1e-8 is then an upper bound.
 */
function cramerVonMisesLimitCdf(x: number): number {
  // Γ(k + 1/2) / k! by its recurrence, which stays exact to the last digit.
  let gammaRatio = Math.sqrt(Math.PI);
  let sum = 0;
  for (let k = 0; k < 100_000; k++) {
    if (k > 0) gammaRatio *= (k - 0.5) / k;
    const y = 4 * k + 1;
    const q = (y * y) / (16 * x);
    const term =
      (gammaRatio / (Math.PI ** 1.5 * Math.sqrt(x))) * Math.sqrt(y) * Math.exp(-2 * q) * scaledBesselKQuarter(q);
    sum += term;
    if (term < 1e-7) break;
  }
  return sum;
}

/** e^q K_{1/4}(q), by the trapezoidal rule on ∫ exp(-q (cosh t - 1)) cosh(t/4) dt, which converges geometrically. */
function scaledBesselKQuarter(q: number): number {
  const step = 1 / 64;
  let sum = 0.5;
  for (let k = 1; k < 4_000; k++) {
    const t = k * step;
    const half = Math.sinh(t / 2);
    const term = Math.exp(-2 * q * half * half) * Math.cosh(t / 4);
    sum += term;
    if (term < 1e-18 * sum) break;
  }
  return sum * step;
}
