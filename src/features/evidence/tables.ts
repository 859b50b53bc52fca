import { bigint, date, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { EvidenceGrade, EvidenceKind } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const evidenceItem = pgTable('evidence_item', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<EvidenceKind>().notNull(),
  title: text('title').notNull(),
  sourceKey: text('source_key').notNull(),
  sourceTitle: text('source_title').notNull(),
  query: text('query').notNull(),
  collector: text('collector').notNull(),
  grade: text('grade').$type<EvidenceGrade>().notNull(),
  occurredAt: instant('occurred_at').notNull(),
  observedAt: instant('observed_at').notNull(),
  recordedAt: instant('recorded_at').notNull(),
  periodFrom: date('period_from', { mode: 'string' }),
  periodTo: date('period_to', { mode: 'string' }),
  sha256: text('sha256').notNull(),
  sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
  mediaType: text('media_type').notNull(),
  fileName: text('file_name').notNull(),
  completeness: jsonb('completeness').$type<{ what: string; value: string }[]>().notNull().default([]),
  collectionId: text('collection_id'),
  ledgerPendingId: text('ledger_pending_id').notNull(),
  supersedes: text('supersedes'),
  supersededAt: instant('superseded_at'),
  personId: text('person_id'),
  erasedAt: instant('erased_at'),
});
export type EvidenceRow = typeof evidenceItem.$inferSelect;

export const evidenceLink = pgTable(
  'evidence_link',
  {
    evidenceId: text('evidence_id').notNull(),
    kind: text('kind').$type<'control' | 'test'>().notNull(),
    ref: text('ref').notNull(),
  },
  (table) => [primaryKey({ columns: [table.evidenceId, table.kind, table.ref] })],
);

export const evidenceConfirmation = pgTable(
  'evidence_confirmation',
  {
    evidenceId: text('evidence_id').notNull(),
    at: instant('at').notNull(),
    ledgerPendingId: text('ledger_pending_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.evidenceId, table.at] })],
);

export const attestation = pgTable('attestation', {
  id: text('id').primaryKey(),
  controlId: text('control_id').notNull(),
  expectedEvidenceId: text('expected_evidence_id'),
  evidenceId: text('evidence_id').notNull(),
  form: text('form').$type<'file' | 'statement'>().notNull(),
  statement: text('statement'),
  owner: text('owner').notNull(),
  ownerId: text('owner_id').notNull(),
  expiresOn: date('expires_on', { mode: 'string' }).notNull(),
  createdAt: instant('created_at').notNull(),
  review: text('review').$type<'waiting' | 'accepted' | 'rejected'>().notNull().default('waiting'),
  reviewer: text('reviewer'),
  reviewerId: text('reviewer_id'),
  reviewedAt: instant('reviewed_at'),
  reviewComment: text('review_comment'),
  reviewPendingId: text('review_pending_id'),
  withdrawnAt: instant('withdrawn_at'),
  withdrawnBy: text('withdrawn_by'),
  withdrawnReason: text('withdrawn_reason'),
});
export type AttestationRow = typeof attestation.$inferSelect;
