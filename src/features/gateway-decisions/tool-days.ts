import { sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import type { Decision } from '#src/gateway/decision.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';

const DAYS = 30;

/** Adds the tool calls of new decisions to the sums of their days. `bodies` are the decisions that have some. */
export async function addToToolDays(tx: Transaction, bodies: readonly string[]): Promise<void> {
  const sums = new Map<string, { key: [string, string, string, number, string]; sum: [number, number, number] }>();
  for (const body of bodies) {
    const decision = JSON.parse(body) as Decision;
    const { occurredAt, routeId, policyId, policyVersion, parentSpanId } = decision;
    for (const { name, allowed } of decision.toolCalls) {
      // What a call was held back for goes out with none of its answer.
      const isPassed = allowed && decision.refusal === null;
      const key: [string, string, string, number, string] = [
        dayOfMs(occurredAt),
        routeId ?? '',
        policyId ?? '',
        policyVersion ?? 0,
        name,
      ];
      const held = sums.get(key.join('\n')) ?? { key, sum: [0, 0, 0] };
      held.sum[isPassed ? 0 : 1]++;
      if (isPassed && parentSpanId) held.sum[2]++;
      sums.set(key.join('\n'), held);
    }
  }
  for (const { key, sum } of sums.values())
    await tx.execute(sql`
      insert into gateway_tool_day (day, route_id, policy_id, policy_version, tool, passed, refused, traced)
      values (${key[0]}::date, ${key[1]}, ${key[2]}, ${key[3]}, ${key[4]}, ${sum[0]}, ${sum[1]}, ${sum[2]})
      on conflict (day, route_id, policy_id, policy_version, tool) do update set
        passed = gateway_tool_day.passed + excluded.passed, refused = gateway_tool_day.refused + excluded.refused,
        traced = gateway_tool_day.traced + excluded.traced`);
}

/**
 * The tool calls of the last 30 days, by route and tool: what the decisions say went through, held anew against the list of
 * tools of the policy version each went under.
 */
export async function gatewayToolCallFacts(
  executor: Executor,
  nowMs: number,
): Promise<KnownFact<'gateway-tool-call'>[]> {
  const since = dayOfMs(nowMs - DAYS * DAY_MS);
  const { rows } = await executor.execute<{
    route_id: string;
    tool: string;
    path: string | null;
    passed: number;
    off_list: number;
    unlisted: number;
    refused: number;
    traced: number;
  }>(sql`
    select d.route_id, d.tool, r.path, sum(d.passed)::int as passed, sum(d.refused)::int as refused,
      sum(d.traced)::int as traced,
      coalesce(sum(d.passed) filter (where not (v.document -> 'output' -> 'tools'
        @> jsonb_build_array(jsonb_build_object('name', d.tool)))
        and jsonb_typeof(v.document -> 'output' -> 'tools') = 'array'), 0)::int as off_list,
      coalesce(sum(d.passed) filter (where v.version is null
        or jsonb_typeof(v.document -> 'output' -> 'tools') is distinct from 'array'), 0)::int as unlisted
    from gateway_tool_day d
    left join gateway_policy_version v on v.policy_id = d.policy_id and v.version = d.policy_version
    left join gateway_route r on r.id = d.route_id
    where d.day >= ${since}::date
    group by d.route_id, d.tool, r.path order by d.route_id, d.tool limit 2000`);
  return rows.map((row) => ({
    kind: 'gateway-tool-call',
    key: `${row.route_id}:${row.tool}`,
    body: {
      path: row.path,
      tool: row.tool,
      days: DAYS,
      passed: row.passed,
      offList: row.off_list,
      unlisted: row.unlisted,
      refused: row.refused,
      traced: row.traced,
    },
  }));
}
