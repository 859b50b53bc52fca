import { and, desc, eq, sql } from 'drizzle-orm';
import { createGatewayKeys, createGatewayTenants } from '#src/features/gateway-tenants/index.ts';
import type { Limits } from '#src/features/gateway-tenants/model.ts';
import { type GatewayKeyRow, gatewayKey, gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import type { Actor, Records } from '#src/features/records/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Secrets } from '#src/platform/secrets.ts';

const TENANT = 'Judges of Assay';
const SERVICE: Actor = { kind: 'service', id: 'assay' };
/** More than any budget of a rule uses: the budgets are what holds, and these are there for when one is set wrong. */
const LIMITS: Limits = {
  requestsPerMinute: 6_000,
  tokensPerMinute: 20_000_000,
  tokensPerDay: null,
  spendMicroUsdPerDay: null,
  concurrent: null,
};
// A new key is made so long before the old one ends.
const RENEW_BEFORE_MS = 14 * DAY_MS;
// Every node of the gateway knows a key within a second.
const KNOWN_AFTER_MS = 5_000;

const secretOf = (keyId: string) => `evaluations.judge-key.${keyId}`;

/**
 * Sees to it that judges can be asked through the gateway: a tenant of the product's own, whose calls belong to no AI system, and
 * a key of it in the secret store, renewed before it ends. To be called again and again; a call does one step of it.
 */
export async function keepJudgeKey(records: Records, secrets: Pick<Secrets, 'put' | 'list' | 'remove'>): Promise<void> {
  const { drizzle } = records.database;
  const parts = { records, namesOf: async () => new Map<string, string>() };
  const tenantId = await judgingTenant(drizzle);
  if (tenantId === null) {
    // Its key follows with the next call: by then every node knows that calls of this tenant are the product's own.
    await createGatewayTenants(parts).add(SERVICE, { name: TENANT, audience: 'internal', limits: LIMITS }, 'judging');
    return;
  }
  const keys = createGatewayKeys(parts);
  const stored = new Set((await secrets.list()).map(({ name }) => name));
  const nowMs = records.clock();
  const usable = await usableKeys(drizzle, tenantId, nowMs);
  const [newest, ...older] = usable.filter(({ id }) => stored.has(secretOf(id)));
  if (!newest || (newest.expiresAt !== null && newest.expiresAt.getTime() < nowMs + RENEW_BEFORE_MS)) {
    const made = await keys.create(SERVICE, { tenantId, name: 'judge', scopes: ['chat'] }, 'judging');
    await secrets.put(secretOf(made.key.id), made.secret);
    return;
  }
  const lost = usable.filter(({ id }) => !stored.has(secretOf(id)));
  for (const { id } of [...older, ...lost]) {
    await keys.changeState(SERVICE, id, 'revoked', 'A newer key took its place.');
    await secrets.remove(secretOf(id));
  }
}

/** True where a suite that was not refused has a judge behind a route. */
export async function suitesAskByRoute(executor: Executor): Promise<boolean> {
  const { rows } = await executor.execute<{ wanted: boolean }>(sql`
    select exists (select 1 from evaluation_suite_version where review <> 'refused'
      and jsonb_path_exists(content, '$.scorers[*] ? (@.kind == "judge").routeId')) as wanted`);
  return rows[0]?.wanted === true;
}

/** Name of the secret that judges are asked with now; null before there is one. */
export async function judgeKeySecret(executor: Executor, nowMs: number): Promise<string | null> {
  const tenantId = await judgingTenant(executor);
  if (tenantId === null) return null;
  const usable = await usableKeys(executor, tenantId, nowMs);
  const known = usable.find(({ createdAt }) => createdAt.getTime() <= nowMs - KNOWN_AFTER_MS);
  return known ? secretOf(known.id) : null;
}

async function judgingTenant(executor: Executor): Promise<string | null> {
  const [row] = await executor
    .select({ id: gatewayTenant.id })
    .from(gatewayTenant)
    .where(eq(gatewayTenant.purpose, 'judging'));
  return row?.id ?? null;
}

/** The newest first. */
async function usableKeys(executor: Executor, tenantId: string, nowMs: number): Promise<GatewayKeyRow[]> {
  const rows = await executor
    .select()
    .from(gatewayKey)
    .where(and(eq(gatewayKey.tenantId, tenantId), eq(gatewayKey.state, 'active')))
    .orderBy(desc(gatewayKey.id));
  return rows.filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > nowMs);
}
