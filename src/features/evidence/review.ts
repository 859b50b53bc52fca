import { eq } from 'drizzle-orm';
import { type Actor, type Append, actorText, personOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { attestationState } from './attestation-state.ts';
import type { AttestationReview, Withdrawal } from './model.ts';
import { type AttestationRow, attestation } from './tables.ts';

type Acting = { actor: Actor; at: Date; append: Append };

/** A second person's word on an attestation. Given once: a change of mind is a new attestation. */
export async function reviewAttestation(
  tx: Transaction,
  id: string,
  review: AttestationReview,
  acting: Acting,
): Promise<void> {
  const row = await takeAttestation(tx, id);
  const refusal = whyNotReviewable(row, personOf(acting.actor), acting.at.getTime());
  const reviewerId = personOf(acting.actor);
  if (refusal !== null || reviewerId === null)
    throw new AppError(refusal?.code ?? 'forbidden', refusal?.why ?? ONLY_PEOPLE);
  if (review.decision === 'rejected' && review.comment === undefined)
    throw new AppError(
      'invalid_input',
      'comment: say what is missing, so that the owner can hand in something better.',
    );
  const { pendingId } = await acting.append(tx, {
    type: 'attestation.reviewed',
    actor: { kind: 'user', id: reviewerId },
    subject: { kind: 'attestation', id },
    series: `attestation:${id}`,
    body: { decision: review.decision, evidence: row.evidenceId, control: row.controlId, owner: row.ownerId },
    dedupeKey: `attestation:${id}:reviewed`,
  });
  await tx
    .update(attestation)
    .set({
      review: review.decision,
      reviewer: actorText(acting.actor),
      reviewerId,
      reviewedAt: acting.at,
      reviewComment: review.comment ?? null,
      reviewPendingId: pendingId,
    })
    .where(eq(attestation.id, id));
}

/** The owner takes it back. It stays readable and no longer counts. */
export async function withdrawAttestation(
  tx: Transaction,
  id: string,
  withdrawal: Withdrawal,
  acting: Acting,
): Promise<void> {
  const row = await takeAttestation(tx, id);
  const person = personOf(acting.actor);
  if (person === null || person !== row.ownerId)
    throw new AppError('forbidden', 'Only its owner can withdraw an attestation. A reviewer can reject it instead.');
  if (row.withdrawnAt !== null) throw new AppError('conflict', 'This attestation is withdrawn already.');
  await acting.append(tx, {
    type: 'approval.revoked',
    actor: { kind: 'user', id: person },
    subject: { kind: 'attestation', id },
    series: `attestation:${id}`,
    body: { what: 'attestation', evidence: row.evidenceId, control: row.controlId },
    dedupeKey: `attestation:${id}:withdrawn`,
  });
  await tx
    .update(attestation)
    .set({ withdrawnAt: acting.at, withdrawnBy: actorText(acting.actor), withdrawnReason: withdrawal.reason })
    .where(eq(attestation.id, id));
}

const ONLY_PEOPLE = 'A review is given by a person. Sign in to give it.';

/** Why `personId` cannot review it now; null where they can. */
export function whyNotReviewable(
  row: AttestationRow,
  personId: string | null,
  nowMs: number,
): { code: 'forbidden' | 'conflict'; why: string } | null {
  const state = attestationState(row, nowMs);
  if (state !== 'waiting')
    return {
      code: 'conflict',
      why: `This attestation is ${state}: only one that waits can be reviewed. Hand in a new one instead.`,
    };
  if (personId === null) return { code: 'forbidden', why: ONLY_PEOPLE };
  if (personId === row.ownerId)
    return {
      code: 'forbidden',
      why: 'You handed this in yourself: another person reviews it. Ask a colleague with the right to review.',
    };
  return null;
}

async function takeAttestation(tx: Transaction, id: string): Promise<AttestationRow> {
  const [row] = await tx.select().from(attestation).where(eq(attestation.id, id)).for('update');
  if (!row) throw unknownAttestation(id);
  return row;
}

export function unknownAttestation(id: string): AppError {
  return new AppError('not_found', `There is no attestation ${id.slice(0, 80)}. Reload the list of attestations.`);
}
