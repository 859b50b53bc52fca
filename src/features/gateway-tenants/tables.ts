import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Audience, KeyState, Limits, Scope, TenantPurpose, TenantState } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const gatewayTenant = pgTable('gateway_tenant', {
  id: text().primaryKey(),
  name: text().notNull(),
  purpose: text().$type<TenantPurpose>().notNull(),
  audience: text().$type<Audience>().notNull(),
  state: text().$type<TenantState>().notNull(),
  stateReason: text('state_reason'),
  stateReasonBy: text('state_reason_by'),
  policyId: text('policy_id'),
  limits: jsonb().$type<Limits>().notNull(),
  captureDays: integer('capture_days').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type TenantRow = typeof gatewayTenant.$inferSelect;

export const gatewayKey = pgTable('gateway_key', {
  id: text().primaryKey(),
  tenantId: text('tenant_id').notNull(),
  name: text().notNull(),
  sha256: text().notNull(),
  prefix: text().notNull(),
  scopes: text().array().$type<Scope[]>().notNull(),
  models: text().array(),
  expiresAt: instant('expires_at'),
  state: text().$type<KeyState>().notNull(),
  stateReason: text('state_reason'),
  stateReasonBy: text('state_reason_by'),
  stateChangedAt: instant('state_changed_at'),
  limits: jsonb().$type<Limits>(),
  rotatedFromId: text('rotated_from_id'),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type GatewayKeyRow = typeof gatewayKey.$inferSelect;

export const gatewayKeyUse = pgTable('gateway_key_use', {
  keyId: text('key_id').primaryKey(),
  lastUsedAt: instant('last_used_at').notNull(),
});

export const gatewayJwtIssuer = pgTable('gateway_jwt_issuer', {
  id: text().primaryKey(),
  issuer: text().notNull(),
  audience: text().notNull(),
  jwksUrl: text('jwks_url').notNull(),
  tenantClaim: text('tenant_claim').notNull(),
  algorithms: text().array().notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type IssuerRow = typeof gatewayJwtIssuer.$inferSelect;

/** Filled by the isolation probes. */
export const gatewayCanary = pgTable(
  'gateway_canary',
  {
    tenantId: text('tenant_id').notNull(),
    value: text().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.value] })],
);
