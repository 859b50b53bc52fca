import { type SQL, sql } from 'drizzle-orm';
import type { Decision } from '#src/gateway/decision.ts';
import { AppError } from '#src/kernel/errors.ts';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';
import type { DecisionPage, DecisionQuery, DecisionSummary } from './model.ts';

const COUNTED_MAX = 10_000;
const DAYS_MAX = 31;

const ORDERS = {
  newest: {
    value: sql`(extract(epoch from occurred_at) * 1000)::bigint`,
    order: sql`occurred_at desc, id desc`,
    down: true,
  },
  oldest: { value: sql`(extract(epoch from occurred_at) * 1000)::bigint`, order: sql`occurred_at, id`, down: false },
  slowest: { value: sql`total_us`, order: sql`total_us desc, id desc`, down: true },
  dearest: {
    value: sql`coalesce(cost_micro_usd, 0)`,
    order: sql`coalesce(cost_micro_usd, 0) desc, id desc`,
    down: true,
  },
  largest: {
    value: sql`tokens_input + tokens_output`,
    order: sql`tokens_input + tokens_output desc, id desc`,
    down: true,
  },
} as const;

export async function listDecisions(executor: Executor, query: DecisionQuery, clock: Clock): Promise<DecisionPage> {
  const toMs = query.to ? Date.parse(query.to) : clock() + 60_000;
  const fromMs = query.from ? Date.parse(query.from) : toMs - DAY_MS;
  if (fromMs >= toMs) throw new AppError('invalid_input', '"from" is not before "to".');
  if (toMs - fromMs > DAYS_MAX * DAY_MS)
    throw new AppError('invalid_input', `At most ${DAYS_MAX} days are listed at once. Bring "from" and "to" nearer.`);
  const where = filterOf(query, fromMs, toMs);
  const { value, order, down } = ORDERS[query.sort];
  const after = readCursor(query.cursor, query.sort);
  const beyond = after
    ? sql`and (${value}, id) ${down ? sql`<` : sql`>`} (${after.value}::bigint, ${after.id})`
    : sql``;
  const { rows } = await executor.execute<SummaryRow>(sql`
    select ${SUMMARY_COLUMNS}, ${value} as sort_value from gateway_decision
    where ${where} ${beyond} order by ${order} limit ${query.limit + 1}`);
  const { rows: counted } = await executor.execute<{ total: number }>(
    sql`select count(*) as total from (select 1 from gateway_decision where ${where} limit ${COUNTED_MAX + 1}) as found`,
  );
  const total = counted[0]?.total ?? 0;
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(summaryOf),
    total: Math.min(total, COUNTED_MAX),
    more: total > COUNTED_MAX,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ...(rows.length > query.limit && last && { nextCursor: `${query.sort}.${last.sort_value}.${last.id}` }),
  };
}

function filterOf(query: DecisionQuery, fromMs: number, toMs: number): SQL {
  const parts: SQL[] = [
    sql`day >= ${dayOfMs(fromMs)}::date and day <= ${dayOfMs(toMs)}::date`,
    sql`occurred_at >= ${new Date(fromMs).toISOString()}::timestamptz`,
    sql`occurred_at < ${new Date(toMs).toISOString()}::timestamptz`,
  ];
  if (query.outcome) parts.push(sql`outcome = ${query.outcome}`);
  if (query.tenant) parts.push(sql`tenant_id = ${query.tenant}`);
  if (query.key) parts.push(sql`key_id = ${query.key}`);
  if (query.route) parts.push(sql`route_id = ${query.route}`);
  if (query.model) parts.push(sql`model_asked = ${query.model}`);
  if (query.refusal) parts.push(sql`refusal = ${query.refusal}`);
  if (query.detector) parts.push(sql`(${query.detector} = any(found) or ${query.detector} = any(not_evaluated))`);
  if (query.failOpen) parts.push(sql`fail_open`);
  return sql.join(parts, sql` and `);
}

function readCursor(cursor: string | undefined, sort: string): { value: number; id: string } | null {
  if (cursor === undefined) return null;
  const [, asked, value, id] = /^([a-z]+)\.(-?\d{1,16})\.([\w-]{1,80})$/.exec(cursor) ?? [];
  if (asked !== sort || id === undefined)
    throw new AppError(
      'invalid_input',
      'The cursor is not one this list gave for this order. Start from the first page.',
    );
  return { value: Number(value), id };
}

export type SummaryRow = Record<string, unknown> & {
  id: string;
  occurred_ms: number;
  tenant_id: string | null;
  key_id: string | null;
  route_id: string | null;
  provider_id: string | null;
  model_asked: string | null;
  outcome: DecisionSummary['outcome'];
  refusal: string | null;
  ended: string;
  http_status: number;
  fail_open: boolean;
  found: string[];
  not_evaluated: string[];
  tokens_input: number;
  tokens_output: number;
  cost_micro_usd: number | null;
  total_us: number;
  added_us: number;
  sort_value?: number;
};

export const SUMMARY_COLUMNS = sql.raw(
  `id, (extract(epoch from occurred_at) * 1000)::bigint as occurred_ms, tenant_id, key_id, route_id, provider_id,
   model_asked, outcome, refusal, ended, http_status, fail_open, found, not_evaluated, tokens_input, tokens_output,
   cost_micro_usd, total_us, added_us`,
);

export function summaryOf(row: SummaryRow): DecisionSummary {
  return {
    id: row.id,
    occurredAt: new Date(row.occurred_ms).toISOString(),
    tenantId: row.tenant_id,
    keyId: row.key_id,
    routeId: row.route_id,
    providerId: row.provider_id,
    modelAsked: row.model_asked,
    outcome: row.outcome,
    refusal: row.refusal,
    ended: row.ended,
    httpStatus: row.http_status,
    failOpen: row.fail_open,
    found: row.found,
    notEvaluated: row.not_evaluated,
    tokensInput: row.tokens_input,
    tokensOutput: row.tokens_output,
    costMicroUsd: row.cost_micro_usd,
    totalUs: row.total_us,
    addedUs: row.added_us,
  };
}

/** Whole decisions of a span of time, newest first: for dry runs of policies over what really happened. */
export async function recentDecisions(
  executor: Executor,
  query: { routeIds?: readonly string[]; policyId?: string; fromMs: number; toMs: number; limit: number },
): Promise<Decision[]> {
  const { rows } = await executor.execute<{ body: string }>(sql`
    select body from gateway_decision
    where day >= ${dayOfMs(query.fromMs)}::date and day <= ${dayOfMs(query.toMs)}::date
      and occurred_at >= ${new Date(query.fromMs).toISOString()}::timestamptz
      and occurred_at <= ${new Date(query.toMs).toISOString()}::timestamptz
      ${query.routeIds ? sql`and route_id = any(${sql.param([...query.routeIds])}::text[])` : sql``}
      ${query.policyId ? sql`and policy_id = ${query.policyId}` : sql``}
    order by occurred_at desc, id desc limit ${query.limit}`);
  return rows.map(({ body }) => JSON.parse(body) as Decision);
}
