import { ExactSum } from '#src/statistics/exact-sum.ts';
import { chiSquareSf } from '#src/statistics/gamma.ts';
import { normalQuantile, normalSf } from '#src/statistics/normal.ts';
import { seededRandom } from '#src/statistics/random.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { type Evaluated, finite, pair, Z95 } from './evaluated.ts';
import type { ReliabilityCounts } from './labeled-counts.ts';
import type { SeriesCounts } from './series-counts.ts';

const DRAWS = 200;

/** One bin of cases: how many, how many came true, and the sums of p and of p (1 - p). */
export type CalibrationBin = { n: number; positives: number; sum: number; spread: number };

export function filledBins(bins: readonly ReliabilityCounts[]): CalibrationBin[] {
  return bins.flatMap(({ n, positives, sum, spread }) =>
    n === 0 ? [] : [{ n, positives, sum: ExactSum.from(sum).toNumber(), spread: ExactSum.from(spread).toNumber() }],
  );
}

/** Expected calibration error over bins that hold cases, with its noise floor, bootstrap interval and test. */
export function calibrationOf(filled: readonly CalibrationBin[]) {
  const n = filled.reduce((sum, bin) => sum + bin.n, 0);
  const errorOf = (positives: (bin: CalibrationBin) => number) =>
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
  return {
    value,
    noiseFloor,
    effect: Math.max(0, value - noiseFloor),
    interval: pair(draws[Math.floor(DRAWS * 0.025)] as number, draws[Math.ceil(DRAWS * 0.975) - 1] as number),
    statistic: { name: 'hosmer_lemeshow', value: test.statistic, dof: test.dof },
    p: test.p,
    maximumError: Math.max(...filled.map((bin) => Math.abs(bin.positives - bin.sum) / bin.n)),
    bias: filled.reduce((sum, bin) => sum + bin.sum - bin.positives, 0) / n,
  };
}

export function calibration(base: Evaluated, filled: readonly CalibrationBin[]): Evaluated {
  const { maximumError, bias, ...found } = calibrationOf(filled);
  return {
    ...base,
    ...found,
    more: [...base.more, { name: 'maximum_error', value: maximumError }, { name: 'bias', value: bias }],
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
  // What came true against all odds divides by next to nothing.
  const statistic = Math.min(
    Number.MAX_VALUE,
    cells.reduce((sum, cell) => sum + cell.gap ** 2 / cell.spread, 0),
  );
  return { statistic, dof: cells.length, p: chiSquareSf(statistic, cells.length) };
}

export function estimatedAccuracy(
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
