import { sql } from 'drizzle-orm';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Transaction } from '#src/platform/database/connect.ts';

/** Keys of one tenant are numbered: a destroyed one is never made again. */
const prefixOf = (tenantId: string) => `gateway-payloads/${tenantId}/`;

/** `erasedAtMs`: when payloads of the tenant were last destroyed; what was asked before that is gone, too. */
export type TenantKey = { id: string; key: Buffer; erasedAtMs: number };

/**
 * The key the payloads of a tenant are written under, made if there is none. It stays locked against being destroyed until
 * the transaction ends, so that nothing is written under a key that is gone.
 */
export async function keyOfTenant(
  tx: Transaction,
  dataKeys: Pick<DataKeys, 'getOrCreate'>,
  tenantId: string,
): Promise<TenantKey> {
  const prefix = prefixOf(tenantId);
  const { rows } = await tx.execute<{ id: string; erased: number | null }>(sql`
    select id, (extract(epoch from destroyed_at) * 1000)::bigint as erased
    from data_key where starts_with(id, ${prefix}) for share`);
  const id = rows.find(({ erased }) => erased === null)?.id ?? `${prefix}${rows.length + 1}`;
  const key = await dataKeys.getOrCreate(tx, id);
  return { id, key, erasedAtMs: Math.max(0, ...rows.map(({ erased }) => erased ?? 0)) };
}

/** Ids of the keys of a tenant that are still there. */
export async function liveKeysOfTenant(tx: Transaction, tenantId: string): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select id from data_key where starts_with(id, ${prefixOf(tenantId)}) and wrapped_key is not null for update`);
  return rows.map(({ id }) => id);
}

/** What a payload is bound to: sealed for one decision, it opens as no other. */
export function boundTo(decisionId: string): string {
  return `assay gateway payload\0${decisionId}`;
}
