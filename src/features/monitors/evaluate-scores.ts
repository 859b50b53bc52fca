import { studentQuantile, studentSf } from '#src/statistics/beta.ts';
import { brierParts, logLoss, reliability, reliabilityOfEqualMass } from '#src/statistics/calibration.ts';
import { averagePrecision, rocAuc } from '#src/statistics/discrimination.ts';
import { evaluateIsotonic } from '#src/statistics/isotonic.ts';
import { normalQuantile, normalSf } from '#src/statistics/normal.ts';
import { expectedRocAuc } from '#src/statistics/performance-estimate.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { type CalibrationBin, calibration } from './evaluate-calibration.ts';
import { type Evaluated, finite, finiteStatistic, pair, Z95 } from './evaluated.ts';
import type { Metric } from './model.ts';
import { unpackBits, unpackFloats64 } from './packed.ts';
import type { SeriesCounts } from './series-counts.ts';

/** Metrics over scores kept one by one, with labels or before them. */

type Scored = { p: Float64Array; y: Uint8Array };

const EQUAL_MASS_BINS = 10;
// With fewer of one outcome the normal error of the area is far from what it is.
const OUTCOME_MIN = 10;

export function scoresOf({ scores, labels }: { scores: string; labels: string }): Scored {
  const p = unpackFloats64(scores);
  return { p, y: unpackBits(labels, p.length) };
}

export function scored(
  base: Evaluated,
  counts: Extract<SeriesCounts, { type: 'scored' }>,
  metric: Metric,
  warn: number,
): Evaluated {
  if (counts.n === 0) return { ...base, insufficient: 'too_few_labels' };
  const cases = scoresOf(counts);
  const more = [...base.more, { name: 'cases_kept', value: cases.p.length }];
  switch (metric.type) {
    case 'calibration_equal_mass':
      return calibration({ ...base, more }, equalMassBins(cases));
    case 'brier':
      return brierScore({ ...base, more }, cases, warn);
    default:
      return areaUnderCurve({ ...base, more }, cases, warn);
  }
}

/** Ten bins of equal count. Cases come in an order that has nothing to do with their labels, so ties are cut at random. */
export function equalMassBins({ p, y }: Scored): CalibrationBin[] {
  const order = Uint32Array.from(p, (_, k) => k).sort((a, b) => (p[a] as number) - (p[b] as number) || a - b);
  const bins = reliabilityOfEqualMass(y, p, EQUAL_MASS_BINS);
  let at = 0;
  return bins.map(({ n, meanPredicted, shareOfPositives }) => {
    let spread = 0;
    for (const end = at + n; at < end; at++) {
      const score = p[order[at] as number] as number;
      spread += score * (1 - score);
    }
    return { n, positives: Math.round(n * shareOfPositives), sum: n * meanPredicted, spread };
  });
}

function brierScore(base: Evaluated, { p, y }: Scored, warn: number): Evaluated {
  const n = p.length;
  if (n < 2) return { ...base, insufficient: 'too_few_labels' };
  const squares = p.map((score, k) => (score - (y[k] as number)) ** 2);
  const value = squares.reduce((sum, one) => sum + one, 0) / n;
  const error = Math.sqrt(squares.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1) / n);
  const half = studentQuantile(0.975, n - 1) * error;
  const parts = brierParts(reliability(y, p));
  return {
    ...base,
    value,
    effect: value,
    // What these probabilities would score were each of them true.
    noiseFloor: p.reduce((sum, score) => sum + score * (1 - score), 0) / n,
    interval: pair(Math.max(0, value - half), Math.min(1, value + half)),
    statistic: error > 0 ? finiteStatistic('t', (value - warn) / error, n - 1) : null,
    p: error > 0 ? studentSf((value - warn) / error, n - 1) : value > warn ? 0 : 1,
    detectable: finite((Z95 + normalQuantile(0.8)) * error),
    more: [
      ...base.more,
      { name: 'reliability', value: parts.reliability },
      { name: 'resolution', value: parts.resolution },
      { name: 'uncertainty', value: parts.uncertainty },
      { name: 'skill', value: parts.uncertainty > 0 ? 1 - value / parts.uncertainty : null },
      { name: 'log_loss', value: logLoss(y, p) },
    ],
  };
}

function areaUnderCurve(base: Evaluated, { p, y }: Scored, warn: number): Evaluated {
  const positives = y.reduce((sum, label) => sum + label, 0);
  const more = [...base.more, { name: 'positives', value: positives }];
  const found = Math.min(positives, p.length - positives) < OUTCOME_MIN ? null : rocAuc(y, p);
  if (!found) return { ...base, more, insufficient: 'too_few_labels' };
  const { auc, standardError } = found;
  return {
    ...base,
    value: auc,
    effect: auc,
    // An area of 1 has no error of its own, which says nothing of the next window.
    interval:
      standardError > 0 ? pair(Math.max(0, auc - Z95 * standardError), Math.min(1, auc + Z95 * standardError)) : null,
    statistic: standardError > 0 ? finiteStatistic('z', (auc - warn) / standardError, null) : null,
    p: standardError > 0 ? normalSf((warn - auc) / standardError) : auc < warn ? 0 : 1,
    detectable: finite((Z95 + normalQuantile(0.8)) * standardError),
    more: [...more, { name: 'average_precision', value: averagePrecision(y, p) }],
  };
}

export function estimatedArea(
  base: Evaluated,
  counts: Extract<SeriesCounts, { type: 'unlabeled' }>,
  baseline: BaselineSeries | undefined,
): Evaluated {
  if (baseline?.type !== 'auc') return { ...base, insufficient: 'no_baseline' };
  if (counts.n === 0) return { ...base, insufficient: 'too_few' };
  const p = unpackFloats64(counts.scores);
  const curve = { x: Float64Array.from(baseline.knots.x), y: Float64Array.from(baseline.knots.y) };
  const value = expectedRocAuc(
    p.map((score) => evaluateIsotonic(curve, score)),
    p,
  );
  if (value === null) return { ...base, insufficient: 'not_computable' };
  const effect = baseline.auc - value;
  const error = baseline.spread * Math.sqrt(1 / p.length + 1 / baseline.n);
  return {
    ...base,
    value,
    noiseFloor: error,
    effect,
    interval: pair(Math.max(0, value - Z95 * error), Math.min(1, value + Z95 * error)),
    statistic: error > 0 ? finiteStatistic('z', effect / error, null) : null,
    p: error > 0 ? normalSf(effect / error) : effect > 0 ? 0 : 1,
    detectable: finite((Z95 + normalQuantile(0.8)) * error),
    more: [
      { name: 'reference', value: baseline.auc },
      // An estimate holds while calibration does: how far it lay from the truth where the truth was known.
      { name: 'reference_gap', value: baseline.auc - baseline.realized },
      { name: 'cases_kept', value: p.length },
    ],
  };
}
