import { checkGroundedness } from '#src/detectors/groundedness/check-groundedness.ts';
import type { CheckResult } from '#src/features/groundedness-checks/index.ts';
import { projectVector } from '#src/statistics/projection.ts';
import type { CountedEvent } from './event-values.ts';
import type { Metric, MetricType } from './model.ts';

/** Detectors with a planted shift. Volume and completeness compare a count with a threshold; nothing in them can go blind. */
export const CANARY_DETECTORS = [
  'numeric_drift',
  'categorical_drift',
  'embedding_drift',
  'embedding_mmd_drift',
  'embedding_classifier_drift',
  'rate',
  'missing_rate',
  'mean',
  'percentile',
  'calibration',
  'calibration_equal_mass',
  'brier',
  'roc_auc',
  'estimated_accuracy',
  'estimated_roc_auc',
  'fairness',
  'fairness_outcome',
  'fairness_calibration',
  'stream_change',
  'hallucination',
] as const satisfies MetricType[];
export type Detector = (typeof CANARY_DETECTORS)[number];

type Rig = {
  metric: Metric;
  thresholds: { warn: number; fail: number };
  /** `share` is how much of the window has gone by. */
  event(random: () => number, shifted: boolean, share: number): Planted;
  /** Of hallucination: what the comparison of words says of an answer that was planted. */
  check?(random: () => number, shifted: boolean): CheckResult;
};
type Planted = Omit<CountedEvent, 'id'>;

const body = (values: CountedEvent['body']['values'], segment: Record<string, string> = {}) => ({
  modelVersion: null,
  segment,
  values,
});
const prediction = (values: CountedEvent['body']['values'], segment?: Record<string, string>): Planted => ({
  kind: 'prediction',
  body: body(values, segment),
});
const VECTOR = 32;

function embedding(random: () => number, shifted: boolean): Planted {
  const vector = Array.from({ length: VECTOR }, (_, k) => random() - 0.5 + (shifted && k < VECTOR / 2 ? 0.6 : 0));
  return { kind: 'prediction', body: { ...body({}), projections: { x: projectVector(vector) } } };
}

const CONTEXT = 'The warranty covers 24 months. The battery is covered for 12 months. Returns are free within 30 days.';

/** An answer that repeats its context, or one with a number that does not stand there, as the detector itself judges it. */
function judgedAnswer(random: () => number, shifted: boolean): CheckResult {
  const months = random() < (shifted ? 0.4 : 0.02) ? 36 : 12;
  const { claims, counts, version } = checkGroundedness(`The battery is covered for ${months} months.`, CONTEXT);
  return {
    state: 'judged',
    reason: null,
    method: version,
    claims: claims.length,
    supported: counts.supported,
    unsupported: counts.unsupported,
    contradicted: 0,
    notChecked: counts.not_checked,
  };
}

function overconfident(random: () => number, shifted: boolean): Planted {
  const p = random();
  return prediction({ p, y: random() < (shifted ? p * 0.6 : p) });
}

function unsure(random: () => number, shifted: boolean): Planted {
  const p = shifted ? 0.35 + random() * 0.3 : random() < 0.5 ? random() * 0.3 : 0.7 + random() * 0.3;
  return prediction({ p, y: random() < p });
}

/** A known shift of each kind: about three times what its threshold asks for. */
export const RIGS: Record<Detector, Rig> = {
  numeric_drift: {
    metric: { type: 'numeric_drift', eventKind: 'prediction', field: 'x' },
    thresholds: { warn: 0.1, fail: 0.25 },
    event: (random, shifted) => prediction({ x: (shifted ? 1 : 0) + random() + random() + random() }),
  },
  categorical_drift: {
    metric: { type: 'categorical_drift', eventKind: 'prediction', field: 'x' },
    thresholds: { warn: 0.1, fail: 0.25 },
    event: (random, shifted) => prediction({ x: random() < (shifted ? 0.8 : 0.4) ? 'a' : random() < 0.5 ? 'b' : 'c' }),
  },
  embedding_drift: {
    metric: { type: 'embedding_drift', eventKind: 'prediction', field: 'x' },
    thresholds: { warn: 0.1, fail: 0.25 },
    event: embedding,
  },
  embedding_mmd_drift: {
    metric: { type: 'embedding_mmd_drift', eventKind: 'prediction', field: 'x', sample: 200 },
    thresholds: { warn: 0.01, fail: 0.03 },
    event: embedding,
  },
  embedding_classifier_drift: {
    metric: { type: 'embedding_classifier_drift', eventKind: 'prediction', field: 'x', sample: 200 },
    thresholds: { warn: 0.6, fail: 0.7 },
    event: embedding,
  },
  rate: {
    metric: { type: 'rate', eventKind: 'prediction', field: 'x', equals: [true], worse: 'higher' },
    thresholds: { warn: 0.05, fail: 0.1 },
    event: (random, shifted) => prediction({ x: random() < (shifted ? 0.2 : 0.02) }),
  },
  missing_rate: {
    metric: { type: 'missing_rate', eventKind: 'prediction', field: 'x', expects: 'number' },
    thresholds: { warn: 0.05, fail: 0.1 },
    event: (random, shifted) => prediction({ x: random() < (shifted ? 0.2 : 0.02) ? null : 1 }),
  },
  mean: {
    metric: { type: 'mean', eventKind: 'prediction', field: 'x', worse: 'lower' },
    thresholds: { warn: 0.4, fail: 0.3 },
    event: (random, shifted) => prediction({ x: shifted ? random() * 0.4 : random() }),
  },
  percentile: {
    metric: { type: 'percentile', eventKind: 'prediction', field: 'x', percent: 95 },
    thresholds: { warn: 1_200, fail: 1_500 },
    event: (random, shifted) => prediction({ x: random() * (shifted ? 3_000 : 1_000) }),
  },
  calibration: {
    metric: { type: 'calibration', field: 'p', label: 'y' },
    thresholds: { warn: 0.03, fail: 0.05 },
    event: overconfident,
  },
  calibration_equal_mass: {
    metric: { type: 'calibration_equal_mass', field: 'p', label: 'y' },
    thresholds: { warn: 0.03, fail: 0.05 },
    event: overconfident,
  },
  brier: {
    metric: { type: 'brier', field: 'p', label: 'y' },
    thresholds: { warn: 0.19, fail: 0.22 },
    event: overconfident,
  },
  roc_auc: {
    metric: { type: 'roc_auc', field: 'p', label: 'y' },
    thresholds: { warn: 0.75, fail: 0.7 },
    event: (random, shifted) => {
      const p = random();
      return prediction({ p, y: random() < (shifted ? 0.5 + (p - 0.5) * 0.2 : p) });
    },
  },
  estimated_accuracy: {
    metric: { type: 'estimated_accuracy', field: 'p', label: 'y', cut: 0.5 },
    thresholds: { warn: 0.02, fail: 0.05 },
    event: unsure,
  },
  estimated_roc_auc: {
    metric: { type: 'estimated_roc_auc', field: 'p', label: 'y' },
    thresholds: { warn: 0.02, fail: 0.05 },
    event: unsure,
  },
  fairness: {
    metric: {
      type: 'fairness',
      eventKind: 'prediction',
      field: 'x',
      equals: [true],
      groupBy: 'group',
      groups: ['a', 'b'],
    },
    thresholds: { warn: 0.85, fail: 0.8 },
    event: (random, shifted) => {
      const group = random() < 0.5 ? 'a' : 'b';
      return prediction({ x: random() < (shifted && group === 'b' ? 0.25 : 0.5) }, { group });
    },
  },
  fairness_outcome: {
    metric: {
      type: 'fairness_outcome',
      among: 'positives',
      field: 'x',
      equals: [true],
      label: 'y',
      groupBy: 'group',
      groups: ['a', 'b'],
    },
    thresholds: { warn: 0.05, fail: 0.1 },
    event: (random, shifted) => {
      const group = random() < 0.5 ? 'a' : 'b';
      const y = random() < 0.5;
      return prediction({ x: random() < (y ? (shifted && group === 'b' ? 0.5 : 0.8) : 0.2), y }, { group });
    },
  },
  fairness_calibration: {
    metric: { type: 'fairness_calibration', field: 'p', label: 'y', groupBy: 'group', groups: ['a', 'b'] },
    thresholds: { warn: 0.03, fail: 0.05 },
    event: (random, shifted) => {
      const group = random() < 0.5 ? 'a' : 'b';
      const p = random();
      return prediction({ p, y: random() < (shifted && group === 'b' ? p * 0.6 : p) }, { group });
    },
  },
  stream_change: {
    metric: { type: 'stream_change', eventKind: 'prediction', field: 'x', equals: [true], detector: 'adwin' },
    thresholds: { warn: 0, fail: 3 },
    event: (random, shifted, share) => prediction({ x: random() < (shifted && share > 0.5 ? 0.3 : 0.05) }),
  },
  hallucination: {
    metric: {
      type: 'hallucination',
      of: 'answers',
      corrected: false,
      sampling: { salt: 'canary', rate: 0.5, strata: [{ key: 'language', value: 'rare', rate: 1 }] },
      leastJudged: 1,
      labelRate: 0,
    },
    thresholds: { warn: 0.05, fail: 0.1 },
    event: (random) => prediction({ groundable: true }, { language: random() < 0.05 ? 'rare' : 'frequent' }),
    check: judgedAnswer,
  },
};
