import { boolean, customType, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { FeedbackOutcome, FeedbackState, Thumb } from './model.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const feedback = pgTable('feedback', {
  id: text('id').primaryKey(),
  systemId: text('system_id').notNull(),
  externalId: text('external_id').notNull(),
  eventId: text('event_id').notNull(),
  modelVersion: text('model_version'),
  thumb: text('thumb').$type<Thumb>(),
  label: text('label'),
  hasText: boolean('has_text').notNull(),
  textSealed: bytea('text_sealed'),
  textKeepUntil: instant('text_keep_until'),
  occurredAt: instant('occurred_at').notNull(),
  receivedAt: instant('received_at').notNull(),
  state: text('state').$type<FeedbackState>().notNull(),
  triagedAt: instant('triaged_at'),
  triagedBy: text('triaged_by'),
  outcome: text('outcome').$type<FeedbackOutcome>(),
  reference: text('reference'),
  closedAt: instant('closed_at'),
  closedBy: text('closed_by'),
});
export type FeedbackRow = typeof feedback.$inferSelect;
