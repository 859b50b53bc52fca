import { and, desc, eq, isNull, lt, ne, sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { alert } from '#src/features/alerts/tables.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { listCanaries } from './canary.ts';
import { CANARY_DETECTORS } from './canary-rigs.ts';
import { governedMonitors } from './due-batches.ts';
import { METRIC_WORDS, needsBaseline, PROPERTIES } from './model.ts';
import { wholeMonitors } from './present.ts';
import { monitorSpecification, monitorVersion } from './tables.ts';
import { countStandings, windowStandings } from './window-states.ts';

/** The days a monitor's runs are counted over: a month of the audit window, so that every month is judged. */
const COUNTED_DAYS = 31;

/** Every monitor with how its windows of the last 31 days ended, for the control tests. */
export async function monitorFacts(executor: Executor, nowMs: number): Promise<KnownFact<'monitor'>[]> {
  const monitors = await wholeMonitors(executor);
  const governed = await governedMonitors(executor);
  // Whole days, so that the fact changes once a day and with what happens, not with the hour of the reading.
  const fromMs = Math.floor(nowMs / DAY_MS) * DAY_MS - COUNTED_DAYS * DAY_MS;
  const standings = await windowStandings(executor, governed, { fromMs, toMs: nowMs, nowMs });
  const overdue = await overdueAlerts(executor, nowMs);
  return monitors.map(({ id, systemId, systemName, versions, baselines }) => {
    const current = versions.find(({ state }) => state === 'in_force');
    const shown = current ?? versions[0];
    const windows = standings.get(id) ?? [];
    const { pending: _, ...counts } = countStandings(windows);
    const last = windows.findLast(({ recorded }) => recorded !== null)?.recorded;
    const metric = shown?.definition.metric;
    return {
      kind: 'monitor',
      key: id,
      body: {
        systemId,
        systemName,
        name: shown?.definition.name ?? id,
        metric: metric?.type ?? 'unknown',
        metricTitle: metric ? METRIC_WORDS[metric.type] : 'Unknown',
        window: shown?.definition.window ?? 'day',
        approved: current !== undefined,
        paused: current?.definition.paused ?? false,
        approvedAt: current?.validFrom?.toISOString() ?? null,
        proposedBy: shown?.proposedBy ?? null,
        approvedBy: current?.reviewedBy ?? null,
        baseline:
          !metric || !needsBaseline(metric)
            ? 'not_needed'
            : baselines.some(({ state }) => state === 'in_force')
              ? 'approved'
              : 'missing',
        countedFrom: toInstant(fromMs),
        ...counts,
        lastClosedAt: last?.closedAt.toISOString() ?? null,
        lastN: last?.n ?? null,
        alertsOverdue: overdue.get(id) ?? 0,
      },
    };
  });
}

/** Alerts of each monitor that nobody acknowledged in time, or that are open beyond their time. Muted ones have no clock. */
async function overdueAlerts(executor: Executor, nowMs: number): Promise<Map<string, number>> {
  const now = new Date(nowMs);
  const rows = await executor
    .select({ sourceId: alert.sourceId, n: sql<number>`count(*)::int` })
    .from(alert)
    .where(
      and(
        sql`${alert.source} in ('monitor', 'calendar')`,
        ne(alert.state, 'resolved'),
        eq(alert.quiet, false),
        sql`(${and(isNull(alert.acknowledgedAt), lt(alert.acknowledgeDueAt, now))} or ${lt(alert.resolveDueAt, now)})`,
      ),
    )
    .groupBy(alert.sourceId);
  return new Map(rows.map(({ sourceId, n }) => [sourceId, n]));
}

/** The processing-integrity specification in force, or waiting, of each system that has one. */
export async function integritySpecificationFacts(executor: Executor): Promise<KnownFact<'integrity-specification'>[]> {
  const rows = await executor.select().from(monitorSpecification).orderBy(desc(monitorSpecification.version));
  const current = await executor.select().from(monitorVersion).where(eq(monitorVersion.state, 'in_force'));
  const bySystem = new Map<string, typeof rows>();
  for (const row of rows) bySystem.set(row.systemId, [...(bySystem.get(row.systemId) ?? []), row]);
  return [...bySystem].map(([systemId, versions]) => {
    const inForce = versions.find(({ state }) => state === 'in_force');
    const shown = inForce ?? versions[0];
    const clauses = shown?.content.clauses ?? [];
    const changed = clauses.filter(
      (clause) =>
        !current.some(({ monitorId, digest }) => monitorId === clause.monitorId && digest === clause.monitorDigest),
    );
    return {
      kind: 'integrity-specification',
      key: systemId,
      body: {
        systemId,
        approved: inForce !== undefined,
        version: shown?.version ?? 0,
        approvedAt: inForce?.validFrom?.toISOString() ?? null,
        properties: PROPERTIES.filter((property) => clauses.some((clause) => clause.property === property)),
        clauses: clauses.length,
        clausesChanged: changed.length,
      },
    };
  });
}

/** The last run of each detector's canary; a detector that never ran is there too. */
export async function monitorCanaryFacts(executor: Executor): Promise<KnownFact<'monitor-canary'>[]> {
  const rows = await listCanaries(executor);
  return CANARY_DETECTORS.map((detector) => {
    const last = rows.find((row) => row.detector === detector);
    return {
      kind: 'monitor-canary',
      key: detector,
      body: {
        detector,
        ranAt: last?.ranAt ?? null,
        shiftedAlarmed: last?.shiftedAlarmed ?? null,
        cleanAlarmed: last?.cleanAlarmed ?? null,
      },
    };
  });
}
