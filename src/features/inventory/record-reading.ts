import { and, eq, inArray } from 'drizzle-orm';
import type { Detection, ScanResult } from '#src/connectors/source-tree/model.ts';
import type { KnownFact } from '#src/facts/index.ts';
import { type Actor, actorText } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { proposeSystems, retireEmptySystems, systemsWorthProposing } from './propose-systems.ts';
import { addChanges, inChunks, type NewChange } from './rows.ts';
import { type ItemRow, inventoryEdge, inventoryItem, inventorySource } from './tables.ts';

export type ReadingContext = {
  /** SHA-256 of the recorded content. */
  digest: string;
  evidenceId: string;
  at: Date;
  actor: Actor;
  newId(prefix: 'sys' | 'itm'): string;
};

export type ReadingOutcome = {
  found: number;
  proposed: number;
  gone: number;
  returned: number;
  systemsProposed: number;
};

/**
 * Brings the inventory of one source up to what was found: new items and systems are proposed, what vanished is gone, what
 * came back gets the state it had. A decision of a person is never undone. An incomplete reading declares nothing gone,
 * because an absence in it proves nothing. Call it under the `inventory` lock.
 */
export async function recordReading(
  tx: Transaction,
  result: Pick<ScanResult, 'source' | 'systems' | 'detections' | 'stats' | 'facts'>,
  context: ReadingContext,
): Promise<ReadingOutcome> {
  const { at } = context;
  const changes: NewChange[] = [];
  await markRead(tx, result.source, context);
  const worth = systemsWorthProposing(result);
  const systems = await proposeSystems(tx, result.source, worth, context, changes);
  const known = await tx.select().from(inventoryItem).where(eq(inventoryItem.sourceKey, result.source.key));
  const knownByIdentity = new Map(known.map((row) => [row.identity, row]));
  const outcome: ReadingOutcome = {
    found: result.detections.length,
    proposed: 0,
    gone: 0,
    returned: 0,
    systemsProposed: systems.proposed,
  };
  const providerOf = providersIn(result.facts);
  const idOfKey = new Map<string, string>();
  const added: (typeof inventoryItem.$inferInsert)[] = [];
  for (const detection of result.detections) {
    const seen = seenValues(detection, providerOf(detection), systems.idFor(detection.system));
    const row = knownByIdentity.get(detection.key);
    if (row) {
      idOfKey.set(detection.key, row.id);
      if (row.state === 'gone') outcome.returned++;
      await refreshItem(tx, row, seen, at, changes);
      continue;
    }
    const id = context.newId('itm');
    idOfKey.set(detection.key, id);
    outcome.proposed++;
    added.push({
      ...seen,
      id,
      state: 'proposed',
      origin: 'scan',
      sourceKey: result.source.key,
      identity: detection.key,
      proposedAt: at,
      proposedBy: actorText(context.actor),
    });
    changes.push({ subjectId: id, at, by: null, fromState: null, toState: 'proposed', reason: null });
  }
  await inChunks(added, (rows) => tx.insert(inventoryItem).values(rows));
  if (result.stats.complete) {
    const vanished = known.filter((row) => row.state !== 'gone' && !idOfKey.has(row.identity ?? ''));
    outcome.gone = vanished.length;
    await declareGone(tx, vanished, at, changes);
    await retireEmptySystems(tx, result.source.key, at, changes);
  }
  await writeEdges(tx, result.detections, idOfKey);
  await addChanges(tx, changes);
  return outcome;
}

/** The same content again: only the time of the last reading moves. */
export async function confirmReading(tx: Transaction, sourceKey: string, at: Date): Promise<void> {
  await tx.update(inventorySource).set({ lastReadAt: at }).where(eq(inventorySource.key, sourceKey));
}

/** What was recorded last of a source; null where it was never recorded. */
export async function lastReading(
  tx: Transaction,
  sourceKey: string,
): Promise<{ digest: string; evidenceId: string } | null> {
  const [row] = await tx.select().from(inventorySource).where(eq(inventorySource.key, sourceKey));
  return row ? { digest: row.digest, evidenceId: row.evidenceId } : null;
}

async function markRead(tx: Transaction, source: ScanResult['source'], context: ReadingContext): Promise<void> {
  const seen = {
    title: source.title,
    lastReadAt: context.at,
    digest: context.digest,
    evidenceId: context.evidenceId,
  };
  await tx
    .insert(inventorySource)
    .values({ key: source.key, ...seen })
    .onConflictDoUpdate({ target: inventorySource.key, set: seen });
}

/** The provider slug of a detection, as the fact behind it says: control tests match on it. */
function providersIn(facts: readonly KnownFact[]): (detection: Detection) => string | null {
  const providers = new Map<string, string>();
  for (const fact of facts) {
    if (fact.kind === 'ai-service' || fact.kind === 'cloud-resource')
      providers.set(`${fact.kind} ${fact.key}`, fact.body.provider);
    if (fact.kind === 'model-reference') providers.set(`${fact.kind} ${fact.key}`, fact.body.hub);
  }
  return (detection) => providers.get(`${detection.factKind} ${detection.factKey}`) ?? null;
}

function seenValues(detection: Detection, provider: string | null, systemId: string | null) {
  return {
    kind: detection.kind,
    title: storable(detection.title),
    provider,
    details: Object.fromEntries(Object.entries(detection.details).map(([what, value]) => [what, storable(value)])),
    path: storable(detection.path),
    line: detection.line,
    rule: detection.rule,
    confidence: detection.confidence,
    purpose: detection.purpose,
    factKind: detection.factKind,
    factKey: detection.factKey,
    places: detection.places.map((place) => ({ ...place, path: storable(place.path) })),
    placesCount: detection.placesCount,
    systemId,
  };
}

/** Text from a source tree without what Postgres cannot keep. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

async function refreshItem(
  tx: Transaction,
  row: ItemRow,
  seen: ReturnType<typeof seenValues>,
  at: Date,
  changes: NewChange[],
): Promise<void> {
  const wanted = row.systemChosenBy === null ? seen : { ...seen, systemId: row.systemId };
  const change: Partial<typeof inventoryItem.$inferInsert> = {};
  if (!sameValues(row, wanted)) Object.assign(change, wanted);
  if (row.state === 'gone') {
    change.state = row.stateBeforeGone ?? 'proposed';
    change.goneAt = null;
    change.stateBeforeGone = null;
    const reason = 'Found in its source again.';
    changes.push({ subjectId: row.id, at, by: null, fromState: 'gone', toState: change.state, reason });
  }
  if (Object.keys(change).length > 0) await tx.update(inventoryItem).set(change).where(eq(inventoryItem.id, row.id));
}

function sameValues(row: ItemRow, wanted: ReturnType<typeof seenValues>): boolean {
  const stored = Object.fromEntries(Object.keys(wanted).map((name) => [name, row[name as keyof typeof wanted]]));
  return canonicalJson(stored) === canonicalJson(wanted);
}

async function declareGone(tx: Transaction, rows: ItemRow[], at: Date, changes: NewChange[]): Promise<void> {
  for (const state of ['proposed', 'confirmed', 'rejected'] as const) {
    const group = rows.filter((row) => row.state === state).map((row) => row.id);
    await inChunks(group, (ids) =>
      tx
        .update(inventoryItem)
        .set({ state: 'gone', goneAt: at, stateBeforeGone: state })
        .where(inArray(inventoryItem.id, ids)),
    );
    const reason = 'No longer found in its source.';
    for (const subjectId of group) changes.push({ subjectId, at, by: null, fromState: state, toState: 'gone', reason });
  }
}

/** Edges that leave an item found now are as the scan says; those drawn by hand stay. */
async function writeEdges(
  tx: Transaction,
  detections: readonly Detection[],
  idOfKey: ReadonlyMap<string, string>,
): Promise<void> {
  const wanted = new Map<string, typeof inventoryEdge.$inferInsert>();
  for (const detection of detections)
    detection.uses.forEach((key, position) => {
      const fromId = idOfKey.get(detection.key);
      const toId = idOfKey.get(key);
      if (!fromId || !toId || fromId === toId) return;
      const because = storable(detection.usesBecause[position] ?? '') || null;
      wanted.set(`${fromId} ${toId}`, { fromId, toId, origin: 'scan', because });
    });
  await inChunks([...idOfKey.values()], async (ids) => {
    const stored = await tx
      .select()
      .from(inventoryEdge)
      .where(and(inArray(inventoryEdge.fromId, ids), eq(inventoryEdge.origin, 'scan')));
    for (const row of stored) {
      const name = `${row.fromId} ${row.toId}`;
      const kept = wanted.get(name);
      const thisEdge = and(
        eq(inventoryEdge.fromId, row.fromId),
        eq(inventoryEdge.toId, row.toId),
        eq(inventoryEdge.origin, 'scan'),
      );
      if (!kept) await tx.delete(inventoryEdge).where(thisEdge);
      else if (kept.because !== row.because)
        await tx.update(inventoryEdge).set({ because: kept.because }).where(thisEdge);
      wanted.delete(name);
    }
  });
  await inChunks([...wanted.values()], (rows) => tx.insert(inventoryEdge).values(rows));
}
