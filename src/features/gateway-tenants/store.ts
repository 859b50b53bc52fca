import { asc, eq, ne, sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import {
  type GatewayKeyRow,
  gatewayJwtIssuer,
  gatewayKey,
  gatewayKeyUse,
  gatewayTenant,
  type IssuerRow,
  type TenantRow,
} from './tables.ts';

export async function listTenantRows(executor: Executor): Promise<TenantRow[]> {
  return executor.select().from(gatewayTenant).orderBy(asc(gatewayTenant.name));
}

/** Tenants under which the product itself calls, to judge or to probe. */
export async function ownTenantIds(executor: Executor): Promise<ReadonlySet<string>> {
  const rows = await executor
    .select({ id: gatewayTenant.id })
    .from(gatewayTenant)
    .where(ne(gatewayTenant.purpose, 'callers'));
  return new Set(rows.map(({ id }) => id));
}

/** By id or by name. */
export async function findTenant(executor: Executor, idOrName: string): Promise<TenantRow> {
  const column = idOrName.startsWith('gtn_') ? gatewayTenant.id : gatewayTenant.name;
  const [row] = await executor.select().from(gatewayTenant).where(eq(column, idOrName));
  if (!row) throw unknown('tenant', idOrName);
  return row;
}

export async function takeTenant(tx: Transaction, id: string): Promise<TenantRow> {
  const [row] = await tx.select().from(gatewayTenant).where(eq(gatewayTenant.id, id)).for('update');
  if (!row) throw unknown('tenant', id);
  return row;
}

export async function insertTenant(tx: Transaction, row: TenantRow): Promise<void> {
  const added = await tx
    .insert(gatewayTenant)
    .values(row)
    .onConflictDoNothing({ target: gatewayTenant.name })
    .returning({ id: gatewayTenant.id });
  if (added.length === 0) throw nameTaken(row.name);
}

export async function updateTenant(tx: Transaction, id: string, set: Partial<TenantRow>): Promise<void> {
  if (set.name !== undefined) {
    const [other] = await tx.select().from(gatewayTenant).where(eq(gatewayTenant.name, set.name));
    if (other && other.id !== id) throw nameTaken(set.name);
  }
  await tx.update(gatewayTenant).set(set).where(eq(gatewayTenant.id, id));
}

export type KeyWithUse = GatewayKeyRow & { lastUsedAt: Date | null };

/** Newest first, with when each was last used. */
export async function listKeyRows(executor: Executor, tenantId?: string): Promise<KeyWithUse[]> {
  const rows = await executor
    .select({ key: gatewayKey, lastUsedAt: gatewayKeyUse.lastUsedAt })
    .from(gatewayKey)
    .leftJoin(gatewayKeyUse, eq(gatewayKeyUse.keyId, gatewayKey.id))
    .where(tenantId === undefined ? undefined : eq(gatewayKey.tenantId, tenantId))
    .orderBy(sql`${gatewayKey.id} desc`);
  return rows.map(({ key, lastUsedAt }) => ({ ...key, lastUsedAt }));
}

export async function takeKey(tx: Transaction, id: string): Promise<GatewayKeyRow> {
  const [row] = await tx.select().from(gatewayKey).where(eq(gatewayKey.id, id)).for('update');
  if (!row) throw unknown('key', id);
  return row;
}

export async function insertKey(tx: Transaction, row: GatewayKeyRow): Promise<void> {
  await tx.insert(gatewayKey).values(row);
}

export async function updateKey(tx: Transaction, id: string, set: Partial<GatewayKeyRow>): Promise<void> {
  await tx.update(gatewayKey).set(set).where(eq(gatewayKey.id, id));
}

/**
 * Writes down that keys were used, at most once an hour for each: reading must not become writing. Keys that are not
 * known are left out. Call it with whatever was seen since the last time.
 */
export async function noteKeyUse(
  executor: Executor,
  uses: readonly { keyId: string; usedAtMs: number }[],
): Promise<void> {
  const newest = new Map<string, number>();
  for (const { keyId, usedAtMs } of uses) newest.set(keyId, Math.max(usedAtMs, newest.get(keyId) ?? 0));
  if (newest.size === 0) return;
  const seen = JSON.stringify(
    [...newest].map(([id, atMs]) => ({ id, at: new Date(atMs - (atMs % HOUR_MS)).toISOString() })),
  );
  await executor.execute(sql`
    insert into gateway_key_use (key_id, last_used_at)
    select seen.id, seen.at from jsonb_to_recordset(${seen}::jsonb) as seen (id text, at timestamptz)
    join gateway_key on gateway_key.id = seen.id
    order by seen.id
    on conflict (key_id) do update set last_used_at = excluded.last_used_at
    where gateway_key_use.last_used_at < excluded.last_used_at`);
}

export async function listIssuerRows(executor: Executor): Promise<IssuerRow[]> {
  return executor.select().from(gatewayJwtIssuer).orderBy(asc(gatewayJwtIssuer.issuer));
}

export async function insertIssuer(tx: Transaction, row: IssuerRow): Promise<void> {
  const added = await tx
    .insert(gatewayJwtIssuer)
    .values(row)
    .onConflictDoNothing({ target: gatewayJwtIssuer.issuer })
    .returning({ id: gatewayJwtIssuer.id });
  if (added.length === 0) throw new AppError('conflict', `Tokens of ${row.issuer} are accepted already.`);
}

export async function deleteIssuer(tx: Transaction, id: string): Promise<void> {
  const gone = await tx
    .delete(gatewayJwtIssuer)
    .where(eq(gatewayJwtIssuer.id, id))
    .returning({ id: gatewayJwtIssuer.id });
  if (gone.length === 0) throw unknown('token issuer', id);
}

function nameTaken(name: string): AppError {
  return new AppError('conflict', `There is a tenant called "${name}" already. Choose another name.`);
}

function unknown(noun: string, idOrName: string): AppError {
  return new AppError('not_found', `There is no ${noun} "${idOrName.slice(0, 80)}". List them to see which there are.`);
}
