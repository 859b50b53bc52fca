import type { EventKind } from '#src/features/events/model.ts';
import type { CheckResult } from '#src/features/groundedness-checks/index.ts';
import { CategoryCounts, type CategoryCountsState } from '#src/statistics/category-counts.ts';
import { DistinctCount, type DistinctCountState } from '#src/statistics/distinct-count.ts';
import { ExactSum, type ExactSumState } from '#src/statistics/exact-sum.ts';
import { evaluateIsotonic } from '#src/statistics/isotonic.ts';
import { NumericCounts, type NumericCountsState } from '#src/statistics/numeric-counts.ts';
import { PROJECTIONS } from '#src/statistics/projection.ts';
import type { BaselineSeries } from './baseline-content.ts';
import {
  type CountedEvent,
  fieldValue,
  probabilityOf,
  projectionOf,
  segmentOf,
  segmentOfCase,
} from './event-values.ts';
import { type JudgedCounts, judgedCounter } from './judged-counts.ts';
import {
  type GroupReliability,
  groupReliabilityCounter,
  type OutcomeCounts,
  outcomeCounter,
  type ReliabilityCounts,
  reliabilityCounter,
  type Unpaired,
} from './labeled-counts.ts';
import type { Metric, MonitorDefinition } from './model.ts';
import { scoredCounter, unlabeledCounter, vectorCounter } from './sampled-counts.ts';
import { type StreamCounts, streamCounter } from './stream-counts.ts';

export type GroupCounts = { group: string; n: number; hits: number };

/** What a window keeps of one series: whole numbers and exact sums, the same bytes for the same events. */
export type SeriesCounts =
  | { type: 'numeric'; counts: NumericCountsState }
  | { type: 'categories'; counts: CategoryCountsState }
  | { type: 'projections'; n: number; missing: number; bins: number[][] }
  | { type: 'share'; n: number; hits: number; missing: number }
  | { type: 'distinct'; n: number; missing: number; counts: DistinctCountState }
  | { type: 'volume'; n: number }
  | ({ type: 'reliability'; n: number; bins: ReliabilityCounts[] } & Unpaired)
  | { type: 'expected'; n: number; missing: number; unreadable: number; correct: ExactSumState }
  | { type: 'groups'; n: number; missing: number; outside: number; groups: GroupCounts[] }
  | ({ type: 'outcomes'; n: number; outside: number; groups: OutcomeCounts[] } & Unpaired)
  | ({ type: 'group_reliability'; n: number; outside: number; groups: GroupReliability[] } & Unpaired)
  | { type: 'vectors'; n: number; missing: number; rows: string }
  | ({ type: 'scored'; n: number; scores: string; labels: string } & Unpaired)
  | { type: 'unlabeled'; n: number; missing: number; unreadable: number; scores: string }
  | ({ type: 'stream' } & StreamCounts)
  | JudgedCounts;

/** The state of one counter under way. Merging is in the statistics; here one reader sees every event of a window. */
export type Counter = { take(event: CountedEvent): void; state(): SeriesCounts };

/**
 * A counter for one series. `baseline` is the reference of the same series; without one, drift counts only how much came.
 * `checks`: for hallucination, what came of sampled answers, by event.
 */
export function createCounter(
  metric: Metric,
  baseline: BaselineSeries | undefined,
  checks: ReadonlyMap<string, CheckResult> = new Map(),
): Counter {
  switch (metric.type) {
    case 'numeric_drift':
      return numericCounter(
        metric,
        new NumericCounts({ edges: baseline?.type === 'numeric' ? baseline.edges : undefined }),
      );
    case 'mean':
      return numericCounter(metric, new NumericCounts());
    case 'percentile':
      return numericCounter(metric, new NumericCounts({ log: true }));
    case 'categorical_drift':
      return categoryCounter(metric, baseline?.type === 'categories' ? baseline.categories : []);
    case 'embedding_drift':
      return projectionCounter(metric, baseline?.type === 'projections' ? baseline.edges : undefined);
    case 'rate':
      return shareCounter(metric, (value) => metric.equals.includes(value as string));
    case 'missing_rate':
      return missingCounter(metric);
    case 'distinct':
      return distinctCounter(metric);
    case 'calibration':
      return reliabilityCounter(metric);
    case 'calibration_equal_mass':
    case 'brier':
    case 'roc_auc':
      return scoredCounter(metric);
    case 'estimated_roc_auc':
      return unlabeledCounter(metric);
    case 'embedding_mmd_drift':
    case 'embedding_classifier_drift':
      return vectorCounter(metric);
    case 'stream_change':
      return streamCounter(metric);
    case 'fairness_outcome':
      return outcomeCounter(metric);
    case 'fairness_calibration':
      return groupReliabilityCounter(metric);
    case 'hallucination':
      return judgedCounter(metric, checks);
    case 'estimated_accuracy':
      return expectedCounter(metric, baseline?.type === 'accuracy' ? baseline : undefined);
    case 'fairness':
      return groupCounter(metric);
    case 'volume':
      return volumeCounter(metric.eventKind);
    case 'completeness':
      return volumeCounter(null);
  }
}

type OfField = { eventKind: EventKind; field: string };

function numericCounter({ eventKind, field }: OfField, counts: NumericCounts): Counter {
  return {
    take: ({ kind, body }) => {
      if (kind === eventKind) counts.take(fieldValue(body, field));
    },
    state: () => ({ type: 'numeric', counts: counts.state() }),
  };
}

function categoryCounter({ eventKind, field }: OfField, categories: readonly string[]): Counter {
  const counts = new CategoryCounts(categories);
  return {
    take: ({ kind, body }) => {
      if (kind === eventKind) counts.take(fieldValue(body, field));
    },
    state: () => ({ type: 'categories', counts: counts.state() }),
  };
}

function projectionCounter({ eventKind, field }: OfField, edges: readonly (readonly number[])[] | undefined): Counter {
  const counts = Array.from({ length: PROJECTIONS }, (_, k) => new NumericCounts({ edges: edges?.[k] }));
  let n = 0;
  let missing = 0;
  return {
    take: ({ kind, body }) => {
      if (kind !== eventKind) return;
      const projected = projectionOf(body, field);
      if (projected === undefined) missing++;
      else {
        n++;
        for (let k = 0; k < PROJECTIONS; k++) counts[k]?.add(projected[k] as number);
      }
    },
    state: () => ({ type: 'projections', n, missing, bins: counts.map((one) => one.state().bins) }),
  };
}

function shareCounter({ eventKind, field }: OfField, isHit: (value: unknown) => boolean): Counter {
  let n = 0;
  let hits = 0;
  let missing = 0;
  return {
    take: ({ kind, body }) => {
      if (kind !== eventKind) return;
      const value = fieldValue(body, field);
      if (value === undefined || value === null) missing++;
      else {
        n++;
        if (isHit(value)) hits++;
      }
    },
    state: () => ({ type: 'share', n, hits, missing }),
  };
}

function missingCounter({ eventKind, field, expects }: OfField & { expects: 'number' | 'anything' }): Counter {
  let n = 0;
  let hits = 0;
  return {
    take: ({ kind, body }) => {
      if (kind !== eventKind) return;
      const value = fieldValue(body, field);
      n++;
      const isThere = value !== undefined && value !== null && value !== 'NaN';
      if (!isThere || (expects === 'number' && typeof value !== 'number')) hits++;
    },
    state: () => ({ type: 'share', n, hits, missing: 0 }),
  };
}

function distinctCounter({ eventKind, field }: OfField): Counter {
  const distinct = new DistinctCount();
  let n = 0;
  let missing = 0;
  return {
    take: ({ kind, body }) => {
      if (kind !== eventKind) return;
      const value = fieldValue(body, field);
      if (value === undefined || value === null) missing++;
      else {
        n++;
        distinct.add(`${typeof value}:${String(value)}`);
      }
    },
    state: () => ({ type: 'distinct', n, missing, counts: distinct.state() }),
  };
}

function volumeCounter(eventKind: EventKind | null): Counter {
  let n = 0;
  return {
    take: ({ kind }) => {
      if (eventKind === null || kind === eventKind) n++;
    },
    state: () => ({ type: 'volume', n }),
  };
}

function expectedCounter(
  { field, cut }: { field: string; cut: number },
  baseline: { knots: { x: number[]; y: number[] } } | undefined,
): Counter {
  const curve = baseline && { x: Float64Array.from(baseline.knots.x), y: Float64Array.from(baseline.knots.y) };
  const correct = new ExactSum();
  let n = 0;
  let missing = 0;
  let unreadable = 0;
  return {
    take: ({ kind, body }) => {
      if (kind !== 'prediction') return;
      const given = fieldValue(body, field);
      const p = probabilityOf(given);
      if (given === undefined || given === null || given === 'NaN') missing++;
      else if (p === undefined) unreadable++;
      else {
        n++;
        if (!curve) return;
        const calibrated = evaluateIsotonic(curve, p);
        correct.add(p >= cut ? calibrated : 1 - calibrated);
      }
    },
    state: () => ({ type: 'expected', n, missing, unreadable, correct: correct.state() }),
  };
}

function groupCounter(metric: Extract<Metric, { type: 'fairness' }>): Counter {
  const groups = new Map(metric.groups.map((group) => [group, { n: 0, hits: 0 }]));
  let n = 0;
  let missing = 0;
  let outside = 0;
  return {
    take: ({ kind, body }) => {
      if (kind !== metric.eventKind) return;
      const value = fieldValue(body, metric.field);
      const group = segmentOf(body, metric.groupBy);
      if (value === undefined || value === null || group === undefined) {
        missing++;
        return;
      }
      const counts = groups.get(group);
      if (!counts) {
        outside++;
        return;
      }
      n++;
      counts.n++;
      if (metric.equals.includes(value as string)) counts.hits++;
    },
    state: () => ({
      type: 'groups',
      n,
      missing,
      outside,
      groups: [...groups].map(([group, counts]) => ({ group, ...counts })),
    }),
  };
}

export const ALL = 'all';
export const seriesName = (key: string, value: string) => `${key}=${value}`;

/** The series a monitor watches: the whole first, then each declared value of each segment. */
export function seriesOf(
  definition: Pick<MonitorDefinition, 'segments' | 'metric'>,
): { name: string; key: string | null; value: string }[] {
  const all = [{ name: ALL, key: null, value: '' }];
  // Sequence numbers belong to sources, not to segments.
  if (definition.metric.type === 'completeness') return all;
  return [
    ...all,
    ...definition.segments.flatMap(({ key, values }) =>
      values.map((value) => ({ name: seriesName(key, value), key, value })),
    ),
  ];
}

/** Counts every series of a monitor side by side. Values of a segment that nobody declared are counted, not watched. */
export function createSeriesCounters(
  definition: Pick<MonitorDefinition, 'segments' | 'metric'>,
  baselines: ReadonlyMap<string, BaselineSeries>,
  checks?: ReadonlyMap<string, CheckResult>,
): {
  take(event: CountedEvent): void;
  state(): { series: { name: string; counts: SeriesCounts }[]; undeclared: { key: string; n: number }[] };
} {
  const series = seriesOf(definition).map((one) => ({
    ...one,
    counter: createCounter(definition.metric, baselines.get(one.name), checks),
  }));
  const whole = series[0]?.counter as Counter;
  const keys = [...new Set(definition.segments.map(({ key }) => key))];
  const bySegment = new Map(
    keys.map((key) => [key, new Map(series.filter((one) => one.key === key).map((one) => [one.value, one.counter]))]),
  );
  const undeclared = new Map(keys.map((key) => [key, 0]));
  return {
    take: (event) => {
      whole.take(event);
      for (const [key, counters] of bySegment) {
        const value = segmentOfCase(event, key);
        const counter = value === undefined ? undefined : counters.get(value);
        if (counter) counter.take(event);
        else undeclared.set(key, (undeclared.get(key) ?? 0) + 1);
      }
    },
    state: () => ({
      series: series.map(({ name, counter }) => ({ name, counts: counter.state() })),
      undeclared: [...undeclared].map(([key, n]) => ({ key, n })),
    }),
  };
}
