import type { SequenceState } from '#src/features/events/model.ts';
import { DistinctCount } from '#src/statistics/distinct-count.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { calibration, estimatedAccuracy, filledBins } from './evaluate-calibration.ts';
import { categoricalDrift, embeddingDrift, numericDrift } from './evaluate-drift.ts';
import { classifierDrift, kernelDrift } from './evaluate-embeddings.ts';
import { calibrationFairness, fairness, outcomeFairness } from './evaluate-fairness.ts';
import { hallucination } from './evaluate-hallucination.ts';
import { mean, percentile, rate } from './evaluate-rates.ts';
import { estimatedArea, scored } from './evaluate-scores.ts';
import { type Evaluated, finite, NOTHING } from './evaluated.ts';
import type { MethodGold } from './judged-counts.ts';
import type { Unpaired } from './labeled-counts.ts';
import { type Metric, type MonitorDefinition, readsLabels, worseOf } from './model.ts';
import type { SeriesCounts } from './series-counts.ts';
import type { StreamCounts } from './stream-counts.ts';

/*
 * What the counts of one series say, before anything is decided: pure, and from whole numbers and exact sums alone, so that
 * the same window gives the same bytes at any time.
 */

/**
 * Reads one series. `sequences` is what sources numbered within the window, for completeness; `gold` what people said, for
 * hallucination.
 */
export function evaluateSeries(
  definition: Pick<MonitorDefinition, 'metric' | 'thresholds' | 'minimumN'>,
  counts: SeriesCounts,
  baseline: BaselineSeries | undefined,
  { sequences, gold = [] }: { sequences: readonly SequenceState[]; gold?: readonly MethodGold[] },
): Evaluated {
  const { metric, thresholds, minimumN } = definition;
  const read = readCounts(metric, counts, baseline, { sequences, gold }, thresholds.warn);
  const exempt = metric.type === 'volume' || metric.type === 'completeness';
  if (read.insufficient === null && !exempt && read.n < minimumN)
    return { ...NOTHING, ...partOf(read), insufficient: readsLabels(metric) ? 'too_few_labels' : 'too_few' };
  return { ...read, more: read.more.map(({ name, value }) => ({ name, value: finite(value) })) };
}

function partOf({ n, missing, nonfinite, unreadable, judging }: Evaluated) {
  return { n, missing, nonfinite, unreadable, ...(judging && { judging }) };
}

function readCounts(
  metric: Metric,
  counts: SeriesCounts,
  baseline: BaselineSeries | undefined,
  { sequences, gold }: { sequences: readonly SequenceState[]; gold: readonly MethodGold[] },
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
      const base = labeled(counts);
      return counts.n === 0 ? { ...base, insufficient: 'too_few_labels' } : calibration(base, filledBins(counts.bins));
    }
    case 'vectors': {
      const base = { ...NOTHING, n: counts.n, missing: counts.missing };
      return metric.type === 'embedding_classifier_drift'
        ? classifierDrift(base, counts, baseline)
        : kernelDrift(base, counts, baseline);
    }
    case 'scored':
      return scored(labeled(counts), counts, metric, warn);
    case 'unlabeled': {
      const { n, missing, unreadable } = counts;
      return estimatedArea({ ...NOTHING, n, missing, unreadable }, counts, baseline);
    }
    case 'outcomes':
      return outcomeFairness(labeled(counts), counts, metric.type === 'fairness_outcome' ? metric.among : 'positives');
    case 'group_reliability':
      return calibrationFairness(labeled(counts), counts);
    case 'stream':
      return streamChange(counts);
    case 'judged':
      return metric.type === 'hallucination'
        ? hallucination(metric, counts, gold, warn)
        : { ...NOTHING, insufficient: 'not_computable' };
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

function labeled({ n, missing, unreadable, unmatched }: Unpaired & { n: number }): Evaluated {
  return { ...NOTHING, n, missing, unreadable, more: [{ name: 'unmatched_labels', value: unmatched }] };
}

function streamChange(counts: StreamCounts): Evaluated {
  const { n, missing, nonfinite, unreadable, changeCount, warnings, changes } = counts;
  const base = { ...NOTHING, n, missing, nonfinite, unreadable };
  if (n === 0) return { ...base, insufficient: 'too_few' };
  return {
    ...base,
    value: changeCount,
    effect: changeCount,
    more: [
      { name: 'first_change_at', value: changes[0]?.index ?? null },
      { name: 'last_change_at', value: changes.at(-1)?.index ?? null },
      { name: 'warnings', value: warnings },
    ],
  };
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
