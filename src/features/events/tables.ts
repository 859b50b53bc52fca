import { bigint, boolean, integer, json, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { EventKind, Rejection } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

export const eventSource = pgTable('event_source', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull(),
  firstReceivedAt: instant('first_received_at').notNull(),
  lastReceivedAt: instant('last_received_at').notNull(),
  lastOccurredAt: instant('last_occurred_at'),
  accepted: count('accepted'),
  duplicates: count('duplicates'),
  rejected: count('rejected'),
  late: count('late'),
  outOfOrder: count('out_of_order'),
  skewed: count('skewed'),
  highestSequence: bigint('highest_sequence', { mode: 'number' }),
});

export const eventTable = pgTable('event', {
  id: text('id').primaryKey(),
  sourceId: integer('source_id').notNull(),
  sequence: bigint('sequence', { mode: 'number' }),
  systemId: text('system_id').notNull(),
  kind: text('kind').$type<EventKind>().notNull(),
  occurredAt: instant('occurred_at').notNull(),
  receivedAt: instant('received_at').notNull(),
  about: text('about'),
  body: json('body').notNull(),
});

export const eventBatch = pgTable('event_batch', {
  id: text('id').primaryKey(),
  receivedAt: instant('received_at').notNull(),
  receivedFrom: text('received_from').notNull(),
  form: text('form').$type<'json' | 'ndjson' | 'otlp' | 'file' | 'gateway'>().notNull(),
  received: count('received'),
  accepted: count('accepted'),
  duplicates: count('duplicates'),
  rejected: count('rejected'),
  late: count('late'),
  outOfOrder: count('out_of_order'),
  skewed: count('skewed'),
  complete: boolean('complete').notNull(),
  rejections: jsonb('rejections').$type<Rejection[]>().notNull(),
});

export const eventRoute = pgTable('event_route', {
  routeId: text('route_id').primaryKey(),
  systemId: text('system_id').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
});

export const eventLate = pgTable(
  'event_late',
  {
    systemId: text('system_id').notNull(),
    hourAt: instant('hour_at').notNull(),
    markedAt: instant('marked_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.systemId, table.hourAt] })],
);
