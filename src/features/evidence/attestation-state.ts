import { toInstant } from '#src/kernel/time.ts';
import type { AttestationState } from './model.ts';
import type { AttestationRow } from './tables.ts';

/** Where an attestation stands at an instant. It counts through the whole of its last day (UTC). */
export function attestationState(
  row: Pick<AttestationRow, 'review' | 'withdrawnAt' | 'expiresOn'>,
  nowMs: number,
): AttestationState {
  if (row.withdrawnAt !== null) return 'withdrawn';
  if (row.review === 'rejected') return 'rejected';
  if (toInstant(nowMs).slice(0, 10) > row.expiresOn) return 'expired';
  return row.review;
}
