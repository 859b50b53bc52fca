import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { HoldKind, RetentionClass } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const retentionRule = pgTable('retention_rule', {
  class: text('class').$type<RetentionClass>().primaryKey(),
  keepDays: integer('keep_days').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
});

export const retentionHold = pgTable('retention_hold', {
  id: text('id').primaryKey(),
  subjectKind: text('subject_kind').$type<HoldKind>().notNull(),
  subjectId: text('subject_id').notNull(),
  reason: text('reason').notNull(),
  placedBy: text('placed_by').notNull(),
  placedAt: instant('placed_at').notNull(),
  releasedBy: text('released_by'),
  releasedAt: instant('released_at'),
  releaseReason: text('release_reason'),
});
export type HoldRow = typeof retentionHold.$inferSelect;
