import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Condition } from '#src/features/alerts/model.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { attestation } from './tables.ts';

/** So long before the end people are told, so that another one can be written and reviewed. */
const WARN_DAYS = 14;

/** Accepted attestations that end within two weeks, or ended, and that no later one of the same control follows. */
export async function expiringAttestations(executor: Executor, nowMs: number): Promise<Condition[]> {
  const warnUntil = new Date(nowMs + WARN_DAYS * DAY_MS).toISOString().slice(0, 10);
  const rows = await executor
    .select()
    .from(attestation)
    .where(
      and(
        eq(attestation.review, 'accepted'),
        isNull(attestation.withdrawnAt),
        sql`${attestation.expiresOn} <= ${warnUntil}::date`,
        sql`not exists (select 1 from attestation as later
          where later.control_id = ${attestation.controlId} and later.review = 'accepted' and later.withdrawn_at is null
            and later.expected_evidence_id is not distinct from ${attestation.expectedEvidenceId}
            and later.expires_on > ${attestation.expiresOn})`,
      ),
    )
    .orderBy(attestation.id);
  return rows.map((row) => {
    const endMs = Date.parse(row.expiresOn);
    const isOver = endMs <= nowMs;
    return {
      subject: { kind: 'attestation', id: row.id, title: `Attestation of ${row.controlId}` },
      severity: isOver ? 'high' : 'medium',
      title: `The attestation of ${row.controlId} ${isOver ? 'has expired' : 'expires soon'}`,
      reasons: [`It ends on ${row.expiresOn}. Write another one, and let a second person accept it.`],
      since: new Date(isOver ? endMs : endMs - WARN_DAYS * DAY_MS),
      link: `/evidence/attestations/${row.id}`,
      ownerId: row.ownerId,
    };
  });
}
