import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { findDecision } from '#src/features/gateway-decisions/index.ts';
import { type Actor, type Append, ledgerActor, personOf } from '#src/features/records/index.ts';
import { standingHolds } from '#src/features/retention/index.ts';
import type { Decision } from '#src/gateway/decision.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, toInstant } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { openUnder } from '#src/platform/envelope.ts';
import { ON_ITS_WAY_MS } from './count-payloads.ts';
import { type OpenedPayload, Payload, type PayloadState } from './model.ts';
import { boundTo } from './payload-keys.ts';
import { gatewayPayload, type PayloadRow } from './tables.ts';

export type OpenServices = { database: Database; append: Append; clock: Clock; dataKeys: Pick<DataKeys, 'get'> };

/** What is known of the payload of a decision. Opens nothing. Throws `not_found` where there is neither. */
export async function payloadState(executor: Executor, id: string, nowMs: number): Promise<PayloadState> {
  const row = await findRow(executor, id);
  const note = row ? null : await noteOf(executor, id);
  const nothing = { bytes: null, keepUntil: null, removedAt: null, onHold: false };
  if (!row) {
    if (!note) return { decisionId: id, state: 'off', why: null, sha256: null, ...nothing };
    if (note.payload.state === 'missed')
      return { decisionId: id, state: 'missed', why: note.payload.reason, sha256: null, ...nothing };
    const isOnItsWay = note.occurredAt > nowMs - ON_ITS_WAY_MS;
    const why = isOnItsWay ? 'on_its_way' : 'never_written';
    return { decisionId: id, state: 'lost', why, sha256: note.payload.sha256, ...nothing };
  }
  const holds = await standingHolds(executor, [row.tenantId, row.occurredAt.toISOString().slice(0, 10)]);
  return {
    decisionId: id,
    state: row.removedAt ? 'removed' : 'captured',
    why: row.removedFor,
    sha256: row.sha256,
    bytes: row.bytes,
    keepUntil: row.keepUntil.toISOString(),
    removedAt: row.removedAt?.toISOString() ?? null,
    onHold: holds.length > 0,
  };
}

/**
 * Opens one payload for a person who says why. The entry that tells of it is committed before anything is given out; a
 * payload that is not, to the last bit, the one its digest names is never given out.
 */
export async function openPayload(
  services: OpenServices,
  id: string,
  reason: string,
  actor: Actor,
): Promise<OpenedPayload> {
  const { database, dataKeys, clock } = services;
  const { row, document } = await database.transaction(async (tx) => {
    const found = await findRow(tx, id);
    if (!found?.sealed) throw new AppError('not_found', await whyNothing(tx, id, clock()));
    const key = await dataKeys.get(tx, found.keyId);
    if (!key)
      throw new AppError('not_found', `The key of the payload of ${id} was destroyed: nothing opens it any more.`);
    let text: string;
    try {
      text = openUnder(key, found.sealed, boundTo(id)).toString('utf8');
    } catch (cause) {
      throw damaged(id, cause);
    } finally {
      key.fill(0);
    }
    if (sha256Hex(text) !== found.sha256) throw damaged(id);
    const person = personOf(actor);
    await services.append(tx, {
      type: 'gateway.payload-read',
      actor: ledgerActor(actor),
      subject: { kind: 'gateway-decision', id },
      series: 'gateway',
      body: { at: toInstant(clock()), tenant: found.tenantId, sha256: found.sha256 },
      // In the words of a person: the leaf commits to them.
      ...(person !== null && { personal: { person, values: { reason } } }),
      dedupeKey: `gateway.payload-read:${makeId('gpr', clock(), randomBytes(10))}`,
    });
    return { row: found, document: text };
  });
  const note = await noteOf(database.drizzle, id).catch(() => null);
  return {
    decisionId: id,
    payload: Payload.parse(JSON.parse(document)),
    document,
    sha256: row.sha256,
    isInDecision: note?.payload.state === 'captured' && note.payload.sha256 === row.sha256,
  };
}

async function findRow(executor: Executor, id: string): Promise<PayloadRow | undefined> {
  const [row] = await executor.select().from(gatewayPayload).where(eq(gatewayPayload.decisionId, id));
  return row;
}

async function noteOf(executor: Executor, id: string) {
  const { body } = await findDecision(executor, id);
  const { payload, occurredAt } = JSON.parse(body) as Decision;
  return payload ? { payload, occurredAt } : null;
}

async function whyNothing(executor: Executor, id: string, nowMs: number): Promise<string> {
  const { state, why, removedAt } = await payloadState(executor, id, nowMs);
  if (state === 'removed')
    return `The payload of ${id} was destroyed on ${removedAt?.slice(0, 10)} (${why}): nothing opens it any more.`;
  if (state === 'lost' && why === 'on_its_way') return `The payload of ${id} is being written. Ask again in a moment.`;
  if (state === 'lost') return `The payload of ${id} was captured and never written, as after the end of a process.`;
  if (state === 'missed') return `The payload of ${id} was not captured: ${why?.replaceAll('_', ' ')}.`;
  return `No payload of ${id} was captured: it was not switched on for its tenant or its path.`;
}

function damaged(id: string, cause?: unknown): AppError {
  return new AppError(
    'internal',
    `The stored payload of ${id} is not the one that was captured: something changed it. Compare with a backup.`,
    { cause },
  );
}
