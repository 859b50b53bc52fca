import { customType, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { CaptureState, SubjectKind } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const gatewayPayloadCapture = pgTable('gateway_payload_capture', {
  id: text('id').primaryKey(),
  subjectKind: text('subject_kind').$type<SubjectKind>().notNull(),
  subjectId: text('subject_id').notNull(),
  keepDays: integer('keep_days').notNull(),
  reason: text('reason').notNull(),
  state: text('state').$type<CaptureState>().notNull(),
  requestedAt: instant('requested_at').notNull(),
  requestedBy: text('requested_by').notNull(),
  decidedAt: instant('decided_at'),
  decidedBy: text('decided_by'),
});
export type CaptureRow = typeof gatewayPayloadCapture.$inferSelect;

export const gatewayPayload = pgTable('gateway_payload', {
  decisionId: text('decision_id').primaryKey(),
  tenantId: text('tenant_id').notNull(),
  occurredAt: instant('occurred_at').notNull(),
  keepUntil: instant('keep_until').notNull(),
  keyId: text('key_id').notNull(),
  personDigest: text('person_digest'),
  sha256: text('sha256').notNull(),
  bytes: integer('bytes').notNull(),
  sealed: bytea('sealed'),
  removedAt: instant('removed_at'),
  removedFor: text('removed_for').$type<'retention' | 'erasure'>(),
});
export type PayloadRow = typeof gatewayPayload.$inferSelect;
