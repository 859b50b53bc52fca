import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { CheckState, NotJudged } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const groundednessCheck = pgTable('groundedness_check', {
  id: text('id').primaryKey(),
  sampling: text('sampling').notNull(),
  eventId: text('event_id').notNull(),
  systemId: text('system_id').notNull(),
  modelVersion: text('model_version'),
  occurredAt: instant('occurred_at').notNull(),
  admittedAt: instant('admitted_at').notNull(),
  state: text('state').$type<CheckState>().notNull(),
  reason: text('reason').$type<NotJudged>(),
  method: text('method'),
  claims: integer('claims'),
  supported: integer('supported'),
  unsupported: integer('unsupported'),
  contradicted: integer('contradicted'),
  notChecked: integer('not_checked'),
  byWords: integer('by_words'),
  byEntailment: integer('by_entailment'),
  byJudge: integer('by_judge'),
  textsSha256: text('texts_sha256'),
  answerCharacters: integer('answer_characters').notNull(),
  contextCharacters: integer('context_characters').notNull(),
  tookMs: integer('took_ms'),
  finishedAt: instant('finished_at'),
});
export type CheckRow = typeof groundednessCheck.$inferSelect;

export const groundednessJudgeUse = pgTable(
  'groundedness_judge_use',
  {
    sampling: text('sampling').notNull(),
    hourAt: instant('hour_at').notNull(),
    calls: integer('calls').notNull(),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.sampling, table.hourAt] })],
);
