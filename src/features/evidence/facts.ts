import { eq, isNull } from 'drizzle-orm';
import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { attestation, evidenceItem } from './tables.ts';

/** Attestations that were not withdrawn. Expiry is a matter of the reader's day, so it is in the body, not decided here. */
export async function attestationFacts(executor: Executor): Promise<KnownFact<'attestation'>[]> {
  const rows = await executor
    .select({ attestation, from: evidenceItem.periodFrom, to: evidenceItem.periodTo })
    .from(attestation)
    .innerJoin(evidenceItem, eq(evidenceItem.id, attestation.evidenceId))
    .where(isNull(attestation.withdrawnAt));
  return rows.map(({ attestation: row, from, to }) => ({
    kind: 'attestation',
    key: row.id,
    body: {
      controlId: row.controlId,
      evidenceId: row.expectedEvidenceId,
      form: row.form,
      periodFrom: from ?? '',
      periodTo: to ?? '',
      // It counts through the whole of its last day.
      expiresAt: `${row.expiresOn}T23:59:59.999Z`,
      ownerId: row.ownerId,
      review: row.review,
      reviewerId: row.reviewerId,
    },
  }));
}
