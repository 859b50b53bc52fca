import { desc, eq } from 'drizzle-orm';
import { type NamesOf, resolveWho } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { presentItems, selectItems } from './list-items.ts';
import type { Change, ItemDetail } from './model.ts';
import { inventoryChange, inventoryEdge, inventoryItem, inventorySource } from './tables.ts';

const HISTORY_MAX = 200;
const NEIGHBORS_MAX = 200;

/** Everything about one item. Throws `not_found`. */
export async function itemDetail(executor: Executor, id: string, namesOf: NamesOf): Promise<ItemDetail> {
  const [row] = await selectItems(executor).where(eq(inventoryItem.id, id));
  if (!row) throw unknownItem(id);
  const [shown] = await presentItems([row], namesOf);
  if (!shown) throw unknownItem(id);
  const source =
    row.item.sourceKey === null
      ? undefined
      : (await executor.select().from(inventorySource).where(eq(inventorySource.key, row.item.sourceKey)))[0];
  return {
    ...shown,
    details: row.item.details,
    factKind: row.item.factKind,
    sightings: row.item.places,
    uses: await neighbors(executor, id, 'uses'),
    usedBy: await neighbors(executor, id, 'usedBy'),
    history: await historyOf(executor, id, namesOf),
    evidenceId: source?.evidenceId ?? null,
  };
}

export function unknownItem(id: string): AppError {
  return new AppError('not_found', `There is no inventory item ${id.slice(0, 80)}. Reload the list of items.`);
}

async function neighbors(executor: Executor, id: string, side: 'uses' | 'usedBy'): Promise<ItemDetail['uses']> {
  const [own, other] =
    side === 'uses' ? [inventoryEdge.fromId, inventoryEdge.toId] : [inventoryEdge.toId, inventoryEdge.fromId];
  return executor
    .select({
      id: inventoryItem.id,
      title: inventoryItem.title,
      kind: inventoryItem.kind,
      state: inventoryItem.state,
      origin: inventoryEdge.origin,
      because: inventoryEdge.because,
    })
    .from(inventoryEdge)
    .innerJoin(inventoryItem, eq(inventoryItem.id, other))
    .where(eq(own, id))
    .orderBy(inventoryItem.kind, inventoryItem.title, inventoryItem.id)
    .limit(NEIGHBORS_MAX);
}

/** What happened to an item or a system, newest first. */
export async function historyOf(executor: Executor, subjectId: string, namesOf: NamesOf): Promise<Change[]> {
  const rows = await executor
    .select()
    .from(inventoryChange)
    .where(eq(inventoryChange.subjectId, subjectId))
    .orderBy(desc(inventoryChange.id))
    .limit(HISTORY_MAX);
  const who = await resolveWho(
    namesOf,
    rows.map((row) => row.by),
  );
  return rows.map((row) => ({
    at: row.at.toISOString(),
    by: row.by === null ? null : who(row.by),
    from: row.fromState,
    to: row.toState,
    reason: row.reason,
  }));
}
