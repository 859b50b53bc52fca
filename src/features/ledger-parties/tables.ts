import { bigint, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import type { PartyKind, PartyProblem, PartySettings } from './model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const ledgerParty = pgTable('ledger_party', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<PartyKind>().notNull(),
  name: text('name').notNull(),
  settings: jsonb('settings').$type<PartySettings>().notNull(),
  everySeconds: integer('every_seconds').notNull(),
  addedAt: instant('added_at').notNull(),
  addedBy: text('added_by').notNull(),
  removedAt: instant('removed_at'),
  removedBy: text('removed_by'),
  lastOrigin: text('last_origin'),
  lastSize: bigint('last_size', { mode: 'number' }),
  lastAt: instant('last_at'),
  failures: integer('failures').notNull().default(0),
  problem: text('problem'),
  problemSince: instant('problem_since'),
  problemKind: text('problem_kind').$type<PartyProblem>(),
  nextTryAt: instant('next_try_at').notNull(),
});
export type PartyRow = typeof ledgerParty.$inferSelect;

export const ledgerPartyProblem = pgTable('ledger_party_problem', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  partyId: text('party_id').notNull(),
  sentence: text('sentence').notNull(),
  beganAt: instant('began_at').notNull(),
  endedAt: instant('ended_at'),
});

export const ledgerMirrored = pgTable('ledger_mirrored', {
  partyId: text('party_id').notNull(),
  origin: text('origin').notNull(),
  size: bigint('size', { mode: 'number' }).notNull(),
  mirroredAt: instant('mirrored_at').notNull(),
});
