import { boolean, integer, pgTable, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const factSource = pgTable('fact_source', {
  id: text('id').primaryKey(),
  key: text('key').notNull().unique(),
  kind: text('kind').notNull(),
  title: text('title').notNull(),
  createdAt: instant('created_at').notNull(),
  retiredAt: instant('retired_at'),
});

export const factCollection = pgTable(
  'fact_collection',
  {
    id: text('id').primaryKey(),
    sourceId: text('source_id')
      .notNull()
      .references(() => factSource.id),
    number: integer('number').notNull(),
    kinds: text('kinds').array().notNull(),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    complete: boolean('complete').notNull(),
    note: text('note'),
    added: integer('added').notNull(),
    changed: integer('changed').notNull(),
    removed: integer('removed').notNull(),
    unchanged: integer('unchanged').notNull(),
    digest: text('digest').notNull(),
  },
  (table) => [unique().on(table.sourceId, table.number)],
);

export const factSourceKind = pgTable(
  'fact_source_kind',
  {
    sourceId: text('source_id')
      .notNull()
      .references(() => factSource.id),
    kind: text('kind').notNull(),
    firstNumber: integer('first_number').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.kind] })],
);

export const factContent = pgTable('fact_content', {
  digest: text('digest').primaryKey(),
  kind: text('kind').notNull(),
  body: text('body').notNull(),
});

export const factSpan = pgTable(
  'fact_span',
  {
    sourceId: text('source_id').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    digest: text('digest').notNull(),
    fromNumber: integer('from_number').notNull(),
    toNumber: integer('to_number'),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.kind, table.key, table.fromNumber] })],
);
