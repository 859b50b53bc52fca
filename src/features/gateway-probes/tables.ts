import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { type AttackResult, type IsolationResult, PROBE_KINDS, PROBE_STATES } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const gatewayProbeRun = pgTable('gateway_probe_run', {
  id: text('id').primaryKey(),
  kind: text('kind', { enum: PROBE_KINDS }).notNull(),
  state: text('state', { enum: PROBE_STATES }).notNull(),
  suites: text('suites').array().notNull(),
  routeId: text('route_id'),
  model: text('model'),
  requestedBy: text('requested_by').notNull(),
  requestedAt: instant('requested_at').notNull(),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  problem: text('problem'),
  result: jsonb('result').$type<IsolationResult | AttackResult>(),
  evidenceId: text('evidence_id'),
  policyId: text('policy_id'),
  policyVersion: integer('policy_version'),
  policyDigest: text('policy_digest'),
});
export type ProbeRunRow = typeof gatewayProbeRun.$inferSelect;
