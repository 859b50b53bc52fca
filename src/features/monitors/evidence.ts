import { and, asc, eq, gte, lt, sql } from 'drizzle-orm';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { AppError } from '#src/kernel/errors.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { presentCanary } from './canary.ts';
import { listChanges } from './change-history.ts';
import { type GovernedMonitor, governedMonitors } from './due-batches.ts';
import { judgingSummaries } from './judging-summary.ts';
import type { Evidence } from './model.ts';
import { packAnswers } from './pack-answers.ts';
import { packGate, packOutputs, packReview, packStore } from './pack-parts.ts';
import type { Period, Reading } from './present.ts';
import { listSpecifications } from './specifications.ts';
import { monitorCanary } from './tables.ts';
import { addStates, countStandings, noStates, windowStandings } from './window-states.ts';

/** Steps of the small multiples: a year in steps of about four days. */
const STEPS = 96;
const MISSED_LISTED = 50;

/**
 * One page for one system over the whole period: what it promised, every run that was due and how it ended, each series at a
 * glance with its gaps, every change, and the proof that the detectors detect. Throws `not_found`.
 */
export async function evidence(reading: Reading, systemId: string, period: Period): Promise<Evidence> {
  const { executor, nowMs } = reading;
  const [system] = await executor
    .select({ name: inventorySystem.name })
    .from(inventorySystem)
    .where(eq(inventorySystem.id, systemId));
  if (!system)
    throw new AppError('not_found', `There is no AI system ${systemId.slice(0, 80)}. Reload the list of systems.`);
  const governed = await governedMonitors(executor, { systemId });
  const within = { ...period, nowMs };
  const [standings, steps, changes, specifications, canaries, gate, outputs, review, store] = await Promise.all([
    windowStandings(executor, governed, { ...period, nowMs }),
    seriesSteps(
      executor,
      governed.map(({ monitorId }) => monitorId),
      period,
    ),
    listChanges(reading, { systemId }, period),
    listSpecifications(reading, { systemId }),
    canariesOf(executor, period),
    packGate(executor, systemId, period),
    packOutputs(executor, systemId, within),
    packReview(executor, systemId, within),
    packStore(executor, systemId, period),
  ]);
  const judging = await judgingSummaries(
    executor,
    governed.flatMap(({ monitorId, versions }) =>
      versions.some(({ row }) => row.definition.metric.type === 'hallucination') ? [monitorId] : [],
    ),
    period,
  );
  const counts = noStates();
  const monitors = governed.map(({ monitorId, versions }) => {
    const windows = standings.get(monitorId) ?? [];
    const own = countStandings(windows);
    addStates(counts, own);
    const { name, metric, window } = (versions.at(-1) as (typeof versions)[number]).row.definition;
    const missed = windows.flatMap((one) => (one.state === 'missed' ? [toInstant(one.window.startMs)] : []));
    return {
      monitorId,
      name,
      metric,
      window,
      counts: own,
      series: steps.get(monitorId) ?? [],
      firstMissed: missed.slice(0, MISSED_LISTED),
      judging: judging.get(monitorId) ?? null,
    };
  });
  const parts = {
    specification: specifications.find(({ state }) => state === 'in_force') ?? null,
    monitors,
    canaries,
    gate,
    outputs,
    review,
    store,
  };
  return {
    ...parts,
    systemId,
    systemName: system.name,
    from: toInstant(period.fromMs),
    to: toInstant(period.toMs),
    counts,
    stepMs: Math.ceil((period.toMs - period.fromMs) / STEPS),
    steps: STEPS,
    changes,
    answers: packAnswers(parts),
    models: modelsOf(gate, governed),
  };
}

function modelsOf({ runs, releases }: Evidence['gate'], governed: readonly GovernedMonitor[]): string[] {
  const declared = governed.flatMap(({ versions }) =>
    versions.flatMap(({ row: { definition } }) =>
      definition.segments.flatMap(({ key, values }) => (key === 'model_version' ? values : [])),
    ),
  );
  return [...new Set([...[...runs, ...releases].map(({ model }) => model), ...declared])].sort();
}

type Step = Evidence['monitors'][number]['series'][number];

// The newest version of each window, averaged within each step; a step without a number is a gap.
async function seriesSteps(
  executor: Executor,
  monitorIds: string[],
  { fromMs, toMs }: Period,
): Promise<Map<string, Step[]>> {
  const stepSeconds = Math.ceil((toMs - fromMs) / STEPS) / 1_000;
  const { rows } = await executor.execute<{
    monitor_id: string;
    series: string;
    step: number;
    value: number | null;
    breaches: number;
    warnings: number;
  }>(sql`
    with newest as (
      select distinct on (monitor_id, starts_at) id from monitor_window
      where monitor_id = any(${sql.param(monitorIds)}::text[]) and starts_at >= ${toInstant(fromMs)} and starts_at < ${toInstant(toMs)}
      order by monitor_id, starts_at, version desc)
    select decision.monitor_id, decision.series,
      floor(extract(epoch from decision.starts_at - ${toInstant(fromMs)}::timestamptz) / ${stepSeconds}::float8)::int as step,
      avg(decision.effect) as value,
      count(*) filter (where decision.level = 'fail')::int as breaches,
      count(*) filter (where decision.level = 'warn')::int as warnings
    from newest join monitor_decision as decision on decision.window_id = newest.id
    group by decision.monitor_id, decision.series, step`);
  const found = new Map<string, Map<string, Step>>();
  for (const row of rows) {
    const monitor = found.get(row.monitor_id) ?? new Map<string, Step>();
    found.set(row.monitor_id, monitor);
    const series = monitor.get(row.series) ?? {
      series: row.series,
      values: new Array<number | null>(STEPS).fill(null),
      breaches: 0,
      warnings: 0,
    };
    monitor.set(row.series, series);
    series.values[Math.min(row.step, STEPS - 1)] = row.value;
    series.breaches += row.breaches;
    series.warnings += row.warnings;
  }
  // The whole first, then segments by name.
  const order = (a: Step, b: Step) =>
    Number(b.series === 'all') - Number(a.series === 'all') || (a.series < b.series ? -1 : 1);
  return new Map([...found].map(([id, series]) => [id, [...series.values()].sort(order)]));
}

async function canariesOf(executor: Executor, { fromMs, toMs }: Period): Promise<Evidence['canaries']> {
  const rows = await executor
    .select()
    .from(monitorCanary)
    .where(
      and(gte(monitorCanary.day, toInstant(fromMs).slice(0, 10)), lt(monitorCanary.day, toInstant(toMs).slice(0, 10))),
    )
    .orderBy(asc(monitorCanary.day));
  const shown = rows.map(presentCanary);
  return {
    days: new Set(shown.map(({ day }) => day)).size,
    passed: shown.filter(({ passed }) => passed).length,
    failed: shown.filter(({ passed }) => !passed).slice(0, MISSED_LISTED),
  };
}
