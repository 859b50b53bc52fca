import { sql } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { dailyChecks } from './daily-checks.ts';
import { recordState } from './record-state.ts';

/** How far back traffic is judged. */
const DAYS = 7;

/** Models asked of providers within the last 30 days. Only the days are told, so that a fact changes once a day. */
export async function gatewayUseFacts(executor: Executor, nowMs: number): Promise<KnownFact<'gateway-use'>[]> {
  const since = new Date(nowMs - 30 * DAY_MS).toISOString();
  const { rows } = await executor.execute<{
    provider_id: string;
    model: string;
    first_on: string;
    last_on: string;
    name: string | null;
    kind: string | null;
    base_url: string | null;
  }>(sql`
    select u.provider_id, u.model, (u.first_at at time zone 'utc')::date::text as first_on,
      (u.last_at at time zone 'utc')::date::text as last_on, p.name, p.kind, p.base_url
    from gateway_use u left join gateway_provider p on p.id = u.provider_id
    where u.last_at >= ${since}::timestamptz order by u.provider_id, u.model limit 2000`);
  return rows.map((row) => ({
    kind: 'gateway-use',
    key: `${row.provider_id}/${row.model}`,
    body: {
      providerId: row.provider_id,
      providerName: row.name,
      providerKind: row.kind,
      host: row.base_url !== null && URL.canParse(row.base_url) ? new URL(row.base_url).hostname : null,
      model: row.model,
      firstSeenOn: row.first_on,
      lastSeenOn: row.last_on,
    },
  }));
}

/** What went through each route within the last seven days. */
export async function gatewayTrafficFacts(executor: Executor, nowMs: number): Promise<KnownFact<'gateway-traffic'>[]> {
  const from = new Date(nowMs - DAYS * DAY_MS).toISOString();
  const { rows } = await executor.execute<{
    route_id: string;
    decisions: number;
    refused: number;
    not_evaluated: number;
    fail_open: number;
    last_minute: string;
  }>(sql`
    select route_id, sum(decisions)::bigint as decisions, sum(refused)::bigint as refused,
      sum(not_evaluated)::bigint as not_evaluated, sum(fail_open)::bigint as fail_open,
      max(minute)::text as last_minute
    from gateway_minute where minute >= ${from}::timestamptz and route_id <> '' group by route_id`);
  const checks = await dailyChecks(executor, nowMs, DAYS);
  return rows.map((row) => ({
    kind: 'gateway-traffic',
    key: row.route_id,
    body: {
      days: DAYS,
      calls: row.decisions,
      refused: row.refused,
      notEvaluated: row.not_evaluated,
      failOpen: row.fail_open,
      checksByDay: checks
        .filter(({ routeId }) => routeId === row.route_id)
        .map(({ day, requests, decided }) => ({ day, requests, decided })),
      lastCallAt: new Date(row.last_minute).toISOString(),
    },
  }));
}

/** Whether the record is whole; no fact before there is any record. */
export async function gatewayRecordFacts(executor: Executor): Promise<KnownFact<'gateway-record'>[]> {
  const state = await recordState(executor);
  if (state.decisions === 0) return [];
  return [
    {
      kind: 'gateway-record',
      key: 'record',
      body: {
        decisions: state.decisions,
        nodes: state.nodes.length,
        missing: state.missing,
        windowsSealed: state.windows.sealed,
        oldestOpenFrom: state.windows.oldestOpenFrom,
        retentionDays: state.retentionDays,
      },
    },
  ];
}
