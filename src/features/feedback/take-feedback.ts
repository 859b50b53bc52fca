import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type * as z from 'zod';
import {
  type DeliveryItem,
  type EventServices,
  ingest,
  once,
  parseEvent,
  systemFinder,
  UNASSIGNED,
} from '#src/features/events/index.ts';
import type { Records } from '#src/features/records/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { sealUnder } from '#src/platform/envelope.ts';
import { type Secrets, storedDataKey } from '#src/platform/secrets.ts';
import { FEEDBACK_LIMITS, type FeedbackOutcomeOfItem, NewFeedback } from './model.ts';
import { type FeedbackRow, feedback } from './tables.ts';

const KEY_NAME = 'feedback.text-key';

export type FeedbackServices = {
  records: Records;
  secrets: Pick<Secrets, 'getOrCreate'>;
  closedUntil: EventServices['closedUntil'];
};

export function feedbackTextKey(secrets: Pick<Secrets, 'getOrCreate'>): Promise<Buffer> {
  return storedDataKey(secrets, KEY_NAME);
}

type Placed = { row: FeedbackRow; item: DeliveryItem } | { refused: string; id: string | null };

/**
 * Takes what users said of answers, each once. It waits for a person unless it is praise alone, and is an event about the answer,
 * of kind `score` with `thumb` and `feedbackLabel` among its values, so that monitors can watch it. What a user wrote is
 * encrypted and stands in no event.
 */
export async function takeFeedback(
  services: FeedbackServices,
  items: readonly unknown[],
  sender: { from: string; source: string },
): Promise<FeedbackOutcomeOfItem[]> {
  const { records, closedUntil } = services;
  const { database, clock } = records;
  const key = await feedbackTextKey(services.secrets);
  const placed = await placeItems(database.drizzle, items, { nowMs: clock(), source: sender.source, key });
  const accepted = placed.flatMap((one) => ('row' in one ? [one] : []));
  // The events first: where something fails between, the same delivery again changes nothing of them and adds what is missing.
  if (accepted.length > 0)
    await ingest(
      { database, clock, closedUntil },
      { from: sender.from, form: 'json', items: once(accepted.map(({ item }) => item)) },
    );
  const added =
    accepted.length === 0
      ? []
      : await records.change('feedback', ['user-feedback'], (tx) =>
          tx
            .insert(feedback)
            .values(accepted.map(({ row }) => row))
            .onConflictDoNothing()
            .returning({ id: feedback.id }),
        );
  const fresh = new Set(added.map(({ id }) => id));
  return placed.map((one): FeedbackOutcomeOfItem => {
    if ('refused' in one) return { id: one.id, state: 'refused', feedbackId: null, reason: one.refused };
    const isNew = fresh.has(one.row.id);
    return {
      id: one.row.externalId,
      state: isNew ? 'taken' : 'known',
      feedbackId: isNew ? one.row.id : null,
      reason: null,
    };
  });
}

async function placeItems(
  executor: Executor,
  items: readonly unknown[],
  { nowMs, source, key }: { nowMs: number; source: string; key: Buffer },
): Promise<Placed[]> {
  const context = { nowMs, systemOf: await systemFinder(executor), defaultSource: source };
  const read = items.map((item) => NewFeedback.safeParse(item));
  const known = await knownEvents(
    executor,
    read.flatMap(({ data }) => (data ? [data.eventId] : [])),
  );
  return read.map((one, k): Placed => {
    if (!one.success) return { refused: problemOf(one.error), id: idOf(items[k]) };
    const given = one.data;
    const event = known.get(given.eventId);
    const systemId = given.systemId ?? event?.systemId;
    if (systemId === undefined)
      return {
        refused:
          'systemId: no event of this id is known. Name the AI system, or send it again once the event was sent.',
        id: given.id,
      };
    const { thumb, label, text } = given;
    const parsed = parseEvent(
      {
        id: `feedback-${sha256Hex(`${context.systemOf(systemId) ?? systemId}\n${given.id}`).slice(0, 32)}`,
        system: systemId,
        occurredAt: given.occurredAt ?? nowMs,
        ...(event?.modelVersion && { modelVersion: event.modelVersion }),
        kind: 'score',
        about: given.eventId,
        values: { thumb: thumb ?? null, feedbackLabel: label ?? null },
      },
      context,
    );
    if ('refused' in parsed)
      return { refused: `${parsed.refused.field ?? 'item'}: ${parsed.refused.message}`, id: given.id };
    if (event && event.systemId !== parsed.event.systemId)
      return { refused: 'systemId: the event of this id belongs to another AI system.', id: given.id };
    const id = makeId('fbk', nowMs, randomBytes(10));
    const row: FeedbackRow = {
      id,
      systemId: parsed.event.systemId,
      externalId: given.id.toWellFormed(),
      eventId: given.eventId,
      modelVersion: event?.modelVersion ?? null,
      thumb: thumb ?? null,
      label: label ?? null,
      hasText: text !== undefined,
      textSealed: text === undefined ? null : sealUnder(key, Buffer.from(text.toWellFormed()), id),
      textKeepUntil: text === undefined ? null : new Date(nowMs + FEEDBACK_LIMITS.textKeptDays * DAY_MS),
      occurredAt: new Date(parsed.event.occurredAtMs),
      receivedAt: new Date(nowMs),
      state: thumb === 'up' && text === undefined ? 'noted' : 'open',
      triagedAt: null,
      triagedBy: null,
      outcome: null,
      reference: null,
      closedAt: null,
      closedBy: null,
    };
    return { row, item: { line: k + 1, ...parsed } };
  });
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'item'}: ${issue?.message ?? 'cannot be read'}`;
}

function idOf(item: unknown): string | null {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : null;
  return typeof id === 'string' ? id.slice(0, 200).toWellFormed() : null;
}

async function knownEvents(
  executor: Executor,
  ids: readonly string[],
): Promise<Map<string, { systemId: string; modelVersion: string | null }>> {
  const asked = ids.filter((id) => !id.includes('\u0000') && id.isWellFormed());
  if (asked.length === 0) return new Map();
  const { rows } = await executor.execute<{ id: string; system_id: string; model_version: string | null }>(
    sql`select id, system_id, body ->> 'modelVersion' as model_version from event where id = any(${sql.param(asked)}::text[])
      and system_id <> ${UNASSIGNED}`,
  );
  return new Map(
    rows.map(({ id, system_id, model_version }) => [id, { systemId: system_id, modelVersion: model_version }]),
  );
}
