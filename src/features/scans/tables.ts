import { bigint, boolean, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { ScanState, ScanSummary } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const scan = pgTable('scan', {
  id: text('id').primaryKey(),
  path: text('path').notNull(),
  state: text('state').$type<ScanState>().notNull(),
  requestedBy: text('requested_by').notNull(),
  requestedAt: instant('requested_at').notNull(),
  attempts: integer('attempts').notNull().default(0),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  phase: text('phase').notNull().default('waiting'),
  files: bigint('files', { mode: 'number' }).notNull().default(0),
  filesTotal: bigint('files_total', { mode: 'number' }),
  bytes: bigint('bytes', { mode: 'number' }).notNull().default(0),
  detections: bigint('detections', { mode: 'number' }).notNull().default(0),
  current: text('current'),
  cancelRequested: boolean('cancel_requested').notNull().default(false),
  sourceKey: text('source_key'),
  sourceTitle: text('source_title'),
  error: text('error'),
  summary: jsonb('summary').$type<ScanSummary>(),
  evidenceId: text('evidence_id'),
});
export type ScanRow = typeof scan.$inferSelect;

export const scanSchedule = pgTable('scan_schedule', {
  path: text('path').primaryKey(),
  everyHours: integer('every_hours').notNull(),
  nextAt: instant('next_at').notNull(),
  setAt: instant('set_at').notNull(),
  setBy: text('set_by').notNull(),
});
