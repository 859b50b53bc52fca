import * as z from 'zod';

const EventKindName = z.enum(['prediction', 'label', 'score', 'operation', 'evaluation']);
const field = z.string().trim().min(1).max(100);
const Worse = z.enum(['higher', 'lower']);
const Scalar = z.union([z.string().max(200), z.number(), z.boolean()]);

/**
 * What is measured. Thresholds stand for: drift, the PSI above its noise floor; calibration, the expected calibration error
 * above its noise floor; estimated accuracy, how far it lies below the baseline's; everything else, the value itself.
 */
export const Metric = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('numeric_drift'), eventKind: EventKindName, field }),
  z.strictObject({ type: z.literal('categorical_drift'), eventKind: EventKindName, field }),
  z.strictObject({ type: z.literal('embedding_drift'), eventKind: EventKindName, field }),
  /** Share of events whose field has one of the values: errors, refusals, unsupported answers, valid outputs. */
  z.strictObject({
    type: z.literal('rate'),
    eventKind: EventKindName,
    field,
    equals: z.array(Scalar).min(1).max(50),
    worse: Worse,
  }),
  /** Share of events whose field is missing, infinite or of another type. */
  z.strictObject({
    type: z.literal('missing_rate'),
    eventKind: EventKindName,
    field,
    expects: z.enum(['number', 'anything']),
  }),
  z.strictObject({ type: z.literal('mean'), eventKind: EventKindName, field, worse: Worse }),
  z.strictObject({
    type: z.literal('percentile'),
    eventKind: EventKindName,
    field,
    percent: z.union([z.literal(50), z.literal(90), z.literal(95), z.literal(99)]),
  }),
  z.strictObject({ type: z.literal('distinct'), eventKind: EventKindName, field, worse: Worse }),
  z.strictObject({ type: z.literal('volume'), eventKind: EventKindName }),
  /** Share of the numbers that sources gave their events which arrived. */
  z.strictObject({ type: z.literal('completeness') }),
  /** Labels of the window, each held against the probability its prediction gave. */
  z.strictObject({ type: z.literal('calibration'), field, label: field }),
  /** Accuracy before labels are there, from calibrated probabilities (CBPE). */
  z.strictObject({
    type: z.literal('estimated_accuracy'),
    field,
    label: field,
    cut: z.number().min(0).max(1).default(0.5),
  }),
  /** Smallest share of the value in a group over the largest (selection ratio). */
  z.strictObject({
    type: z.literal('fairness'),
    eventKind: EventKindName,
    field,
    equals: z.array(Scalar).min(1).max(50),
    groupBy: z.string().trim().min(1).max(100),
    groups: z.array(z.string().max(200)).min(2).max(50),
  }),
]);
export type Metric = z.infer<typeof Metric>;
export type MetricType = Metric['type'];

export const METRIC_WORDS: Record<MetricType, string> = {
  numeric_drift: 'Drift of a number',
  categorical_drift: 'Drift of categories',
  embedding_drift: 'Drift of embeddings',
  rate: 'Rate',
  missing_rate: 'Missing or invalid values',
  mean: 'Mean',
  percentile: 'Percentile',
  distinct: 'Distinct values',
  volume: 'Volume',
  completeness: 'Completeness',
  calibration: 'Calibration',
  estimated_accuracy: 'Estimated accuracy',
  fairness: 'Fairness by group',
};

/** Metrics that mean nothing without a reference. */
export function needsBaseline(metric: Metric): boolean {
  return metric.type.endsWith('_drift') || metric.type === 'estimated_accuracy';
}

/** Which way is bad for what the thresholds stand for. */
export function worseOf(metric: Metric): 'higher' | 'lower' {
  if ('worse' in metric) return metric.worse;
  return metric.type === 'volume' || metric.type === 'completeness' || metric.type === 'fairness' ? 'lower' : 'higher';
}
