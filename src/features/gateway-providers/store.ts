import { asc, eq } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { gatewayProvider, gatewayProviderTest, type ProviderRow, type ProviderTestRow } from './tables.ts';

export async function listProviderRows(executor: Executor): Promise<ProviderRow[]> {
  return executor.select().from(gatewayProvider).orderBy(asc(gatewayProvider.name));
}

/** By id or by name. */
export async function findProvider(executor: Executor, idOrName: string): Promise<ProviderRow> {
  const column = idOrName.startsWith('gpr_') ? gatewayProvider.id : gatewayProvider.name;
  const [row] = await executor.select().from(gatewayProvider).where(eq(column, idOrName));
  if (!row) throw unknownProvider(idOrName);
  return row;
}

/** The row, locked for this transaction. */
export async function takeProvider(tx: Transaction, id: string): Promise<ProviderRow> {
  const [row] = await tx.select().from(gatewayProvider).where(eq(gatewayProvider.id, id)).for('update');
  if (!row) throw unknownProvider(id);
  return row;
}

function unknownProvider(idOrName: string): AppError {
  return new AppError(
    'not_found',
    `There is no provider "${idOrName.slice(0, 80)}". List the providers to see their names.`,
  );
}

export async function insertProvider(tx: Transaction, row: ProviderRow): Promise<void> {
  const added = await tx
    .insert(gatewayProvider)
    .values(row)
    .onConflictDoNothing({ target: gatewayProvider.name })
    .returning({ id: gatewayProvider.id });
  if (added.length === 0)
    throw new AppError('conflict', `There is a provider called "${row.name}" already. Choose another name.`);
}

export async function updateProvider(tx: Transaction, id: string, set: Partial<ProviderRow>): Promise<void> {
  if (Object.keys(set).length > 0) await tx.update(gatewayProvider).set(set).where(eq(gatewayProvider.id, id));
}

export async function deleteProvider(tx: Transaction, id: string): Promise<void> {
  await tx.delete(gatewayProvider).where(eq(gatewayProvider.id, id));
}

export async function listProviderTests(executor: Executor): Promise<ProviderTestRow[]> {
  return executor.select().from(gatewayProviderTest);
}

export async function storeProviderTest(tx: Transaction, row: ProviderTestRow): Promise<void> {
  const { providerId: _, ...set } = row;
  await tx.insert(gatewayProviderTest).values(row).onConflictDoUpdate({ target: gatewayProviderTest.providerId, set });
}
