import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/platform/database/connect.ts';
import { LogHistogram } from '#src/statistics/log-histogram.ts';

/** A log histogram as it is stored: what is zero or less, and the filled buckets. */
export type HistogramState = [zeroOrLess: number, buckets: [bucket: number, count: number][]];

export function histogramOf([zeroOrLess, buckets]: HistogramState): LogHistogram {
  return LogHistogram.from(zeroOrLess, buckets);
}

export function stateOf(histogram: LogHistogram): HistogramState {
  return [histogram.zeroOrLess, histogram.buckets()];
}

/** What a new decision adds to the sums. */
export type SummedDecision = {
  occurredAt: Date;
  tenantId: string | null;
  routeId: string | null;
  outcome: string;
  refusal: string | null;
  failOpen: boolean;
  found: string[];
  tokensInput: number;
  tokensOutput: number;
  costMicroUsd: number | null;
  totalUs: number;
  addedUs: number;
};

export type MinuteSum = {
  decisions: number;
  allowed: number;
  changed: number;
  refused: number;
  notEvaluated: number;
  failOpen: number;
  tokensInput: number;
  tokensOutput: number;
  costMicroUsd: number;
  /** Calls that used tokens of a model without a price: their money is not in the sum. */
  unpriced: number;
  found: Record<string, number>;
  refusals: Record<string, number>;
  total: LogHistogram;
  added: LogHistogram;
};

export function emptySum(): MinuteSum {
  return {
    decisions: 0,
    allowed: 0,
    changed: 0,
    refused: 0,
    notEvaluated: 0,
    failOpen: 0,
    tokensInput: 0,
    tokensOutput: 0,
    costMicroUsd: 0,
    unpriced: 0,
    found: {},
    refusals: {},
    total: new LogHistogram(),
    added: new LogHistogram(),
  };
}

const OUTCOMES: Record<string, 'allowed' | 'changed' | 'refused' | 'notEvaluated'> = {
  allowed: 'allowed',
  changed: 'changed',
  refused: 'refused',
  not_evaluated: 'notEvaluated',
};

export function addDecision(sum: MinuteSum, decision: SummedDecision): void {
  sum.decisions++;
  const outcome = OUTCOMES[decision.outcome];
  if (outcome) sum[outcome]++;
  if (decision.failOpen) sum.failOpen++;
  sum.tokensInput += decision.tokensInput;
  sum.tokensOutput += decision.tokensOutput;
  sum.costMicroUsd += decision.costMicroUsd ?? 0;
  if (decision.costMicroUsd === null && decision.tokensInput + decision.tokensOutput > 0) sum.unpriced++;
  for (const detector of decision.found) sum.found[detector] = (sum.found[detector] ?? 0) + 1;
  if (decision.refusal) sum.refusals[decision.refusal] = (sum.refusals[decision.refusal] ?? 0) + 1;
  sum.total.add(decision.totalUs);
  sum.added.add(decision.addedUs);
}

export function mergeSums(into: MinuteSum, from: MinuteSum): void {
  for (const member of COUNTED) into[member] += from[member];
  for (const [name, times] of Object.entries(from.found)) into.found[name] = (into.found[name] ?? 0) + times;
  for (const [name, times] of Object.entries(from.refusals)) into.refusals[name] = (into.refusals[name] ?? 0) + times;
  into.total.merge(from.total);
  into.added.merge(from.added);
}

const COUNTED = [
  'decisions',
  'allowed',
  'changed',
  'refused',
  'notEvaluated',
  'failOpen',
  'tokensInput',
  'tokensOutput',
  'costMicroUsd',
  'unpriced',
] as const;

const MINUTE_MS = 60_000;
/** Stands for calls that never came as far as a tenant or a route. */
export const NONE = '';

/** Adds decisions to the sums of their minutes. The caller is the only writer of these tables. */
export async function addToMinutes(tx: Transaction, decisions: readonly SummedDecision[]): Promise<void> {
  const sums = new Map<string, { minute: string; tenantId: string; routeId: string; sum: MinuteSum }>();
  for (const decision of decisions) {
    const minute = new Date(Math.floor(decision.occurredAt.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
    const tenantId = decision.tenantId ?? NONE;
    const routeId = decision.routeId ?? NONE;
    const key = `${minute}\n${tenantId}\n${routeId}`;
    let held = sums.get(key);
    if (!held) {
      held = { minute, tenantId, routeId, sum: emptySum() };
      sums.set(key, held);
    }
    addDecision(held.sum, decision);
  }
  const fresh = [...sums.values()];
  const keys = sql`select * from unnest(${sql.param(fresh.map(({ minute }) => minute))}::timestamptz[],
    ${sql.param(fresh.map(({ tenantId }) => tenantId))}::text[], ${sql.param(fresh.map(({ routeId }) => routeId))}::text[])`;
  const { rows } = await tx.execute<MinuteRow>(
    sql`select * from gateway_minute where (minute, tenant_id, route_id) in (${keys})`,
  );
  for (const row of rows) {
    const held = sums.get(`${new Date(row.minute).toISOString()}\n${row.tenant_id}\n${row.route_id}`);
    if (held) mergeSums(held.sum, sumOfRow(row));
  }
  await upsert(tx, fresh);
}

export type MinuteRow = {
  [column: string]: unknown;
  minute: string | Date;
  tenant_id: string;
  route_id: string;
  decisions: number;
  allowed: number;
  changed: number;
  refused: number;
  not_evaluated: number;
  fail_open: number;
  tokens_input: number;
  tokens_output: number;
  cost_micro_usd: number;
  unpriced: number;
  found: Record<string, number>;
  refusals: Record<string, number>;
  total_us: HistogramState;
  added_us: HistogramState;
};

export function sumOfRow(row: MinuteRow): MinuteSum {
  return {
    decisions: row.decisions,
    allowed: row.allowed,
    changed: row.changed,
    refused: row.refused,
    notEvaluated: row.not_evaluated,
    failOpen: row.fail_open,
    tokensInput: row.tokens_input,
    tokensOutput: row.tokens_output,
    costMicroUsd: row.cost_micro_usd,
    unpriced: row.unpriced,
    found: { ...row.found },
    refusals: { ...row.refusals },
    total: histogramOf(row.total_us),
    added: histogramOf(row.added_us),
  };
}

async function upsert(
  tx: Transaction,
  rows: readonly { minute: string; tenantId: string; routeId: string; sum: MinuteSum }[],
): Promise<void> {
  const numbers = (member: (typeof COUNTED)[number]) => sql`${sql.param(rows.map(({ sum }) => sum[member]))}::bigint[]`;
  const texts = (read: (sum: MinuteSum) => unknown) =>
    sql`${sql.param(rows.map(({ sum }) => JSON.stringify(read(sum))))}::text[]`;
  await tx.execute(sql`
    insert into gateway_minute (minute, tenant_id, route_id, decisions, allowed, changed, refused, not_evaluated, fail_open,
      tokens_input, tokens_output, cost_micro_usd, unpriced, found, refusals, total_us, added_us)
    select minute, tenant_id, route_id, decisions, allowed, changed, refused, not_evaluated, fail_open,
      tokens_input, tokens_output, cost_micro_usd, unpriced, found::jsonb, refusals::jsonb, total_us::jsonb, added_us::jsonb
    from unnest(${sql.param(rows.map(({ minute }) => minute))}::timestamptz[],
      ${sql.param(rows.map(({ tenantId }) => tenantId))}::text[], ${sql.param(rows.map(({ routeId }) => routeId))}::text[],
      ${sql.join(COUNTED.map(numbers), sql`, `)},
      ${texts(({ found }) => found)}, ${texts(({ refusals }) => refusals)},
      ${texts(({ total }) => stateOf(total))}, ${texts(({ added }) => stateOf(added))})
      as given (minute, tenant_id, route_id, decisions, allowed, changed, refused, not_evaluated, fail_open,
        tokens_input, tokens_output, cost_micro_usd, unpriced, found, refusals, total_us, added_us)
    on conflict (minute, tenant_id, route_id) do update set
      decisions = excluded.decisions, allowed = excluded.allowed, changed = excluded.changed, refused = excluded.refused,
      not_evaluated = excluded.not_evaluated, fail_open = excluded.fail_open, tokens_input = excluded.tokens_input,
      tokens_output = excluded.tokens_output, cost_micro_usd = excluded.cost_micro_usd, unpriced = excluded.unpriced, found = excluded.found,
      refusals = excluded.refusals, total_us = excluded.total_us, added_us = excluded.added_us`);
}
