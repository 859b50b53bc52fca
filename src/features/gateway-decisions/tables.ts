import {
  bigint,
  boolean,
  customType,
  date,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import type { HistogramState } from './minute-sums.ts';
import type { WindowCounts } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const count = (name: string) => bigint(name, { mode: 'number' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const gatewayDecision = pgTable(
  'gateway_decision',
  {
    day: date('day', { mode: 'string' }).notNull(),
    id: text('id').notNull(),
    arrival: count('arrival').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    nodeId: text('node_id').notNull(),
    sequence: count('sequence').notNull(),
    tenantId: text('tenant_id'),
    keyId: text('key_id'),
    routeId: text('route_id'),
    providerId: text('provider_id'),
    modelAsked: text('model_asked'),
    modelAnswered: text('model_answered'),
    policyId: text('policy_id'),
    outcome: text('outcome').notNull(),
    refusal: text('refusal'),
    ended: text('ended').notNull(),
    httpStatus: integer('http_status').notNull(),
    failOpen: boolean('fail_open').notNull(),
    found: text('found').array().notNull(),
    notEvaluated: text('not_evaluated').array().notNull(),
    tokensInput: count('tokens_input').notNull(),
    tokensOutput: count('tokens_output').notNull(),
    costMicroUsd: count('cost_micro_usd'),
    totalUs: count('total_us').notNull(),
    addedUs: count('added_us').notNull(),
    firstByteUs: count('first_byte_us'),
    payload: text('payload'),
    leafHash: bytea('leaf_hash').notNull(),
    body: text('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.id] })],
);

export const gatewayLateDay = pgTable('gateway_late_day', {
  day: date('day', { mode: 'string' }).primaryKey(),
  arrival: count('arrival').notNull(),
});

export const gatewayWindow = pgTable('gateway_window', {
  id: text('id').primaryKey(),
  slotFrom: instant('slot_from').notNull(),
  slotTo: instant('slot_to').notNull(),
  part: integer('part').notNull(),
  supplement: boolean('supplement').notNull(),
  state: text('state', { enum: ['open', 'sealed'] }).notNull(),
  arrivalAfter: count('arrival_after').notNull(),
  arrivalTo: count('arrival_to'),
  decisions: count('decisions'),
  root: bytea('root'),
  counts: jsonb('counts').$type<WindowCounts>(),
  sealedAt: instant('sealed_at'),
  ledgerPendingId: text('ledger_pending_id'),
});

export const gatewayNode = pgTable('gateway_node', {
  nodeId: text('node_id').primaryKey(),
  firstAt: instant('first_at').notNull(),
  lastAt: instant('last_at').notNull(),
  decisions: count('decisions').notNull(),
  ranges: jsonb('ranges').$type<[from: number, to: number][]>().notNull(),
});

export const gatewayReader = pgTable('gateway_reader', {
  name: text('name').primaryKey(),
  arrival: count('arrival').notNull(),
  at: instant('at').notNull(),
});

export const gatewayMinute = pgTable(
  'gateway_minute',
  {
    minute: instant('minute').notNull(),
    tenantId: text('tenant_id').notNull(),
    routeId: text('route_id').notNull(),
    decisions: count('decisions').notNull(),
    allowed: count('allowed').notNull(),
    changed: count('changed').notNull(),
    refused: count('refused').notNull(),
    notEvaluated: count('not_evaluated').notNull(),
    failOpen: count('fail_open').notNull(),
    tokensInput: count('tokens_input').notNull(),
    tokensOutput: count('tokens_output').notNull(),
    costMicroUsd: count('cost_micro_usd').notNull(),
    unpriced: count('unpriced').notNull(),
    found: jsonb('found').$type<Record<string, number>>().notNull(),
    refusals: jsonb('refusals').$type<Record<string, number>>().notNull(),
    totalUs: jsonb('total_us').$type<HistogramState>().notNull(),
    addedUs: jsonb('added_us').$type<HistogramState>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.tenantId, table.routeId] })],
);

export const gatewayToolDay = pgTable(
  'gateway_tool_day',
  {
    day: date('day', { mode: 'string' }).notNull(),
    routeId: text('route_id').notNull(),
    policyId: text('policy_id').notNull(),
    policyVersion: integer('policy_version').notNull(),
    tool: text('tool').notNull(),
    passed: count('passed').notNull(),
    refused: count('refused').notNull(),
    traced: count('traced').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.routeId, table.policyId, table.policyVersion, table.tool] })],
);

export const gatewayUse = pgTable(
  'gateway_use',
  {
    providerId: text('provider_id').notNull(),
    model: text('model').notNull(),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
    calls: count('calls').notNull(),
  },
  (table) => [primaryKey({ columns: [table.providerId, table.model] })],
);

export const gatewayRetention = pgTable('gateway_retention', {
  day: date('day', { mode: 'string' }).primaryKey(),
  droppedAt: instant('dropped_at').notNull(),
  decisions: count('decisions').notNull(),
  windows: count('windows').notNull(),
});

export const gatewayRecordSetting = pgTable('gateway_record_setting', {
  single: boolean('single').primaryKey(),
  retentionDays: integer('retention_days').notNull(),
  changedAt: instant('changed_at').notNull(),
  changedBy: text('changed_by').notNull(),
});
