import type { KnownFact } from '#src/facts/index.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { isLimited, stricter } from './model.ts';
import { listKeyRows, listTenantRows } from './store.ts';

/** Every tenant for the control tests. */
export async function gatewayTenantFacts(executor: Executor): Promise<KnownFact<'gateway-tenant'>[]> {
  return (await listTenantRows(executor)).map((row) => ({
    kind: 'gateway-tenant',
    key: row.id,
    body: {
      audience: row.audience,
      state: row.state,
      limited: isLimited(row.limits),
      spendLimited: row.limits.spendMicroUsdPerDay !== null,
      policyId: row.policyId,
      captureDays: row.captureDays,
    },
  }));
}

/** Every key that was not revoked. The last use is precise to the day, so that a fact changes at most daily. */
export async function gatewayKeyFacts(executor: Executor): Promise<KnownFact<'gateway-key'>[]> {
  const [keys, tenants] = await Promise.all([listKeyRows(executor), listTenantRows(executor)]);
  const tenantOf = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  return keys.flatMap((row): KnownFact<'gateway-key'>[] => {
    const tenant = tenantOf.get(row.tenantId);
    if (row.state === 'revoked' || !tenant) return [];
    return [
      {
        kind: 'gateway-key',
        key: row.id,
        body: {
          prefix: row.prefix,
          tenantId: row.tenantId,
          audience: tenant.audience,
          state: row.state === 'active' && tenant.state === 'active' ? 'active' : 'suspended',
          scopes: row.scopes,
          limited: isLimited(stricter(tenant.limits, row.limits)),
          createdAt: row.createdAt.toISOString(),
          expiresAt: row.expiresAt?.toISOString() ?? null,
          lastUsedOn: row.lastUsedAt
            ? toInstant(Math.floor(row.lastUsedAt.getTime() / DAY_MS) * DAY_MS).slice(0, 10)
            : null,
        },
      },
    ];
  });
}
