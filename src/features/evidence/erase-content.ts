import { randomBytes } from 'node:crypto';
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { type Actor, type Append, actorText, ledgerActor } from '#src/features/records/index.ts';
import { makeId } from '#src/kernel/id.ts';
import { eraseDisclosure } from '#src/ledger/store/personal.ts';
import { OPENING_FIELD } from '#src/ledger/store/sealed-blob.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { attestation, type EvidenceRow, evidenceItem } from './tables.ts';

/** Why content is destroyed: a code, and the rule or law it rests on. Neither may name a person. */
export type Erasing = { at: Date; actor: Actor; append: Append; reason: string; basis: string };

const WORDS_GONE = 'Erased';

/** Items whose content is a person's word, and still there. */
export async function evidenceOfPerson(executor: Executor, personId: string): Promise<EvidenceRow[]> {
  return executor
    .select()
    .from(evidenceItem)
    .where(and(eq(evidenceItem.personId, personId), isNull(evidenceItem.erasedAt)))
    .orderBy(evidenceItem.recordedAt, evidenceItem.id);
}

/** How many such items each person has. */
export async function countEvidenceOfPersons(executor: Executor): Promise<Map<string, number>> {
  const rows = await executor
    .select({ personId: evidenceItem.personId, items: sql<number>`count(*)::int` })
    .from(evidenceItem)
    .where(and(sql`${evidenceItem.personId} is not null`, isNull(evidenceItem.erasedAt)))
    .groupBy(evidenceItem.personId);
  return new Map(rows.map(({ personId, items }) => [personId ?? '', items]));
}

/**
 * Destroys the content of items: the key of a sealed one at once, files after the transaction, by `Blobs.removeErased`.
 * A file that another item still rests on stays. Each destroyed file becomes an entry `blob.erased`. Returns how many.
 */
export async function eraseContent(tx: Transaction, rows: readonly EvidenceRow[], erasing: Erasing): Promise<number> {
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await tx.update(evidenceItem).set({ erasedAt: erasing.at }).where(inArray(evidenceItem.id, ids));
  let files = 0;
  for (const row of rows) {
    if (row.personId !== null) await eraseDisclosure(tx, row.ledgerPendingId, OPENING_FIELD);
    const { rows: marked } = await tx.execute(sql`
      update blob set erased_at = ${erasing.at.toISOString()}::timestamptz
      where sha256 = ${row.sha256} and erased_at is null
        and not exists (select from evidence_item where sha256 = ${row.sha256} and erased_at is null)
      returning sha256`);
    if (marked.length === 0) continue;
    files++;
    await erasing.append(tx, {
      type: 'blob.erased',
      actor: ledgerActor(erasing.actor),
      subject: { kind: 'blob', id: row.sha256 },
      body: { reason: erasing.reason, basis: erasing.basis, evidence: row.id, class: row.kind },
      dedupeKey: `blob.erased:${makeId('ers', erasing.at.getTime(), randomBytes(10))}`,
    });
  }
  return files;
}

/**
 * Destroys what a person handed in, with what it is called. Their attestations no longer count from then on, as nothing
 * is left that they rest on.
 */
export async function eraseEvidenceOfPerson(tx: Transaction, personId: string, erasing: Erasing): Promise<number> {
  const rows = await evidenceOfPerson(tx, personId);
  const files = await eraseContent(tx, rows, erasing);
  const written = await tx
    .select({ evidenceId: attestation.evidenceId })
    .from(attestation)
    .where(eq(attestation.ownerId, personId));
  const ids = [...new Set([...rows.map(({ id }) => id), ...written.map(({ evidenceId }) => evidenceId)])];
  if (ids.length > 0)
    await tx
      .update(evidenceItem)
      .set({
        title: WORDS_GONE,
        sourceTitle: WORDS_GONE,
        sourceKey: `person:${personId}`,
        query: WORDS_GONE,
        fileName: 'erased',
      })
      .where(inArray(evidenceItem.id, ids));
  await tx
    .update(attestation)
    .set({ statement: sql`case when form = 'statement' then '' end` })
    .where(eq(attestation.ownerId, personId));
  await tx
    .update(attestation)
    .set({ withdrawnAt: erasing.at, withdrawnBy: actorText(erasing.actor), withdrawnReason: WORDS_GONE })
    .where(and(eq(attestation.ownerId, personId), isNull(attestation.withdrawnAt)));
  return files;
}

/** Items of one kind recorded before `before` whose content is there, and that no valid attestation rests on. */
export async function contentOlderThan(
  executor: Executor,
  kind: EvidenceRow['kind'],
  before: Date,
  today: string,
): Promise<EvidenceRow[]> {
  const rows = await executor
    .select({ item: evidenceItem })
    .from(evidenceItem)
    .leftJoin(attestation, eq(attestation.evidenceId, evidenceItem.id))
    .where(
      and(
        eq(evidenceItem.kind, kind),
        isNull(evidenceItem.erasedAt),
        sql`${evidenceItem.recordedAt} < ${before.toISOString()}::timestamptz`,
        sql`(${attestation.id} is null or ${attestation.withdrawnAt} is not null or ${attestation.review} = 'rejected'
             or ${attestation.expiresOn} < ${today}::date)`,
      ),
    )
    .orderBy(evidenceItem.recordedAt, evidenceItem.id);
  return rows.map(({ item }) => item);
}

/** How much of each kind is there. */
export async function countContent(executor: Executor): Promise<Map<EvidenceRow['kind'], number>> {
  const rows = await executor
    .select({ kind: evidenceItem.kind, items: sql<number>`count(*)::int` })
    .from(evidenceItem)
    .where(isNull(evidenceItem.erasedAt))
    .groupBy(evidenceItem.kind);
  return new Map(rows.map(({ kind, items }) => [kind, items]));
}

/** Whether there is such an item. */
export async function hasEvidence(executor: Executor, id: string): Promise<boolean> {
  return (await executor.select({ id: evidenceItem.id }).from(evidenceItem).where(eq(evidenceItem.id, id))).length > 0;
}
