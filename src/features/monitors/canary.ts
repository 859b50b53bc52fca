import { desc, gte } from 'drizzle-orm';
import { lockFor } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { projectVector } from '#src/statistics/projection.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { gatherBaseline } from './baseline-content.ts';
import { CODE_VERSION, decideBatch } from './decide.ts';
import { type Canary, type Metric, type MetricType, MonitorDefinition } from './model.ts';
import { type CountedEvent, createSeriesCounters } from './series-counts.ts';
import { MONITORS_LOCK, type MonitorServices } from './services.ts';
import { monitorCanary } from './tables.ts';

/** Detectors with a planted shift. Volume and completeness compare a count with a threshold; nothing in them can go blind. */
export const CANARY_DETECTORS = [
  'numeric_drift',
  'categorical_drift',
  'embedding_drift',
  'rate',
  'missing_rate',
  'mean',
  'percentile',
  'calibration',
  'estimated_accuracy',
  'fairness',
] as const satisfies MetricType[];
type Detector = (typeof CANARY_DETECTORS)[number];

const EVENTS = 2_000;
const REFERENCE = 20_000;

type Rig = {
  metric: Metric;
  thresholds: { warn: number; fail: number };
  event(random: () => number, shifted: boolean): CountedEvent;
};

const body = (values: CountedEvent['body']['values'], segment: Record<string, string> = {}) => ({
  modelVersion: null,
  segment,
  values,
});
const prediction = (values: CountedEvent['body']['values'], segment?: Record<string, string>): CountedEvent => ({
  kind: 'prediction',
  body: body(values, segment),
});
const VECTOR = 32;

/** A known shift of each kind: about three times what its threshold asks for. */
const RIGS: Record<Detector, Rig> = {
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
    event: (random, shifted) => {
      const vector = Array.from({ length: VECTOR }, (_, k) => random() - 0.5 + (shifted && k < VECTOR / 2 ? 0.6 : 0));
      return { kind: 'prediction', body: { ...body({}), projections: { x: projectVector(vector) } } };
    },
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
    event: (random, shifted) => {
      const p = random();
      return prediction({ p, y: random() < (shifted ? p * 0.6 : p) });
    },
  },
  estimated_accuracy: {
    metric: { type: 'estimated_accuracy', field: 'p', label: 'y', cut: 0.5 },
    thresholds: { warn: 0.02, fail: 0.05 },
    event: (random, shifted) => {
      const p = shifted ? 0.35 + random() * 0.3 : random() < 0.5 ? random() * 0.3 : 0.7 + random() * 0.3;
      return prediction({ p, y: random() < p });
    },
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
};

export type CanaryOutcome = {
  detector: Detector;
  shiftedAlarmed: boolean;
  cleanAlarmed: boolean;
  record: { code: string; seed: number; shifted: string; clean: string };
};

/** Runs one detector, through the code that decides real windows, over a planted shift and a clean stream. Pure. */
export function runCanary(detector: Detector, seed: number): CanaryOutcome {
  const rig = RIGS[detector];
  const definition = MonitorDefinition.parse({
    name: `Canary of ${detector}`,
    metric: rig.metric,
    window: 'day',
    thresholds: rig.thresholds,
    ownerId: 'assay',
  });
  const gathered = gatherBaseline(definition);
  const reference = seededRandom(seed);
  for (let k = 0; k < REFERENCE; k++) gathered.take(rig.event(reference, false));
  const baseline = gathered.freeze();
  const decide = (shifted: boolean, own: number) => {
    const random = seededRandom(own);
    const counters = createSeriesCounters(
      definition,
      new Map(baseline.series.map(({ name, reference: held }) => [name, held])),
    );
    for (let k = 0; k < EVENTS; k++) counters.take(rig.event(random, shifted));
    const content = {
      monitorId: 'canary',
      monitorVersion: 1,
      baselineId: null,
      startsAt: '',
      endsAt: '',
      ...counters.state(),
      sequences: [],
    };
    const [verdict] = decideBatch([{ content, definition, baseline }]).windows;
    return {
      alarmed: verdict?.level === 'warn' || verdict?.level === 'fail',
      sha256: sha256Hex(canonicalJson(verdict?.decisions ?? [])),
    };
  };
  const shifted = decide(true, seed + 1);
  const clean = decide(false, seed + 2);
  return {
    detector,
    shiftedAlarmed: shifted.alarmed,
    cleanAlarmed: clean.alarmed,
    record: { code: CODE_VERSION, seed, shifted: shifted.sha256, clean: clean.sha256 },
  };
}

/** Runs every detector once a day. One that misses its shift, or alarms on a clean stream, opens an alert. */
export async function runCanaries(services: MonitorServices): Promise<number> {
  const { database, clock } = services.records;
  const nowMs = clock();
  const day = toInstant(nowMs).slice(0, 10);
  return database.transaction(async (tx) => {
    await lockFor(tx, MONITORS_LOCK);
    const done = await tx
      .select({ day: monitorCanary.day })
      .from(monitorCanary)
      .where(gte(monitorCanary.day, day))
      .limit(1);
    if (done.length > 0) return 0;
    // Another stream each day, and the same one whoever repeats the day.
    const seed = Math.floor(nowMs / DAY_MS) * 16;
    const outcomes = CANARY_DETECTORS.map((detector) => runCanary(detector, seed));
    await tx.insert(monitorCanary).values(outcomes.map((outcome) => ({ day, ...outcome, ranAt: new Date(nowMs) })));
    await services.records.append(tx, {
      type: 'monitor.canary',
      actor: { kind: 'service', id: 'assay' },
      subject: { kind: 'canary', id: day },
      series: 'monitor-canaries',
      body: {
        day,
        code: CODE_VERSION,
        detectors: outcomes.map(({ detector, shiftedAlarmed, cleanAlarmed, record }) => ({
          detector,
          shiftedAlarmed,
          cleanAlarmed,
          shifted: record.shifted,
          clean: record.clean,
        })),
      },
      dedupeKey: `monitor-canary:${day}`,
    });
    for (const outcome of outcomes) await alertOfCanary(tx, services, outcome, nowMs);
    return outcomes.length;
  });
}

async function alertOfCanary(
  tx: Transaction,
  services: MonitorServices,
  outcome: CanaryOutcome,
  nowMs: number,
): Promise<void> {
  const { detector, shiftedAlarmed, cleanAlarmed } = outcome;
  const dedupeKey = `monitor-canary:${detector}`;
  const at = toInstant(nowMs);
  if (shiftedAlarmed && !cleanAlarmed) {
    await services.recordRetest(tx, { dedupeKey, passed: true, ref: `${at.slice(0, 10)} ${detector}`, at });
    return;
  }
  await services.openAlert(tx, {
    source: 'canary',
    sourceId: detector,
    subject: { kind: 'detector', id: detector, title: detector },
    severity: shiftedAlarmed ? 'high' : 'critical',
    title: shiftedAlarmed
      ? `The detector ${detector} alarmed on a clean stream`
      : `The detector ${detector} missed a planted shift`,
    reasons: [
      shiftedAlarmed
        ? 'A stream with nothing wrong raised an alarm: its alerts cannot be told from noise.'
        : 'A shift of known size raised no alarm: until this is understood, quiet windows of this detector prove nothing.',
    ],
    dedupeKey,
    occurredAt: at,
    link: '/monitors/canaries',
    evidence: { record: outcome.record },
  });
}

export function presentCanary(row: typeof monitorCanary.$inferSelect): Canary {
  const { day, detector, shiftedAlarmed, cleanAlarmed, ranAt } = row;
  return {
    day,
    detector,
    shiftedAlarmed,
    cleanAlarmed,
    passed: shiftedAlarmed && !cleanAlarmed,
    ranAt: ranAt.toISOString(),
  };
}

const LISTED = 400;

/** The last runs of the canaries, newest first. */
export async function listCanaries(executor: Executor): Promise<Canary[]> {
  const rows = await executor
    .select()
    .from(monitorCanary)
    .orderBy(desc(monitorCanary.day), monitorCanary.detector)
    .limit(LISTED);
  return rows.map(presentCanary);
}
