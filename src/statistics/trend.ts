import { normalSf } from './normal.ts';

/** Whether a short series goes up or down, and how fast. Gaps are allowed: each value comes with its place. */

export type MannKendall = {
  /** Pairs that rise minus pairs that fall. */
  s: number;
  /** Kendall's tau-b against the order. */
  tau: number;
  /** One-sided: a trend upward, and downward. */
  pUp: number;
  pDown: number;
};

// Up to here the exact distribution is cheap; above it the normal one is right in the third digit.
const EXACT_MAX = 40;

/**
 * The Mann-Kendall test of values in order; null with fewer than four. Exact without ties up to 40 values, else normal with
 * corrections for ties and continuity. Sources: Mann (1945); Kendall (1975).
 */
export function mannKendall(values: readonly number[]): MannKendall | null {
  const n = values.length;
  if (n < 4) return null;
  let s = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) s += Math.sign((values[j] as number) - (values[i] as number));
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ties = [...counts.values()].filter((count) => count > 1);
  const pairs = (n * (n - 1)) / 2;
  const tied = ties.reduce((sum, t) => sum + (t * (t - 1)) / 2, 0);
  const tau = tied === pairs ? 0 : s / Math.sqrt(pairs * (pairs - tied));
  if (ties.length === 0 && n <= EXACT_MAX) return { s, tau, pUp: exactAtLeast(s, n), pDown: exactAtLeast(-s, n) };
  const variance = (n * (n - 1) * (2 * n + 5) - ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0)) / 18;
  if (variance === 0) return { s, tau, pUp: 1, pDown: 1 };
  const spread = Math.sqrt(variance);
  return { s, tau, pUp: normalSf((s - 1) / spread), pDown: normalSf((-s - 1) / spread) };
}

/** P(S >= s) over all orders of n values: S = pairs - 2 x inversions, and inversions are counted by Mahonian numbers. */
function exactAtLeast(s: number, n: number): number {
  const pairs = (n * (n - 1)) / 2;
  const inversionsMost = Math.floor((pairs - s) / 2);
  let share = [1];
  for (let k = 2; k <= n; k++) {
    const next = new Array<number>(share.length + k - 1).fill(0);
    share.forEach((held, at) => {
      for (let more = 0; more < k; more++) next[at + more] = (next[at + more] as number) + held / k;
    });
    share = next;
  }
  let sum = 0;
  for (let k = 0; k <= inversionsMost && k < share.length; k++) sum += share[k] as number;
  return Math.min(1, sum);
}

export type Line = { slope: number; intercept: number };

/**
 * The median of the slopes of all pairs, and the line of that slope through the medians: one wild value in four does not move
 * it. `at` are distinct places. Null with fewer than two. Sources: Theil (1950); Sen (1968).
 */
export function theilSen(at: readonly number[], values: readonly number[]): Line | null {
  const n = values.length;
  if (n < 2) return null;
  const slopes: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++)
      slopes.push(((values[j] as number) - (values[i] as number)) / ((at[j] as number) - (at[i] as number)));
  const slope = median(slopes);
  return { slope, intercept: median(values.map((value, k) => value - slope * (at[k] as number))) };
}

function median(values: readonly number[]): number {
  const inOrder = Float64Array.from(values).sort();
  const middle = inOrder.length >> 1;
  const high = inOrder[middle] as number;
  return inOrder.length % 2 === 1 ? high : ((inOrder[middle - 1] as number) + high) / 2;
}
