import { countOpenBins, quantileBins } from '#src/statistics/bins.ts';
import { categoryOf } from '#src/statistics/category-counts.ts';
import { rocAuc } from '#src/statistics/discrimination.ts';
import { evaluateIsotonic, fitIsotonic } from '#src/statistics/isotonic.ts';
import { KeyedSample } from '#src/statistics/keyed-sample.ts';
import { expectedRocAuc } from '#src/statistics/performance-estimate.ts';
import { PROJECTIONS } from '#src/statistics/projection.ts';
import { moments, sorted } from '#src/statistics/sample.ts';
import { type CountedEvent, fieldValue, labelOf, probabilityOf, projectionOf, segmentOf } from './event-values.ts';
import type { Metric, MonitorDefinition } from './model.ts';
import { packRows } from './packed.ts';
import { seriesOf } from './series-counts.ts';

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
  /** A sample of vectors, chosen by the hashes of their events. */
  | { type: 'vectors'; n: number; rows: string }
  /** Expected and realized area under the ROC curve; `spread` over the root of a size is the error of an estimate over it. */
  | { type: 'auc'; n: number; knots: { x: number[]; y: number[] }; auc: number; realized: number; spread: number }
  | { type: 'none'; n: number };

export type BaselineContent = { series: { name: string; reference: BaselineSeries }[] };

/** Fine bins bound the Kolmogorov-Smirnov distance; every tenth of their edges is a decile, over which PSI is taken. */
const FINE_BINS = 100;
const COARSE_BINS = 10;
const CATEGORIES_MAX = 1_000;
/** Least values a reference needs: with fewer its quantiles are noise. */
export const BASELINE_MIN = 100;

/** How many times the sample of a window the sample of vectors of a baseline is. */
const BASELINE_OVER_SAMPLE = 2;

type Vector = [row: number[], id: string];
type ScoredCase = [p: number, y: 0 | 1, id: string];

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
function referenceValue(metric: Metric, { id, kind, body, subject }: CountedEvent): unknown {
  if (metric.type === 'estimated_accuracy' || metric.type === 'estimated_roc_auc') {
    if (kind !== 'prediction' && kind !== 'label') return undefined;
    const p = probabilityOf(fieldValue(body, metric.field) ?? fieldValue(subject, metric.field));
    const y = labelOf(fieldValue(body, metric.label));
    return p === undefined || y === undefined ? undefined : ([p, y, id] satisfies ScoredCase);
  }
  if (!('eventKind' in metric) || kind !== metric.eventKind) return undefined;
  if (metric.type === 'embedding_drift') return projectionOf(body, metric.field);
  if (metric.type === 'embedding_mmd_drift' || metric.type === 'embedding_classifier_drift') {
    const row = projectionOf(body, metric.field);
    return row && ([row, id] satisfies Vector);
  }
  if (metric.type === 'categorical_drift') return categoryOf(fieldValue(body, metric.field)) ?? undefined;
  if (metric.type !== 'numeric_drift') return undefined;
  const value = fieldValue(body, metric.field);
  return typeof value === 'number' ? value : undefined;
}

function freezeSeries(metric: Metric, values: unknown[]): BaselineSeries {
  if (values.length < BASELINE_MIN) return { type: 'none', n: values.length };
  if (metric.type === 'numeric_drift') return freezeNumeric(Float64Array.from(values as number[]));
  if (metric.type === 'categorical_drift') return freezeCategories(values as string[]);
  if (metric.type === 'embedding_drift') return freezeProjections(values as number[][]);
  if (metric.type === 'embedding_mmd_drift' || metric.type === 'embedding_classifier_drift')
    return freezeVectors(values as Vector[], BASELINE_OVER_SAMPLE * metric.sample);
  if (metric.type === 'estimated_accuracy') return freezeAccuracy(values as ScoredCase[], metric.cut);
  if (metric.type === 'estimated_roc_auc') return freezeAuc(values as ScoredCase[]);
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
function freezeAccuracy(pairs: readonly ScoredCase[], cut: number): BaselineSeries {
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

function freezeVectors(vectors: readonly Vector[], size: number): BaselineSeries {
  const sample = new KeyedSample<readonly number[]>(size);
  for (const [row, id] of vectors) sample.add(id, row);
  return { type: 'vectors', n: vectors.length, rows: packRows(sample.items()) };
}

const CHUNKS_MAX = 20;
const CHUNKS_MIN = 5;
const CHUNK_MIN = 50;

// The area has no sum of items behind it: how much it moves is seen over parts of the reference, cut by the hashes of ids.
function freezeAuc(cases: readonly ScoredCase[]): BaselineSeries {
  const order = new KeyedSample<ScoredCase>(cases.length);
  for (const one of cases) order.add(one[2], one);
  const mixed = order.items();
  const p = Float64Array.from(mixed, ([score]) => score);
  const y = Float64Array.from(mixed, ([, label]) => label);
  const curve = fitIsotonic(p, y);
  const calibrated = p.map((score) => evaluateIsotonic(curve, score));
  const auc = expectedRocAuc(calibrated, p);
  const realized = rocAuc(y, p)?.auc;
  // Without both outcomes there is nothing to tell apart.
  if (auc === null || realized === undefined) return { type: 'none', n: cases.length };
  const chunks = Math.min(CHUNKS_MAX, Math.max(CHUNKS_MIN, Math.floor(cases.length / CHUNK_MIN)));
  const areas = Array.from({ length: chunks }, (_, k) => {
    const [from, to] = [Math.floor((k * p.length) / chunks), Math.floor(((k + 1) * p.length) / chunks)];
    return expectedRocAuc(calibrated.subarray(from, to), p.subarray(from, to));
  }).filter((area) => area !== null);
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  const variance = areas.reduce((sum, area) => sum + (area - mean) ** 2, 0) / Math.max(1, areas.length - 1);
  return {
    type: 'auc',
    n: cases.length,
    knots: { x: Array.from(curve.x), y: Array.from(curve.y) },
    auc,
    realized,
    spread: Math.sqrt((variance * p.length) / chunks),
  };
}
