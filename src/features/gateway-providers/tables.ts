import { boolean, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { AuthStyle, ProviderKind, TestOutcome, Timeouts } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const gatewayProvider = pgTable('gateway_provider', {
  id: text().primaryKey(),
  name: text().notNull(),
  kind: text().$type<ProviderKind>().notNull(),
  baseUrl: text('base_url').notNull(),
  authStyle: text('auth_style').$type<AuthStyle>().notNull(),
  secretName: text('secret_name'),
  keySetAt: instant('key_set_at'),
  keySetBy: text('key_set_by'),
  models: text().array(),
  allowPrivateAddress: boolean('allow_private_address').notNull(),
  timeouts: jsonb().$type<Timeouts>().notNull(),
  maxRetries: integer('max_retries').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type ProviderRow = typeof gatewayProvider.$inferSelect;

export const gatewayProviderTest = pgTable('gateway_provider_test', {
  providerId: text('provider_id').primaryKey(),
  testedAt: instant('tested_at').notNull(),
  testedBy: text('tested_by').notNull(),
  outcome: text().$type<TestOutcome>().notNull(),
  message: text().notNull(),
  models: text().array().notNull(),
});
export type ProviderTestRow = typeof gatewayProviderTest.$inferSelect;
