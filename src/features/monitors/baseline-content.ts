import type { EventBody } from '#src/features/events/model.ts';
import { countOpenBins, quantileBins } from '#src/statistics/bins.ts';
import { categoryOf } from '#src/statistics/category-counts.ts';
import { evaluateIsotonic, fitIsotonic } from '#src/statistics/isotonic.ts';
import { PROJECTIONS } from '#src/statistics/projection.ts';
import { moments, sorted } from '#src/statistics/sample.ts';
import type { Metric, MonitorDefinition } from './model.ts';
import { type CountedEvent, fieldValue, labelOf, probabilityOf, segmentOf, seriesOf } from './series-counts.ts';

/** The frozen reference of one series. */
export type BaselineSeries =
  | {
      type: 'numeric';
      n: number;
      edges: number[];
      bins: number[];
      coarse: number[];
      mean: number;
      std: number;
      min: number;
      max: number;
    }
  | { type: 'categories'; n: number; categories: string[]; counts: number[]; rest: number }
  | { type: 'projections'; n: number; edges: number[][]; bins: number[][] }
  | {
      type: 'accuracy';
      n: number;
      knots: { x: number[]; y: number[] };
      accuracy: number;
      spread: number;
      realized: number;
    }
  | { type: 'none'; n: number };

export type BaselineContent = { series: { name: string; reference: BaselineSeries }[] };

/** Fine bins bound the Kolmogorov-Smirnov distance; every tenth of their edges is a decile, over which PSI is taken. */
const FINE_BINS = 100;
const COARSE_BINS = 10;
const CATEGORIES_MAX = 1_000;
/** Least values a reference needs: with fewer its quantiles are noise. */
export const BASELINE_MIN = 100;

/** Gathers the values of a period and freezes them. Bounded by the caller, who counts the events. */
export function gatherBaseline(definition: Pick<MonitorDefinition, 'segments' | 'metric'>): {
  take(event: CountedEvent): void;
  freeze(): BaselineContent;
} {
  const { metric } = definition;
  const all = seriesOf(definition).map((series) => ({ ...series, values: [] as unknown[] }));
  const whole = all[0];
  const keys = [...new Set(definition.segments.map(({ key }) => key))];
  return {
    take: (event) => {
      const value = referenceValue(metric, event);
      if (value === undefined) return;
      whole?.values.push(value);
      for (const key of keys) {
        const held = segmentOf(event.body, key);
        all.find((one) => one.key === key && one.value === held)?.values.push(value);
      }
    },
    freeze: () => ({ series: all.map(({ name, values }) => ({ name, reference: freezeSeries(metric, values) })) }),
  };
}

/** What an event gives a reference; undefined where nothing. */
function referenceValue(metric: Metric, { kind, body, subject }: CountedEvent): unknown {
  if (metric.type === 'estimated_accuracy') {
    if (kind !== 'prediction' && kind !== 'label') return undefined;
    const p = probabilityOf(fieldValue(body, metric.field) ?? fieldValue(subject, metric.field));
    const y = labelOf(fieldValue(body, metric.label));
    return p === undefined || y === undefined ? undefined : [p, y];
  }
  if (!('eventKind' in metric) || kind !== metric.eventKind) return undefined;
  if (metric.type === 'embedding_drift') return projectionOf(body, metric.field);
  if (metric.type === 'categorical_drift') return categoryOf(fieldValue(body, metric.field)) ?? undefined;
  if (metric.type !== 'numeric_drift') return undefined;
  const value = fieldValue(body, metric.field);
  return typeof value === 'number' ? value : undefined;
}

function projectionOf({ projections }: EventBody, field: string): number[] | undefined {
  return projections && Object.hasOwn(projections, field) ? projections[field] : undefined;
}

function freezeSeries(metric: Metric, values: unknown[]): BaselineSeries {
  if (values.length < BASELINE_MIN) return { type: 'none', n: values.length };
  if (metric.type === 'numeric_drift') return freezeNumeric(Float64Array.from(values as number[]));
  if (metric.type === 'categorical_drift') return freezeCategories(values as string[]);
  if (metric.type === 'embedding_drift') return freezeProjections(values as number[][]);
  if (metric.type === 'estimated_accuracy') return freezeAccuracy(values as [number, 0 | 1][], metric.cut);
  return { type: 'none', n: values.length };
}

/** Exported for canaries and benchmarks. */
export function freezeNumeric(values: Float64Array): BaselineSeries {
  const inOrder = sorted(values);
  const fine = quantileBins(inOrder, FINE_BINS);
  const coarseEdges = new Set(quantileBins(inOrder, COARSE_BINS).edges);
  const { mean, std, min, max } = moments(values);
  return {
    type: 'numeric',
    n: values.length,
    edges: Array.from(fine.edges),
    bins: Array.from(countOpenBins(inOrder, fine)),
    // A coarse bin ends where a decile is also a fine edge; quantiles of the same sample make each decile one.
    coarse: Array.from(fine.edges).flatMap((edge, place) => (coarseEdges.has(edge) ? [place] : [])),
    mean,
    std,
    min,
    max,
  };
}

function freezeCategories(values: readonly string[]): BaselineSeries {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  // The most frequent ones; by name where two are as frequent, so that the order of events does not matter.
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const kept = ranked.slice(0, CATEGORIES_MAX);
  return {
    type: 'categories',
    n: values.length,
    categories: kept.map(([category]) => category),
    counts: kept.map(([, count]) => count),
    rest: ranked.slice(CATEGORIES_MAX).reduce((sum, [, count]) => sum + count, 0),
  };
}

function freezeProjections(values: readonly (readonly number[])[]): BaselineSeries {
  const edges: number[][] = [];
  const bins: number[][] = [];
  for (let k = 0; k < PROJECTIONS; k++) {
    const inOrder = Float64Array.from(values, (one) => one[k] as number).sort();
    const frozen = quantileBins(inOrder, COARSE_BINS);
    edges.push(Array.from(frozen.edges));
    bins.push(Array.from(countOpenBins(inOrder, frozen)));
  }
  return { type: 'projections', n: values.length, edges, bins };
}

// The spread of one item's estimate gives that of a window of any size.
function freezeAccuracy(pairs: readonly [number, 0 | 1][], cut: number): BaselineSeries {
  const ordered = [...pairs].sort(([a, y], [b, z]) => a - b || y - z);
  const p = Float64Array.from(ordered, ([value]) => value);
  const y = Float64Array.from(ordered, ([, label]) => label);
  const curve = fitIsotonic(p, y);
  const expected = Float64Array.from(p, (value) => {
    const calibrated = evaluateIsotonic(curve, value);
    return value >= cut ? calibrated : 1 - calibrated;
  });
  const accuracy = expected.reduce((sum, one) => sum + one, 0) / expected.length;
  const realized = ordered.filter(([value, label]) => value >= cut === (label === 1)).length / ordered.length;
  const variance = expected.reduce((sum, one) => sum + (one - accuracy) ** 2, 0) / expected.length;
  return {
    type: 'accuracy',
    n: pairs.length,
    knots: { x: Array.from(curve.x), y: Array.from(curve.y) },
    accuracy,
    spread: Math.sqrt(variance),
    realized,
  };
}
