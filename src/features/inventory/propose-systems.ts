import { and, desc, eq, inArray, isNotNull } from 'drizzle-orm';
import type { ScannedSystem, ScanResult } from '#src/connectors/source-tree/model.ts';
import { type Actor, actorText } from '#src/features/records/index.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { inChunks, type NewChange } from './rows.ts';
import { inventoryChange, inventoryItem, inventorySystem, type SystemRow } from './tables.ts';

const SOURCE_ROOT = '.';

/**
 * Folders of a scan that are worth a person's decision: those where product code holds something the scanner is sure
 * enough of. Tests, examples and documentation form no AI system of their own.
 */
export function systemsWorthProposing(result: Pick<ScanResult, 'systems' | 'detections'>): ScannedSystem[] {
  const worth = new Set<string>();
  for (const detection of result.detections)
    if (detection.purpose === 'product' && detection.confidence !== 'low') worth.add(detection.system);
  return result.systems.filter((system) => worth.has(system.key));
}

export type ProposedSystems = {
  proposed: number;
  /** The system for what stands in a folder: its own, else the nearest above it; null where there is none or it was rejected. */
  idFor(folder: string): string | null;
};

/** Adds systems that are new and asks again about retired ones that came back. */
export async function proposeSystems(
  tx: Transaction,
  source: { key: string; title: string },
  systems: readonly ScannedSystem[],
  context: { at: Date; actor: Actor; newId(prefix: 'sys'): string },
  changes: NewChange[],
): Promise<ProposedSystems> {
  const { at } = context;
  const known = await tx.select().from(inventorySystem).where(eq(inventorySystem.sourceKey, source.key));
  const idByFolder = new Map<string, string | null>();
  for (const row of known)
    if (row.root !== null && row.state !== 'retired') idByFolder.set(row.root, idUnlessRejected(row));
  const added: (typeof inventorySystem.$inferInsert)[] = [];
  for (const system of systems) {
    const row = known.find((candidate) => candidate.root === system.key);
    if (row) {
      if (row.state === 'retired' && (await wasRetiredByScan(tx, row.id))) await askAgain(tx, row, at, changes);
      idByFolder.set(system.key, idUnlessRejected(row));
      continue;
    }
    const id = context.newId('sys');
    idByFolder.set(system.key, id);
    added.push({
      id,
      name: system.title,
      state: 'proposed',
      origin: 'scan',
      sourceKey: source.key,
      sourceTitle: source.title,
      root: system.key,
      createdAt: at,
      createdBy: actorText(context.actor),
    });
    changes.push({ subjectId: id, at, by: null, fromState: null, toState: 'proposed', reason: null });
  }
  await inChunks(added, (rows) => tx.insert(inventorySystem).values(rows));
  return { proposed: added.length, idFor: (folder) => nearest(idByFolder, folder) };
}

function idUnlessRejected(row: SystemRow): string | null {
  return row.state === 'rejected' ? null : row.id;
}

function nearest(idByFolder: ReadonlyMap<string, string | null>, folder: string): string | null {
  for (let at = folder; ; at = above(at)) {
    const id = idByFolder.get(at);
    if (id !== undefined) return id;
    if (at === SOURCE_ROOT) return null;
  }
}

function above(folder: string): string {
  const slash = folder.lastIndexOf('/');
  return slash < 0 ? SOURCE_ROOT : folder.slice(0, slash);
}

/** A person who retired a system knows that its code may still be there; a scan only knew that nothing was left. */
async function wasRetiredByScan(tx: Transaction, systemId: string): Promise<boolean> {
  const [last] = await tx
    .select({ by: inventoryChange.by })
    .from(inventoryChange)
    .where(and(eq(inventoryChange.subjectId, systemId), eq(inventoryChange.toState, 'retired')))
    .orderBy(desc(inventoryChange.id))
    .limit(1);
  return last?.by === null;
}

async function askAgain(tx: Transaction, row: SystemRow, at: Date, changes: NewChange[]): Promise<void> {
  await tx.update(inventorySystem).set({ state: 'proposed' }).where(eq(inventorySystem.id, row.id));
  const reason = 'Found in its source again.';
  changes.push({ subjectId: row.id, at, by: null, fromState: 'retired', toState: 'proposed', reason });
}

/** A system that nobody confirmed and of which nothing is left needs nobody's decision any more. */
export async function retireEmptySystems(
  tx: Transaction,
  sourceKey: string,
  at: Date,
  changes: NewChange[],
): Promise<void> {
  const proposed = await tx
    .select({ id: inventorySystem.id })
    .from(inventorySystem)
    .where(and(eq(inventorySystem.sourceKey, sourceKey), eq(inventorySystem.state, 'proposed')));
  if (proposed.length === 0) return;
  const alive = await tx
    .selectDistinct({ systemId: inventoryItem.systemId })
    .from(inventoryItem)
    .where(and(isNotNull(inventoryItem.systemId), inArray(inventoryItem.state, ['proposed', 'confirmed', 'rejected'])));
  const inUse = new Set(alive.map((row) => row.systemId));
  const empty = proposed.map((row) => row.id).filter((id) => !inUse.has(id));
  await inChunks(empty, (ids) =>
    tx.update(inventorySystem).set({ state: 'retired' }).where(inArray(inventorySystem.id, ids)),
  );
  const reason = 'Nothing of it is found in its source any more.';
  for (const subjectId of empty)
    changes.push({ subjectId, at, by: null, fromState: 'proposed', toState: 'retired', reason });
}
