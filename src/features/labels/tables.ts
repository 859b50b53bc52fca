import {
  boolean,
  customType,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import type { LabelVerdict } from './model.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const labelSample = pgTable('label_sample', {
  id: text('id').primaryKey(),
  /** Null where the answers are of live traffic. */
  runId: text('run_id'),
  scorer: text('scorer').notNull(),
  /** SHA-256 of the rule that chose answers of live traffic; null for those of a run. */
  sampling: text('sampling'),
  systemId: text('system_id'),
  rate: doublePrecision('rate').notNull(),
  seed: integer('seed').notNull(),
  eligible: integer('eligible').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
});

export const labelItem = pgTable('label_item', {
  id: text('id').primaryKey(),
  sampleId: text('sample_id').notNull(),
  runId: text('run_id'),
  /** Of the run, or of the event of the answer. */
  itemId: text('item_id').notNull(),
  /** What the scorer said: true where it found the answer unsupported; null where it said nothing. */
  flagged: boolean('flagged'),
  position: doublePrecision('position').notNull(),
  method: text('method'),
  payloadId: text('payload_id'),
});

export const labelText = pgTable('label_text', {
  itemId: text('item_id').primaryKey(),
  sealed: bytea('sealed').notNull(),
  keepUntil: instant('keep_until').notNull(),
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
