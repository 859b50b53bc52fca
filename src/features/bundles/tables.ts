import { bigint, boolean, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { Assurance } from '#src/ledger/log/assurance-levels.ts';
import type { BundleState, Disclose } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const bundle = pgTable('bundle', {
  id: text('id').primaryKey(),
  state: text('state').$type<BundleState>().notNull(),
  fromIndex: bigint('from_index', { mode: 'number' }),
  toIndex: bigint('to_index', { mode: 'number' }),
  withBlobs: boolean('with_blobs').notNull().default(true),
  series: text('series').array(),
  disclose: text('disclose').$type<Disclose>().notNull().default('nothing'),
  requestedBy: text('requested_by').notNull(),
  requestedAt: instant('requested_at').notNull(),
  attempts: integer('attempts').notNull().default(0),
  finishedAt: instant('finished_at'),
  writtenBytes: bigint('written_bytes', { mode: 'number' }).notNull().default(0),
  sizeBytes: bigint('size_bytes', { mode: 'number' }),
  sha256: text('sha256'),
  entries: bigint('entries', { mode: 'number' }),
  error: text('error'),
  kept: boolean('kept').notNull().default(true),
  assurance: jsonb('assurance').$type<Assurance>(),
});
export type BundleRow = typeof bundle.$inferSelect;

export const bundleDownload = pgTable('bundle_download', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  bundleId: text('bundle_id').notNull(),
  at: instant('at').notNull(),
  by: text('by').notNull(),
});
