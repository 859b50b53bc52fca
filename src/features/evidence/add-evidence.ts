import { eq } from 'drizzle-orm';
import { type Actor, type Append, actorText, ledgerActor, personOf } from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { OPENING_FIELD, type Opening } from '#src/ledger/store/sealed-blob.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { EvidenceGrade, EvidenceKind } from './model.ts';
import { evidenceConfirmation, evidenceItem, evidenceLink } from './tables.ts';

/** With `opening`, the stored bytes are encrypted, and go with the person who collected them when that person is erased. */
export type EvidenceContent = {
  sha256: string;
  sizeBytes: number;
  mediaType: string;
  fileName: string;
  opening?: Opening;
};

export type NewEvidence = {
  id: string;
  kind: EvidenceKind;
  title: string;
  source: { key: string; title: string };
  /** The query, call or steps that give it again. */
  query: string;
  collector: Actor;
  grade: EvidenceGrade;
  occurredAt: Date;
  observedAt: Date;
  recordedAt: Date;
  period?: { from: string; to: string };
  /** Already in the blob store. */
  content: EvidenceContent;
  /** Counts and reconciliation, for people. */
  completeness?: { what: string; value: string }[];
  collectionId?: string;
  controls: readonly string[];
  tests: readonly string[];
  /** The item of the same source that this one replaces. */
  supersedes?: string;
  /** Further members of the leaf's body: ids, numbers and enumerations only. */
  leaf?: { [member: string]: JsonValue };
};

/** Stores an item of evidence and commits to it in the ledger, in the caller's transaction. */
export async function addEvidence(
  tx: Transaction,
  append: Append,
  evidence: NewEvidence,
): Promise<{ pendingId: string }> {
  const { content } = evidence;
  const personId = content.opening ? personOf(evidence.collector) : null;
  // Titles, names of files and sources are words of people and paths of machines: the leaf names them by digest only.
  const { pendingId } = await append(tx, {
    type: 'evidence.collected',
    actor: ledgerActor(evidence.collector),
    subject: { kind: 'evidence', id: evidence.id },
    series: `evidence:${evidence.kind}`,
    body: {
      kind: evidence.kind,
      grade: evidence.grade,
      occurredAt: evidence.occurredAt.toISOString(),
      observedAt: evidence.observedAt.toISOString(),
      recordedAt: evidence.recordedAt.toISOString(),
      controls: [...evidence.controls],
      ...(evidence.period && { periodFrom: evidence.period.from, periodTo: evidence.period.to }),
      ...(evidence.collectionId && { collection: evidence.collectionId }),
      ...(evidence.supersedes && { supersedes: evidence.supersedes }),
      ...evidence.leaf,
    },
    blobs: [{ sha256: content.sha256, size: content.sizeBytes, mediaType: content.mediaType, role: 'content' }],
    ...(personId !== null &&
      content.opening && { personal: { person: personId, values: { [OPENING_FIELD]: content.opening } } }),
    dedupeKey: `evidence:${evidence.id}`,
  });
  if (evidence.supersedes)
    await tx
      .update(evidenceItem)
      .set({ supersededAt: evidence.recordedAt })
      .where(eq(evidenceItem.id, evidence.supersedes));
  await tx.insert(evidenceItem).values({
    id: evidence.id,
    kind: evidence.kind,
    title: evidence.title,
    sourceKey: evidence.source.key,
    sourceTitle: evidence.source.title,
    query: evidence.query,
    collector: actorText(evidence.collector),
    grade: evidence.grade,
    occurredAt: evidence.occurredAt,
    observedAt: evidence.observedAt,
    recordedAt: evidence.recordedAt,
    periodFrom: evidence.period?.from ?? null,
    periodTo: evidence.period?.to ?? null,
    sha256: content.sha256,
    sizeBytes: content.sizeBytes,
    mediaType: content.mediaType,
    fileName: content.fileName,
    completeness: evidence.completeness ?? [],
    collectionId: evidence.collectionId ?? null,
    ledgerPendingId: pendingId,
    supersedes: evidence.supersedes ?? null,
    personId,
  });
  const links = [
    ...[...new Set(evidence.controls)].map((ref) => ({ evidenceId: evidence.id, kind: 'control' as const, ref })),
    ...[...new Set(evidence.tests)].map((ref) => ({ evidenceId: evidence.id, kind: 'test' as const, ref })),
  ];
  if (links.length > 0) await tx.insert(evidenceLink).values(links);
  return { pendingId };
}

/** The source said exactly the same again: no new item, but the ledger holds that it was read. */
export async function confirmEvidence(
  tx: Transaction,
  append: Append,
  confirmation: { evidenceId: string; at: Date; by: Actor; collectionId: string },
): Promise<{ pendingId: string }> {
  const { evidenceId, at } = confirmation;
  const { pendingId } = await append(tx, {
    type: 'evidence.collected',
    actor: ledgerActor(confirmation.by),
    subject: { kind: 'evidence', id: evidenceId },
    series: 'evidence:scan',
    body: { kind: 'scan', unchanged: true, observedAt: at.toISOString(), collection: confirmation.collectionId },
    dedupeKey: `evidence:${evidenceId}:confirmed:${confirmation.collectionId}`,
  });
  await tx.insert(evidenceConfirmation).values({ evidenceId, at, ledgerPendingId: pendingId }).onConflictDoNothing();
  return { pendingId };
}
