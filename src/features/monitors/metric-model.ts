import * as z from 'zod';
import { hasOnePlace, judgePlace, ONE_PLACE } from '#src/features/evaluations/model.ts';

const EventKindName = z.enum(['prediction', 'label', 'score', 'operation', 'evaluation']);
const field = z.string().trim().min(1).max(100);
const Worse = z.enum(['higher', 'lower']);
const Scalar = z.union([z.string().max(200), z.number(), z.boolean()]);

/** How many embeddings of a window are held against twice as many of the baseline; chosen by the hash of the event's id. */
const share = z.number().gt(0).max(1);

/** Which answers are judged, declared before: by the hash of salt and event id, so that anybody can tell which ones had to be. */
const sampling = z.strictObject({
  salt: z.string().regex(/^[A-Za-z0-9._-]{4,64}$/, 'must be 4 to 64 letters, digits, points, lines or dashes'),
  /** Share of all answers that no stratum below names. */
  rate: share,
  /** The first that fits an answer counts. `model_version` is the model's version. */
  strata: z
    .array(z.strictObject({ key: z.string().trim().min(1).max(100), value: z.string().min(1).max(200), rate: share }))
    .max(20)
    .default([]),
});

const vectorSample = z.number().int().min(50).max(500).default(300);
const groups = z.array(z.string().max(200)).min(2).max(50);
const groupBy = z.string().trim().min(1).max(100);

/** Detectors over single events. All but the first two hear only a rise of the share of events that have a value. */
export const STREAM_DETECTORS = ['adwin', 'page_hinkley', 'ddm', 'eddm', 'hddm'] as const;

/**
 * What is measured. Thresholds stand for: drift, the PSI (or the squared discrepancy) above its noise floor; calibration, the
 * expected calibration error above its noise floor; fairness of outcomes, the gap above its noise floor; estimates, how far
 * they lie below the baseline's; a change in the stream, how many were heard; everything else, the value itself.
 */
export const Metric = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('numeric_drift'), eventKind: EventKindName, field }),
  z.strictObject({ type: z.literal('categorical_drift'), eventKind: EventKindName, field }),
  /** Histograms of each projection. */
  z.strictObject({ type: z.literal('embedding_drift'), eventKind: EventKindName, field }),
  /** Squared maximum mean discrepancy of two samples. */
  z.strictObject({
    type: z.literal('embedding_mmd_drift'),
    eventKind: EventKindName,
    field,
    sample: vectorSample,
  }),
  /** How well a classifier tells the window from the baseline: area under the ROC curve, 0.5 where it cannot. */
  z.strictObject({
    type: z.literal('embedding_classifier_drift'),
    eventKind: EventKindName,
    field,
    sample: vectorSample,
  }),
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
  /** As calibration, over ten bins of equal count. */
  z.strictObject({ type: z.literal('calibration_equal_mass'), field, label: field }),
  /** Mean squared error of the probabilities. */
  z.strictObject({ type: z.literal('brier'), field, label: field }),
  /** Area under the ROC curve of a score, over the labels of the window. */
  z.strictObject({ type: z.literal('roc_auc'), field, label: field }),
  /** The same before labels are there (CBPE). */
  z.strictObject({ type: z.literal('estimated_roc_auc'), field, label: field }),
  /** Smallest share of the value in a group over the largest (selection ratio). */
  z.strictObject({
    type: z.literal('fairness'),
    eventKind: EventKindName,
    field,
    equals: z.array(Scalar).min(1).max(50),
    groupBy,
    groups,
  }),
  /** Largest minus smallest rate of the value over groups, among cases whose outcome was positive, or negative. */
  z.strictObject({
    type: z.literal('fairness_outcome'),
    among: z.enum(['positives', 'negatives']),
    field,
    equals: z.array(Scalar).min(1).max(50),
    label: field,
    groupBy,
    groups,
  }),
  /** The worst calibrated group: its expected calibration error. */
  z.strictObject({ type: z.literal('fairness_calibration'), field, label: field, groupBy, groups }),
  /**
   * Share of answers with a claim that their context does not bear out (or of such claims), over sampled traffic, each sampled
   * answer standing for 1 / rate of them.
   */
  z
    .strictObject({
      type: z.literal('hallucination'),
      of: z.enum(['answers', 'claims']).default('answers'),
      /** Thresholds stand for the rate corrected by what people said of a sample (Rogan-Gladen). */
      corrected: z.boolean().default(false),
      sampling,
      /** Below this share of sampled answers that were judged, a window says `insufficient_data`. */
      leastJudged: z.number().min(0).max(1).default(0.95),
      /** Share of the decided answers, chosen by another hash, that two people are asked about where the text is kept for them. */
      labelRate: z.number().min(0).max(1).default(0),
      /** A language model asked about the claims that words, and the entailment model where there is one, leave open. */
      judge: z
        .strictObject({
          ...judgePlace,
          model: z.string().min(1).max(200),
          callsPerHour: z.number().int().min(1).max(100_000),
          tokensPerHour: z.number().int().min(1_000).max(1_000_000_000),
        })
        .refine(hasOnePlace, ONE_PLACE)
        .optional(),
    })
    .superRefine(({ of, corrected }, context) => {
      if (corrected && of !== 'answers')
        context.addIssue({ code: 'custom', path: ['of'], message: 'must be answers: people label whole answers' });
    }),
  /** Changes that a detector hears within a window, event by event in order of time and sequence. */
  z
    .strictObject({
      type: z.literal('stream_change'),
      eventKind: EventKindName,
      field,
      detector: z.enum(STREAM_DETECTORS),
      /** Makes the value 1 where it is one of these and 0 elsewhere; without it the number itself is listened to. */
      equals: z.array(Scalar).min(1).max(50).optional(),
      /** Of `page_hinkley`: how much the mean may wander, and how much must add up, in units of the value. */
      delta: z.number().min(0).optional(),
      threshold: z.number().positive().optional(),
    })
    .superRefine(({ detector, equals, delta, threshold }, context) => {
      if (detector !== 'adwin' && detector !== 'page_hinkley' && equals === undefined)
        context.addIssue({ code: 'custom', path: ['equals'], message: `is needed: ${detector} listens to errors` });
      for (const [name, given] of Object.entries({ delta, threshold }))
        if (given !== undefined && detector !== 'page_hinkley')
          context.addIssue({ code: 'custom', path: [name], message: 'belongs to page_hinkley' });
    }),
]);
export type Metric = z.infer<typeof Metric>;
export type MetricType = Metric['type'];

export const METRIC_WORDS: Record<MetricType, string> = {
  numeric_drift: 'Drift of a number',
  categorical_drift: 'Drift of categories',
  embedding_drift: 'Drift of embeddings',
  embedding_mmd_drift: 'Drift of embeddings, kernel test',
  embedding_classifier_drift: 'Drift of embeddings, classifier',
  rate: 'Rate',
  missing_rate: 'Missing or invalid values',
  mean: 'Mean',
  percentile: 'Percentile',
  distinct: 'Distinct values',
  volume: 'Volume',
  completeness: 'Completeness',
  calibration: 'Calibration',
  calibration_equal_mass: 'Calibration, bins of equal count',
  brier: 'Brier score',
  roc_auc: 'ROC AUC',
  estimated_accuracy: 'Estimated accuracy',
  estimated_roc_auc: 'Estimated ROC AUC',
  fairness: 'Fairness: selection by group',
  fairness_outcome: 'Fairness: error rates by group',
  fairness_calibration: 'Fairness: calibration by group',
  stream_change: 'Change within the stream',
  hallucination: 'Hallucination rate',
};

const FROM_BOOTSTRAP = '95 % bootstrap over cases';
const NORMAL = '95 %, normal with the standard error';
const STUDENT = '95 %, Student’s t';
const NO_INTERVAL = 'none: the noise floor says what chance alone shows';
const COUNTED = 'none: what is counted is all there is';

/** How each metric comes to its value and to the interval beside it; the formulas stand in the guide. */
export const METRIC_METHODS: Record<MetricType, { value: string; interval: string }> = {
  numeric_drift: { value: 'PSI over the frozen bins of the baseline', interval: NO_INTERVAL },
  categorical_drift: { value: 'PSI over the categories of the baseline', interval: NO_INTERVAL },
  embedding_drift: { value: 'mean PSI over 16 projections', interval: NO_INTERVAL },
  embedding_mmd_drift: { value: 'squared maximum mean discrepancy of two samples', interval: NO_INTERVAL },
  embedding_classifier_drift: {
    value: 'ROC AUC of a classifier that tells window and baseline apart',
    interval: NORMAL,
  },
  rate: { value: 'share of events', interval: '95 %, Wilson' },
  missing_rate: { value: 'share of events', interval: '95 %, Wilson' },
  mean: { value: 'arithmetic mean', interval: STUDENT },
  percentile: { value: 'quantile of a log histogram', interval: '95 %, from order statistics' },
  distinct: { value: 'distinct values, estimated by HyperLogLog', interval: COUNTED },
  volume: { value: 'events counted', interval: COUNTED },
  completeness: { value: 'share of sequence numbers that arrived', interval: COUNTED },
  calibration: { value: 'expected calibration error, ten bins of equal width', interval: FROM_BOOTSTRAP },
  calibration_equal_mass: { value: 'expected calibration error, ten bins of equal count', interval: FROM_BOOTSTRAP },
  brier: { value: 'mean squared error of the probabilities', interval: STUDENT },
  roc_auc: { value: 'area under the ROC curve', interval: '95 %, DeLong' },
  estimated_accuracy: { value: 'confidence-based estimate from calibrated probabilities', interval: NORMAL },
  estimated_roc_auc: { value: 'confidence-based estimate from calibrated probabilities', interval: NORMAL },
  fairness: {
    value: 'smallest share of a group over the largest',
    interval: 'of the difference, below: 95 %, Newcombe',
  },
  fairness_outcome: { value: 'largest minus smallest rate of a group', interval: '95 %, Newcombe' },
  fairness_calibration: { value: 'expected calibration error of the worst group', interval: FROM_BOOTSTRAP },
  stream_change: { value: 'changes heard within the window', interval: COUNTED },
  hallucination: {
    value: 'share of the judged answers, each weighted by one over its sampled share',
    interval: '95 %, exact at the effective sample size (Korn and Graubard)',
  },
};

/** Metrics that mean nothing without a reference. */
export function needsBaseline({ type }: Metric): boolean {
  return type.endsWith('_drift') || type.startsWith('estimated_');
}

/** Metrics whose thresholds stand for the value above its noise floor. */
export function isHeldAboveNoise({ type }: Metric): boolean {
  const isDrift = type.endsWith('_drift') && type !== 'embedding_classifier_drift';
  return isDrift || type.startsWith('calibration') || type === 'fairness_outcome' || type === 'fairness_calibration';
}

/** Metrics over labels: their `minimumN` counts labels. */
export function readsLabels(metric: Metric): boolean {
  return 'label' in metric && !metric.type.startsWith('estimated_');
}

const LOWER_IS_WORSE: ReadonlySet<MetricType> = new Set(['volume', 'completeness', 'fairness', 'roc_auc']);

/** Which way is bad for what the thresholds stand for. */
export function worseOf(metric: Metric): 'higher' | 'lower' {
  if ('worse' in metric) return metric.worse;
  return LOWER_IS_WORSE.has(metric.type) ? 'lower' : 'higher';
}
