import { factSpans } from '#src/features/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { AttestationForRollup } from './rollup.ts';

/** An attestation as the feature that keeps them shows it. */
export type ControlAttestation = AttestationForRollup & {
  controlId: string;
  form: 'file' | 'statement';
  periodFrom: string;
  periodTo: string;
};

/** Attestations of one control, or of all (null), as they stand at `nowMs`; newest first. */
export type AttestationsOf = (
  executor: Executor,
  controlId: string | null,
  nowMs: number,
) => Promise<readonly ControlAttestation[]>;

/** What the facts said of one attestation, and how long they did. */
export type AttestationSpan = {
  controlId: string;
  fromAt: Instant;
  toAt: Instant | null;
  /** It counts until here. */
  expiresAt: Instant;
  review: 'waiting' | 'accepted' | 'rejected';
  id: string;
  expectedEvidenceId: string | null;
};

/**
 * Attestations as facts: they tell of the past what the tables, which hold the present, cannot. Withdrawn ones end.
 */
export async function attestationSpans(executor: Executor): Promise<AttestationSpan[]> {
  const spans = await factSpans(executor, 'attestation');
  return spans.map(({ fact, fromAt, toAt }) => ({
    id: fact.key,
    controlId: fact.body.controlId,
    expectedEvidenceId: fact.body.evidenceId,
    expiresAt: fact.body.expiresAt,
    review: fact.body.review,
    fromAt,
    toAt,
  }));
}

/** How the attestations stood at `at`. `titles` by id; facts hold no names. */
export function attestationsAt(
  spans: readonly AttestationSpan[],
  at: Instant,
  titles: ReadonlyMap<string, string>,
): (AttestationForRollup & { controlId: string })[] {
  return spans
    .filter((span) => span.fromAt <= at && (span.toAt === null || span.toAt > at))
    .map((span) => ({
      id: span.id,
      controlId: span.controlId,
      title: titles.get(span.id) ?? span.id,
      expectedEvidenceId: span.expectedEvidenceId,
      state: span.review === 'accepted' && span.expiresAt < at ? 'expired' : span.review,
      expiresOn: span.expiresAt.slice(0, 10),
    }));
}
