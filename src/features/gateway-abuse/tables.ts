import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { CallerState } from './caller-state.ts';
import { ABUSE_ACTIONS, ABUSE_KIND_IDS, ABUSE_SEVERITIES } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const CALLER_KINDS = ['key', 'tenant'] as const;

export const gatewayCaller = pgTable(
  'gateway_caller',
  {
    kind: text('kind', { enum: CALLER_KINDS }).notNull(),
    id: text('id').notNull(),
    lastAt: instant('last_at').notNull(),
    state: jsonb('state').$type<CallerState>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id] })],
);

export const gatewayAbuseFinding = pgTable('gateway_abuse_finding', {
  id: text('id').primaryKey(),
  kind: text('kind', { enum: ABUSE_KIND_IDS }).notNull(),
  severity: text('severity', { enum: ABUSE_SEVERITIES }).notNull(),
  callerKind: text('caller_kind', { enum: CALLER_KINDS }).notNull(),
  callerId: text('caller_id').notNull(),
  tenantId: text('tenant_id'),
  rulesVersion: integer('rules_version').notNull(),
  title: text('title').notNull(),
  reasons: jsonb('reasons').$type<string[]>().notNull(),
  numbers: jsonb('numbers').$type<Record<string, number>>().notNull(),
  decisionIds: text('decision_ids').array().notNull(),
  firstAt: instant('first_at').notNull(),
  lastAt: instant('last_at').notNull(),
  times: integer('times').notNull(),
  state: text('state', { enum: ['open', 'acted', 'dismissed'] }).notNull(),
  alertId: text('alert_id'),
});
export type FindingRow = typeof gatewayAbuseFinding.$inferSelect;

export const gatewayAbuseAction = pgTable('gateway_abuse_action', {
  id: text('id').primaryKey(),
  findingId: text('finding_id')
    .notNull()
    .references(() => gatewayAbuseFinding.id),
  action: text('action', { enum: ABUSE_ACTIONS }).notNull(),
  reason: text('reason').notNull(),
  requestsPerMinute: integer('requests_per_minute'),
  actedBy: text('acted_by').notNull(),
  actedAt: instant('acted_at').notNull(),
});
