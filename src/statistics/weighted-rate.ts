import { betaCdf, betaQuantile } from './beta.ts';
import type { Interval } from './proportion.ts';

/**
 * Sums over the sampled items of one stratum, each of which was taken with probability `rate`: `y` of `x` (such as unsupported
 * of decided claims), their squares and their product. For a share of items `x` is 1 of each.
 */
export type StratumSums = { rate: number; n: number; y: number; x: number; yy: number; xy: number; xx: number };

export type WeightedRate = {
  rate: number;
  /** As many independent cases as tell as much; at most the sum of `x`. */
  effectiveN: number;
  interval: Interval;
};

/**
 * A rate over strata that were sampled with different probabilities: each item counts 1 / rate (Hajek 1971). Its variance is
 * that of a ratio, linearized (Särndal, Swensson and Wretman 1992, section 5.6), items taken for independent; the interval is
 * the exact one at the effective sample size (Korn and Graubard 1998). With one probability and `x` of 1 it is Clopper and
 * Pearson's. Null without cases.
 */
export function weightedRate(strata: readonly StratumSums[]): WeightedRate | null {
  const sum = (read: (one: StratumSums) => number) => strata.reduce((total, one) => total + read(one), 0);
  const weightedX = sum(({ x, rate }) => x / rate);
  if (!(weightedX > 0)) return null;
  const rate = Math.min(1, Math.max(0, sum(({ y, rate: taken }) => y / taken) / weightedX));
  const squares = sum(
    ({ yy, xy, xx, rate: taken }) => Math.max(0, yy - 2 * rate * xy + rate ** 2 * xx) / (taken * taken),
  );
  const cases = sum(({ x }) => x);
  const variance = squares / weightedX ** 2;
  const spread = rate * (1 - rate);
  // Where nothing varies the variance says nothing: the weights alone do (Kish 1965).
  const evenWeights = weightedX ** 2 / sum(({ xx, rate: taken }) => xx / (taken * taken));
  const effectiveN = Math.min(cases, spread > 0 && variance > 0 ? spread / variance : evenWeights);
  return { rate, effectiveN, interval: exactInterval(rate, effectiveN) };
}

/** P(at least this rate) and P(at most this rate) if the true one were `limit`: binomial at the effective sample size. */
export function weightedRateTest(
  { rate, effectiveN }: Pick<WeightedRate, 'rate' | 'effectiveN'>,
  limit: number,
): { atLeast: number; atMost: number } {
  const x = rate * effectiveN;
  const share = Math.min(1, Math.max(0, limit));
  return {
    atLeast: x <= 0 ? 1 : betaCdf(share, x, effectiveN - x + 1),
    atMost: x >= effectiveN ? 1 : 1 - betaCdf(share, x + 1, Math.max(effectiveN - x, Number.MIN_VALUE)),
  };
}

function exactInterval(rate: number, n: number): Interval {
  const x = rate * n;
  return [
    rate <= 0 ? 0 : betaQuantile(0.025, x, n - x + 1),
    rate >= 1 ? 1 : betaQuantile(0.975, x + 1, Math.max(n - x, Number.MIN_VALUE)),
  ];
}
