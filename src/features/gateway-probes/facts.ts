import { sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { clopperPearson } from '#src/statistics/proportion.ts';
import type { AttackResult, IsolationResult } from './model.ts';

/** The newest finished isolation probe of each route. */
export async function gatewayProbeFacts(executor: Executor, clock: Clock): Promise<KnownFact<'gateway-probe'>[]> {
  const months = await monthsByRoute(executor, clock());
  const { rows: made } = await executor.execute<{ id: string; created_at: string }>(
    sql`select id, created_at from gateway_route`,
  );
  const { rows } = await executor.execute<{ finished_at: string; result: IsolationResult }>(sql`
    select finished_at, result from gateway_probe_run
    where kind = 'isolation' and result is not null order by finished_at desc limit 50`);
  const facts = new Map<string, KnownFact<'gateway-probe'>>();
  for (const row of rows)
    for (const route of row.result.routes) {
      const madeAt = made.find(({ id }) => id === route.routeId)?.created_at;
      // A route that was removed has nobody left to keep apart.
      if (facts.has(route.routeId) || madeAt === undefined) continue;
      facts.set(route.routeId, {
        kind: 'gateway-probe',
        key: route.routeId,
        body: {
          path: route.path,
          ranAt: new Date(row.finished_at).toISOString(),
          leaks: route.leaks.length,
          asked: route.asked,
          answered: route.answered,
          withoutKey: route.withoutKey,
          wrongKey: route.wrongKey,
          failure: route.failure,
          showsProbabilities: route.showsProbabilities ?? null,
          ways: (route.ways ?? []).map(({ way }) => way).sort(),
          routeMadeAt: new Date(madeAt).toISOString(),
          monthsProbed: months.get(route.routeId) ?? [],
        },
      });
    }
  return [...facts.values()];
}

async function monthsByRoute(executor: Executor, nowMs: number): Promise<Map<string, string[]>> {
  const since = new Date(nowMs - 400 * DAY_MS).toISOString();
  const { rows } = await executor.execute<{ route: string; months: string[] }>(sql`
    select route ->> 'routeId' as route,
      array_agg(distinct to_char(finished_at at time zone 'utc', 'YYYY-MM') order by to_char(finished_at at time zone 'utc', 'YYYY-MM')) as months
    from gateway_probe_run, jsonb_array_elements(result -> 'routes') as route
    where kind = 'isolation' and finished_at >= ${since}::timestamptz
      and route ->> 'failure' is null and (route ->> 'answered')::int > 0
    group by 1`);
  return new Map(rows.map(({ route, months }) => [route, months]));
}

/** The newest attack that came to a result, by route. */
export async function gatewayAttackFacts(executor: Executor): Promise<KnownFact<'gateway-attack'>[]> {
  const { rows } = await executor.execute<{ finished_at: string; result: AttackResult }>(sql`
    select distinct on (result ->> 'routeId') finished_at, result from gateway_probe_run
    where kind = 'attack' and result is not null order by result ->> 'routeId', finished_at desc`);
  return rows.map(({ finished_at, result }) => ({
    kind: 'gateway-attack',
    key: result.routeId,
    body: {
      path: result.path,
      ranAt: new Date(finished_at).toISOString(),
      suites: result.suites,
      policyId: result.policyId,
      policyVersion: result.policyVersion,
      attacks: result.attacks,
      stoppedByGateway: result.stoppedByGateway,
      stoppedInterval: clopperPearson(result.stoppedByGateway, result.attacks),
      harmless: result.harmless,
      falseAlarms: result.falseAlarms,
      falseAlarmsInterval: clopperPearson(result.falseAlarms, result.harmless),
      unevaluated: result.unevaluated,
    },
  }));
}
