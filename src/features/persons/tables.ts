import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { ErasureReason } from './model.ts';

export const personErasure = pgTable('person_erasure', {
  personId: text('person_id').primaryKey(),
  erasedAt: timestamp('erased_at', { withTimezone: true, mode: 'date' }).notNull(),
  erasedBy: text('erased_by').notNull(),
  reason: text('reason').$type<ErasureReason>().notNull(),
  basis: text('basis').notNull(),
  valuesErased: integer('values_erased').notNull(),
  filesErased: integer('files_erased').notNull(),
  ledgerPendingId: text('ledger_pending_id').notNull(),
});
