import { boolean, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** Where an inference endpoint of the inventory answers, and what the newest probe of it got. */
export const endpointProbe = pgTable('endpoint_probe', {
  itemId: text('item_id').primaryKey(),
  url: text('url').notNull(),
  method: text('method', { enum: ['GET', 'POST'] }).notNull(),
  allowPrivate: boolean('allow_private').notNull(),
  registeredBy: text('registered_by').notNull(),
  probedAt: timestamp('probed_at', { withTimezone: true, mode: 'date' }).notNull(),
  withoutKey: integer('without_key'),
  wrongKey: integer('wrong_key'),
  problem: text('problem'),
  evidenceId: text('evidence_id').notNull(),
});
export type EndpointProbeRow = typeof endpointProbe.$inferSelect;
