import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import type {
  MonitorDefinition,
  ProposalState,
  SizeCheck,
  SpecificationContent,
  WindowLength,
  WindowState,
} from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

const proposal = {
  state: text('state').$type<ProposalState>().notNull(),
  reason: text('reason').notNull(),
  proposedBy: text('proposed_by').notNull(),
  proposedAt: instant('proposed_at').notNull(),
  reviewedBy: text('reviewed_by'),
  reviewedAt: instant('reviewed_at'),
  reviewComment: text('review_comment'),
  validFrom: instant('valid_from'),
  validTo: instant('valid_to'),
};

export const monitorTable = pgTable('monitor', {
  id: text('id').primaryKey(),
  systemId: text('system_id').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});

export const monitorVersion = pgTable(
  'monitor_version',
  {
    monitorId: text('monitor_id').notNull(),
    version: integer('version').notNull(),
    definition: jsonb('definition').$type<MonitorDefinition>().notNull(),
    digest: text('digest').notNull(),
    loosens: text('loosens').array().notNull(),
    ...proposal,
  },
  (table) => [primaryKey({ columns: [table.monitorId, table.version] })],
);
export type MonitorVersionRow = typeof monitorVersion.$inferSelect;

export const monitorBaseline = pgTable('monitor_baseline', {
  id: text('id').primaryKey(),
  monitorId: text('monitor_id').notNull(),
  version: integer('version').notNull(),
  periodFrom: instant('period_from').notNull(),
  periodTo: instant('period_to').notNull(),
  n: bigint('n', { mode: 'number' }).notNull(),
  sizeCheck: jsonb('size_check').$type<SizeCheck>().notNull(),
  content: bytes('content').notNull(),
  sha256: text('sha256').notNull(),
  ...proposal,
});
export type BaselineRow = typeof monitorBaseline.$inferSelect;

export const monitorBatch = pgTable('monitor_batch', {
  id: text('id').primaryKey(),
  systemId: text('system_id').notNull(),
  length: text('length').$type<WindowLength>().notNull(),
  startsAt: instant('starts_at').notNull(),
  endsAt: instant('ends_at').notNull(),
  version: integer('version').notNull(),
  dueAt: instant('due_at').notNull(),
  startedAt: instant('started_at').notNull(),
  closedAt: instant('closed_at').notNull(),
  cause: text('cause').notNull(),
  familySize: integer('family_size').notNull(),
  digest: text('digest').notNull(),
  codeVersion: text('code_version').notNull(),
});
export type BatchRow = typeof monitorBatch.$inferSelect;

export const monitorWindow = pgTable('monitor_window', {
  id: text('id').primaryKey(),
  batchId: text('batch_id').notNull(),
  monitorId: text('monitor_id').notNull(),
  monitorVersion: integer('monitor_version').notNull(),
  baselineId: text('baseline_id'),
  startsAt: instant('starts_at').notNull(),
  endsAt: instant('ends_at').notNull(),
  version: integer('version').notNull(),
  state: text('state').$type<WindowState>().notNull(),
  level: text('level').$type<'ok' | 'warn' | 'fail' | 'none'>().notNull(),
  n: bigint('n', { mode: 'number' }).notNull(),
  cause: text('cause'),
  content: bytes('content'),
  sha256: text('sha256'),
  closedAt: instant('closed_at').notNull(),
});
export type WindowRow = typeof monitorWindow.$inferSelect;

export const monitorDecision = pgTable(
  'monitor_decision',
  {
    windowId: text('window_id').notNull(),
    series: text('series').notNull(),
    monitorId: text('monitor_id').notNull(),
    startsAt: instant('starts_at').notNull(),
    version: integer('version').notNull(),
    state: text('state').$type<WindowState>().notNull(),
    level: text('level').$type<'ok' | 'warn' | 'fail' | 'none'>().notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    value: doublePrecision('value'),
    effect: doublePrecision('effect'),
    noiseFloor: doublePrecision('noise_floor'),
    low: doublePrecision('low'),
    high: doublePrecision('high'),
    pAdjusted: doublePrecision('p_adjusted'),
    warn: doublePrecision('warn').notNull(),
    fail: doublePrecision('fail').notNull(),
    record: bytes('record').notNull(),
    sha256: text('sha256').notNull(),
  },
  (table) => [primaryKey({ columns: [table.windowId, table.series] })],
);

export const monitorCanary = pgTable(
  'monitor_canary',
  {
    day: date('day').notNull(),
    detector: text('detector').notNull(),
    shiftedAlarmed: boolean('shifted_alarmed').notNull(),
    cleanAlarmed: boolean('clean_alarmed').notNull(),
    record: jsonb('record').notNull(),
    ranAt: instant('ran_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.detector] })],
);

export const monitorSpecification = pgTable('monitor_specification', {
  id: text('id').primaryKey(),
  systemId: text('system_id').notNull(),
  version: integer('version').notNull(),
  content: jsonb('content').$type<SpecificationContent>().notNull(),
  digest: text('digest').notNull(),
  ...proposal,
});
export type SpecificationRow = typeof monitorSpecification.$inferSelect;
