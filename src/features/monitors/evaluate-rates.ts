import { betaCdf, binomialCdf, studentQuantile, studentSf } from '#src/statistics/beta.ts';
import { ExactSum } from '#src/statistics/exact-sum.ts';
import { LogHistogram, RELATIVE_ERROR } from '#src/statistics/log-histogram.ts';
import { normalQuantile } from '#src/statistics/normal.ts';
import { momentsOf, type NumericCountsState } from '#src/statistics/numeric-counts.ts';
import { minimumDetectableEffect, wilson } from '#src/statistics/proportion.ts';
import { type Evaluated, finite, finiteStatistic, pair, Z95 } from './evaluated.ts';

export function rate(base: Evaluated, hits: number, worse: 'higher' | 'lower', warn: number): Evaluated {
  const { n } = base;
  if (n === 0) return { ...base, insufficient: 'too_few' };
  const value = hits / n;
  return {
    ...base,
    value,
    effect: value,
    interval: wilson(hits, n),
    statistic: { name: 'binomial', value: hits, dof: null },
    p: worse === 'higher' ? atLeast(hits, n, warn) : binomialCdf(hits, n, clip(warn)),
    detectable: finite(minimumDetectableEffect(Math.min(0.5, Math.max(value, 1 / n)), n)),
    more: [{ name: 'count', value: hits }],
  };
}

/** P(X >= x) of a binomial. */
function atLeast(x: number, n: number, share: number): number {
  return x <= 0 ? 1 : betaCdf(clip(share), x, n - x + 1);
}

const clip = (share: number) => Math.min(1, Math.max(0, share));

export function mean(base: Evaluated, counts: NumericCountsState, worse: 'higher' | 'lower', warn: number): Evaluated {
  const { n } = counts;
  const found = momentsOf(counts);
  if (!found || n < 2) return { ...base, insufficient: 'too_few' };
  const error = (found.std * Math.sqrt(n / (n - 1))) / Math.sqrt(n);
  // Values so large that their squares are no numbers any more have no error that could be told.
  if (!Number.isFinite(error)) return { ...base, value: finite(found.mean), insufficient: 'not_computable' };
  const beyond = worse === 'higher' ? found.mean - warn : warn - found.mean;
  const half = studentQuantile(0.975, n - 1) * error;
  return {
    ...base,
    value: finite(found.mean),
    effect: finite(found.mean),
    interval: pair(found.mean - half, found.mean + half),
    statistic: error > 0 ? finiteStatistic('t', beyond / error, n - 1) : null,
    p: error > 0 ? studentSf(beyond / error, n - 1) : beyond > 0 ? 0 : 1,
    detectable: finite((Z95 + normalQuantile(0.8)) * error),
    more: [
      { name: 'std', value: found.std },
      { name: 'min', value: counts.min },
      { name: 'max', value: counts.max },
    ],
  };
}

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);

export function percentile(base: Evaluated, counts: NumericCountsState, q: number, warn: number): Evaluated {
  const { n, log } = counts;
  if (!log) return { ...base, insufficient: 'not_computable' };
  const histogram = LogHistogram.from(log.zeroOrLess, log.buckets);
  const value = histogram.quantile(q);
  const half = Z95 * Math.sqrt(n * q * (1 - q));
  const at = (rank: number) => histogram.quantile(Math.min(1, Math.max(0, rank / n)));
  // Only buckets that lie above the threshold whole count against it: the 1 % of a bucket never makes an alarm.
  const above = log.buckets.reduce((sum, [bucket, count]) => sum + (GAMMA ** (bucket - 1) >= warn ? count : 0), 0);
  return {
    ...base,
    value: finite(value),
    effect: finite(value),
    interval: pair(at(n * q - half), at(n * q + half)),
    statistic: { name: 'binomial', value: above, dof: null },
    p: atLeast(above, n, 1 - q),
    more: [
      { name: 'p50', value: histogram.quantile(0.5) },
      { name: 'p95', value: histogram.quantile(0.95) },
      { name: 'p99', value: histogram.quantile(0.99) },
      { name: 'sum', value: ExactSum.from(counts.sum).toNumber() },
    ],
  };
}
