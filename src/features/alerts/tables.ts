import { bigint, boolean, integer, jsonb, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core';
import type { AlertSource, AlertState, DeliveryEvent, Resolution, Severity, StepKind } from './model.ts';
import type { AlertSettings, EmailConfig, HttpConfig } from './settings-model.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const alertSettings = pgTable('alert_settings', {
  version: integer('version').primaryKey(),
  content: jsonb('content').$type<AlertSettings>().notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  reason: text('reason').notNull(),
});

export const alertMute = pgTable('alert_mute', {
  id: text('id').primaryKey(),
  source: text('source').$type<AlertSource>(),
  sourceId: text('source_id'),
  subjectId: text('subject_id'),
  severityMax: text('severity_max').$type<Severity>().notNull(),
  reason: text('reason').notNull(),
  startsAt: instant('starts_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  requestedAt: instant('requested_at').notNull(),
  requestedBy: text('requested_by').notNull(),
  requesterId: text('requester_id').notNull(),
  reviewedAt: instant('reviewed_at'),
  reviewedBy: text('reviewed_by'),
  reviewerId: text('reviewer_id'),
  review: text('review').$type<'waiting' | 'approved' | 'refused'>().notNull().default('waiting'),
  comment: text('comment'),
  endedAt: instant('ended_at'),
  endedBy: text('ended_by'),
});
export type MuteRow = typeof alertMute.$inferSelect;

export const alert = pgTable('alert', {
  id: text('id').primaryKey(),
  source: text('source').$type<AlertSource>().notNull(),
  sourceId: text('source_id').notNull(),
  subjectKind: text('subject_kind').notNull(),
  subjectId: text('subject_id').notNull(),
  subjectTitle: text('subject_title').notNull(),
  severity: text('severity').$type<Severity>().notNull(),
  title: text('title').notNull(),
  reasons: jsonb('reasons').$type<string[]>().notNull().default([]),
  evidence: jsonb('evidence').$type<Record<string, unknown>>().notNull().default({}),
  link: text('link'),
  dedupeKey: text('dedupe_key').notNull(),
  state: text('state').$type<AlertState>().notNull(),
  occurredAt: instant('occurred_at').notNull(),
  openedAt: instant('opened_at').notNull(),
  lastOccurredAt: instant('last_occurred_at').notNull(),
  occurrences: integer('occurrences').notNull().default(1),
  reopensId: text('reopens_id'),
  ownerId: text('owner_id'),
  settingsVersion: integer('settings_version').notNull(),
  clockFrom: instant('clock_from').notNull(),
  acknowledgeDueAt: instant('acknowledge_due_at').notNull(),
  resolveDueAt: instant('resolve_due_at').notNull(),
  acknowledgedAt: instant('acknowledged_at'),
  acknowledgedBy: text('acknowledged_by'),
  escalationLevel: smallint('escalation_level').notNull().default(0),
  escalatedTo: text('escalated_to'),
  resolvedAt: instant('resolved_at'),
  resolvedBy: text('resolved_by'),
  resolution: text('resolution').$type<Resolution>(),
  resolutionReason: text('resolution_reason'),
  acceptedUntil: instant('accepted_until'),
  retestedAt: instant('retested_at'),
  retestPassed: boolean('retest_passed'),
  muteId: text('mute_id'),
  quiet: boolean('quiet').notNull().default(false),
  incidentId: text('incident_id'),
});
export type AlertRow = typeof alert.$inferSelect;

export const alertStep = pgTable('alert_step', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  alertId: text('alert_id').notNull(),
  at: instant('at').notNull(),
  by: text('by').notNull(),
  kind: text('kind').$type<StepKind>().notNull(),
  detail: jsonb('detail').$type<StepDetail>().notNull().default({}),
});
export type StepDetail = Record<string, string | number | boolean | null | string[]>;

export const alertChannel = pgTable('alert_channel', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind').$type<'email' | 'slack' | 'webhook'>().notNull(),
  config: jsonb('config').$type<EmailConfig | HttpConfig>().notNull(),
  severityMin: text('severity_min').$type<Severity>().notNull(),
  enabled: boolean('enabled').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  changedAt: instant('changed_at').notNull(),
  retiredAt: instant('retired_at'),
});
export type ChannelRow = typeof alertChannel.$inferSelect;

export const alertDelivery = pgTable('alert_delivery', {
  id: text('id').primaryKey(),
  alertId: text('alert_id'),
  channelId: text('channel_id').notNull(),
  event: text('event').$type<DeliveryEvent>().notNull(),
  state: text('state').$type<'waiting' | 'delivered' | 'dead'>().notNull(),
  attempts: integer('attempts').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  nextAttemptAt: instant('next_attempt_at').notNull(),
  deliveredAt: instant('delivered_at'),
  receipt: text('receipt'),
  lastError: text('last_error'),
});
export type DeliveryRow = typeof alertDelivery.$inferSelect;
