import { ExactSum, type ExactSumState } from '#src/statistics/exact-sum.ts';
import { type CountedEvent, labeledCase, probabilityOf, segmentOfCase } from './event-values.ts';
import type { Metric } from './model.ts';
import type { Counter } from './series-counts.ts';

/** Counters over labels, each held against what its prediction gave. */

export type ReliabilityCounts = { n: number; positives: number; sum: ExactSumState; spread: ExactSumState };
export type OutcomeCounts = {
  group: string;
  positives: number;
  chosenPositives: number;
  negatives: number;
  chosenNegatives: number;
};
export type GroupReliability = { group: string; n: number; bins: ReliabilityCounts[] };
/** Labels whose prediction is unknown are `unmatched`; groups that nobody declared are `outside`. */
export type Unpaired = { missing: number; unreadable: number; unmatched: number };

export const CALIBRATION_BINS = 10;

export function unpaired(): Unpaired {
  return { missing: 0, unreadable: 0, unmatched: 0 };
}

/** The probability that was given and the label it got; null where there is no such pair, which `left` then counts. */
export function scoredCase(
  event: CountedEvent,
  { field, label }: { field: string; label: string },
  left: Unpaired,
): { p: number; y: 0 | 1 } | null {
  const found = labeledCase(event, field, label);
  if (found === null) return null;
  if (typeof found === 'string') {
    left[found]++;
    return null;
  }
  const p = probabilityOf(found.given);
  if (p === undefined) left.unreadable++;
  return p === undefined ? null : { p, y: found.label };
}

/** Bins of equal width, summed exactly. */
function reliabilityBins() {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({
    n: 0,
    positives: 0,
    sum: new ExactSum(),
    spread: new ExactSum(),
  }));
  return {
    add(p: number, y: 0 | 1): void {
      const bin = bins[Math.min(Math.floor(p * CALIBRATION_BINS), CALIBRATION_BINS - 1)];
      if (!bin) return;
      bin.n++;
      bin.positives += y;
      bin.sum.add(p);
      bin.spread.add(p * (1 - p));
    },
    state: (): ReliabilityCounts[] =>
      bins.map(({ n, positives, sum, spread }) => ({ n, positives, sum: sum.state(), spread: spread.state() })),
  };
}

export function reliabilityCounter(metric: { field: string; label: string }): Counter {
  const bins = reliabilityBins();
  const left = unpaired();
  let n = 0;
  return {
    take: (event) => {
      const scored = scoredCase(event, metric, left);
      if (scored === null) return;
      n++;
      bins.add(scored.p, scored.y);
    },
    state: () => ({ type: 'reliability', n, ...left, bins: bins.state() }),
  };
}

export function outcomeCounter(metric: Extract<Metric, { type: 'fairness_outcome' }>): Counter {
  const groups = new Map(
    metric.groups.map((group) => [group, { positives: 0, chosenPositives: 0, negatives: 0, chosenNegatives: 0 }]),
  );
  const left = unpaired();
  let n = 0;
  let outside = 0;
  return {
    take: (event) => {
      const found = labeledCase(event, metric.field, metric.label);
      if (found === null) return;
      const group = segmentOfCase(event, metric.groupBy);
      if (typeof found === 'string' || group === undefined) {
        left[typeof found === 'string' ? found : 'missing']++;
        return;
      }
      const counts = groups.get(group);
      if (!counts) {
        outside++;
        return;
      }
      const isChosen = metric.equals.includes(found.given as string);
      if (found.label === 1) {
        counts.positives++;
        if (isChosen) counts.chosenPositives++;
      } else {
        counts.negatives++;
        if (isChosen) counts.chosenNegatives++;
      }
      if (metric.among === (found.label === 1 ? 'positives' : 'negatives')) n++;
    },
    state: () => ({
      type: 'outcomes',
      n,
      ...left,
      outside,
      groups: [...groups].map(([group, counts]) => ({ group, ...counts })),
    }),
  };
}

export function groupReliabilityCounter(metric: Extract<Metric, { type: 'fairness_calibration' }>): Counter {
  const groups = new Map(metric.groups.map((group) => [group, { n: 0, bins: reliabilityBins() }]));
  const left = unpaired();
  let n = 0;
  let outside = 0;
  return {
    take: (event: CountedEvent) => {
      const found = labeledCase(event, metric.field, metric.label);
      if (found === null) return;
      const group = segmentOfCase(event, metric.groupBy);
      if (typeof found === 'string' || group === undefined) {
        left[typeof found === 'string' ? found : 'missing']++;
        return;
      }
      const p = probabilityOf(found.given);
      const held = groups.get(group);
      if (p === undefined) left.unreadable++;
      else if (!held) outside++;
      else {
        n++;
        held.n++;
        held.bins.add(p, found.label);
      }
    },
    state: () => ({
      type: 'group_reliability',
      n,
      ...left,
      outside,
      groups: [...groups].map(([group, held]) => ({ group, n: held.n, bins: held.bins.state() })),
    }),
  };
}
