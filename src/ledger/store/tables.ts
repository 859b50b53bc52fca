import { bigint, customType, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const count = (name: string) => bigint(name, { mode: 'number' });

export const ledgerLog = pgTable('ledger_log', {
  id: text('id').primaryKey(),
  origin: text('origin').notNull(),
  size: count('size').notNull(),
  root: bytea('root').notNull(),
  frontier: bytea('frontier').notNull(),
  epoch: count('epoch').notNull(),
  writer: text('writer').notNull(),
  createdAt: instant('created_at').notNull(),
  sealedAt: instant('sealed_at'),
});

export const ledgerPending = pgTable('ledger_pending', {
  queue: count('queue').primaryKey().generatedAlwaysAsIdentity(),
  id: text('id').notNull(),
  type: text('type').notNull(),
  series: text('series'),
  beforeSeries: text('before_series').notNull(),
  afterSeries: text('after_series').notNull(),
  recordedAt: instant('recorded_at').notNull(),
});

export const ledgerEntry = pgTable('ledger_entry', {
  logId: text('log_id').notNull(),
  idx: count('idx').notNull(),
  leafHash: bytea('leaf_hash').notNull(),
  bytes: bytea('bytes').notNull(),
  type: text('type').notNull(),
  series: text('series'),
  seq: count('seq'),
  pendingId: text('pending_id').notNull(),
  recordedAt: instant('recorded_at').notNull(),
});

export const ledgerTile = pgTable('ledger_tile', {
  logId: text('log_id').notNull(),
  level: integer('level').notNull(),
  n: count('n').notNull(),
  bytes: bytea('bytes').notNull(),
  root: bytea('root').notNull(),
});

export const ledgerSigned = pgTable('ledger_signed', {
  logId: text('log_id').notNull(),
  size: count('size').notNull(),
  root: bytea('root').notNull(),
  note: text('note'),
  signedAt: instant('signed_at').notNull(),
});

export const ledgerCosignature = pgTable('ledger_cosignature', {
  logId: text('log_id').notNull(),
  size: count('size').notNull(),
  witness: text('witness').notNull(),
  line: text('line').notNull(),
  cosignedAt: instant('cosigned_at').notNull(),
});

export const ledgerDisclosure = pgTable('ledger_disclosure', {
  pendingId: text('pending_id').notNull(),
  field: text('field').notNull(),
  keyId: text('key_id').notNull(),
  salt: bytea('salt').notNull(),
  value: bytea('value').notNull(),
});
