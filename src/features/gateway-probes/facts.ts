import { sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { AttackResult, IsolationResult } from './model.ts';

/** The newest finished isolation probe of each route. */
export async function gatewayProbeFacts(executor: Executor): Promise<KnownFact<'gateway-probe'>[]> {
  const { rows } = await executor.execute<{ finished_at: string; result: IsolationResult }>(sql`
    select finished_at, result from gateway_probe_run
    where kind = 'isolation' and result is not null order by finished_at desc limit 50`);
  const facts = new Map<string, KnownFact<'gateway-probe'>>();
  for (const row of rows)
    for (const route of row.result.routes) {
      if (facts.has(route.routeId)) continue;
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
        },
      });
    }
  return [...facts.values()];
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
      harmless: result.harmless,
      falseAlarms: result.falseAlarms,
      unevaluated: result.unevaluated,
    },
  }));
}
