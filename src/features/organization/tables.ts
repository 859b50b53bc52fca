import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { OrganizationProfile, ScopeField, ScopeValue } from './model.ts';

export const organizationTable = pgTable('organization', {
  id: text().primaryKey(),
  profile: jsonb().$type<OrganizationProfile>().notNull(),
  revision: integer().notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true, mode: 'date' }).notNull(),
  updatedBy: text('updated_by').notNull(),
});

export const scopeChangeTable = pgTable('organization_scope_change', {
  id: text().primaryKey(),
  field: text().$type<ScopeField>().notNull(),
  before: jsonb().$type<{ value: ScopeValue }>().notNull(),
  after: jsonb().$type<{ value: ScopeValue }>().notNull(),
  changedAt: timestamp('changed_at', { withTimezone: true, mode: 'date' }).notNull(),
  changedBy: text('changed_by').notNull(),
});
