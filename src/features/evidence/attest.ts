import { type Actor, type Append, actorText, personOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { addEvidence, type EvidenceContent } from './add-evidence.ts';
import { ATTESTATION_MAX_DAYS, type NewAttestation } from './model.ts';
import { attestation } from './tables.ts';

/** Ids of a control and of the evidence it expects; null where the catalog has no such control. */
export type FindControl = (controlId: string) => { id: string; evidence: readonly { id: string }[] } | null;

/** Clocks of two machines differ a little. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** What a person says or hands in; the content is in the blob store already. */
export type SubmittedAttestation = {
  id: string;
  evidenceId: string;
  fields: NewAttestation;
  form: 'file' | 'statement';
  content: EvidenceContent;
  actor: Actor;
  at: Date;
};

/** Refuses what an auditor could not use: unknown control, dates that cannot be, a validity without end. */
export function checkAttestation(fields: NewAttestation, findControl: FindControl, nowMs: number): void {
  const control = findControl(fields.controlId);
  if (!control)
    throw new AppError('not_found', `There is no control ${fields.controlId}. Open it from the list of controls.`);
  if (fields.evidenceId && !control.evidence.some((expected) => expected.id === fields.evidenceId))
    throw new AppError('invalid_input', `evidenceId: ${control.id} expects no evidence ${fields.evidenceId}.`);
  const today = toInstant(nowMs).slice(0, 10);
  if (fields.periodFrom > fields.periodTo)
    throw new AppError('invalid_input', 'periodTo: the period ends before it begins.');
  if (fields.periodTo > today)
    throw new AppError(
      'invalid_input',
      `periodTo: an attestation covers days that have passed, up to today (${today}, UTC). How long it stays valid is said by expiresOn.`,
    );
  if (Date.parse(fields.occurredAt) > nowMs + CLOCK_SKEW_MS)
    throw new AppError('invalid_input', 'occurredAt: this lies in the future.');
  if (fields.expiresOn <= today)
    throw new AppError('invalid_input', 'expiresOn: this must be a day after today (UTC).');
  const latest = toInstant(nowMs + ATTESTATION_MAX_DAYS * DAY_MS).slice(0, 10);
  if (fields.expiresOn > latest)
    throw new AppError(
      'invalid_input',
      `expiresOn: an attestation is valid for at most ${ATTESTATION_MAX_DAYS} days (until ${latest}); then it is made anew.`,
    );
}

/** Stores the attestation with its evidence and the entry in the ledger; it counts once a second person accepts it. */
export async function submitAttestation(
  tx: Transaction,
  append: Append,
  submitted: SubmittedAttestation,
): Promise<void> {
  const { fields, actor, at, form } = submitted;
  const ownerId = personOf(actor);
  if (ownerId === null) throw new AppError('forbidden', 'An attestation is given by a person. Sign in to give it.');
  await addEvidence(tx, append, {
    id: submitted.evidenceId,
    kind: form,
    title: fields.title,
    source: { key: `person:${fields.source}`, title: fields.source },
    query: fields.query,
    collector: actor,
    // A statement never proves operation; a file shows source and time.
    grade: form === 'file' ? 'C' : 'D',
    occurredAt: new Date(fields.occurredAt),
    observedAt: at,
    recordedAt: at,
    period: { from: fields.periodFrom, to: fields.periodTo },
    content: submitted.content,
    controls: [fields.controlId],
    tests: [],
    leaf: {
      attestation: submitted.id,
      form,
      expiresOn: fields.expiresOn,
      ...(fields.evidenceId && { expects: fields.evidenceId }),
    },
  });
  await append(tx, {
    type: 'attestation.submitted',
    actor: { kind: 'user', id: ownerId },
    subject: { kind: 'attestation', id: submitted.id },
    series: `attestation:${submitted.id}`,
    body: {
      evidence: submitted.evidenceId,
      control: fields.controlId,
      form,
      periodFrom: fields.periodFrom,
      periodTo: fields.periodTo,
      expiresOn: fields.expiresOn,
    },
    blobs: [],
    dedupeKey: `attestation:${submitted.id}:submitted`,
  });
  await tx.insert(attestation).values({
    id: submitted.id,
    controlId: fields.controlId,
    expectedEvidenceId: fields.evidenceId ?? null,
    evidenceId: submitted.evidenceId,
    form,
    statement: form === 'statement' ? (fields.text ?? '') : null,
    owner: actorText(actor),
    ownerId,
    expiresOn: fields.expiresOn,
    createdAt: at,
  });
}
