import { desc, gte } from 'drizzle-orm';
import type { CheckResult } from '#src/features/groundedness-checks/index.ts';
import { lockFor } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { gatherBaseline } from './baseline-content.ts';
import { CANARY_DETECTORS, type Detector, RIGS } from './canary-rigs.ts';
import { CODE_VERSION, decideBatch } from './decide.ts';
import { type Canary, MonitorDefinition } from './model.ts';
import { createSeriesCounters } from './series-counts.ts';
import { MONITORS_LOCK, type MonitorServices } from './services.ts';
import { monitorCanary } from './tables.ts';

const EVENTS = 2_000;
const REFERENCE = 20_000;

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
  for (let k = 0; k < REFERENCE; k++)
    gathered.take({ id: `reference ${k}`, ...rig.event(reference, false, k / REFERENCE) });
  const baseline = gathered.freeze();
  const decide = (shifted: boolean, own: number) => {
    const random = seededRandom(own);
    const checks = new Map<string, CheckResult>();
    if (rig.check) for (let k = 0; k < EVENTS; k++) checks.set(`window ${k}`, rig.check(random, shifted));
    const counters = createSeriesCounters(
      definition,
      new Map(baseline.series.map(({ name, reference: held }) => [name, held])),
      checks,
    );
    for (let k = 0; k < EVENTS; k++) counters.take({ id: `window ${k}`, ...rig.event(random, shifted, k / EVENTS) });
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
      .select({ detector: monitorCanary.detector })
      .from(monitorCanary)
      .where(gte(monitorCanary.day, day));
    // A version that brings new detectors tries them on the day it comes.
    const missing = CANARY_DETECTORS.filter((detector) => !done.some((one) => one.detector === detector));
    if (missing.length === 0) return 0;
    // Another stream each day, and the same one whoever repeats the day.
    const seed = Math.floor(nowMs / DAY_MS) * 16;
    const outcomes = missing.map((detector) => runCanary(detector, seed));
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
      dedupeKey: `monitor-canary:${day}:${missing.length}`,
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
