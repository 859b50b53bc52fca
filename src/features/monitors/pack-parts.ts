import { and, asc, count, desc, eq, gte, inArray, lt, or, sql } from 'drizzle-orm';
import { alert } from '#src/features/alerts/tables.ts';
import { purposeOf } from '#src/features/evaluations/model.ts';
import {
  evaluationRelease,
  evaluationRun,
  evaluationSuite,
  evaluationSuiteVersion,
} from '#src/features/evaluations/tables.ts';
import { eventRoute } from '#src/features/events/tables.ts';
import { recordState } from '#src/features/gateway-decisions/index.ts';
import { ANSWER_REFUSALS, validatorsInForce } from '#src/features/gateway-policies/index.ts';
import { labelReports } from '#src/features/labels/index.ts';
import { labelSample } from '#src/features/labels/tables.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { PackGate, PackOutputs, PackReview, PackStore } from './pack-model.ts';
import type { Period } from './present.ts';
import { monitorTable } from './tables.ts';

const RUNS_LISTED = 200;
const ALERTS_LISTED = 200;
const SAMPLES_LISTED = 20;

/** Suites of a system, its runs of the time whatever came of them, and what the release gate said. */
export async function packGate(executor: Executor, systemId: string, { fromMs, toMs }: Period): Promise<PackGate> {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const suites = await executor
    .select()
    .from(evaluationSuite)
    .where(eq(evaluationSuite.systemId, systemId))
    .orderBy(asc(evaluationSuite.name));
  const ids = suites.map(({ id }) => id);
  const versions = await executor
    .select()
    .from(evaluationSuiteVersion)
    .where(and(inArray(evaluationSuiteVersion.suiteId, ids), eq(evaluationSuiteVersion.review, 'approved')))
    .orderBy(desc(evaluationSuiteVersion.version));
  const ofTime = and(
    inArray(evaluationRun.suiteId, ids),
    gte(evaluationRun.requestedAt, from),
    lt(evaluationRun.requestedAt, to),
  );
  const runs = await executor
    .select()
    .from(evaluationRun)
    .where(ofTime)
    .orderBy(desc(evaluationRun.requestedAt), desc(evaluationRun.id))
    .limit(RUNS_LISTED);
  const [counted] = await executor.select({ total: count() }).from(evaluationRun).where(ofTime);
  const releases = await executor
    .select()
    .from(evaluationRelease)
    .where(
      and(
        eq(evaluationRelease.systemId, systemId),
        gte(evaluationRelease.decidedAt, from),
        lt(evaluationRelease.decidedAt, to),
      ),
    )
    .orderBy(desc(evaluationRelease.decidedAt), desc(evaluationRelease.id));
  return {
    suites: suites.flatMap(({ id, name }) => {
      const version = versions.find(({ suiteId }) => suiteId === id);
      return [
        {
          suiteId: id,
          name,
          purpose: version ? purposeOf(version.content) : 'quality',
          version: version?.version ?? null,
          approvedAt: version?.reviewedAt?.toISOString() ?? null,
          items: version?.content.items.length ?? 0,
          thresholds: version?.content.thresholds.length ?? 0,
        },
      ];
    }),
    runs: runs.map((run) => ({
      runId: run.id,
      suiteId: run.suiteId ?? '',
      suite: run.title,
      model: run.model,
      modelDigest: run.target.modelDigest,
      at: run.requestedAt.toISOString(),
      outcome: run.state === 'finished' ? (run.verdict ?? 'no_data') : run.state,
      because: run.because ?? run.error,
      scores: run.scores.map(({ scorer, n, mean, interval95, threshold }) => ({
        scorer,
        n,
        mean,
        low: interval95?.low ?? null,
        high: interval95?.high ?? null,
        threshold,
      })),
    })),
    runsTotal: counted?.total ?? 0,
    releases: releases.map(({ id, model, modelDigest, decidedAt, verdict, because }) => ({
      releaseId: id,
      model,
      modelDigest,
      at: decidedAt.toISOString(),
      verdict,
      because,
    })),
  };
}

/** What the gateway checks in answers on the routes of a system, over how many calls, and what it held back. */
export async function packOutputs(
  executor: Executor,
  systemId: string,
  { fromMs, toMs, nowMs }: Period & { nowMs: number },
): Promise<PackOutputs> {
  const [from, to] = [toInstant(fromMs), toInstant(toMs)];
  const assigned = await executor
    .select({ routeId: eventRoute.routeId })
    .from(eventRoute)
    .where(eq(eventRoute.systemId, systemId));
  const routeIds = assigned.map(({ routeId }) => routeId);
  const routes = await validatorsInForce(executor, routeIds, nowMs);
  const ids = sql`${sql.param(routeIds)}::text[]`;
  const { rows: sums } = await executor.execute<{ route_id: string; calls: number; unchecked: number }>(sql`
    select route_id, sum(decisions)::bigint as calls, sum(not_evaluated)::bigint as unchecked from gateway_minute
    where route_id = any(${ids}) and minute >= ${from}::timestamptz and minute < ${to}::timestamptz group by route_id`);
  const { rows: refusals } = await executor.execute<{ route_id: string; code: string; n: number }>(sql`
    select route_id, code, sum(n::bigint)::bigint as n
    from gateway_minute, jsonb_each_text(refusals) as refusal (code, n)
    where route_id = any(${ids}) and minute >= ${from}::timestamptz and minute < ${to}::timestamptz
      and code = any(${sql.param(ANSWER_REFUSALS)}::text[])
    group by route_id, code order by code`);
  const { rows: samples } = await executor.execute<{
    id: string;
    occurred_at: string;
    route_id: string;
    refusal: string;
    model_asked: string | null;
  }>(sql`
    select id, occurred_at, route_id, refusal, model_asked from gateway_decision
    where day >= ${from.slice(0, 10)}::date and day <= ${to.slice(0, 10)}::date and route_id = any(${ids})
      and occurred_at >= ${from}::timestamptz and occurred_at < ${to}::timestamptz
      and refusal = any(${sql.param(ANSWER_REFUSALS)}::text[])
    order by occurred_at desc, id desc limit ${SAMPLES_LISTED}`);
  const pathOf = (id: string) => routes.find(({ routeId }) => routeId === id)?.path ?? id;
  return {
    routes: routes.map((route) => {
      const sum = sums.find(({ route_id }) => route_id === route.routeId);
      const own = refusals.filter(({ route_id }) => route_id === route.routeId);
      const calls = sum?.calls ?? 0;
      return {
        ...route,
        calls,
        checked: calls - (sum?.unchecked ?? 0),
        rejected: own.reduce((total, { n }) => total + n, 0),
        rejections: Object.fromEntries(own.map(({ code, n }) => [code, n])),
      };
    }),
    samples: samples.map((row) => ({
      decisionId: row.id,
      at: new Date(row.occurred_at).toISOString(),
      path: pathOf(row.route_id),
      code: row.refusal,
      model: row.model_asked,
    })),
  };
}

/** Alerts of the monitors and suites of a system with what became of them, and samples that people labeled. */
export async function packReview(
  executor: Executor,
  systemId: string,
  { fromMs, toMs, nowMs }: Period & { nowMs: number },
): Promise<PackReview> {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const monitors = await executor
    .select({ id: monitorTable.id })
    .from(monitorTable)
    .where(eq(monitorTable.systemId, systemId));
  const suites = await executor
    .select({ id: evaluationSuite.id })
    .from(evaluationSuite)
    .where(eq(evaluationSuite.systemId, systemId));
  const about = and(
    or(
      and(
        inArray(alert.source, ['monitor', 'calendar']),
        inArray(
          alert.sourceId,
          monitors.map(({ id }) => id),
        ),
      ),
      and(
        eq(alert.source, 'evaluation'),
        inArray(
          alert.sourceId,
          suites.map(({ id }) => id),
        ),
      ),
    ),
    gte(alert.openedAt, from),
    lt(alert.openedAt, to),
  );
  const alerts = await executor
    .select()
    .from(alert)
    .where(about)
    .orderBy(desc(alert.openedAt), desc(alert.id))
    .limit(ALERTS_LISTED);
  const [counted] = await executor.select({ total: count() }).from(alert).where(about);
  const samples = await executor
    .select({ id: labelSample.id, drawnAt: labelSample.createdAt })
    .from(labelSample)
    .where(and(eq(labelSample.systemId, systemId), gte(labelSample.createdAt, from), lt(labelSample.createdAt, to)))
    .orderBy(desc(labelSample.createdAt));
  const reports = await labelReports(
    executor,
    samples.map(({ id }) => id),
  );
  return {
    alerts: alerts.map((one) => ({
      alertId: one.id,
      title: one.title,
      severity: one.severity,
      openedAt: one.openedAt.toISOString(),
      acknowledgedAt: one.acknowledgedAt?.toISOString() ?? null,
      resolvedAt: one.resolvedAt?.toISOString() ?? null,
      resolution: one.resolution,
      onTime:
        one.quiet ||
        ((one.acknowledgedAt?.getTime() ?? nowMs) <= one.acknowledgeDueAt.getTime() &&
          (one.resolvedAt?.getTime() ?? nowMs) <= one.resolveDueAt.getTime()),
      retestPassed: one.retestPassed,
      incidentId: one.incidentId,
    })),
    alertsTotal: counted?.total ?? 0,
    labels: samples.flatMap(({ id, drawnAt }) => {
      const report = reports.find((one) => one.id === id);
      if (!report) return [];
      return [
        {
          sampleId: id,
          scorer: report.scorer,
          runId: report.runId,
          drawnAt: drawnAt.toISOString(),
          sampled: report.sampled,
          labeledTwice: report.labeledTwice,
          agreement: report.agreement.raw,
          correctedRate: report.corrected.rate,
          low: report.corrected.interval95?.low ?? null,
          high: report.corrected.interval95?.high ?? null,
        },
      ];
    }),
  };
}

/** Whether what is stored is whole: digests of windows, sealed windows of decisions, and numbers that did not arrive. */
export async function packStore(executor: Executor, systemId: string, { fromMs, toMs }: Period): Promise<PackStore> {
  const { rows } = await executor.execute<{ sealed: number }>(sql`
    select count(*)::bigint as sealed from monitor_window
    where monitor_id in (select id from monitor where system_id = ${systemId}) and sha256 is not null
      and starts_at >= ${toInstant(fromMs)}::timestamptz and starts_at < ${toInstant(toMs)}::timestamptz`);
  const record = await recordState(executor);
  return {
    windowsSealed: rows[0]?.sealed ?? 0,
    decisionsMissing: record.missing,
    decisions: record.decisions,
    decisionWindowsSealed: record.windows.sealed,
  };
}
