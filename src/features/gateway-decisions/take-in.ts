import { sql } from 'drizzle-orm';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { daysOfNew, lockReader, moveReader } from './arrival.ts';
import { addToMinutes, type SummedDecision } from './minute-sums.ts';
import { addNumbers, type NumberRange } from './number-ranges.ts';
import { openWindows } from './open-windows.ts';
import { addToToolDays } from './tool-days.ts';

const READER = 'record';
const PAGE = 5_000;

type NewRow = SummedDecision & {
  arrival: number;
  nodeId: string;
  sequence: number;
  providerId: string | null;
  modelAsked: string | null;
  /** Set where the decision has tool calls. */
  withTools: string | null;
};

/**
 * Takes in every decision that arrived up to `boundary`: sums by minute, numbers of each node, models in use, and the
 * windows they fall into. Cost grows with what is new, not with what is stored. Returns how many there were.
 */
export async function takeIn(
  database: Pick<Database, 'transaction'>,
  boundary: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<number> {
  let taken = 0;
  while (!signal?.aborted) {
    const count = await database.transaction((tx) => takePage(tx, boundary, clock));
    if (count === 0) break;
    taken += count;
  }
  return taken;
}

async function takePage(tx: Transaction, boundary: number, clock: Clock): Promise<number> {
  const position = await lockReader(tx, READER, clock);
  if (position >= boundary) return 0;
  const rows = await newRows(tx, position, boundary, clock());
  if (rows.length > 0) {
    await addToMinutes(tx, rows);
    await addToNodes(tx, rows);
    await addToUse(tx, rows);
    await addToToolDays(
      tx,
      rows.flatMap(({ withTools }) => (withTools === null ? [] : [withTools])),
    );
    await openWindows(
      tx,
      rows.map(({ occurredAt }) => occurredAt.getTime()),
    );
  }
  // A page that is not full was the last one: nothing stands between its end and the boundary.
  const next = rows.length < PAGE ? boundary : (rows.at(-1)?.arrival ?? boundary);
  await moveReader(tx, READER, next, clock);
  return rows.length;
}

async function newRows(tx: Transaction, after: number, to: number, nowMs: number): Promise<NewRow[]> {
  const days = await daysOfNew(tx, nowMs);
  const { rows } = await tx.execute<NewRow & { occurred_ms: number; [column: string]: unknown }>(sql`
    select arrival, (extract(epoch from occurred_at) * 1000)::bigint as occurred_ms, node_id as "nodeId", sequence,
      tenant_id as "tenantId", route_id as "routeId", provider_id as "providerId", model_asked as "modelAsked",
      outcome, refusal, fail_open as "failOpen", found, tokens_input as "tokensInput", tokens_output as "tokensOutput",
      cost_micro_usd as "costMicroUsd", total_us as "totalUs", added_us as "addedUs",
      case when body like '%"toolCalls":[{%' then body end as "withTools"
    from gateway_decision
    where day = any(${sql.param(days)}::date[]) and arrival > ${after} and arrival <= ${to}
    order by arrival limit ${PAGE}`);
  return rows.map((row) => ({ ...row, occurredAt: new Date(row.occurred_ms) }));
}

async function addToNodes(tx: Transaction, rows: readonly NewRow[]): Promise<void> {
  const byNode = new Map<string, NewRow[]>();
  for (const row of rows) {
    const held = byNode.get(row.nodeId);
    if (held) held.push(row);
    else byNode.set(row.nodeId, [row]);
  }
  for (const [nodeId, own] of byNode) {
    const { rows: known } = await tx.execute<{ ranges: NumberRange[] }>(
      sql`select ranges from gateway_node where node_id = ${nodeId}`,
    );
    const ranges = addNumbers(
      known[0]?.ranges ?? [],
      own.map(({ sequence }) => sequence),
    );
    const times = own.map(({ occurredAt }) => occurredAt.getTime());
    const first = new Date(times.reduce((least, at) => Math.min(least, at))).toISOString();
    const last = new Date(times.reduce((most, at) => Math.max(most, at))).toISOString();
    await tx.execute(sql`
      insert into gateway_node (node_id, first_at, last_at, decisions, ranges)
      values (${nodeId}, ${first}::timestamptz, ${last}::timestamptz, ${own.length}, ${JSON.stringify(ranges)}::jsonb)
      on conflict (node_id) do update set
        first_at = least(gateway_node.first_at, excluded.first_at),
        last_at = greatest(gateway_node.last_at, excluded.last_at),
        decisions = gateway_node.decisions + excluded.decisions, ranges = excluded.ranges`);
  }
}

// A caller can ask for any name as a model; only so many are kept apart.
const MODEL_LENGTH_MAX = 200;

async function addToUse(tx: Transaction, rows: readonly NewRow[]): Promise<void> {
  const used = new Map<string, { providerId: string; model: string; first: number; last: number; calls: number }>();
  for (const row of rows) {
    // Refused calls reached nobody.
    if (row.providerId === null || row.modelAsked === null || row.outcome === 'refused') continue;
    const model = row.modelAsked.slice(0, MODEL_LENGTH_MAX);
    const at = row.occurredAt.getTime();
    const key = `${row.providerId}\n${model}`;
    const held = used.get(key);
    if (!held) used.set(key, { providerId: row.providerId, model, first: at, last: at, calls: 1 });
    else {
      held.first = Math.min(held.first, at);
      held.last = Math.max(held.last, at);
      held.calls++;
    }
  }
  if (used.size === 0) return;
  const all = [...used.values()];
  const instants = (read: (use: (typeof all)[number]) => number) =>
    sql.param(all.map((use) => new Date(read(use)).toISOString()));
  await tx.execute(sql`
    insert into gateway_use (provider_id, model, first_at, last_at, calls)
    select * from unnest(${sql.param(all.map(({ providerId }) => providerId))}::text[],
      ${sql.param(all.map(({ model }) => model))}::text[], ${instants(({ first }) => first)}::timestamptz[],
      ${instants(({ last }) => last)}::timestamptz[], ${sql.param(all.map(({ calls }) => calls))}::bigint[])
    on conflict (provider_id, model) do update set
      first_at = least(gateway_use.first_at, excluded.first_at),
      last_at = greatest(gateway_use.last_at, excluded.last_at), calls = gateway_use.calls + excluded.calls`);
}
