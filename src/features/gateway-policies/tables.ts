import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Limits } from '#src/features/gateway-tenants/model.ts';
import type { MoveState, PolicyChange, PolicyDocument, TestRun, VersionState } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** One row: the number of the configuration. A trigger on each table it covers raises it and tells every node. */
export const gatewayConfiguration = pgTable('gateway_configuration', {
  id: text().primaryKey(),
  version: bigint({ mode: 'number' }).notNull(),
});

export const gatewayPolicy = pgTable('gateway_policy', {
  id: text().primaryKey(),
  name: text().notNull(),
  description: text().notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type PolicyRow = typeof gatewayPolicy.$inferSelect;

export const gatewayPolicyVersion = pgTable(
  'gateway_policy_version',
  {
    policyId: text('policy_id').notNull(),
    version: integer().notNull(),
    document: jsonb().$type<PolicyDocument>().notNull(),
    digest: text().notNull(),
    note: text().notNull(),
    state: text().$type<VersionState>().notNull(),
    authors: text().array().notNull(),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    submittedAt: instant('submitted_at'),
    submittedBy: text('submitted_by'),
    decidedAt: instant('decided_at'),
    decidedBy: text('decided_by'),
    decisionReason: text('decision_reason'),
    inForceFrom: instant('in_force_from'),
    testRun: jsonb('test_run').$type<TestRun>(),
    emergencyReason: text('emergency_reason'),
    emergencyReviewDueAt: instant('emergency_review_due_at'),
    emergencyReviewedAt: instant('emergency_reviewed_at'),
    emergencyReviewedBy: text('emergency_reviewed_by'),
    emergencyReviewNote: text('emergency_review_note'),
  },
  (table) => [primaryKey({ columns: [table.policyId, table.version] })],
);
export type VersionRow = typeof gatewayPolicyVersion.$inferSelect;

/** A version that is being tried: it counts for calls with one key and for no other. */
export const gatewayPolicyTrial = pgTable('gateway_policy_trial', {
  id: text().primaryKey(),
  keyId: text('key_id').notNull(),
  tenantId: text('tenant_id').notNull(),
  policyId: text('policy_id').notNull(),
  version: integer().notNull(),
  digest: text().notNull(),
  endsAt: instant('ends_at').notNull(),
});

export const gatewayPolicyMove = pgTable('gateway_policy_move', {
  id: text().primaryKey(),
  targetKind: text('target_kind').$type<'route' | 'tenant'>().notNull(),
  targetId: text('target_id').notNull(),
  fromPolicyId: text('from_policy_id'),
  toPolicyId: text('to_policy_id'),
  digest: text().notNull(),
  changes: jsonb().$type<PolicyChange[]>().notNull(),
  state: text().$type<MoveState>().notNull(),
  requestedAt: instant('requested_at').notNull(),
  requestedBy: text('requested_by').notNull(),
  decidedAt: instant('decided_at'),
  decidedBy: text('decided_by'),
  reason: text(),
});
export type PolicyMoveRow = typeof gatewayPolicyMove.$inferSelect;

export const gatewayRoute = pgTable('gateway_route', {
  id: text().primaryKey(),
  path: text().notNull(),
  providerId: text('provider_id').notNull(),
  modelAliases: jsonb('model_aliases').$type<Record<string, string>>().notNull(),
  policyId: text('policy_id'),
  limits: jsonb().$type<Limits>(),
  captureDays: integer('capture_days').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type RouteRow = typeof gatewayRoute.$inferSelect;

/** Paths that led somewhere once, and the policy they were under last. */
export const gatewayRemovedPath = pgTable('gateway_removed_path', {
  path: text().primaryKey(),
  policyId: text('policy_id'),
  removedAt: instant('removed_at').notNull(),
});

export const gatewayPrice = pgTable(
  'gateway_price',
  {
    provider: text().notNull(),
    model: text().notNull(),
    inputMicroUsdPerMTok: bigint('input_micro_usd_per_mtok', { mode: 'number' }).notNull(),
    outputMicroUsdPerMTok: bigint('output_micro_usd_per_mtok', { mode: 'number' }).notNull(),
    changedAt: instant('changed_at').notNull(),
    changedBy: text('changed_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.model] })],
);

export const gatewayModelLimit = pgTable('gateway_model_limit', {
  model: text().primaryKey(),
  limits: jsonb().$type<Limits>().notNull(),
  changedAt: instant('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
});
