import type { SequenceState } from '#src/features/events/model.ts';
import { betaCdf, binomialCdf, studentQuantile, studentSf } from '#src/statistics/beta.ts';
import { chiSquare, gTest, type Table } from '#src/statistics/contingency.ts';
import { DistinctCount } from '#src/statistics/distinct-count.ts';
import { jensenShannon, populationStabilityIndex, psiNoiseFloor } from '#src/statistics/divergence.ts';
import { ExactSum } from '#src/statistics/exact-sum.ts';
import { chiSquareSf } from '#src/statistics/gamma.ts';
import { LogHistogram, RELATIVE_ERROR } from '#src/statistics/log-histogram.ts';
import { normalQuantile, normalSf } from '#src/statistics/normal.ts';
import { momentsOf, type NumericCountsState } from '#src/statistics/numeric-counts.ts';
import { minimumDetectableEffect, wilson } from '#src/statistics/proportion.ts';
import { seededRandom } from '#src/statistics/random.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { type Decision, type Metric, type MonitorDefinition, worseOf } from './model.ts';
import type { GroupCounts, ReliabilityCounts, SeriesCounts } from './series-counts.ts';

/*
 * What the counts of one series say, before anything is decided: pure, and from whole numbers and exact sums alone, so that
 * the same window gives the same bytes at any time.
 */

export type Evaluated = Pick<
  Decision,
  | 'n'
  | 'missing'
  | 'nonfinite'
  | 'unreadable'
  | 'value'
  | 'noiseFloor'
  | 'effect'
  | 'interval'
  | 'statistic'
  | 'p'
  | 'detectable'
  | 'more'
> & { insufficient: 'too_few' | 'too_few_labels' | 'no_baseline' | 'not_computable' | null };

const NOTHING = {
  n: 0,
  missing: 0,
  nonfinite: 0,
  unreadable: 0,
  value: null,
  noiseFloor: null,
  effect: null,
  interval: null,
  statistic: null,
  p: null,
  detectable: null,
  more: [],
  insufficient: null,
} satisfies Evaluated;

// Below this many expected cases the chi-square distribution is no longer that of the statistic (Cochran's rule).
const EXPECTED_MIN = 5;
const GROUP_MIN = 30;
const Z95 = 1.959963984540054;

/** Reads one series. `sequences` is what sources numbered within the window, for completeness. */
export function evaluateSeries(
  definition: Pick<MonitorDefinition, 'metric' | 'thresholds' | 'minimumN'>,
  counts: SeriesCounts,
  baseline: BaselineSeries | undefined,
  sequences: readonly SequenceState[],
): Evaluated {
  const { metric, thresholds, minimumN } = definition;
  const read = readCounts(metric, counts, baseline, sequences, thresholds.warn);
  const exempt = metric.type === 'volume' || metric.type === 'completeness';
  if (read.insufficient === null && !exempt && read.n < minimumN)
    return { ...NOTHING, ...partOf(read), insufficient: metric.type === 'calibration' ? 'too_few_labels' : 'too_few' };
  return { ...read, more: read.more.map(({ name, value }) => ({ name, value: finite(value) })) };
}

function partOf({ n, missing, nonfinite, unreadable }: Evaluated) {
  return { n, missing, nonfinite, unreadable };
}

function readCounts(
  metric: Metric,
  counts: SeriesCounts,
  baseline: BaselineSeries | undefined,
  sequences: readonly SequenceState[],
  warn: number,
): Evaluated {
  if (metric.type === 'completeness') return completeness(sequences);
  switch (counts.type) {
    case 'numeric': {
      const left = {
        missing: counts.counts.missing,
        nonfinite: counts.counts.nonfinite,
        unreadable: counts.counts.unreadable,
      };
      const base = { ...NOTHING, ...left, n: counts.counts.n };
      if (metric.type === 'numeric_drift') return numericDrift(base, counts.counts, baseline);
      if (counts.counts.n === 0) return { ...base, insufficient: 'too_few' };
      return metric.type === 'percentile'
        ? percentile(base, counts.counts, metric.percent / 100, warn)
        : mean(base, counts.counts, worseOf(metric), warn);
    }
    case 'categories':
      return categoricalDrift(
        { ...NOTHING, n: counts.counts.n, missing: counts.counts.missing },
        counts.counts,
        baseline,
      );
    case 'projections':
      return embeddingDrift({ ...NOTHING, n: counts.n, missing: counts.missing }, counts.bins, baseline);
    case 'share':
      return rate({ ...NOTHING, n: counts.n, missing: counts.missing }, counts.hits, worseOf(metric), warn);
    case 'distinct': {
      const value = DistinctCount.from(counts.counts).estimate();
      return { ...NOTHING, n: counts.n, missing: counts.missing, value, effect: value };
    }
    case 'volume':
      return { ...NOTHING, n: counts.n, value: counts.n, effect: counts.n };
    case 'reliability': {
      const { n, missing, unreadable, unmatched } = counts;
      const base = { ...NOTHING, n, missing, unreadable, more: [{ name: 'unmatched_labels', value: unmatched }] };
      return n === 0 ? { ...base, insufficient: 'too_few_labels' } : calibration(base, counts.bins);
    }
    case 'expected':
      return estimatedAccuracy(
        { ...NOTHING, n: counts.n, missing: counts.missing, unreadable: counts.unreadable },
        counts,
        baseline,
      );
    case 'groups':
      return fairness({ ...NOTHING, n: counts.n, missing: counts.missing }, counts.groups, counts.outside);
  }
}

function completeness(sequences: readonly SequenceState[]): Evaluated {
  const declared = sequences.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const unique = sequences.reduce((sum, one) => sum + one.unique, 0);
  if (declared === 0) return { ...NOTHING, insufficient: 'too_few' };
  const share = unique / declared;
  return {
    ...NOTHING,
    n: declared,
    missing: declared - unique,
    value: share,
    effect: share,
    more: [
      { name: 'sources', value: sequences.length },
      { name: 'gaps', value: sequences.reduce((sum, { gapCount }) => sum + gapCount, 0) },
    ],
  };
}

function numericDrift(base: Evaluated, counts: NumericCountsState, baseline: BaselineSeries | undefined): Evaluated {
  if (baseline?.type !== 'numeric') return { ...base, insufficient: 'no_baseline' };
  if (counts.n === 0) return { ...base, insufficient: 'too_few' };
  const r = coarsen(baseline.bins, baseline.coarse);
  const c = coarsen(counts.bins, baseline.coarse);
  const drift = binDrift(r, c, mergeNeighbors(r, c));
  const { low, high } = boundedDistance(baseline.bins, counts.bins);
  const shift = momentsOf(counts);
  return {
    ...base,
    ...drift,
    more: [
      { name: 'jensen_shannon', value: drift.jensenShannon },
      // The Kolmogorov-Smirnov distance lies between these two: bins hide no more than the largest of them.
      { name: 'ks_at_least', value: low },
      { name: 'ks_at_most', value: high },
      {
        name: 'mean_shift_in_std',
        value: shift && baseline.std > 0 ? (shift.mean - baseline.mean) / baseline.std : null,
      },
    ],
  };
}

function coarsen(bins: readonly number[], coarse: readonly number[]): number[] {
  const ends = [...coarse.map((place) => place + 1), bins.length];
  let from = 0;
  return ends.map((end) => {
    let sum = 0;
    for (; from < end; from++) sum += bins[from] as number;
    return sum;
  });
}

type Drift = Pick<Evaluated, 'value' | 'noiseFloor' | 'effect' | 'statistic' | 'p'> & { jensenShannon: number };

/** PSI with its noise floor, and the chi-square test on the same counts, sparse ones merged as `table` says. */
function binDrift(r: readonly number[], c: readonly number[], table: Table): Drift {
  const n = total(r);
  const m = total(c);
  const p = Float64Array.from(r, (count) => count / n);
  const q = Float64Array.from(c, (count) => count / m);
  const value = populationStabilityIndex(p, q);
  const noiseFloor = psiNoiseFloor(r.length, n, m);
  const test = chiSquare(table);
  return {
    value,
    noiseFloor,
    effect: Math.max(0, value - noiseFloor),
    statistic: { name: 'chi_square', value: test.statistic, dof: test.dof },
    // Pearson's statistic alone alarms twice as often as it says in its far tail when cells are small, and the tail is what
    // many tests at once ask for (measured at n = 50). Where the likelihood ratio does not agree, it is not believed.
    p: Math.max(test.p, gTest(table).p),
    jensenShannon: jensenShannon(p, q),
  };
}

/** Neighbors are put together until every cell expects at least five cases. */
function mergeNeighbors(r: readonly number[], c: readonly number[]): Table {
  const share = smallerShare(r, c);
  const [mergedR, mergedC]: [number[], number[]] = [[], []];
  let [a, b] = [0, 0];
  for (let k = 0; k < r.length; k++) {
    a += r[k] as number;
    b += c[k] as number;
    if ((a + b) * share < EXPECTED_MIN) continue;
    mergedR.push(a);
    mergedC.push(b);
    [a, b] = [0, 0];
  }
  if (a + b > 0) {
    const last = Math.max(0, mergedR.length - 1);
    mergedR[last] = (mergedR[last] ?? 0) + a;
    mergedC[last] = (mergedC[last] ?? 0) + b;
  }
  return { r: Float64Array.from(mergedR), c: Float64Array.from(mergedC) };
}

/** Categories have no neighbors: the rare ones make one cell together. */
function mergeRare(r: readonly number[], c: readonly number[]): Table {
  const share = smallerShare(r, c);
  const [mergedR, mergedC]: [number[], number[]] = [[], []];
  let [a, b] = [0, 0];
  for (let k = 0; k < r.length; k++) {
    const both = (r[k] as number) + (c[k] as number);
    if (both * share >= EXPECTED_MIN) {
      mergedR.push(r[k] as number);
      mergedC.push(c[k] as number);
    } else {
      a += r[k] as number;
      b += c[k] as number;
    }
  }
  if (a + b > 0) {
    mergedR.push(a);
    mergedC.push(b);
  }
  return { r: Float64Array.from(mergedR), c: Float64Array.from(mergedC) };
}

function smallerShare(r: readonly number[], c: readonly number[]): number {
  const [n, m] = [total(r), total(c)];
  return Math.min(n, m) / (n + m);
}

function boundedDistance(r: readonly number[], c: readonly number[]): { low: number; high: number } {
  const [n, m] = [total(r), total(c)];
  let [atR, atC, low, widest] = [0, 0, 0, 0];
  for (let k = 0; k < r.length; k++) {
    widest = Math.max(widest, (r[k] as number) / n, (c[k] as number) / m);
    atR += r[k] as number;
    atC += c[k] as number;
    low = Math.max(low, Math.abs(atR / n - atC / m));
  }
  return { low, high: Math.min(1, low + widest) };
}

function categoricalDrift(
  base: Evaluated,
  counts: { n: number; known: number[]; unseen: number },
  baseline: BaselineSeries | undefined,
): Evaluated {
  if (baseline?.type !== 'categories') return { ...base, insufficient: 'no_baseline' };
  if (counts.n === 0) return { ...base, insufficient: 'too_few' };
  const withRest = baseline.rest > 0 || counts.unseen > 0;
  const r = withRest ? [...baseline.counts, baseline.rest] : baseline.counts;
  const c = withRest ? [...counts.known, counts.unseen] : counts.known;
  const drift = binDrift(r, c, mergeRare(r, c));
  return {
    ...base,
    ...drift,
    more: [
      { name: 'jensen_shannon', value: drift.jensenShannon },
      { name: 'unseen_share', value: counts.unseen / counts.n },
      { name: 'vanished', value: baseline.counts.filter((count, k) => count > 0 && counts.known[k] === 0).length },
    ],
  };
}

function embeddingDrift(base: Evaluated, bins: readonly number[][], baseline: BaselineSeries | undefined): Evaluated {
  if (baseline?.type !== 'projections') return { ...base, insufficient: 'no_baseline' };
  if (base.n === 0) return { ...base, insufficient: 'too_few' };
  const drifts = baseline.bins.map((r, k) => {
    const c = bins[k] ?? [];
    return binDrift(r, c, mergeNeighbors(r, c));
  });
  const average = (read: (drift: Drift) => number | null) =>
    drifts.reduce((sum, one) => sum + (read(one) ?? 0), 0) / drifts.length;
  const [value, noiseFloor] = [average((one) => one.value), average((one) => one.noiseFloor)];
  const strongest = drifts.reduce((best, one) => ((one.p ?? 1) < (best.p ?? 1) ? one : best));
  return {
    ...base,
    value,
    noiseFloor,
    effect: Math.max(0, value - noiseFloor),
    statistic: strongest.statistic,
    // The directions are looked at together, so the smallest p is one of as many.
    p: Math.min(1, (strongest.p ?? 1) * drifts.length),
    more: [{ name: 'strongest_direction', value: drifts.reduce((most, one) => Math.max(most, one.value ?? 0), 0) }],
  };
}

function rate(base: Evaluated, hits: number, worse: 'higher' | 'lower', warn: number): Evaluated {
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

function mean(base: Evaluated, counts: NumericCountsState, worse: 'higher' | 'lower', warn: number): Evaluated {
  const { n } = counts;
  const found = momentsOf(counts);
  if (!found || n < 2) return { ...base, insufficient: 'too_few' };
  const error = (found.std * Math.sqrt(n / (n - 1))) / Math.sqrt(n);
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

function percentile(base: Evaluated, counts: NumericCountsState, q: number, warn: number): Evaluated {
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

const DRAWS = 200;

function calibration(base: Evaluated, bins: readonly ReliabilityCounts[]): Evaluated {
  const filled = bins.flatMap((bin) =>
    bin.n === 0
      ? []
      : [
          {
            n: bin.n,
            positives: bin.positives,
            sum: ExactSum.from(bin.sum).toNumber(),
            spread: ExactSum.from(bin.spread).toNumber(),
          },
        ],
  );
  const { n } = base;
  const errorOf = (positives: (bin: (typeof filled)[number]) => number) =>
    filled.reduce((sum, bin) => sum + Math.abs(positives(bin) - bin.sum), 0) / n;
  const value = errorOf((bin) => bin.positives);
  // What a perfectly calibrated model shows with this many cases: the mean size of a normal error of the bin's spread.
  const noiseFloor = filled.reduce((sum, { spread }) => sum + Math.sqrt((2 / Math.PI) * spread), 0) / n;
  const test = hosmerLemeshow(filled);
  const random = seededRandom(n);
  const draws = Array.from({ length: DRAWS }, () =>
    errorOf(
      (bin) =>
        bin.positives +
        normalQuantile(0.5 / DRAWS + random() * (1 - 1 / DRAWS)) *
          Math.sqrt((bin.positives * (bin.n - bin.positives)) / bin.n),
    ),
  ).sort((a, b) => a - b);
  const bias = filled.reduce((sum, bin) => sum + bin.sum - bin.positives, 0) / n;
  return {
    ...base,
    value,
    noiseFloor,
    effect: Math.max(0, value - noiseFloor),
    interval: pair(draws[Math.floor(DRAWS * 0.025)] as number, draws[Math.ceil(DRAWS * 0.975) - 1] as number),
    statistic: { name: 'hosmer_lemeshow', value: test.statistic, dof: test.dof },
    p: test.p,
    more: [
      ...base.more,
      { name: 'maximum_error', value: Math.max(...filled.map((bin) => Math.abs(bin.positives - bin.sum) / bin.n)) },
      { name: 'bias', value: bias },
    ],
  };
}

// Bins whose outcome is nearly certain have no normal error of their own and join their neighbor.
const SPREAD_MIN = 1.25;

function hosmerLemeshow(bins: readonly { positives: number; sum: number; spread: number }[]): {
  statistic: number;
  dof: number;
  p: number;
} {
  const cells: { gap: number; spread: number }[] = [];
  let [gap, spread] = [0, 0];
  for (const bin of bins) {
    gap += bin.positives - bin.sum;
    spread += bin.spread;
    if (spread < SPREAD_MIN) continue;
    cells.push({ gap, spread });
    [gap, spread] = [0, 0];
  }
  const last = cells.at(-1);
  if (last) {
    last.gap += gap;
    last.spread += spread;
  } else if (spread > 0) cells.push({ gap, spread });
  if (cells.length === 0) return { statistic: 0, dof: 0, p: gap === 0 ? 1 : 0 };
  const statistic = cells.reduce((sum, cell) => sum + cell.gap ** 2 / cell.spread, 0);
  return { statistic, dof: cells.length, p: chiSquareSf(statistic, cells.length) };
}

function estimatedAccuracy(
  base: Evaluated,
  counts: Extract<SeriesCounts, { type: 'expected' }>,
  baseline: BaselineSeries | undefined,
): Evaluated {
  if (baseline?.type !== 'accuracy') return { ...base, insufficient: 'no_baseline' };
  if (counts.n === 0) return { ...base, insufficient: 'too_few' };
  const value = ExactSum.from(counts.correct).toNumber() / counts.n;
  const effect = baseline.accuracy - value;
  const error = baseline.spread * Math.sqrt(1 / counts.n + 1 / baseline.n);
  return {
    ...base,
    value,
    noiseFloor: error,
    effect,
    interval: pair(value - Z95 * error, value + Z95 * error),
    statistic: error > 0 ? { name: 'z', value: effect / error, dof: null } : null,
    p: error > 0 ? normalSf(effect / error) : effect > 0 ? 0 : 1,
    detectable: finite((Z95 + normalQuantile(0.8)) * error),
    more: [
      { name: 'reference', value: baseline.accuracy },
      // An estimate holds while calibration does: how far it lay from the truth where the truth was known.
      { name: 'reference_gap', value: baseline.accuracy - baseline.realized },
    ],
  };
}

function fairness(base: Evaluated, groups: readonly GroupCounts[], outside: number): Evaluated {
  const judged = groups.filter(({ n }) => n >= GROUP_MIN);
  const more = groups.flatMap(({ group, n, hits }) => [
    { name: `rate ${group}`, value: n > 0 ? hits / n : null },
    { name: `n ${group}`, value: n },
  ]);
  more.push({ name: 'outside_groups', value: outside });
  if (judged.length < 2) return { ...base, more, insufficient: 'too_few' };
  const rates = judged.map(({ n, hits }) => hits / n);
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  if (most === 0) return { ...base, more, insufficient: 'not_computable' };
  const hits = Float64Array.from(judged, (group) => group.hits);
  const misses = Float64Array.from(judged, (group) => group.n - group.hits);
  const test = misses.every((count) => count === 0) ? null : chiSquare({ r: hits, c: misses });
  return {
    ...base,
    value: least / most,
    effect: least / most,
    statistic: test && { name: 'chi_square', value: test.statistic, dof: test.dof },
    p: test?.p ?? 1,
    more,
  };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** JSON has no number for what is not finite: then there is none. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function pair(low: number, high: number): [number, number] | null {
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;
}

function finiteStatistic(name: string, value: number, dof: number): Evaluated['statistic'] {
  return Number.isFinite(value) ? { name, value, dof } : null;
}
