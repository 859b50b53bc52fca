export { addEvidence, confirmEvidence, type NewEvidence } from './add-evidence.ts';
export type { FindControl } from './attest.ts';
export { attestationRoutes } from './attestation-routes.ts';
export { attestationState } from './attestation-state.ts';
export {
  contentOlderThan,
  countContent,
  countEvidenceOfPersons,
  type Erasing,
  eraseContent,
  eraseEvidenceOfPerson,
  evidenceOfPerson,
  hasEvidence,
} from './erase-content.ts';
export { evidenceRoutes } from './evidence-routes.ts';
export { expiringAttestations } from './expiring-attestations.ts';
export { attestationFacts } from './facts.ts';
export { attachmentHeader } from './file-name.ts';
export { attestationsOfControl, attestationsWaiting, evidenceOfControl, evidencePendingId } from './of-control.ts';
