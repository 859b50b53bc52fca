import { and, count, desc, eq, isNotNull, isNull, ne, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, resolveWho } from '#src/features/records/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import { attestationState } from './attestation-state.ts';
import type { EvidenceReading } from './list-evidence.ts';
import type { Attestation, AttestationPage, AttestationQuery, AttestationState } from './model.ts';
import { unknownAttestation, whyNotReviewable } from './review.ts';
import { type AttestationRow, attestation, type EvidenceRow, evidenceItem } from './tables.ts';

export type AttestationReading = EvidenceReading & {
  /** The person who reads, and whether their role may review at all. */
  reader: { personId: string | null; mayReview: boolean };
};

/** Attestations, newest first. */
export async function listAttestations(reading: AttestationReading, query: AttestationQuery): Promise<AttestationPage> {
  const { executor } = reading;
  const where = and(
    query.control === undefined ? undefined : eq(attestation.controlId, query.control),
    query.state && inState(query.state, reading.nowMs),
  );
  const rows = await selectAttestations(reading)
    .where(and(where, query.cursor === undefined ? undefined : before(query.cursor)))
    .orderBy(desc(attestation.createdAt), desc(attestation.id))
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1)?.attestation : undefined;
  const [counted] = await executor.select({ total: count() }).from(attestation).where(where);
  return {
    items: await presentAttestations(reading, page),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([last.createdAt.toISOString(), last.id]) }),
  };
}

/** One attestation. Throws `not_found`. */
export async function attestationById(reading: AttestationReading, id: string): Promise<Attestation> {
  const rows = await selectAttestations(reading).where(eq(attestation.id, id));
  const [shown] = await presentAttestations(reading, rows);
  if (!shown) throw unknownAttestation(id);
  return shown;
}

function selectAttestations(reading: AttestationReading) {
  return reading.executor
    .select({ attestation, evidence: evidenceItem })
    .from(attestation)
    .innerJoin(evidenceItem, eq(evidenceItem.id, attestation.evidenceId));
}

/** The same rule as `attestationState`, for the database. */
function inState(state: AttestationState, nowMs: number): SQL | undefined {
  const today = toInstant(nowMs).slice(0, 10);
  const open = isNull(attestation.withdrawnAt);
  if (state === 'withdrawn') return isNotNull(attestation.withdrawnAt);
  if (state === 'rejected') return and(open, eq(attestation.review, 'rejected'));
  if (state === 'expired')
    return and(open, ne(attestation.review, 'rejected'), sql`${attestation.expiresOn} < ${today}`);
  return and(open, eq(attestation.review, state), sql`${attestation.expiresOn} >= ${today}`);
}

function before(cursor: string): SQL {
  const [at, id] = decodeCursor(cursor, 2);
  return sql`(${attestation.createdAt}, ${attestation.id}) < (${at}::timestamptz, ${id})`;
}

async function presentAttestations(
  reading: AttestationReading,
  rows: readonly { attestation: AttestationRow; evidence: EvidenceRow }[],
): Promise<Attestation[]> {
  const indexes = await reading.indexesOf(
    reading.executor,
    rows.map((row) => row.evidence.ledgerPendingId),
  );
  const who = await resolveWho(
    reading.namesOf,
    rows.flatMap((row) => [row.attestation.owner, row.attestation.reviewer]),
  );
  return rows.map(({ attestation: row, evidence }) => ({
    id: row.id,
    controlId: row.controlId,
    expectedEvidenceId: row.expectedEvidenceId,
    evidenceItemId: evidence.id,
    form: row.form,
    title: evidence.title,
    source: evidence.sourceTitle,
    query: evidence.query,
    text: row.statement,
    grade: evidence.grade,
    occurredAt: evidence.occurredAt.toISOString(),
    periodFrom: evidence.periodFrom ?? '',
    periodTo: evidence.periodTo ?? '',
    expiresOn: row.expiresOn,
    state: attestationState(row, reading.nowMs),
    owner: who(row.owner),
    createdAt: row.createdAt.toISOString(),
    review:
      row.review === 'waiting' || row.reviewer === null || row.reviewedAt === null
        ? null
        : {
            decision: row.review,
            by: who(row.reviewer),
            at: row.reviewedAt.toISOString(),
            comment: row.reviewComment,
          },
    reviewable: reviewable(reading, row),
    sha256: evidence.sha256,
    sizeBytes: evidence.sizeBytes,
    mediaType: evidence.mediaType,
    fileName: evidence.fileName,
    ledgerIndex: indexes.get(evidence.ledgerPendingId) ?? null,
  }));
}

function reviewable(reading: AttestationReading, row: AttestationRow): Attestation['reviewable'] {
  const refusal = whyNotReviewable(row, reading.reader.personId, reading.nowMs);
  if (refusal) return { may: false, why: refusal.why };
  if (!reading.reader.mayReview) return { may: false, why: 'Your role does not review evidence.' };
  return { may: true, why: null };
}
