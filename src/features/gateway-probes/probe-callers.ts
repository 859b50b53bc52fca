import { eq, ne, sql } from 'drizzle-orm';
import { createGatewayKeys, createGatewayTenants } from '#src/features/gateway-tenants/index.ts';
import { DEFAULT_SCOPES, NO_LIMITS } from '#src/features/gateway-tenants/model.ts';
import { gatewayCanary, gatewayKey, gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import type { Actor, NamesOf, Records } from '#src/features/records/index.ts';
import type { Scope } from '#src/gateway/snapshot.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { ProbeCaller } from './isolation.ts';

export type OpenCaller = ProbeCaller & { keyId: string };

/** Tenants of the product's own for probes, with a key each that lives as long as the probe. */
export async function openCallers(
  records: Records,
  names: readonly string[],
  actor: Actor,
): Promise<{ callers: OpenCaller[]; close(): Promise<void> }> {
  const namesOf: NamesOf = async () => new Map();
  const tenants = createGatewayTenants({ records, namesOf });
  const keys = createGatewayKeys({ records, namesOf });
  const callers: OpenCaller[] = [];
  const close = async () => {
    for (const { keyId } of callers) await keys.changeState(actor, keyId, 'revoked', 'The probe is over.');
  };
  try {
    for (const name of names) {
      const [known] = await records.database.drizzle
        .select({ id: gatewayTenant.id })
        .from(gatewayTenant)
        .where(eq(gatewayTenant.name, name));
      const tenantId =
        known?.id ?? (await tenants.add(actor, { name, audience: 'internal', limits: NO_LIMITS }, 'probing')).id;
      const expiresAt = new Date(records.clock() + 2 * HOUR_MS).toISOString();
      const rights = { scopes: await scopesInUse(records), expiresAt, limits: NO_LIMITS };
      const made = await keys.create(actor, { tenantId, name: 'probe', ...rights }, 'probing');
      callers.push({ tenantId, keyId: made.key.id, secret: made.secret });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { callers, close };
}

/** What any working key may do, so that a probe sees no less than a customer can. */
async function scopesInUse({ database }: Records): Promise<Scope[]> {
  const rows = await database.drizzle
    .select({ scopes: gatewayKey.scopes })
    .from(gatewayKey)
    .where(ne(gatewayKey.state, 'revoked'));
  return [...new Set([...DEFAULT_SCOPES, ...rows.flatMap(({ scopes }) => scopes)])].sort();
}

/** Tells every node which value must never come up under another tenant. */
export async function plantCanary(records: Records, tenantId: string, value: string): Promise<() => Promise<void>> {
  const { drizzle } = records.database;
  await drizzle.insert(gatewayCanary).values({ tenantId, value, createdAt: new Date(records.clock()) });
  return async () => {
    await drizzle
      .delete(gatewayCanary)
      .where(sql`${gatewayCanary.tenantId} = ${tenantId} and ${gatewayCanary.value} = ${value}`);
  };
}
