import { bigint, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { IncidentSeverity } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export type IncidentWords = 'title' | 'rootCause' | 'lessons' | 'changeRef' | 'retestRef';

export const incident = pgTable('incident', {
  id: text('id').primaryKey(),
  title: text('title').notNull(),
  severity: text('severity').$type<IncidentSeverity>().notNull(),
  state: text('state').$type<'open' | 'closed'>().notNull(),
  openedAt: instant('opened_at').notNull(),
  openedBy: text('opened_by').notNull(),
  rootCause: text('root_cause'),
  lessons: text('lessons'),
  changeRef: text('change_ref'),
  retestRef: text('retest_ref'),
  /** Who wrote which field, as an actor: whose words they are. */
  writtenBy: jsonb('written_by').$type<Partial<Record<IncidentWords, string>>>().notNull().default({}),
  closedAt: instant('closed_at'),
  closedBy: text('closed_by'),
});
export type IncidentRow = typeof incident.$inferSelect;

export const incidentStep = pgTable('incident_step', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  incidentId: text('incident_id').notNull(),
  at: instant('at').notNull(),
  by: text('by').notNull(),
  kind: text('kind').$type<'noted' | 'changed' | 'severity_changed'>().notNull(),
  /** The name of the changed field, or the severities. */
  subject: text('subject'),
  words: text('words'),
});
