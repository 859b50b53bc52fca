import { chiSquare, gTest, type Table } from '#src/statistics/contingency.ts';
import { jensenShannon, populationStabilityIndex, psiNoiseFloor } from '#src/statistics/divergence.ts';
import { momentsOf, type NumericCountsState } from '#src/statistics/numeric-counts.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { type Evaluated, total } from './evaluated.ts';

// Below this many expected cases the chi-square distribution is no longer that of the statistic (Cochran's rule).
const EXPECTED_MIN = 5;

export function numericDrift(
  base: Evaluated,
  counts: NumericCountsState,
  baseline: BaselineSeries | undefined,
): Evaluated {
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

export function categoricalDrift(
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

export function embeddingDrift(
  base: Evaluated,
  bins: readonly number[][],
  baseline: BaselineSeries | undefined,
): Evaluated {
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
