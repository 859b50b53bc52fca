import { boolean, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { factCollection, factSource } from '#src/features/facts/tables.ts';
import { TEST_RESULTS } from './control-state.ts';

/** Stored results of a subject: what a test may result in, and `silent` for a fact the rule says nothing about. */
export const STORED_RESULTS = [...TEST_RESULTS, 'silent'] as const;
export const SOURCE_STATUSES = ['read', 'empty', 'stale', 'incomplete', 'unread', 'error'] as const;
export type SourceStatus = (typeof SOURCE_STATUSES)[number];
/** Why the judge was called. */
export const JUDGE_CAUSES = ['scan', 'records', 'schedule', 'person'] as const;
export type JudgeCause = (typeof JUDGE_CAUSES)[number];

export const judgeRun = pgTable('judge_run', {
  number: integer('number').primaryKey(),
  at: timestamp('at', { withTimezone: true, mode: 'date' }).notNull(),
  cause: text('cause', { enum: JUDGE_CAUSES }).notNull(),
  collectionId: text('collection_id').references(() => factCollection.id),
});

export const judgePeriod = pgTable('judge_period', {
  fromAt: timestamp('from_at', { withTimezone: true, mode: 'date' }).primaryKey(),
  toAt: timestamp('to_at', { withTimezone: true, mode: 'date' }).notNull(),
  runs: integer('runs').notNull(),
  late: boolean('late').notNull(),
  announcedAt: timestamp('announced_at', { withTimezone: true, mode: 'date' }).notNull(),
  expectedPendingId: text('expected_pending_id').notNull(),
  done: integer('done'),
  closedAt: timestamp('closed_at', { withTimezone: true, mode: 'date' }),
  performedPendingId: text('performed_pending_id'),
});

const source = () =>
  text('source_id')
    .notNull()
    .references(() => factSource.id);
const span = () => ({
  fromRun: integer('from_run')
    .notNull()
    .references(() => judgeRun.number),
  toRun: integer('to_run').references(() => judgeRun.number),
});
const counts = () => ({
  pass: integer('pass').notNull(),
  fail: integer('fail').notNull(),
  noData: integer('no_data').notNull(),
  notApplicable: integer('not_applicable').notNull(),
  error: integer('error').notNull(),
});

export const judgedSource = pgTable(
  'judged_source',
  {
    sourceId: source(),
    run: integer('run')
      .notNull()
      .references(() => judgeRun.number),
    collectionNumber: integer('collection_number').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.run] })],
);

export const testSpan = pgTable(
  'test_span',
  {
    testId: text('test_id').notNull(),
    version: integer('version').notNull(),
    ruleDigest: text('rule_digest').notNull(),
    result: text('result', { enum: TEST_RESULTS }).notNull(),
    because: text('because').notNull(),
    ...counts(),
    ...span(),
  },
  (table) => [primaryKey({ columns: [table.testId, table.fromRun] })],
);

export const testSourceSpan = pgTable(
  'test_source_span',
  {
    testId: text('test_id').notNull(),
    sourceId: source(),
    status: text('status', { enum: SOURCE_STATUSES }).notNull(),
    counted: boolean('counted').notNull(),
    because: text('because').notNull(),
    population: integer('population').notNull(),
    ...counts(),
    ...span(),
  },
  (table) => [primaryKey({ columns: [table.testId, table.sourceId, table.fromRun] })],
);

export const verdictSpan = pgTable(
  'verdict_span',
  {
    testId: text('test_id').notNull(),
    sourceId: text('source_id').notNull(),
    factKey: text('fact_key').notNull(),
    subject: text('subject').notNull(),
    result: text('result', { enum: STORED_RESULTS }).notNull(),
    because: text('because').notNull(),
    observed: text('observed'),
    expected: text('expected'),
    path: text('path'),
    line: integer('line'),
    fromRun: integer('from_run').notNull(),
    toRun: integer('to_run'),
  },
  (table) => [primaryKey({ columns: [table.testId, table.sourceId, table.factKey, table.subject, table.fromRun] })],
);
