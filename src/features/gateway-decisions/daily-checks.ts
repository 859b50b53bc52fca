import { type SQL, sql } from 'drizzle-orm';
import type { RefusalCode } from '#src/gateway/decision.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';
import type { DayOfChecks } from './model.ts';

/** Refusals that end a call before its texts are due to be checked. */
const BEFORE_CHECKS = new Set<string>([
  'bad_http',
  'headers_too_large',
  'draining',
  'record_unavailable',
  'overloaded',
  'not_ready',
  'unknown_route',
  'method_not_allowed',
  'no_policy',
  'no_credentials',
  'bad_credentials',
  'key_expired',
  'key_suspended',
  'key_revoked',
  'tenant_suspended',
  'scope_missing',
  'model_not_allowed',
  'body_too_large',
  'body_timeout',
  'body_incomplete',
  'unsupported_encoding',
  'unsupported_content_type',
  'invalid_utf8',
  'invalid_json',
  'json_too_complex',
  'duplicate_member',
  'invalid_request',
  'object_not_found',
  'objects_unavailable',
  'rate_limited',
  'tokens_limited',
  'budget_spent',
  'too_many_concurrent',
  'limits_unavailable',
] satisfies RefusalCode[]);
/** Refusals because a check could not be made, or before anybody knows whether one was. */
const UNDECIDED: readonly RefusalCode[] = ['check_failed', 'internal'];

/**
 * Requests that reached the checks and those on which every due check came to a decision, by route and UTC day, newest first.
 * Today is among them. Days without such requests are left out.
 */
export async function dailyChecks(
  executor: Executor,
  nowMs: number,
  days: number,
  filter: SQL = sql``,
): Promise<(DayOfChecks & { routeId: string })[]> {
  const from = dayOfMs(nowMs - (days - 1) * DAY_MS);
  const { rows } = await executor.execute<{
    day: string;
    route_id: string;
    decisions: number;
    not_evaluated: number;
    refusals: Record<string, number>;
  }>(sql`
    with held as (
      select (minute at time zone 'utc')::date as day, route_id, decisions, not_evaluated, refusals from gateway_minute
      where minute >= ${`${from}T00:00:00Z`}::timestamptz and route_id <> '' ${filter}),
    reasons as (
      select day, route_id, jsonb_object_agg(code, times) as refusals from (
        select day, route_id, code, sum(times::bigint) as times from held, jsonb_each_text(refusals) as r(code, times)
        group by 1, 2, 3) as one group by 1, 2)
    select day::text as day, route_id, sum(decisions)::bigint as decisions, sum(not_evaluated)::bigint as not_evaluated,
      coalesce(r.refusals, '{}'::jsonb) as refusals
    from held left join reasons r using (day, route_id) group by day, route_id, r.refusals order by day desc, route_id`);
  return rows.flatMap((row) => {
    const early = Object.entries(row.refusals).reduce(
      (sum, [code, times]) => (BEFORE_CHECKS.has(code) ? sum + times : sum),
      0,
    );
    const requests = row.decisions - early;
    if (requests <= 0) return [];
    const undecided = UNDECIDED.reduce((sum, code) => sum + (row.refusals[code] ?? 0), row.not_evaluated);
    return [{ day: row.day, routeId: row.route_id, requests, decided: Math.max(0, requests - undecided) }];
  });
}

/** The same over all routes. */
export function byDay(rows: readonly DayOfChecks[]): DayOfChecks[] {
  const days = new Map<string, DayOfChecks>();
  for (const { day, requests, decided } of rows) {
    const held = days.get(day) ?? { day, requests: 0, decided: 0 };
    days.set(day, { day, requests: held.requests + requests, decided: held.decided + decided });
  }
  return [...days.values()];
}
