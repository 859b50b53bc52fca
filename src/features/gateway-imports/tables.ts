import { jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { GatewayImport, ImportedRoute } from './model.ts';

/** What the configuration of another gateway says, as it was read last. */
export const gatewayImport = pgTable('gateway_import', {
  name: text('name').primaryKey(),
  gateway: text('gateway').$type<GatewayImport['gateway']>().notNull(),
  importedAt: timestamp('imported_at', { withTimezone: true, mode: 'date' }).notNull(),
  importedBy: text('imported_by').notNull(),
  cut: text('cut'),
  routes: jsonb('routes').$type<ImportedRoute[]>().notNull(),
  evidenceId: text('evidence_id').notNull(),
});
export type GatewayImportRow = typeof gatewayImport.$inferSelect;
