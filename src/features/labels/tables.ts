import { boolean, doublePrecision, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { LabelVerdict } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const labelSample = pgTable('label_sample', {
  id: text('id').primaryKey(),
  runId: text('run_id').notNull(),
  scorer: text('scorer').notNull(),
  rate: doublePrecision('rate').notNull(),
  seed: integer('seed').notNull(),
  eligible: integer('eligible').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});

export const labelItem = pgTable('label_item', {
  id: text('id').primaryKey(),
  sampleId: text('sample_id').notNull(),
  runId: text('run_id').notNull(),
  itemId: text('item_id').notNull(),
  /** What the scorer said: true where it found the answer unsupported; null where it said nothing. */
  flagged: boolean('flagged'),
  position: doublePrecision('position').notNull(),
});

export const labelGiven = pgTable(
  'label_given',
  {
    itemId: text('item_id').notNull(),
    userId: text('user_id').notNull(),
    verdict: text('verdict').$type<LabelVerdict>().notNull(),
    comment: text('comment'),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.itemId, table.userId] })],
);
