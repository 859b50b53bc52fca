import * as z from 'zod';
import { LedgerPosition } from '#src/features/ledger/model.ts';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes under /api/v1:
 *   GET  evidence                   EvidenceQuery -> EvidencePage                      evidence.read
 *   GET  evidence/:id               -> EvidenceDetail                                  evidence.read
 *   GET  evidence/:id/content       -> the bytes, as an attachment                     evidence.read
 *   GET  attestations               AttestationQuery -> AttestationPage                evidence.read
 *   GET  attestations/:id           -> Attestation                                     evidence.read
 *   POST attestations               NewAttestation as JSON with `text`, or multipart   evidence.write
 *                                   with the same fields and then one part `file`
 *   POST attestations/:id/review    AttestationReview -> Attestation, another person   evidence.review
 *   POST attestations/:id/withdraw  Withdrawal -> Attestation                          evidence.write (own)
 */

/** Grades of evidence. D never proves operation. */
export const EVIDENCE_GRADES = {
  A: 'System-collected with completeness proof',
  B: 'System-collected',
  C: 'Captured by a person, source and time visible',
  D: 'Statement only',
} as const;
export const EvidenceGrade = z.enum(['A', 'B', 'C', 'D']);
export type EvidenceGrade = z.infer<typeof EvidenceGrade>;

export const EvidenceKind = z.enum(['scan', 'records', 'file', 'statement']);
export type EvidenceKind = z.infer<typeof EvidenceKind>;

export const EvidenceItem = z
  .object({
    id: z.string(),
    kind: EvidenceKind,
    title: z.string(),
    /** The named system it came from. */
    source: z.object({ key: z.string(), title: z.string() }),
    /** The query, call or steps that give it again. */
    query: z.string(),
    /** Connector with its version, or the person who captured it. */
    collector: Who,
    grade: EvidenceGrade,
    /** `current`; `superseded` by a later item of the same source; `rejected` or `waiting` after or before its review; `expired`. */
    state: z.enum(['current', 'superseded', 'waiting', 'rejected', 'expired', 'withdrawn']),
    occurredAt: z.string(),
    observedAt: z.string(),
    recordedAt: z.string(),
    /** Days covered, both included; null where the item is a reading at one moment. */
    periodFrom: z.string().nullable(),
    periodTo: z.string().nullable(),
    /** The last time the source said exactly the same again; null where it was never read again. */
    confirmedAt: z.string().nullable(),
    sha256: z.string(),
    sizeBytes: z.number().int(),
    mediaType: z.string(),
    fileName: z.string(),
    controls: z.array(z.string()),
    tests: z.array(z.string()),
    /** Index in the ledger; null while it waits for the sequencer. */
    ledgerIndex: z.number().int().nullable(),
  })
  .meta({ id: 'EvidenceItem' });
export type EvidenceItem = z.infer<typeof EvidenceItem>;

export const EvidencePage = z.object({
  items: z.array(EvidenceItem),
  total: z.number().int(),
  nextCursor: z.string().optional(),
});
export type EvidencePage = z.infer<typeof EvidencePage>;
export const EvidenceQuery = z.object({
  control: z.string().max(64).optional(),
  source: z.string().max(500).optional(),
  kind: EvidenceKind.optional(),
  grade: EvidenceGrade.optional(),
  q: z.string().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type EvidenceQuery = z.infer<typeof EvidenceQuery>;

export const EvidenceDetail = EvidenceItem.extend({
  /** True where the stored file is encrypted under the key of the person who handed it in; `sha256` is then of the file as stored. */
  sealed: z.boolean(),
  /** Of what `content` gives; null once that was erased. */
  contentSha256: z.string().nullable(),
  /** When the content was destroyed, on request of a person or as its time was over. */
  erasedAt: z.string().nullable(),
  /** Counts and reconciliation, e.g. `files read: 120`. */
  completeness: z.array(z.object({ what: z.string(), value: z.string() })),
  supersedes: z.string().nullable(),
  supersededBy: z.string().nullable(),
  attestationId: z.string().nullable(),
  /** Later readings that gave the same, newest first, at most 100. */
  confirmations: z.array(z.object({ at: z.string(), ledgerIndex: z.number().int().nullable() })),
  ledger: LedgerPosition,
}).meta({ id: 'EvidenceDetail' });
export type EvidenceDetail = z.infer<typeof EvidenceDetail>;

/** Largest file that can be attached to an attestation. */
export const UPLOAD_MAX_BYTES = 25 * 1024 * 1024;
export const STATEMENT_MAX_CHARACTERS = 20_000;
/** Longest validity of an attestation. */
export const ATTESTATION_MAX_DAYS = 400;

/** What uploads may be, by what their first bytes say. */
export const UPLOAD_MEDIA_TYPES = [
  'application/pdf',
  'image/png',
  'image/jpeg',
  'image/webp',
  'text/plain',
  'text/csv',
  'text/markdown',
  'application/json',
  'application/zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
] as const;

const Day = z.iso.date();

export const NewAttestation = z.strictObject({
  controlId: z.string().trim().min(1).max(64),
  /** Id of the expected evidence it stands for, e.g. `AIG-01.E2`; must belong to the control. */
  evidenceId: z.string().trim().min(1).max(64).nullable().optional(),
  title: z.string().trim().min(1).max(300),
  /** The named system, account or register it comes from. */
  source: z.string().trim().min(1).max(500),
  /** How it was obtained, so that another person can do it again. */
  query: z.string().trim().min(1).max(4000),
  /** When the thing it shows was so, or was captured. */
  occurredAt: z.iso.datetime({ offset: true }),
  periodFrom: Day,
  periodTo: Day,
  expiresOn: Day,
  /** The statement; left out when a file is attached. */
  text: z.string().trim().min(1).max(STATEMENT_MAX_CHARACTERS).optional(),
});
export type NewAttestation = z.infer<typeof NewAttestation>;

export const AttestationState = z.enum(['waiting', 'accepted', 'rejected', 'expired', 'withdrawn']);
export type AttestationState = z.infer<typeof AttestationState>;

export const Attestation = z
  .object({
    id: z.string(),
    controlId: z.string(),
    expectedEvidenceId: z.string().nullable(),
    evidenceItemId: z.string(),
    form: z.enum(['file', 'statement']),
    title: z.string(),
    source: z.string(),
    query: z.string(),
    text: z.string().nullable(),
    grade: EvidenceGrade,
    occurredAt: z.string(),
    periodFrom: z.string(),
    periodTo: z.string(),
    expiresOn: z.string(),
    state: AttestationState,
    owner: Who,
    createdAt: z.string(),
    review: z
      .object({ decision: z.enum(['accepted', 'rejected']), by: Who, at: z.string(), comment: z.string().nullable() })
      .nullable(),
    /** Whether the reader may review it, and if not, why. */
    reviewable: z.object({ may: z.boolean(), why: z.string().nullable() }),
    sha256: z.string(),
    sizeBytes: z.number().int(),
    mediaType: z.string(),
    fileName: z.string(),
    ledgerIndex: z.number().int().nullable(),
  })
  .meta({ id: 'Attestation' });
export type Attestation = z.infer<typeof Attestation>;

export const AttestationPage = z.object({
  items: z.array(Attestation),
  total: z.number().int(),
  nextCursor: z.string().optional(),
});
export type AttestationPage = z.infer<typeof AttestationPage>;
export const AttestationQuery = z.object({
  control: z.string().max(64).optional(),
  state: AttestationState.optional(),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AttestationQuery = z.infer<typeof AttestationQuery>;

/** Rejecting needs a comment. */
export const AttestationReview = z.strictObject({
  decision: z.enum(['accepted', 'rejected']),
  comment: z.string().trim().min(1).max(4000).optional(),
});
export type AttestationReview = z.infer<typeof AttestationReview>;
export const Withdrawal = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
export type Withdrawal = z.infer<typeof Withdrawal>;
