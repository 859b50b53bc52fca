import { bigint, integer, jsonb, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core';
import type { AssetKind, Confidence, DataClass, Environment, ItemState, Sighting, SystemState } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const inventorySource = pgTable('inventory_source', {
  key: text('key').primaryKey(),
  title: text('title').notNull(),
  lastReadAt: instant('last_read_at').notNull(),
  digest: text('digest').notNull(),
  evidenceId: text('evidence_id').notNull(),
});

export const inventorySystem = pgTable('inventory_system', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  state: text('state').$type<SystemState>().notNull(),
  origin: text('origin').$type<'scan' | 'manual'>().notNull(),
  sourceKey: text('source_key'),
  sourceTitle: text('source_title'),
  root: text('root'),
  purpose: text('purpose'),
  ownerId: text('owner_id'),
  dataClasses: text('data_classes').array().$type<DataClass[]>().notNull().default([]),
  riskTier: smallint('risk_tier'),
  environment: text('environment').$type<Environment>(),
  autonomyLevel: smallint('autonomy_level'),
  scope: text('scope').$type<'in' | 'out' | 'undecided'>().notNull().default('undecided'),
  scopeReason: text('scope_reason'),
  scopeDecidedBy: text('scope_decided_by'),
  scopeApprovedBy: text('scope_approved_by'),
  scopeDecidedAt: instant('scope_decided_at'),
  scopePendingReason: text('scope_pending_reason'),
  scopePendingBy: text('scope_pending_by'),
  scopePendingAt: instant('scope_pending_at'),
  attestedAt: instant('attested_at'),
  attestedBy: text('attested_by'),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});
export type SystemRow = typeof inventorySystem.$inferSelect;

export const inventoryItem = pgTable('inventory_item', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<AssetKind>().notNull(),
  title: text('title').notNull(),
  state: text('state').$type<ItemState>().notNull(),
  origin: text('origin').$type<'scan' | 'manual'>().notNull(),
  sourceKey: text('source_key'),
  identity: text('identity'),
  provider: text('provider'),
  details: jsonb('details').$type<Record<string, string>>().notNull().default({}),
  path: text('path'),
  line: integer('line'),
  rule: text('rule'),
  confidence: text('confidence').$type<Confidence>(),
  purpose: text('purpose'),
  factKind: text('fact_kind'),
  factKey: text('fact_key'),
  places: jsonb('places').$type<Sighting[]>().notNull().default([]),
  placesCount: integer('places_count').notNull().default(0),
  systemId: text('system_id'),
  systemChosenBy: text('system_chosen_by'),
  proposedAt: instant('proposed_at').notNull(),
  proposedBy: text('proposed_by').notNull(),
  decidedAt: instant('decided_at'),
  decidedBy: text('decided_by'),
  reason: text('reason'),
  goneAt: instant('gone_at'),
  stateBeforeGone: text('state_before_gone').$type<Exclude<ItemState, 'gone'>>(),
});
export type ItemRow = typeof inventoryItem.$inferSelect;

export const inventoryEdge = pgTable(
  'inventory_edge',
  {
    fromId: text('from_id').notNull(),
    toId: text('to_id').notNull(),
    origin: text('origin').$type<'scan' | 'manual'>().notNull(),
    because: text('because'),
  },
  (table) => [primaryKey({ columns: [table.fromId, table.toId, table.origin] })],
);

export const inventoryChange = pgTable('inventory_change', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  subjectId: text('subject_id').notNull(),
  at: instant('at').notNull(),
  by: text('by'),
  fromState: text('from_state'),
  toState: text('to_state').notNull(),
  reason: text('reason'),
});
