import { and, eq, ne } from 'drizzle-orm';
import { addEvidence } from '#src/features/evidence/index.ts';
import { type Actor, type Append, actorText, personOf } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { takeSystem } from './change-system.ts';
import { missingFields, unknownSystem } from './list-systems.ts';
import { addChanges } from './rows.ts';
import { inventoryItem, inventorySystem, type SystemRow } from './tables.ts';

const CONTROL = 'AIG-01';
const MEDIA_TYPE = 'application/json';

/** The entry of a system as its owner attests it: canonical JSON, kept as evidence. */
async function attestedContent(executor: Executor, row: SystemRow): Promise<Uint8Array> {
  const items = await executor
    .select({
      id: inventoryItem.id,
      kind: inventoryItem.kind,
      title: inventoryItem.title,
      state: inventoryItem.state,
      source: inventoryItem.sourceKey,
      path: inventoryItem.path,
    })
    .from(inventoryItem)
    .where(and(eq(inventoryItem.systemId, row.id), ne(inventoryItem.state, 'gone')))
    .orderBy(inventoryItem.id);
  const text = canonicalJson({
    format: 'assay-system-attestation/1',
    system: {
      id: row.id,
      name: row.name,
      purpose: row.purpose,
      ownerId: row.ownerId,
      dataClasses: row.dataClasses,
      riskTier: row.riskTier,
      environment: row.environment,
      autonomyLevel: row.autonomyLevel,
      scope: row.scope,
    },
    items,
  });
  return new TextEncoder().encode(text);
}

export type AttestedContent = { bytes: Uint8Array; blob: { sha256: string; sizeBytes: number } };

/** Writes what is about to be attested into the blob store, before the transaction that points to it. */
export async function prepareAttestation(
  executor: Executor,
  blobs: Pick<Blobs, 'put'>,
  systemId: string,
): Promise<AttestedContent> {
  const [row] = await executor.select().from(inventorySystem).where(eq(inventorySystem.id, systemId));
  if (!row) throw unknownSystem(systemId);
  const bytes = await attestedContent(executor, row);
  return { bytes, blob: await blobs.put(bytes, MEDIA_TYPE) };
}

/**
 * The owner confirms that the entry is complete and right. Counts for a quarter; becomes evidence for AIG-01.
 * Throws `conflict` where something is missing or changed meanwhile, `forbidden` for anybody but the owner.
 */
export async function attestSystem(
  tx: Transaction,
  systemId: string,
  content: AttestedContent,
  context: { at: Date; actor: Actor; append: Append; evidenceId: string },
): Promise<void> {
  const row = await takeSystem(tx, systemId);
  refuseUnlessReady(row, personOf(context.actor));
  if (!Buffer.from(await attestedContent(tx, row)).equals(content.bytes))
    throw new AppError('conflict', `"${row.name}" was changed at this moment. Read it again, then attest it.`);
  const by = actorText(context.actor);
  await addEvidence(tx, context.append, {
    id: context.evidenceId,
    kind: 'records',
    title: `Attestation of the AI system ${row.name}`,
    source: { key: `assay:system:${row.id}`, title: `Inventory entry of ${row.name}` },
    query: `Inventory, AI system ${row.id}, "Attest" by its owner`,
    collector: context.actor,
    // A person vouches, the product shows source and time.
    grade: 'C',
    occurredAt: context.at,
    observedAt: context.at,
    recordedAt: context.at,
    content: { ...content.blob, mediaType: MEDIA_TYPE, fileName: `${row.id}-attestation.json` },
    controls: [CONTROL],
    tests: [],
    leaf: { system: row.id, expects: `${CONTROL}.E2` },
  });
  await tx
    .update(inventorySystem)
    .set({ attestedAt: context.at, attestedBy: by, state: 'confirmed' })
    .where(eq(inventorySystem.id, systemId));
  await addChanges(tx, [
    {
      subjectId: systemId,
      at: context.at,
      by,
      fromState: row.state,
      toState: 'confirmed',
      reason: 'Attested by its owner.',
    },
  ]);
}

function refuseUnlessReady(row: SystemRow, personId: string | null): void {
  if (row.state === 'rejected' || row.state === 'retired')
    throw new AppError(
      'conflict',
      `The AI system "${row.name}" is ${row.state}. Confirm it again before it is attested.`,
    );
  const missing = missingFields(row);
  if (missing.length > 0)
    throw new AppError('conflict', `"${row.name}" cannot be attested yet. Still missing: ${missing.join(', ')}.`);
  if (personId === null || personId !== row.ownerId)
    throw new AppError(
      'forbidden',
      `Only its owner attests "${row.name}". Make yourself the owner first, or ask them.`,
    );
}
