import { jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export type IncidentWords = 'title' | 'rootCause' | 'changeRef' | 'retestRef';

export const incident = pgTable('incident', {
  id: text('id').primaryKey(),
  title: text('title').notNull(),
  severity: text('severity').$type<'critical' | 'high' | 'medium' | 'low'>().notNull(),
  state: text('state').$type<'open' | 'closed'>().notNull(),
  openedAt: instant('opened_at').notNull(),
  openedBy: text('opened_by').notNull(),
  rootCause: text('root_cause'),
  changeRef: text('change_ref'),
  retestRef: text('retest_ref'),
  /** Who wrote which field, as an actor: whose words they are. */
  writtenBy: jsonb('written_by').$type<Partial<Record<IncidentWords, string>>>().notNull().default({}),
  closedAt: instant('closed_at'),
  closedBy: text('closed_by'),
});
export type IncidentRow = typeof incident.$inferSelect;
