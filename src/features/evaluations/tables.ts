import {
  boolean,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import type { ReleaseCheck, RunScore, RunTarget, SuiteContent, Verdict } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const evaluationSuite = pgTable('evaluation_suite', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  systemId: text('system_id'),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type SuiteRow = typeof evaluationSuite.$inferSelect;

export const evaluationSuiteVersion = pgTable(
  'evaluation_suite_version',
  {
    suiteId: text('suite_id').notNull(),
    version: integer('version').notNull(),
    content: jsonb('content').$type<SuiteContent>().notNull(),
    datasetSha256: text('dataset_sha256').notNull(),
    reason: text('reason').notNull(),
    proposedAt: instant('proposed_at').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposerId: text('proposer_id'),
    review: text('review').$type<'waiting' | 'approved' | 'refused'>().notNull().default('waiting'),
    reviewedAt: instant('reviewed_at'),
    reviewedBy: text('reviewed_by'),
    comment: text('comment'),
  },
  (table) => [primaryKey({ columns: [table.suiteId, table.version] })],
);
export type SuiteVersionRow = typeof evaluationSuiteVersion.$inferSelect;

export const evaluationRun = pgTable('evaluation_run', {
  id: text('id').primaryKey(),
  suiteId: text('suite_id'),
  suiteVersion: integer('suite_version'),
  title: text('title').notNull(),
  datasetSha256: text('dataset_sha256').notNull(),
  origin: text('origin').notNull(),
  target: jsonb('target').$type<RunTarget>().notNull(),
  model: text('model').notNull(),
  state: text('state').$type<'queued' | 'running' | 'finished' | 'failed' | 'canceled'>().notNull(),
  cancelRequested: boolean('cancel_requested').notNull().default(false),
  items: integer('items').notNull(),
  done: integer('done').notNull().default(0),
  errors: integer('errors').notNull().default(0),
  scores: jsonb('scores').$type<RunScore[]>().notNull().default([]),
  verdict: text('verdict').$type<Verdict>(),
  because: text('because'),
  requestedAt: instant('requested_at').notNull(),
  requestedBy: text('requested_by').notNull(),
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
  beatAt: instant('beat_at'),
  /** The process that works on it. */
  runner: text('runner'),
  resultsSha256: text('results_sha256'),
  evidenceId: text('evidence_id'),
  error: text('error'),
});
export type RunRow = typeof evaluationRun.$inferSelect;

export const evaluationResult = pgTable(
  'evaluation_result',
  {
    runId: text('run_id').notNull(),
    itemId: text('item_id').notNull(),
    position: integer('position').notNull(),
    cluster: text('cluster').notNull(),
    output: text('output'),
    scores: jsonb('scores')
      .$type<Record<string, { score: number | null; passed: boolean | null; reason: string | null }>>()
      .notNull(),
    error: text('error'),
    latencyMs: doublePrecision('latency_ms'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.itemId] })],
);
export type ResultRow = typeof evaluationResult.$inferSelect;

export const evaluationRelease = pgTable('evaluation_release', {
  id: text('id').primaryKey(),
  systemId: text('system_id').notNull(),
  model: text('model').notNull(),
  modelDigest: text('model_digest'),
  riskTier: smallint('risk_tier'),
  sensitiveData: boolean('sensitive_data'),
  verdict: text('verdict').$type<Verdict>().notNull(),
  because: text('because').notNull(),
  checks: jsonb('checks').$type<ReleaseCheck[]>().notNull(),
  decidedAt: instant('decided_at').notNull(),
  askedBy: text('asked_by').notNull(),
});
