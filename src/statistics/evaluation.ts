import { binomialCdf, studentQuantile } from './beta.ts';
import type { Interval } from './proportion.ts';

export type MeanWithError = {
  n: number;
  mean: number;
  /** Sample standard deviation (divisor n - 1) over √n; null for fewer than 2. */
  standardError: number | null;
  /** By Student's t; null for fewer than 2. */
  interval95: Interval | null;
};

/** Mean of benchmark scores with its error. Null when there are no scores. */
export function meanWithError(scores: readonly number[]): MeanWithError | null {
  const n = scores.length;
  if (n === 0) return null;
  const mean = scores.reduce((sum, score) => sum + score, 0) / n;
  if (n < 2) return { n, mean, standardError: null, interval95: null };
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (n - 1) / n);
  const half = studentQuantile(0.975, n - 1) * standardError;
  return { n, mean, standardError, interval95: [mean - half, mean + half] };
}

/**
 * Standard error of the mean when scores come in clusters (questions of one document, turns of one conversation), and the
 * same with the correction √(G/(G-1)) for few clusters; that one is null for a single cluster.
 * Source: E. Miller, Adding Error Bars to Evals (2024), section 2.2.
 */
export function clusteredError(
  scores: readonly number[],
  clusters: readonly unknown[],
): { clusters: number; error: number; corrected: number | null } | null {
  const n = scores.length;
  if (n === 0) return null;
  const mean = scores.reduce((sum, score) => sum + score, 0) / n;
  const sums = new Map<unknown, number>();
  scores.forEach((score, k) => {
    sums.set(clusters[k], (sums.get(clusters[k]) ?? 0) + (score - mean));
  });
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  const error = Math.sqrt(squares) / n;
  const groups = sums.size;
  return { clusters: groups, error, corrected: groups > 1 ? error * Math.sqrt(groups / (groups - 1)) : null };
}

/** b - a over the same items: its mean and the error of that mean. Null when the lists differ in length or are empty. */
export function pairedDifference(a: readonly number[], b: readonly number[]): MeanWithError | null {
  if (a.length !== b.length) return null;
  return meanWithError(b.map((score, k) => score - (a[k] as number)));
}

/** McNemar's exact two-sided p from the items that only one of the two versions solved. */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  if (n === 0) return 1;
  return Math.min(1, 2 * binomialCdf(Math.min(onlyFirst, onlySecond), n, 0.5));
}

/** Chance that at least one of k samples passes, given c of n passed: 1 - C(n-c, k) / C(n, k). Source: Chen et al. (2021). */
export function passAtK(n: number, c: number, k: number): number | null {
  if (!(n > 0) || k < 1 || k > n || c < 0 || c > n) return null;
  if (n - c < k) return 1;
  let miss = 1;
  for (let i = 0; i < k; i++) miss *= (n - c - i) / (n - i);
  return 1 - miss;
}
