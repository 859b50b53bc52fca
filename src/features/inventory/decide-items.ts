import { and, eq, inArray } from 'drizzle-orm';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { unknownItem } from './item-detail.ts';
import type { BulkDecision, BulkOutcome, ItemDecision, NewItem } from './model.ts';
import { addChanges, type NewChange } from './rows.ts';
import { type ItemRow, inventoryEdge, inventoryItem, inventorySystem } from './tables.ts';

type Deciding = { at: Date; actor: Actor };

/** Adds an item that no scan can see. It is confirmed, because a person vouches for it. */
export async function addItem(tx: Transaction, item: NewItem, context: Deciding & { id: string }): Promise<void> {
  const by = actorText(context.actor);
  if (item.systemId) await requireSystem(tx, item.systemId);
  await tx.insert(inventoryItem).values({
    id: context.id,
    kind: item.kind,
    title: item.title,
    state: 'confirmed',
    origin: 'manual',
    provider: item.provider ?? null,
    details: item.details ?? {},
    systemId: item.systemId ?? null,
    systemChosenBy: item.systemId ? by : null,
    proposedAt: context.at,
    proposedBy: by,
    decidedAt: context.at,
    decidedBy: by,
    reason: item.reason,
  });
  const change = { subjectId: context.id, at: context.at, by, fromState: null };
  await addChanges(tx, [{ ...change, toState: 'confirmed', reason: item.reason }]);
}

/** Decides one item. Throws `not_found`, and `conflict` or `invalid_input` where the decision cannot be taken. */
export async function decideItem(
  tx: Transaction,
  id: string,
  decision: ItemDecision,
  context: Deciding,
): Promise<'changed' | 'unchanged'> {
  const [row] = await tx.select().from(inventoryItem).where(eq(inventoryItem.id, id)).for('update');
  if (!row) throw unknownItem(id);
  if (decision.systemId) await requireSystem(tx, decision.systemId);
  const changes: NewChange[] = [];
  const outcome = await apply(tx, row, decision, context, changes);
  await addChanges(tx, changes);
  return outcome;
}

/** Decides many items; those that cannot be decided are left out and named with the reason. */
export async function decideItems(
  tx: Transaction,
  bulk: BulkDecision,
  context: Deciding,
): Promise<BulkOutcome & { changedIds: string[] }> {
  if (bulk.state === undefined && bulk.systemId === undefined) throw nothingToDecide();
  if (bulk.systemId) await requireSystem(tx, bulk.systemId);
  const ids = [...new Set(bulk.ids)];
  const rows = await tx.select().from(inventoryItem).where(inArray(inventoryItem.id, ids)).for('update');
  const byId = new Map(rows.map((row) => [row.id, row]));
  const outcome = { changed: 0, unchanged: 0, skipped: [] as BulkOutcome['skipped'], changedIds: [] as string[] };
  const changes: NewChange[] = [];
  for (const id of ids) {
    const row = byId.get(id);
    try {
      if (!row) throw unknownItem(id);
      const what = await apply(tx, row, bulk, context, changes);
      outcome[what]++;
      if (what === 'changed') outcome.changedIds.push(id);
    } catch (error) {
      // Expected refusals are part of the answer; anything else ends the whole transaction.
      if (!(error instanceof AppError) || error.code === 'invalid_input') throw error;
      outcome.skipped.push({ id, why: error.message });
    }
  }
  await addChanges(tx, changes);
  return outcome;
}

async function apply(
  tx: Transaction,
  row: ItemRow,
  decision: ItemDecision,
  context: Deciding,
  changes: NewChange[],
): Promise<'changed' | 'unchanged'> {
  if (decision.state === undefined && decision.systemId === undefined) throw nothingToDecide();
  const by = actorText(context.actor);
  const change: Partial<typeof inventoryItem.$inferInsert> = {};
  if (decision.systemId !== undefined && decision.systemId !== row.systemId) {
    change.systemId = decision.systemId;
    change.systemChosenBy = by;
  }
  if (decision.state !== undefined && decision.state !== row.state) {
    refuseUnlessPossible(row, decision);
    change.state = decision.state;
    change.decidedAt = decision.state === 'proposed' ? null : context.at;
    change.decidedBy = decision.state === 'proposed' ? null : by;
    change.reason = decision.reason ?? null;
    change.goneAt = decision.state === 'gone' ? context.at : null;
    change.stateBeforeGone = decision.state === 'gone' && row.state !== 'gone' ? row.state : null;
  }
  if (Object.keys(change).length === 0) return 'unchanged';
  await tx.update(inventoryItem).set(change).where(eq(inventoryItem.id, row.id));
  const toState = change.state ?? row.state;
  const reason = decision.reason ?? (change.state === undefined ? 'Moved to another AI system.' : null);
  changes.push({ subjectId: row.id, at: context.at, by, fromState: row.state, toState, reason });
  return 'changed';
}

function refuseUnlessPossible(row: ItemRow, decision: ItemDecision): void {
  const { state } = decision;
  if ((state === 'rejected' || state === 'gone') && decision.reason === undefined)
    throw new AppError(
      'invalid_input',
      `Say why the item is ${state === 'gone' ? 'gone' : 'rejected'}: the reason is kept and shown to the auditor.`,
    );
  if (state === 'gone' && row.origin === 'scan')
    throw new AppError(
      'conflict',
      `"${row.title}" was found by a scan: it is gone when the next scan of its source no longer finds it. Reject it if it is no AI asset.`,
    );
  if (row.state === 'gone' && row.origin === 'scan')
    throw new AppError(
      'conflict',
      `"${row.title}" is gone from its source. Scan the source again if it is back; then decide.`,
    );
}

function nothingToDecide(): AppError {
  return new AppError('invalid_input', 'Name a state or a system: the request changes nothing.');
}

async function requireSystem(tx: Transaction, systemId: string): Promise<void> {
  const [system] = await tx.select().from(inventorySystem).where(eq(inventorySystem.id, systemId));
  if (!system)
    throw new AppError('not_found', `There is no AI system ${systemId.slice(0, 80)}. Reload the list of systems.`);
  if (system.state === 'rejected' || system.state === 'retired')
    throw new AppError('conflict', `The AI system "${system.name}" is ${system.state}. Choose another one.`);
}

/** Draws an edge by hand, beside one a scan may have drawn. Throws `not_found` and `invalid_input`. */
export async function addEdge(tx: Transaction, fromId: string, toId: string): Promise<void> {
  if (fromId === toId) throw new AppError('invalid_input', 'An item cannot use itself.');
  const ends = await tx
    .select({ id: inventoryItem.id })
    .from(inventoryItem)
    .where(inArray(inventoryItem.id, [fromId, toId]));
  for (const id of [fromId, toId]) if (!ends.some((end) => end.id === id)) throw unknownItem(id);
  await tx.insert(inventoryEdge).values({ fromId, toId, origin: 'manual' }).onConflictDoNothing();
}

/** Takes away an edge that was drawn by hand. Throws `not_found`, and `conflict` for one that only a scan drew. */
export async function removeEdge(tx: Transaction, fromId: string, toId: string): Promise<void> {
  const rows = await tx
    .select({ origin: inventoryEdge.origin })
    .from(inventoryEdge)
    .where(and(eq(inventoryEdge.fromId, fromId), eq(inventoryEdge.toId, toId)));
  if (rows.length === 0) throw new AppError('not_found', 'There is no such edge. Reload the item.');
  if (!rows.some((row) => row.origin === 'manual'))
    throw new AppError('conflict', 'A scan drew this edge: it goes when the source no longer shows it.');
  await tx
    .delete(inventoryEdge)
    .where(and(eq(inventoryEdge.fromId, fromId), eq(inventoryEdge.toId, toId), eq(inventoryEdge.origin, 'manual')));
}
