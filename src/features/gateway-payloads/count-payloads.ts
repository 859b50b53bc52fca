import { sql } from 'drizzle-orm';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { CaptureSubject } from './model.ts';

type Counts = NonNullable<CaptureSubject['counts']>;
export const NO_PAYLOADS: Counts = {
  captured: 0,
  notRedacted: 0,
  queueFull: 0,
  noStore: 0,
  lost: 0,
  stored: 0,
  storedBytes: 0,
};

/** What is on its way from a process of the gateway to the table is not lost yet. */
export const ON_ITS_WAY_MS = 120_000;

/** Of each tenant: what became of the payloads of the last day, and what is stored now. */
export async function countPayloads(executor: Executor, nowMs: number): Promise<Map<string, Counts>> {
  const from = new Date(nowMs - DAY_MS).toISOString();
  const settled = new Date(nowMs - ON_ITS_WAY_MS).toISOString();
  const { rows: noted } = await executor.execute<{ tenant: string; payload: string; calls: number; lost: number }>(sql`
    select d.tenant_id as tenant, d.payload, count(*) as calls,
      count(*) filter (where d.payload = 'captured' and p.decision_id is null
        and d.occurred_at < ${settled}::timestamptz) as lost
    from gateway_decision d left join gateway_payload p on p.decision_id = d.id
    where d.day >= ${from.slice(0, 10)}::date and d.occurred_at >= ${from}::timestamptz and d.payload is not null
    group by 1, 2`);
  const { rows: stored } = await executor.execute<{ tenant: string; payloads: number; bytes: number }>(sql`
    select tenant_id as tenant, count(*) as payloads, sum(bytes)::bigint as bytes
    from gateway_payload where sealed is not null group by 1`);
  const found = new Map<string, Counts>();
  const of = (tenant: string) => {
    const known = found.get(tenant) ?? { ...NO_PAYLOADS };
    found.set(tenant, known);
    return known;
  };
  for (const { tenant, payload, calls, lost } of noted) {
    const counts = of(tenant);
    if (payload === 'captured') Object.assign(counts, { captured: calls, lost });
    else if (payload === 'not_redacted') counts.notRedacted = calls;
    else if (payload === 'queue_full') counts.queueFull = calls;
    else counts.noStore = calls;
  }
  for (const { tenant, payloads, bytes } of stored) Object.assign(of(tenant), { stored: payloads, storedBytes: bytes });
  return found;
}
