import { and, count, desc, eq, isNull, sql } from 'drizzle-orm';
import { indexesOf } from '#src/features/ledger/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { attestationState } from './attestation-state.ts';
import { evidenceRow } from './evidence-detail.ts';
import { presentEvidence } from './list-evidence.ts';
import type { AttestationState, EvidenceItem } from './model.ts';
import { attestation, evidenceItem, evidenceLink } from './tables.ts';

export type ControlEvidence = Pick<EvidenceItem, 'id' | 'title' | 'kind' | 'state' | 'recordedAt' | 'ledgerIndex'>;

/** The newest evidence linked to a control. */
export async function evidenceOfControl(
  executor: Executor,
  controlId: string,
  options: { limit: number; nowMs: number },
): Promise<ControlEvidence[]> {
  const rows = await executor
    .select({ evidence: evidenceItem })
    .from(evidenceLink)
    .innerJoin(evidenceItem, eq(evidenceItem.id, evidenceLink.evidenceId))
    .where(and(eq(evidenceLink.kind, 'control'), eq(evidenceLink.ref, controlId)))
    .orderBy(desc(evidenceItem.recordedAt), desc(evidenceItem.id))
    .limit(options.limit);
  // Names of collectors are not part of the answer, so none are looked up.
  const reading = { executor, namesOf: async () => new Map<string, string>(), indexesOf, nowMs: options.nowMs };
  const items = await presentEvidence(
    reading,
    rows.map((row) => row.evidence),
  );
  return items.map(({ id, title, kind, state, recordedAt, ledgerIndex }) => ({
    id,
    title,
    kind,
    state,
    recordedAt,
    ledgerIndex,
  }));
}

export type ControlAttestation = {
  id: string;
  controlId: string;
  expectedEvidenceId: string | null;
  title: string;
  form: 'file' | 'statement';
  state: AttestationState;
  periodFrom: string;
  periodTo: string;
  expiresOn: string;
};

/** Attestations for one control, or for all; newest first. */
export async function attestationsOfControl(
  executor: Executor,
  controlId: string | null,
  nowMs: number,
): Promise<ControlAttestation[]> {
  const rows = await executor
    .select({ attestation, evidence: evidenceItem })
    .from(attestation)
    .innerJoin(evidenceItem, eq(evidenceItem.id, attestation.evidenceId))
    .where(controlId === null ? undefined : eq(attestation.controlId, controlId))
    .orderBy(desc(attestation.createdAt), desc(attestation.id));
  return rows.map(({ attestation: row, evidence }) => ({
    id: row.id,
    controlId: row.controlId,
    expectedEvidenceId: row.expectedEvidenceId,
    title: evidence.title,
    form: row.form,
    state: attestationState(row, nowMs),
    periodFrom: evidence.periodFrom ?? '',
    periodTo: evidence.periodTo ?? '',
    expiresOn: row.expiresOn,
  }));
}

/** How many attestations wait for a second person. */
export async function attestationsWaiting(executor: Executor, nowMs: number): Promise<number> {
  const today = toInstant(nowMs).slice(0, 10);
  const [row] = await executor
    .select({ total: count() })
    .from(attestation)
    .where(
      and(
        eq(attestation.review, 'waiting'),
        isNull(attestation.withdrawnAt),
        sql`${attestation.expiresOn} >= ${today}`,
      ),
    );
  return row?.total ?? 0;
}

/** Id under which the ledger took an item of evidence. Throws `not_found`. */
export async function evidencePendingId(executor: Executor, evidenceId: string): Promise<string> {
  return (await evidenceRow({ executor }, evidenceId)).ledgerPendingId;
}
