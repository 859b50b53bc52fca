import { sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import type { RecordedDecision } from '#src/gateway/record/recorded.ts';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { gatewayApprovedCall } from './tables.ts';

const DAYS = 90;

/** Notes, with the decisions of a batch and in their transaction, which calls of tools with high impact went through. */
export async function noteApprovedCalls(executor: Executor, decisions: readonly RecordedDecision[]): Promise<void> {
  const rows = decisions.flatMap((decision) =>
    decision.toolCalls.flatMap(({ name, allowed, approvalId }, ordinal) =>
      allowed && approvalId !== undefined
        ? [
            {
              decisionId: decision.id,
              ordinal,
              approvalId,
              routeId: decision.routeId ?? '',
              tool: name,
              at: new Date(decision.endedAt),
            },
          ]
        : [],
    ),
  );
  if (rows.length > 0) await executor.insert(gatewayApprovedCall).values(rows).onConflictDoNothing();
}

type Row = {
  route_id: string;
  tool: string;
  path: string | null;
  calls: number;
  unapproved: number;
  by_requester: number;
  asked: number;
  refused: number;
  expired: number;
  median_seconds: number | null;
  slowest_seconds: number | null;
};

/**
 * The calls of tools with high impact, by route and tool: what the decisions say went through, held against the approvals. A
 * call counts as approved when a person decided before it ended and its decision is the one that used the approval.
 */
export async function gatewayToolUseFacts(executor: Executor, clock: Clock): Promise<KnownFact<'gateway-tool-use'>[]> {
  const since = new Date(clock() - DAYS * DAY_MS).toISOString();
  const { rows } = await executor.execute<Row>(sql`
    with passed as (
      select c.route_id, c.tool, count(*)::int as calls,
        count(*) filter (where a.id is null or a.used_decision_id is distinct from c.decision_id
          or a.decided_at is null or a.decided_at > c.at or a.tool <> c.tool)::int as unapproved,
        count(*) filter (where split_part(k.created_by, ':', case when k.created_by like 'key:%' then 3 else 2 end)
          = split_part(a.decided_by, ':', case when a.decided_by like 'key:%' then 3 else 2 end))::int as by_requester
      from gateway_approved_call c
      left join gateway_approval a on a.id = c.approval_id
      left join gateway_key k on k.id = a.key_id
      where c.at >= ${since}::timestamptz group by 1, 2),
    asked as (
      select route_id, tool, count(*)::int as asked,
        count(*) filter (where state = 'refused')::int as refused,
        count(*) filter (where state = 'expired' and decided_at is null)::int as expired,
        percentile_cont(0.5) within group (order by extract(epoch from decided_at - asked_at))::float8 as median_seconds,
        max(extract(epoch from decided_at - asked_at))::float8 as slowest_seconds
      from gateway_approval where asked_at >= ${since}::timestamptz group by 1, 2)
    select route_id, tool, r.path, coalesce(calls, 0) as calls, coalesce(unapproved, 0) as unapproved,
      coalesce(by_requester, 0) as by_requester, coalesce(asked, 0) as asked, coalesce(refused, 0) as refused,
      coalesce(expired, 0) as expired, median_seconds, slowest_seconds
    from passed full join asked using (route_id, tool) left join gateway_route r on r.id = route_id
    order by route_id, tool limit 2000`);
  const seconds = (value: number | null) => (value === null ? null : Math.round(value));
  return rows.map((row) => ({
    kind: 'gateway-tool-use',
    key: `${row.route_id}:${row.tool}`,
    body: {
      path: row.path,
      tool: row.tool,
      days: DAYS,
      calls: row.calls,
      unapproved: row.unapproved,
      byRequester: row.by_requester,
      asked: row.asked,
      refused: row.refused,
      expired: row.expired,
      medianSecondsToDecide: seconds(row.median_seconds),
      slowestSecondsToDecide: seconds(row.slowest_seconds),
    },
  }));
}
