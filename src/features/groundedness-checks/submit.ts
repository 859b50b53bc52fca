import { sql } from 'drizzle-orm';
import {
  type DeliveryItem,
  type EventServices,
  ingest,
  once,
  parseEvent,
  systemFinder,
} from '#src/features/events/index.ts';
import type { EventBody, MonitorEvent } from '#src/features/events/model.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { type AnswerToCheck, choosingRules } from './answer-to-check.ts';
import type { GroundednessChecks } from './check-queue.ts';
import type { CheckOutcome, CheckRule, NewGroundednessCheck } from './model.ts';

export type SubmitServices = EventServices & {
  checks: GroundednessChecks;
  /** The approved rules by which answers are chosen. */
  rulesOf(executor: Executor): Promise<CheckRule[]>;
};

type Sender = { from: string; source: string };

/**
 * Takes answers with their context: records the events that were not sent before, and passes on what the rules choose. Texts of
 * the others are dropped at once.
 */
export async function submitChecks(
  services: SubmitServices,
  items: readonly NewGroundednessCheck[],
  sender: Sender,
): Promise<CheckOutcome[]> {
  const { database, checks } = services;
  const rules = await services.rulesOf(database.drizzle);
  const placed = await placeItems(services, items, sender);
  const chosen = placed.flatMap((one) =>
    'refused' in one ? [] : choosingRules(rules, one.answer).map((rule) => ({ rule, answer: one.answer })),
  );
  const admitted = await checks.admit(chosen);
  return placed.map((one, k): CheckOutcome => {
    const eventId = (items[k]?.eventId ?? '').toWellFormed();
    if ('refused' in one) return { eventId, state: 'refused', reason: one.refused, checkIds: [] };
    const isChosen = chosen.some(({ answer }) => answer === one.answer);
    if (!isChosen) {
      const has = rules.some(({ systemId }) => systemId === one.answer.systemId);
      const reason = has ? null : 'No approved monitor samples answers of this AI system.';
      return { eventId, state: 'not_sampled', reason, checkIds: [] };
    }
    const own = admitted.filter((row) => row.eventId === eventId);
    if (own.length === 0) return { eventId, state: 'known', reason: null, checkIds: [] };
    const waits = own.some(({ reason }) => reason === null);
    return {
      eventId,
      state: waits ? 'waiting' : 'not_judged',
      reason: waits ? null : (own[0]?.reason ?? null),
      checkIds: own.map(({ id }) => id),
    };
  });
}

type Placed = { answer: AnswerToCheck } | { refused: string };

/** The event behind each item: the one that is there, or a new one that is stored now. */
async function placeItems(
  services: SubmitServices,
  items: readonly NewGroundednessCheck[],
  { from, source }: Sender,
): Promise<Placed[]> {
  const { database, clock } = services;
  const context = { nowMs: clock(), systemOf: await systemFinder(database.drizzle), defaultSource: source };
  const parsed = items.map(({ eventId, systemId, occurredAt, modelVersion, segment }) =>
    parseEvent(
      {
        id: eventId,
        system: systemId,
        occurredAt,
        modelVersion,
        segment,
        kind: 'operation',
        values: { groundable: true },
      },
      context,
    ),
  );
  const stored = await storedEvents(
    database.drizzle,
    parsed.flatMap((one) => ('event' in one ? [one.event.id] : [])),
  );
  const fresh = new Map<string, DeliveryItem>();
  const placed = parsed.map((one, k): Placed => {
    if ('refused' in one) return { refused: `${one.refused.field ?? 'item'}: ${one.refused.message}` };
    const { answer = '', context: given = [], offerForLabels = false, question = null } = items[k] ?? {};
    const texts: Texts = { answer, context: given, labels: offerForLabels ? { by: 'sender', question } : null };
    const { event } = one;
    const known = stored.get(event.id);
    if (known) return placeStored(event, known, texts);
    // The gateway writes its own events, a moment after the call.
    if (event.id.startsWith('dec_'))
      return { refused: 'eventId: no such decision of the gateway is known yet. Send it again in a minute.' };
    if (!fresh.has(event.id)) fresh.set(event.id, { line: k + 1, ...one });
    return { answer: answerOf(event, texts) };
  });
  if (fresh.size === 0) return placed;
  const { rejections } = await ingest(services, { from, form: 'json', items: once([...fresh.values()]) });
  const refused = new Map(rejections.map(({ line, message }) => [line, message]));
  return placed.map((one, k) => {
    const message = refused.get(k + 1);
    return message === undefined ? one : { refused: message };
  });
}

type Texts = Pick<AnswerToCheck, 'answer' | 'context' | 'labels'>;
type StoredEvent = { systemId: string; occurredAtMs: number; body: EventBody };

function answerOf({ id, systemId, modelVersion, segment, occurredAtMs }: MonitorEvent, texts: Texts): AnswerToCheck {
  return { eventId: id, systemId, modelVersion, segment, occurredAtMs, ...texts };
}

// What was told before counts: whoever sends the text cannot move its event to another stratum.
function placeStored(event: MonitorEvent, { systemId, occurredAtMs, body }: StoredEvent, texts: Texts): Placed {
  if (systemId !== event.systemId) return { refused: 'systemId: the event of this id belongs to another AI system.' };
  if (body.values.groundable !== true)
    return {
      refused:
        'eventId: the event of this id was sent without "groundable": true among its values, so no sample counts it.',
    };
  const { modelVersion, segment } = body;
  return { answer: answerOf({ ...event, modelVersion, segment, occurredAtMs }, texts) };
}

async function storedEvents(executor: Executor, ids: readonly string[]): Promise<Map<string, StoredEvent>> {
  if (ids.length === 0) return new Map();
  const { rows } = await executor.execute<{ id: string; system_id: string; occurred_at: string; body: EventBody }>(
    sql`select id, system_id, occurred_at, body from event where id = any(${sql.param([...ids])}::text[])`,
  );
  return new Map(
    rows.map(({ id, system_id, occurred_at, body }) => [
      id,
      { systemId: system_id, occurredAtMs: new Date(occurred_at).getTime(), body },
    ]),
  );
}
