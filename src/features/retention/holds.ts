import { randomBytes } from 'node:crypto';
import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import { hasEvidence } from '#src/features/evidence/index.ts';
import { gatewayDecision } from '#src/features/gateway-decisions/tables.ts';
import { gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import {
  type Actor,
  actorText,
  databaseCode,
  ledgerActor,
  lockFor,
  type NamesOf,
  type Records,
  resolveWho,
  wordsOf,
} from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Hold, HoldKind, NewHold } from './model.ts';
import { type HoldRow, retentionHold } from './tables.ts';

/** Whoever destroys something holds it while looking at the holds. Taken after the lock of what is destroyed. */
export const HOLDS_LOCK = 'retention';

const HOLDS_SHOWN_MAX = 500;
const UNIQUE_VIOLATION = '23505';

/** Holds that stand on these subjects: while one does, nothing of them is erased. */
export async function standingHolds(executor: Executor, subjectIds?: readonly string[]): Promise<HoldRow[]> {
  if (subjectIds?.length === 0) return [];
  return executor
    .select()
    .from(retentionHold)
    .where(
      and(isNull(retentionHold.releasedAt), subjectIds ? inArray(retentionHold.subjectId, [...subjectIds]) : undefined),
    )
    .orderBy(retentionHold.placedAt, retentionHold.id);
}

/** Every hold, standing ones first, then the newest. */
export async function listHolds(executor: Executor, namesOf: NamesOf): Promise<Hold[]> {
  const rows = await executor
    .select()
    .from(retentionHold)
    .orderBy(desc(isNull(retentionHold.releasedAt)), desc(retentionHold.placedAt))
    .limit(HOLDS_SHOWN_MAX);
  return presentHolds(rows, namesOf);
}

export async function presentHolds(rows: readonly HoldRow[], namesOf: NamesOf): Promise<Hold[]> {
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [row.placedBy, row.releasedBy]),
  );
  return rows.map((row) => ({
    id: row.id,
    subject: { kind: row.subjectKind, id: row.subjectId },
    reason: row.reason,
    placedBy: who(row.placedBy),
    placedAt: row.placedAt.toISOString(),
    releasedBy: row.releasedBy === null ? null : who(row.releasedBy),
    releasedAt: row.releasedAt?.toISOString() ?? null,
    releaseReason: row.releaseReason,
  }));
}

export type HoldServices = {
  records: Pick<Records, 'database' | 'clock' | 'append'>;
  namesOf: NamesOf;
  /** Whether something is held of such a person. */
  isPerson(executor: Executor, id: string): Promise<boolean>;
};

/** Places a hold. Throws `not_found` for a subject that is not there, `conflict` where one stands already. */
export async function placeHold(services: HoldServices, wanted: NewHold, actor: Actor): Promise<Hold> {
  const { database, clock, append } = services.records;
  const { kind, id: subjectId } = wanted.subject;
  const id = makeId('hld', clock(), randomBytes(10));
  const row = await database
    .transaction(async (tx) => {
      // Erasure and retention take it too: whichever comes first is what happened.
      await lockFor(tx, HOLDS_LOCK);
      if (!(await isThere(tx, wanted.subject, services))) throw new AppError('not_found', missing(wanted.subject));
      const [inserted] = await tx
        .insert(retentionHold)
        .values({
          id,
          subjectKind: kind,
          subjectId,
          reason: wanted.reason,
          placedBy: actorText(actor),
          placedAt: new Date(clock()),
        })
        .returning();
      await append(tx, holdEntry('hold.placed', { id, kind, subjectId, reason: wanted.reason }, actor));
      return inserted;
    })
    .catch((error: unknown) => {
      if (databaseCode(error) === UNIQUE_VIOLATION)
        throw new AppError(
          'conflict',
          `A hold on ${WORDS[kind]} stands already. Release it first, or leave it as it is.`,
        );
      throw error;
    });
  return shown(row, services.namesOf);
}

const WORDS: Record<HoldKind, string> = {
  person: 'this person',
  evidence: 'this evidence',
  'gateway-tenant': 'the calls of this tenant',
  'gateway-day': 'the calls of this day',
  'ai-system': 'the events of this system',
};

async function isThere(
  executor: Executor,
  { kind, id }: NewHold['subject'],
  { isPerson }: Pick<HoldServices, 'isPerson'>,
): Promise<boolean> {
  if (kind === 'person') return isPerson(executor, id);
  if (kind === 'evidence') return hasEvidence(executor, id);
  if (kind === 'ai-system') {
    const systems = await executor.select().from(inventorySystem).where(eq(inventorySystem.id, id)).limit(1);
    return systems.length > 0;
  }
  const found =
    kind === 'gateway-tenant'
      ? await executor.select({ id: gatewayTenant.id }).from(gatewayTenant).where(eq(gatewayTenant.id, id)).limit(1)
      : await executor
          .select({ id: gatewayDecision.id })
          .from(gatewayDecision)
          .where(eq(gatewayDecision.day, id))
          .limit(1);
  return found.length > 0;
}

function missing({ kind, id }: NewHold['subject']): string {
  return kind === 'gateway-day'
    ? `subject: no calls of ${id} are kept. Days are those of UTC.`
    : `subject: there is no ${kind} ${id}. Copy the id from its page.`;
}

/** Releases a hold. Throws `not_found`, or `conflict` where it is released already. */
export async function releaseHold(services: HoldServices, id: string, reason: string, actor: Actor): Promise<Hold> {
  const { database, clock, append } = services.records;
  const row = await database.transaction(async (tx) => {
    const [held] = await tx.select().from(retentionHold).where(eq(retentionHold.id, id)).for('update');
    if (!held) throw new AppError('not_found', `There is no hold ${id.slice(0, 64)}. Reload the list.`);
    if (held.releasedAt !== null) throw new AppError('conflict', 'This hold is released already.');
    const { subjectKind: kind, subjectId } = held;
    await append(tx, holdEntry('hold.released', { id, kind, subjectId, reason }, actor));
    const [released] = await tx
      .update(retentionHold)
      .set({ releasedBy: actorText(actor), releasedAt: new Date(clock()), releaseReason: reason })
      .where(eq(retentionHold.id, id))
      .returning();
    return released;
  });
  return shown(row, services.namesOf);
}

// The reason is in the words of a person, so the leaf only commits to it.
function holdEntry(
  type: 'hold.placed' | 'hold.released',
  hold: { id: string; kind: HoldKind; subjectId: string; reason: string },
  actor: Actor,
) {
  return {
    type,
    actor: ledgerActor(actor),
    subject: { kind: hold.kind, id: hold.subjectId },
    series: `hold:${hold.id}`,
    body: { hold: hold.id },
    ...wordsOf(actor, { reason: hold.reason }),
    dedupeKey: `${type}:${hold.id}`,
  };
}

async function shown(row: HoldRow | undefined, namesOf: NamesOf): Promise<Hold> {
  const [hold] = row ? await presentHolds([row], namesOf) : [];
  if (!hold) throw new AppError('internal', 'The hold was not stored.');
  return hold;
}
