import { and, asc, eq, sql } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { gatewayModelLimit, gatewayPrice, gatewayRemovedPath, gatewayRoute, type RouteRow } from './tables.ts';

export async function listRouteRows(executor: Executor): Promise<RouteRow[]> {
  return executor.select().from(gatewayRoute).orderBy(asc(gatewayRoute.path));
}

/** By id or by path. */
export async function findRoute(executor: Executor, idOrPath: string): Promise<RouteRow> {
  const column = idOrPath.startsWith('/') ? gatewayRoute.path : gatewayRoute.id;
  const [row] = await executor.select().from(gatewayRoute).where(eq(column, idOrPath));
  if (!row)
    throw new AppError(
      'not_found',
      `There is no route "${idOrPath.slice(0, 80)}". List the routes to see which there are.`,
    );
  return row;
}

/** False, and nothing stored, where the path is taken. */
export async function insertRoute(tx: Transaction, row: RouteRow): Promise<boolean> {
  const added = await tx
    .insert(gatewayRoute)
    .values(row)
    .onConflictDoNothing({ target: gatewayRoute.path })
    .returning({ id: gatewayRoute.id });
  return added.length > 0;
}

export async function updateRoute(tx: Transaction, id: string, set: Partial<RouteRow>): Promise<void> {
  await tx.update(gatewayRoute).set(set).where(eq(gatewayRoute.id, id));
}

/** Removes a route, and remembers under which policy its path was. */
export async function deleteRoute(tx: Transaction, { id, path, policyId }: RouteRow, removedAt: Date): Promise<void> {
  await tx.delete(gatewayRoute).where(eq(gatewayRoute.id, id));
  await tx
    .insert(gatewayRemovedPath)
    .values({ path, policyId, removedAt })
    .onConflictDoUpdate({
      target: gatewayRemovedPath.path,
      set: { policyId: sql`coalesce(excluded.policy_id, ${gatewayRemovedPath.policyId})`, removedAt },
    });
}

/** The policy a path was under when it was removed; null where it never led anywhere, or was under none. */
export async function policyOfRemovedPath(executor: Executor, path: string): Promise<string | null> {
  const [row] = await executor.select().from(gatewayRemovedPath).where(eq(gatewayRemovedPath.path, path));
  return row?.policyId ?? null;
}

export async function routesOfProvider(executor: Executor, providerId: string): Promise<RouteRow[]> {
  return executor.select().from(gatewayRoute).where(eq(gatewayRoute.providerId, providerId));
}

export type PriceRow = typeof gatewayPrice.$inferSelect;

export async function listPriceRows(executor: Executor): Promise<PriceRow[]> {
  return executor.select().from(gatewayPrice).orderBy(asc(gatewayPrice.provider), asc(gatewayPrice.model));
}

export async function storePrice(tx: Transaction, row: PriceRow): Promise<void> {
  const { provider: _, model: __, ...set } = row;
  await tx
    .insert(gatewayPrice)
    .values(row)
    .onConflictDoUpdate({ target: [gatewayPrice.provider, gatewayPrice.model], set });
}

export async function deletePrice(tx: Transaction, provider: string, model: string): Promise<void> {
  const gone = await tx
    .delete(gatewayPrice)
    .where(and(eq(gatewayPrice.provider, provider), eq(gatewayPrice.model, model)))
    .returning({ model: gatewayPrice.model });
  if (gone.length === 0) throw new AppError('not_found', 'There is no such price. Reload the list.');
}

export type ModelLimitRow = typeof gatewayModelLimit.$inferSelect;

export async function listModelLimitRows(executor: Executor): Promise<ModelLimitRow[]> {
  return executor.select().from(gatewayModelLimit).orderBy(asc(gatewayModelLimit.model));
}

export async function storeModelLimit(tx: Transaction, row: ModelLimitRow): Promise<void> {
  const { model: _, ...set } = row;
  await tx.insert(gatewayModelLimit).values(row).onConflictDoUpdate({ target: gatewayModelLimit.model, set });
}

export async function deleteModelLimit(tx: Transaction, model: string): Promise<void> {
  const gone = await tx
    .delete(gatewayModelLimit)
    .where(eq(gatewayModelLimit.model, model))
    .returning({ model: gatewayModelLimit.model });
  if (gone.length === 0) throw new AppError('not_found', 'There is no limit for this model. Reload the list.');
}
