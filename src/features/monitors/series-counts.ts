import type { EventBody, EventKind } from '#src/features/events/model.ts';
import { CategoryCounts, type CategoryCountsState } from '#src/statistics/category-counts.ts';
import { DistinctCount, type DistinctCountState } from '#src/statistics/distinct-count.ts';
import { ExactSum, type ExactSumState } from '#src/statistics/exact-sum.ts';
import { evaluateIsotonic } from '#src/statistics/isotonic.ts';
import { NumericCounts, type NumericCountsState } from '#src/statistics/numeric-counts.ts';
import { PROJECTIONS } from '#src/statistics/projection.ts';
import type { BaselineSeries } from './baseline-content.ts';
import type { Metric, MonitorDefinition } from './model.ts';

/** What a counter is shown of an event. Of a label, `subject` is the prediction it speaks of, where that is known. */
export type CountedEvent = { kind: EventKind; body: EventBody; subject?: EventBody | undefined };

export type ReliabilityCounts = { n: number; positives: number; sum: ExactSumState; spread: ExactSumState };
export type GroupCounts = { group: string; n: number; hits: number };

/** What a window keeps of one series: whole numbers and exact sums, the same bytes for the same events. */
export type SeriesCounts =
  | { type: 'numeric'; counts: NumericCountsState }
  | { type: 'categories'; counts: CategoryCountsState }
  | { type: 'projections'; n: number; missing: number; bins: number[][] }
  | { type: 'share'; n: number; hits: number; missing: number }
  | { type: 'distinct'; n: number; missing: number; counts: DistinctCountState }
  | { type: 'volume'; n: number }
  | {
      type: 'reliability';
      n: number;
      missing: number;
      unreadable: number;
      unmatched: number;
      bins: ReliabilityCounts[];
    }
  | { type: 'expected'; n: number; missing: number; unreadable: number; correct: ExactSumState }
  | { type: 'groups'; n: number; missing: number; outside: number; groups: GroupCounts[] };

/** The state of one counter under way. Merging is in the statistics; here one reader sees every event of a window. */
export type Counter = { take(event: CountedEvent): void; state(): SeriesCounts };

export const CALIBRATION_BINS = 10;

/** A value of an event by its name; undefined where there is none. Names of `Object.prototype` are ordinary names. */
export function fieldValue(body: EventBody | undefined, field: string): unknown {
  return body !== undefined && Object.hasOwn(body.values, field) ? body.values[field] : undefined;
}

/** A counter for one series. `baseline` is the reference of the same series; without one, drift counts only how much came. */
export function createCounter(metric: Metric, baseline: BaselineSeries | undefined): Counter {
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
      const { projections } = body;
      const projected = projections && Object.hasOwn(projections, field) ? projections[field] : undefined;
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

/** A label as 0 or 1; undefined where it is neither. */
export function labelOf(value: unknown): 0 | 1 | undefined {
  if (value === 1 || value === true || value === '1' || value === 'true') return 1;
  return value === 0 || value === false || value === '0' || value === 'false' ? 0 : undefined;
}

/** A probability; undefined where it is none. */
export function probabilityOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
}

function reliabilityCounter({ field, label }: { field: string; label: string }): Counter {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({
    n: 0,
    positives: 0,
    sum: new ExactSum(),
    spread: new ExactSum(),
  }));
  let n = 0;
  let missing = 0;
  let unreadable = 0;
  let unmatched = 0;
  return {
    take: ({ kind, body, subject }) => {
      // A prediction may carry its own label; else the label comes later, and is counted when it comes.
      if (kind !== 'label' && (kind !== 'prediction' || fieldValue(body, label) === undefined)) return;
      if (kind === 'label' && subject === undefined && fieldValue(body, field) === undefined) {
        unmatched++;
        return;
      }
      const given = fieldValue(body, field) ?? fieldValue(subject, field);
      const said = fieldValue(body, label);
      if (given === undefined || given === null || given === 'NaN' || said === undefined || said === null) {
        missing++;
        return;
      }
      const p = probabilityOf(given);
      const y = labelOf(said);
      if (p === undefined || y === undefined) {
        unreadable++;
        return;
      }
      n++;
      const bin = bins[Math.min(Math.floor(p * CALIBRATION_BINS), CALIBRATION_BINS - 1)];
      if (!bin) return;
      bin.n++;
      bin.positives += y;
      bin.sum.add(p);
      bin.spread.add(p * (1 - p));
    },
    state: () => ({
      type: 'reliability',
      n,
      missing,
      unreadable,
      unmatched,
      bins: bins.map((bin) => ({
        n: bin.n,
        positives: bin.positives,
        sum: bin.sum.state(),
        spread: bin.spread.state(),
      })),
    }),
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

/** The name of a segment's value; `model_version` is the model's version. */
export function segmentOf(body: EventBody, key: string): string | undefined {
  if (key === 'model_version') return body.modelVersion ?? undefined;
  return Object.hasOwn(body.segment, key) ? body.segment[key] : undefined;
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
): {
  take(event: CountedEvent): void;
  state(): { series: { name: string; counts: SeriesCounts }[]; undeclared: { key: string; n: number }[] };
} {
  const series = seriesOf(definition).map((one) => ({
    ...one,
    counter: createCounter(definition.metric, baselines.get(one.name)),
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
        const value = segmentOf(event.body, key) ?? (event.subject && segmentOf(event.subject, key));
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
