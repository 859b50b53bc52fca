import { customType, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { ApprovalState } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const gatewayApproval = pgTable('gateway_approval', {
  id: text().primaryKey(),
  tenantId: text('tenant_id').notNull(),
  keyId: text('key_id'),
  routeId: text('route_id').notNull(),
  policyId: text('policy_id').notNull(),
  policyVersion: integer('policy_version').notNull(),
  tool: text().notNull(),
  argumentsSha256: text('arguments_sha256').notNull(),
  nonce: text().notNull(),
  arguments: bytes(),
  state: text().$type<ApprovalState>().notNull(),
  decisionId: text('decision_id').notNull(),
  askedAt: instant('asked_at').notNull(),
  askedAgain: integer('asked_again').notNull(),
  expiresAt: instant('expires_at').notNull(),
  useWithinMinutes: integer('use_within_minutes').notNull(),
  decidedAt: instant('decided_at'),
  decidedBy: text('decided_by'),
  reason: text(),
  usedAt: instant('used_at'),
  usedDecisionId: text('used_decision_id'),
  alertId: text('alert_id'),
});
export type ApprovalRow = typeof gatewayApproval.$inferSelect;

export const gatewayApprovedCall = pgTable(
  'gateway_approved_call',
  {
    decisionId: text('decision_id').notNull(),
    ordinal: integer().notNull(),
    approvalId: text('approval_id').notNull(),
    routeId: text('route_id').notNull(),
    tool: text().notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.decisionId, table.ordinal] })],
);
