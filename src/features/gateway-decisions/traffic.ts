import { type SQL, sql } from 'drizzle-orm';
import type { Clock } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { byDay, dailyChecks } from './daily-checks.ts';
import { emptySum, type MinuteRow, type MinuteSum, mergeSums, NONE, sumOfRow } from './minute-sums.ts';
import { TRAFFIC_SPANS, type Traffic, type TrafficPoint, type TrafficQuery, type TrafficTotals } from './model.ts';
import { isoOf } from './record-state.ts';

const MINUTE_MS = 60_000;
/** About as many points as a chart can show apart. */
const POINTS = 60;
const CHECKS_DAYS = 14;

/** What went through the gateway in a span of time up to now, from the sums by minute. */
export async function trafficOf(executor: Executor, query: TrafficQuery, clock: Clock): Promise<Traffic> {
  const minutes = TRAFFIC_SPANS[query.span];
  const stepMinutes = minutes / POINTS;
  const stepMs = stepMinutes * MINUTE_MS;
  const toMs = Math.floor(clock() / stepMs) * stepMs + stepMs;
  const fromMs = toMs - minutes * MINUTE_MS;
  const ofQuery = sql`${query.tenant ? sql`and tenant_id = ${query.tenant}` : sql``} ${query.route ? sql`and route_id = ${query.route}` : sql``}`;
  const { rows } = await executor.execute<MinuteRow>(sql`
    select * from gateway_minute
    where minute >= ${new Date(fromMs).toISOString()}::timestamptz and minute < ${new Date(toMs).toISOString()}::timestamptz
      ${ofQuery}`);
  const points = Array.from({ length: POINTS }, (_, i) => ({ at: fromMs + i * stepMs, sum: emptySum() }));
  const totals = emptySum();
  const routes = new Map<string, MinuteSum>();
  const tenants = new Map<string, MinuteSum>();
  for (const row of rows) {
    const sum = sumOfRow(row);
    const point = points[Math.floor((new Date(row.minute).getTime() - fromMs) / stepMs)];
    if (point) mergeSums(point.sum, sum);
    mergeSums(totals, sum);
    addTo(routes, row.route_id, sum);
    addTo(tenants, row.tenant_id, sum);
  }
  const { rows: readers } = await executor.execute<{ at: string }>(
    sql`select at from gateway_reader where name = 'record'`,
  );
  return {
    span: query.span,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    stepMinutes,
    points: points.map(({ at, sum }) => ({ at: new Date(at).toISOString(), ...figures(sum) })),
    totals: { ...figures(totals), failOpen: totals.failOpen, refusals: totals.refusals } satisfies TrafficTotals,
    byRoute: await largest(executor, routes, sql`select id, path as name from gateway_route`),
    byTenant: await largest(executor, tenants, sql`select id, name from gateway_tenant`),
    checksByDay: byDay(await dailyChecks(executor, clock(), CHECKS_DAYS, ofQuery)),
    upTo: readers[0] ? isoOf(readers[0].at) : null,
  };
}

function addTo(groups: Map<string, MinuteSum>, id: string, sum: MinuteSum): void {
  let held = groups.get(id);
  if (!held) {
    held = emptySum();
    groups.set(id, held);
  }
  mergeSums(held, sum);
}

const LARGEST = 20;

async function largest(executor: Executor, groups: Map<string, MinuteSum>, named: SQL) {
  const shown = [...groups].sort(([, a], [, b]) => b.decisions - a.decisions).slice(0, LARGEST);
  const { rows } = await executor.execute<{ id: string; name: string }>(
    sql`select id, name from (${named}) as known where id = any(${sql.param(shown.map(([id]) => id))}::text[])`,
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return shown.map(([id, { decisions, refused, costMicroUsd, unpriced }]) => ({
    id: id === NONE ? 'none' : id,
    name: names.get(id) ?? null,
    decisions,
    refused,
    costMicroUsd,
    unpriced,
  }));
}

function figures(sum: MinuteSum): Omit<TrafficPoint, 'at'> {
  const ms = (histogram: MinuteSum['total'], q: number) =>
    histogram.count === 0 ? null : Math.round(histogram.quantile(q)) / 1_000;
  return {
    decisions: sum.decisions,
    allowed: sum.allowed,
    changed: sum.changed,
    refused: sum.refused,
    notEvaluated: sum.notEvaluated,
    tokensInput: sum.tokensInput,
    tokensOutput: sum.tokensOutput,
    costMicroUsd: sum.costMicroUsd,
    unpriced: sum.unpriced,
    totalP50Ms: ms(sum.total, 0.5),
    totalP95Ms: ms(sum.total, 0.95),
    totalP99Ms: ms(sum.total, 0.99),
    addedP50Ms: ms(sum.added, 0.5),
    addedP99Ms: ms(sum.added, 0.99),
    found: sum.found,
  };
}
