import { randomBytes } from 'node:crypto';
import { and, eq, inArray, isNotNull, lt, notInArray, type SQL, sql } from 'drizzle-orm';
import { retentionDays } from '#src/features/gateway-decisions/index.ts';
import { type Actor, type Append, ledgerActor, lockFor } from '#src/features/records/index.ts';
import { HOLDS_LOCK, standingHolds } from '#src/features/retention/index.ts';
import { personDigest } from '#src/gateway/stages/capture.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { type Clock, DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import type { ErasedPayloads, PayloadErasure } from './model.ts';
import { liveKeysOfTenant } from './payload-keys.ts';
import { gatewayPayload } from './tables.ts';

export type EraseServices = {
  database: Database;
  append: Append;
  clock: Clock;
  dataKeys: Pick<DataKeys, 'destroy'>;
  /** Of this installation: the one the gateway hashes with. */
  salt(): Promise<string>;
};

const RUNNER: Actor = { kind: 'service', id: 'assay' };
const DUE_A_RUN_MAX = 50_000;

/**
 * Destroys payloads, and, of a tenant, the keys they are under: copies in backups no longer open either. What a hold keeps
 * stays and is counted; all of a tenant is refused while one stands on any of it. Throws `conflict`.
 */
export async function erasePayloads(
  services: EraseServices,
  { of, reason, basis }: PayloadErasure,
  actor: Actor,
): Promise<ErasedPayloads> {
  const { database, dataKeys, clock, append } = services;
  const digest = of.kind === 'person' ? personDigest(await services.salt(), of.name) : null;
  return database.transaction(async (tx) => {
    await lockFor(tx, HOLDS_LOCK);
    const at = new Date(clock());
    const where =
      of.kind === 'tenant'
        ? eq(gatewayPayload.tenantId, of.id)
        : of.kind === 'decision'
          ? eq(gatewayPayload.decisionId, of.id)
          : eq(gatewayPayload.personDigest, digest ?? '');
    const held = await heldSubjects(services, tx);
    const onHold = await countHeld(tx, where, held);
    if (of.kind === 'tenant') {
      if (onHold > 0 || held.tenants.includes(of.id))
        throw new AppError(
          'conflict',
          `A legal hold keeps payloads of this tenant. Release it first, or erase single decisions.`,
        );
      // With the key goes what lies in backups, and what a process was about to write.
      for (const id of await liveKeysOfTenant(tx, of.id)) await dataKeys.destroy(tx, id, at);
    }
    const erased = await remove(tx, and(where, notHeld(held)), 'erasure', at);
    if (erased === 0 && of.kind === 'decision' && onHold > 0)
      throw new AppError('conflict', 'A legal hold keeps this payload. Release it first.');
    await append(tx, {
      type: 'gateway.payload-erased',
      actor: ledgerActor(actor),
      subject:
        of.kind === 'person'
          ? // The name a caller gave stands nowhere; whoever has it can find the entry by its hash.
            { kind: 'gateway-person', id: (digest ?? '').slice(0, 32) }
          : { kind: `gateway-${of.kind}`, id: of.id },
      series: 'gateway',
      body: { at: toInstant(clock()), payloads: erased, onHold, reason, basis },
      dedupeKey: `gateway.payload-erased:${makeId('gpe', clock(), randomBytes(10))}`,
    });
    return { erased, onHold };
  });
}

/** Destroys payloads whose time is over, but for those on hold. Safe to repeat and to cut short. Returns how many. */
export async function applyPayloadRetention(services: Omit<EraseServices, 'dataKeys'>): Promise<number> {
  const { database, clock, append } = services;
  return database.transaction(async (tx) => {
    await lockFor(tx, HOLDS_LOCK);
    const at = new Date(clock());
    const held = await heldSubjects(services, tx);
    const due = and(lt(gatewayPayload.keepUntil, at), isNotNull(gatewayPayload.sealed), notHeld(held));
    const rows = await tx
      .select({ id: gatewayPayload.decisionId, tenantId: gatewayPayload.tenantId })
      .from(gatewayPayload)
      .where(due)
      .limit(DUE_A_RUN_MAX);
    const byTenant = new Map<string, string[]>();
    for (const { id, tenantId } of rows) byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), id]);
    for (const [tenantId, ids] of byTenant) {
      await remove(tx, inArray(gatewayPayload.decisionId, ids), 'retention', at);
      await append(tx, {
        type: 'gateway.payload-erased',
        actor: ledgerActor(RUNNER),
        subject: { kind: 'gateway-tenant', id: tenantId },
        series: 'gateway',
        body: { at: toInstant(clock()), payloads: ids.length, onHold: 0, reason: 'retention' },
        dedupeKey: `gateway.payload-erased:${makeId('gpe', clock(), randomBytes(10))}`,
      });
    }
    // That there was one is told as long as the decision is there to ask.
    const oldest = new Date(clock() - (await retentionDays(tx)) * DAY_MS);
    await tx
      .delete(gatewayPayload)
      .where(and(isNotNull(gatewayPayload.removedAt), lt(gatewayPayload.occurredAt, oldest)));
    return rows.length;
  });
}

type Held = { tenants: string[]; days: string[]; persons: string[] };

async function heldSubjects({ salt }: Pick<EraseServices, 'salt'>, tx: Transaction): Promise<Held> {
  const holds = await standingHolds(tx);
  const of = (kind: string) => holds.filter((one) => one.subjectKind === kind).map((one) => one.subjectId);
  const persons = of('person');
  const secret = persons.length > 0 ? await salt() : '';
  return {
    tenants: of('gateway-tenant'),
    days: of('gateway-day'),
    persons: persons.map((id) => personDigest(secret, id)),
  };
}

function notHeld({ tenants, days, persons }: Held): SQL | undefined {
  return and(
    tenants.length > 0 ? notInArray(gatewayPayload.tenantId, tenants) : undefined,
    days.length > 0
      ? sql`(${gatewayPayload.occurredAt} at time zone 'UTC')::date <> all(${sql.param(days)}::date[])`
      : undefined,
    persons.length > 0
      ? sql`coalesce(${gatewayPayload.personDigest}, '') <> all(${sql.param(persons)}::text[])`
      : undefined,
  );
}

async function countHeld(tx: Transaction, where: SQL, held: Held): Promise<number> {
  const free = notHeld(held);
  if (!free) return 0;
  return tx.$count(gatewayPayload, and(where, isNotNull(gatewayPayload.sealed), sql`not (${free})`));
}

async function remove(
  tx: Transaction,
  where: SQL | undefined,
  removedFor: 'retention' | 'erasure',
  at: Date,
): Promise<number> {
  const gone = await tx
    .update(gatewayPayload)
    .set({ sealed: null, removedAt: at, removedFor, personDigest: null })
    .where(and(where, isNotNull(gatewayPayload.sealed)))
    .returning({ id: gatewayPayload.decisionId });
  return gone.length;
}
