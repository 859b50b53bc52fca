import * as z from 'zod';
import { Who } from '../records/model.ts';

/** Lengths of windows, all in UTC: days have 24 hours whatever clocks on walls do. Weeks begin on Monday. */
export const WINDOW_LENGTHS = ['hour', 'day', 'week', 'month'] as const;
export const WindowLength = z.enum(WINDOW_LENGTHS);
export type WindowLength = z.infer<typeof WindowLength>;

/** How an expected window ends: as exactly one of these. */
export const WINDOW_STATES = ['ok', 'breach', 'insufficient_data', 'error', 'missed'] as const;
export const WindowState = z.enum(WINDOW_STATES);
export type WindowState = z.infer<typeof WindowState>;
/** `none` where nothing could be decided. */
export const Level = z.enum(['ok', 'warn', 'fail', 'none']);
export type Level = z.infer<typeof Level>;

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

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

const SERIES_MAX = 200;

export const MonitorDefinition = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    metric: Metric,
    window: WindowLength,
    /** How long after its end a window waits for events, in minutes. */
    watermarkMinutes: z.number().int().min(0).max(10_080).default(15),
    /** Groups watched one by one beside the whole, declared before. `model_version` is the model's version. */
    segments: z
      .array(
        z.strictObject({
          key: z.string().trim().min(1).max(100),
          values: z.array(z.string().max(200)).min(1).max(100),
        }),
      )
      .max(10)
      .default([]),
    thresholds: z.strictObject({ warn: z.number(), fail: z.number() }),
    /** Below this many events a window says `insufficient_data`. */
    minimumN: z.number().int().min(1).max(1_000_000).default(50),
    ownerId: z.string().max(64),
    severity: z.enum(SEVERITIES).default('high'),
    paused: z.boolean().default(false),
  })
  .superRefine(({ metric, thresholds, segments }, context) => {
    const { warn, fail } = thresholds;
    if (worseOf(metric) === 'higher' ? warn > fail : warn < fail)
      context.addIssue({ code: 'custom', path: ['thresholds', 'warn'], message: 'must be reached before fail is' });
    if (segments.reduce((sum, { values }) => sum + values.length, 0) >= SERIES_MAX)
      context.addIssue({
        code: 'custom',
        path: ['segments'],
        message: `may name at most ${SERIES_MAX - 1} groups in all`,
      });
  });
export type MonitorDefinition = z.infer<typeof MonitorDefinition>;

export const ProposalState = z.enum(['proposed', 'in_force', 'superseded', 'refused']);
export type ProposalState = z.infer<typeof ProposalState>;

const Reason = z.string().trim().min(3, 'must say why').max(1_000);
export const Review = z.strictObject({
  decision: z.enum(['approved', 'refused']),
  comment: z.string().trim().min(1).max(1_000).optional(),
});
export type Review = z.infer<typeof Review>;

export const NewMonitor = z.strictObject({
  systemId: z.string().max(64),
  definition: MonitorDefinition,
  reason: Reason,
});
export type NewMonitor = z.infer<typeof NewMonitor>;
export const MonitorChange = z.strictObject({ definition: MonitorDefinition, reason: Reason });
export type MonitorChange = z.infer<typeof MonitorChange>;

const Proposal = {
  state: ProposalState,
  reason: z.string(),
  proposedBy: Who,
  proposedAt: z.iso.datetime(),
  reviewedBy: Who.nullable(),
  reviewedAt: z.iso.datetime().nullable(),
  reviewComment: z.string().nullable(),
  validFrom: z.iso.datetime().nullable(),
  validTo: z.iso.datetime().nullable(),
};

export const MonitorVersion = z
  .object({
    version: z.number().int(),
    definition: MonitorDefinition,
    digest: z.string(),
    /** In which ways it is less strict than the one before; empty where it is not. */
    loosens: z.array(z.string()),
    ...Proposal,
  })
  .meta({ id: 'MonitorVersion' });
export type MonitorVersion = z.infer<typeof MonitorVersion>;

export const SizeCheck = z
  .object({
    /** Events an average window of the period holds. */
    windowN: z.number(),
    /** Baseline over window; below 10 one unlucky baseline makes many windows alarm together. */
    ratio: z.number(),
    verdict: z.enum(['enough', 'thin']),
  })
  .meta({ id: 'BaselineSizeCheck' });
export type SizeCheck = z.infer<typeof SizeCheck>;

export const Baseline = z
  .object({
    id: z.string(),
    monitorId: z.string(),
    version: z.number().int(),
    periodFrom: z.iso.datetime(),
    periodTo: z.iso.datetime(),
    n: z.number().int(),
    sizeCheck: SizeCheck,
    sha256: z.string(),
    ...Proposal,
  })
  .meta({ id: 'MonitorBaseline' });
export type Baseline = z.infer<typeof Baseline>;
export const BaselineList = z.object({ items: z.array(Baseline) });
export const NewBaseline = z.strictObject({
  periodFrom: z.iso.datetime({ offset: true }),
  periodTo: z.iso.datetime({ offset: true }),
  reason: Reason,
});
export type NewBaseline = z.infer<typeof NewBaseline>;

/** What a window came to for one series. `series` is `all`, or `key=value` of a declared segment. */
export const Point = z
  .object({
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    windowId: z.string().nullable(),
    /** `pending` before it is due. */
    state: z.enum([...WINDOW_STATES, 'pending']),
    level: Level,
    n: z.number().int(),
    value: z.number().nullable(),
    effect: z.number().nullable(),
    noiseFloor: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    pAdjusted: z.number().nullable(),
    warn: z.number().nullable(),
    fail: z.number().nullable(),
    monitorVersion: z.number().int().nullable(),
    baselineId: z.string().nullable(),
    /** How many versions there are; above 1 late events corrected it, or it was computed after it was missed. */
    versions: z.number().int(),
    /** What a missed window came to when it was computed after all. */
    recomputed: WindowState.nullable(),
  })
  .meta({ id: 'MonitorPoint' });
export type Point = z.infer<typeof Point>;

export const StateCounts = z
  .object({
    expected: z.number().int(),
    ok: z.number().int(),
    breach: z.number().int(),
    insufficient_data: z.number().int(),
    error: z.number().int(),
    missed: z.number().int(),
    /** Expected, and not due yet. Not counted in `expected`. */
    pending: z.number().int(),
    /** Of `ok`, how many warned. */
    warned: z.number().int(),
  })
  .meta({ id: 'MonitorStateCounts' });
export type StateCounts = z.infer<typeof StateCounts>;

export const MonitorRow = z
  .object({
    id: z.string(),
    systemId: z.string(),
    systemName: z.string(),
    /** In force; null while the first version waits for its approval. */
    current: MonitorVersion.nullable(),
    proposed: MonitorVersion.nullable(),
    baseline: Baseline.nullable(),
    baselineNeeded: z.boolean(),
    counts: StateCounts,
    /** The series `all` over the asked time, gaps included. */
    points: z.array(Point),
    lastState: z.enum([...WINDOW_STATES, 'pending']).nullable(),
  })
  .meta({ id: 'Monitor' });
export type MonitorRow = z.infer<typeof MonitorRow>;

export const PeriodQuery = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export const MonitorQuery = PeriodQuery.extend({ systemId: z.string().max(64).optional() });
export const MonitorPage = z.object({ items: z.array(MonitorRow), from: z.iso.datetime(), to: z.iso.datetime() });

export const MonitorDetail = z
  .object({
    monitor: MonitorRow,
    series: z.array(z.object({ series: z.string(), points: z.array(Point) })),
    versions: z.array(MonitorVersion),
    baselines: z.array(Baseline),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
  })
  .meta({ id: 'MonitorDetail' });
export type MonitorDetail = z.infer<typeof MonitorDetail>;

/** What was decided of one series of one window, and on what. Everything in it follows from the stored window. */
export const Decision = z
  .object({
    series: z.string(),
    state: WindowState,
    level: Level,
    /** Why, in one closed word. */
    reason: z.enum([
      'within_thresholds',
      'not_significant',
      'beyond_warn',
      'beyond_fail',
      'too_few',
      'too_few_labels',
      'no_baseline',
      'not_computable',
    ]),
    n: z.number().int(),
    missing: z.number().int(),
    nonfinite: z.number().int(),
    unreadable: z.number().int(),
    value: z.number().nullable(),
    noiseFloor: z.number().nullable(),
    effect: z.number().nullable(),
    interval: z.tuple([z.number(), z.number()]).nullable(),
    statistic: z.object({ name: z.string(), value: z.number(), dof: z.number().nullable() }).nullable(),
    p: z.number().nullable(),
    pAdjusted: z.number().nullable(),
    /** The smallest effect this many events can show, where a formula is known. */
    detectable: z.number().nullable(),
    thresholds: z.object({ warn: z.number(), fail: z.number() }),
    /** More numbers of the metric, by name. */
    more: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  })
  .meta({ id: 'MonitorDecision' });
export type Decision = z.infer<typeof Decision>;

export const WindowDetail = z
  .object({
    id: z.string(),
    monitorId: z.string(),
    monitorVersion: z.number().int(),
    definition: MonitorDefinition,
    baselineId: z.string().nullable(),
    systemId: z.string(),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    dueAt: z.iso.datetime(),
    closedAt: z.iso.datetime(),
    version: z.number().int(),
    state: WindowState,
    level: Level,
    n: z.number().int(),
    cause: z.string().nullable(),
    sha256: z.string().nullable(),
    batchId: z.string(),
    batchDigest: z.string(),
    familySize: z.number().int(),
    codeVersion: z.string(),
    decisions: z.array(Decision.extend({ sha256: z.string() })),
    /** Other versions of the same window, oldest first. */
    versions: z.array(
      z.object({
        id: z.string(),
        version: z.number().int(),
        state: WindowState,
        closedAt: z.iso.datetime(),
        cause: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'MonitorWindow' });
export type WindowDetail = z.infer<typeof WindowDetail>;

export const Bar = z.object({
  label: z.string(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reference: z.number(),
  current: z.number(),
});
export const Distribution = z
  .object({
    windowId: z.string().nullable(),
    baselineId: z.string().nullable(),
    series: z.string(),
    form: z.enum(['bins', 'categories', 'quantiles', 'reliability', 'groups', 'sources', 'none']),
    /** Shares; of `quantiles` the values. `low` and `high` are the ends of a bin, null where it is open. */
    bars: z.array(Bar),
    nReference: z.number().int(),
    nCurrent: z.number().int(),
    /** For calibration: mean probability and share of positives by bin, with Wilson's interval. */
    reliability: z.array(
      z.object({
        bin: z.number().int(),
        n: z.number().int(),
        meanPredicted: z.number(),
        share: z.number(),
        low: z.number(),
        high: z.number(),
      }),
    ),
    /** Categories the baseline never had, with their counts. */
    unseen: z.array(z.object({ label: z.string(), count: z.number().int() })),
    /** Missing numbers of a source as ranges, both ends included. */
    gaps: z.array(z.object({ source: z.string(), from: z.number().int(), to: z.number().int() })),
  })
  .meta({ id: 'MonitorDistribution' });
export type Distribution = z.infer<typeof Distribution>;
export const DistributionQuery = z.object({
  windowId: z.string().max(64).optional(),
  series: z.string().max(400).default('all'),
});

export const CalendarEntry = z
  .object({
    monitorId: z.string(),
    name: z.string(),
    counts: StateCounts,
    windows: z.array(
      z.object({
        startsAt: z.iso.datetime(),
        state: z.enum([...WINDOW_STATES, 'pending']),
        level: Level,
        windowId: z.string().nullable(),
        recomputed: WindowState.nullable(),
        corrected: z.boolean(),
        closedAt: z.iso.datetime().nullable(),
        cause: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'MonitorCalendarEntry' });
export const Calendar = z
  .object({ from: z.iso.datetime(), to: z.iso.datetime(), counts: StateCounts, items: z.array(CalendarEntry) })
  .meta({ id: 'MonitorCalendar' });
export type Calendar = z.infer<typeof Calendar>;

/** One line of the change history. */
export const Change = z
  .object({
    at: z.iso.datetime(),
    kind: z.enum(['monitor', 'baseline', 'specification']),
    what: z.enum(['proposed', 'approved', 'refused']),
    monitorId: z.string().nullable(),
    systemId: z.string(),
    title: z.string(),
    version: z.number().int(),
    by: Who,
    reason: z.string().nullable(),
    loosens: z.array(z.string()),
    from: z.object({ warn: z.number(), fail: z.number() }).nullable(),
    to: z.object({ warn: z.number(), fail: z.number() }).nullable(),
  })
  .meta({ id: 'MonitorHistoryEntry' });
export type Change = z.infer<typeof Change>;
export const ChangeQuery = MonitorQuery.extend({
  monitorId: z.string().max(64).optional(),
  loosening: z.enum(['true', 'false']).optional(),
});
export const ChangeList = z.object({ items: z.array(Change) });

export const InForceQuery = z.object({ at: z.iso.datetime({ offset: true }) });
export const InForce = z.object({
  at: z.iso.datetime(),
  version: MonitorVersion.nullable(),
  baseline: Baseline.nullable(),
});

export const ReplayRequest = z.strictObject({
  thresholds: z.strictObject({ warn: z.number(), fail: z.number() }),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
});
export const Replay = z
  .object({
    windows: z.number().int(),
    fired: z.number().int(),
    wouldFire: z.number().int(),
    /** Windows whose level differs. */
    differences: z.array(z.object({ windowId: z.string(), startsAt: z.iso.datetime(), was: Level, wouldBe: Level })),
  })
  .meta({ id: 'MonitorReplay' });

export const PROPERTIES = ['complete', 'valid', 'accurate', 'timely', 'authorized'] as const;
export const Clause = z.strictObject({
  property: z.enum(PROPERTIES),
  statement: z.string().trim().min(10, 'must say what is promised').max(1_000),
  monitorId: z.string().max(64),
  ownerId: z.string().max(64),
});
export const SpecificationInput = z.strictObject({
  task: z.string().trim().min(10, 'must say what the system does').max(2_000),
  clauses: z.array(Clause).min(1).max(50),
});
export type SpecificationInput = z.infer<typeof SpecificationInput>;
/** A clause as it is frozen: with the metric, thresholds and window its monitor had. */
export const FrozenClause = Clause.extend({
  monitorVersion: z.number().int(),
  monitorDigest: z.string(),
  metric: Metric,
  thresholds: z.object({ warn: z.number(), fail: z.number() }),
  window: WindowLength,
});
export const SpecificationContent = z.object({ task: z.string(), clauses: z.array(FrozenClause) });
export type SpecificationContent = z.infer<typeof SpecificationContent>;
export const NewSpecification = z.strictObject({
  systemId: z.string().max(64),
  content: SpecificationInput,
  reason: Reason,
});
export type NewSpecification = z.infer<typeof NewSpecification>;
export const Specification = z
  .object({
    id: z.string(),
    systemId: z.string(),
    systemName: z.string(),
    version: z.number().int(),
    task: z.string(),
    clauses: z.array(
      FrozenClause.extend({
        monitorName: z.string(),
        /** False where the monitor was changed after the clause was frozen. */
        asFrozen: z.boolean(),
      }),
    ),
    /** Which of complete, valid, accurate, timely and authorized no clause speaks of. */
    uncovered: z.array(z.enum(PROPERTIES)),
    digest: z.string(),
    ...Proposal,
  })
  .meta({ id: 'MonitorSpecification' });
export type Specification = z.infer<typeof Specification>;
export const SpecificationList = z.object({ items: z.array(Specification) });

export const Canary = z
  .object({
    day: z.iso.date(),
    detector: z.string(),
    /** A planted shift raised an alarm. */
    shiftedAlarmed: z.boolean(),
    /** A clean stream raised one. */
    cleanAlarmed: z.boolean(),
    passed: z.boolean(),
    ranAt: z.iso.datetime(),
  })
  .meta({ id: 'MonitorCanary' });
export type Canary = z.infer<typeof Canary>;
export const CanaryList = z.object({ items: z.array(Canary) });

export const Evidence = z
  .object({
    systemId: z.string(),
    systemName: z.string(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    specification: Specification.nullable(),
    counts: StateCounts,
    monitors: z.array(
      z.object({
        monitorId: z.string(),
        name: z.string(),
        metric: Metric,
        window: WindowLength,
        counts: StateCounts,
        /** By series: one number a step (`stepMs`), null where no window said anything. */
        series: z.array(
          z.object({
            series: z.string(),
            values: z.array(z.number().nullable()),
            breaches: z.number().int(),
            warnings: z.number().int(),
          }),
        ),
        firstMissed: z.array(z.iso.datetime()),
      }),
    ),
    stepMs: z.number().int(),
    steps: z.number().int(),
    changes: z.array(Change),
    canaries: z.object({ days: z.number().int(), passed: z.number().int(), failed: z.array(Canary) }),
  })
  .meta({ id: 'MonitorEvidence' });
export type Evidence = z.infer<typeof Evidence>;
