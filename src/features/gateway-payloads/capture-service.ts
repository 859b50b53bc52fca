import { randomBytes } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { gatewayRoute } from '#src/features/gateway-policies/tables.ts';
import { gatewayTenant } from '#src/features/gateway-tenants/tables.ts';
import {
  type Actor,
  actorText,
  ledgerActor,
  lockFor,
  type NamesOf,
  parseActor,
  personOf,
  type Records,
  resolveWho,
} from '#src/features/records/index.ts';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { countPayloads, NO_PAYLOADS } from './count-payloads.ts';
import type { CaptureChange, CaptureDecision, CaptureStatus, CaptureSubject, SubjectKind } from './model.ts';
import { type CaptureRow, gatewayPayload, gatewayPayloadCapture } from './tables.ts';

export type CaptureService = ReturnType<typeof createCapture>;

type Subject = { kind: SubjectKind; id: string; name: string; keepDays: number; needsSecond: boolean };

/**
 * Switches the capture of payloads on and off. What concerns data of customers waits for a second person: a tenant that is
 * a customer, or a path, which any tenant may call. Less is never waited for.
 */
export function createCapture({ records, namesOf }: { records: Records; namesOf: NamesOf }) {
  const { drizzle } = records.database;

  return {
    status: () => readStatus(drizzle, namesOf, records.clock()),

    /** Throws `not_found` for a subject that is not there, `conflict` where nothing would change. */
    async change(actor: Actor, kind: SubjectKind, idOrName: string, input: CaptureChange): Promise<CaptureStatus> {
      await records.change('gateway', kind === 'tenant' ? ['gateway-tenant'] : ['gateway-route'], async (tx) => {
        const subject = await findSubject(tx, kind, idOrName);
        const waiting = await waitingOf(tx, subject);
        if (subject.keepDays === input.keepDays && !waiting)
          throw new AppError('conflict', `${said(subject)} is kept for ${subject.keepDays} days already.`);
        const at = new Date(records.clock());
        if (waiting) await decideRow(tx, waiting, 'withdrawn', actor, at);
        const waits = input.keepDays > subject.keepDays && subject.needsSecond;
        const row: CaptureRow = {
          id: makeId('gpc', at.getTime(), randomBytes(10)),
          subjectKind: kind,
          subjectId: subject.id,
          keepDays: input.keepDays,
          reason: input.reason,
          state: waits ? 'waiting' : 'in_force',
          requestedAt: at,
          requestedBy: actorText(actor),
          decidedAt: waits ? null : at,
          decidedBy: waits ? null : actorText(actor),
        };
        await tx.insert(gatewayPayloadCapture).values(row);
        if (waits) await approvalEntry(tx, 'approval.requested', actor, row);
        else await apply(tx, subject, row, actor);
      });
      return readStatus(drizzle, namesOf, records.clock());
    },

    /** Throws `forbidden` for whoever asked for it and for a service: a second person decides. */
    async decide(actor: Actor, id: string, { decision }: CaptureDecision): Promise<CaptureStatus> {
      await records.change('gateway', ['gateway-tenant', 'gateway-route'], async (tx) => {
        const [row] = await tx
          .select()
          .from(gatewayPayloadCapture)
          .where(eq(gatewayPayloadCapture.id, id))
          .for('update');
        if (!row) throw new AppError('not_found', 'There is no such request. Reload the list.');
        if (row.state !== 'waiting')
          throw new AppError('conflict', `This request was decided already: ${row.state.replace('_', ' ')}.`);
        const person = personOf(actor);
        if (person === null || person === personOf(parseActor(row.requestedBy)))
          throw new AppError('forbidden', 'A second person decides: not the one who asked for it, and not a service.');
        const subject = await findSubject(tx, row.subjectKind, row.subjectId);
        const at = new Date(records.clock());
        const approved = decision === 'approved';
        await decideRow(tx, row, approved ? 'in_force' : 'refused', actor, at);
        await approvalEntry(tx, approved ? 'approval.granted' : 'approval.refused', actor, row);
        if (approved) await apply(tx, subject, row, actor);
      });
      return readStatus(drizzle, namesOf, records.clock());
    },
  };

  async function apply(tx: Transaction, subject: Subject, row: CaptureRow, actor: Actor): Promise<void> {
    const { kind, id, keepDays: before } = subject;
    const set = { captureDays: row.keepDays };
    if (kind === 'tenant') await tx.update(gatewayTenant).set(set).where(eq(gatewayTenant.id, id));
    else await tx.update(gatewayRoute).set(set).where(eq(gatewayRoute.id, id));
    // What is kept already goes earlier, too. Later never: it was taken under the shorter time.
    if (kind === 'tenant' && row.keepDays > 0 && row.keepDays < before) {
      await lockFor(tx, 'retention');
      await tx
        .update(gatewayPayload)
        .set({ keepUntil: sql`least(keep_until, occurred_at + ${row.keepDays} * interval '1 day')` })
        .where(and(eq(gatewayPayload.tenantId, id), sql`sealed is not null`));
    }
    await entry(tx, 'gateway.capture-changed', actor, row, { from: before, to: row.keepDays });
  }

  function approvalEntry(
    tx: Transaction,
    type: 'approval.requested' | 'approval.granted' | 'approval.refused',
    actor: Actor,
    row: CaptureRow,
  ): Promise<void> {
    return entry(tx, type, actor, row, { what: 'gateway-capture', keepDays: row.keepDays });
  }

  /** The reason is in the words of a person: the leaf commits to it. */
  async function entry(
    tx: Transaction,
    type: 'gateway.capture-changed' | 'approval.requested' | 'approval.granted' | 'approval.refused',
    actor: Actor,
    row: CaptureRow,
    body: Record<string, JsonValue>,
  ): Promise<void> {
    const person = personOf(parseActor(row.requestedBy));
    await records.append(tx, {
      type,
      actor: ledgerActor(actor),
      subject: { kind: `gateway-${row.subjectKind}`, id: row.subjectId },
      series: 'gateway',
      body: { at: toInstant(records.clock()), request: row.id, ...body },
      ...(person !== null && { personal: { person, values: { reason: row.reason } } }),
      dedupeKey: `${type}:${row.id}`,
    });
  }
}

const said = ({ kind, name }: Subject) => (kind === 'tenant' ? `What ${name} asks` : `What is asked on ${name}`);

/** By id, or by the name of a tenant or the path of a route. */
async function findSubject(executor: Executor, kind: SubjectKind, idOrName: string): Promise<Subject> {
  if (kind === 'tenant') {
    const column = idOrName.startsWith('gtn_') ? gatewayTenant.id : gatewayTenant.name;
    const [row] = await executor.select().from(gatewayTenant).where(eq(column, idOrName));
    if (row)
      return { kind, id: row.id, name: row.name, keepDays: row.captureDays, needsSecond: row.audience === 'customer' };
  } else {
    const column = idOrName.startsWith('/') ? gatewayRoute.path : gatewayRoute.id;
    const [row] = await executor.select().from(gatewayRoute).where(eq(column, idOrName));
    if (row) return { kind, id: row.id, name: row.path, keepDays: row.captureDays, needsSecond: true };
  }
  throw new AppError('not_found', `There is no ${kind} "${idOrName.slice(0, 80)}". List them to see which there are.`);
}

async function waitingOf(tx: Transaction, { kind, id }: Subject): Promise<CaptureRow | undefined> {
  const [row] = await tx
    .select()
    .from(gatewayPayloadCapture)
    .where(
      and(
        eq(gatewayPayloadCapture.subjectKind, kind),
        eq(gatewayPayloadCapture.subjectId, id),
        eq(gatewayPayloadCapture.state, 'waiting'),
      ),
    )
    .for('update');
  return row;
}

async function decideRow(
  tx: Transaction,
  row: CaptureRow,
  state: 'in_force' | 'refused' | 'withdrawn',
  actor: Actor,
  at: Date,
): Promise<void> {
  await tx
    .update(gatewayPayloadCapture)
    .set({ state, decidedAt: at, decidedBy: actorText(actor) })
    .where(eq(gatewayPayloadCapture.id, row.id));
}

/** Of each subject what waits, and what was last put in force. */
async function newestChanges(executor: Executor): Promise<CaptureRow[]> {
  return executor
    .select()
    .from(gatewayPayloadCapture)
    .where(
      sql`${gatewayPayloadCapture.id} in (
        select distinct on (subject_kind, subject_id, state) id from gateway_payload_capture
        where state in ('waiting', 'in_force') order by subject_kind, subject_id, state, decided_at desc, id desc)`,
    );
}

async function readStatus(executor: Executor, namesOf: NamesOf, nowMs: number): Promise<CaptureStatus> {
  const [tenants, routes, changes, counts] = await Promise.all([
    executor.select().from(gatewayTenant).orderBy(gatewayTenant.name),
    executor.select().from(gatewayRoute).orderBy(gatewayRoute.path),
    newestChanges(executor),
    countPayloads(executor, nowMs),
  ]);
  const who = await resolveWho(
    namesOf,
    changes.flatMap((row) => [row.requestedBy, row.decidedBy]),
  );
  const subject = (kind: SubjectKind, row: { id: string; captureDays: number }, name: string): CaptureSubject => {
    const own = changes.filter((one) => one.subjectKind === kind && one.subjectId === row.id);
    const last = own.find(({ state }) => state === 'in_force');
    const waiting = own.find(({ state }) => state === 'waiting');
    return {
      kind,
      id: row.id,
      name,
      keepDays: row.captureDays,
      since:
        last?.decidedAt && last.decidedBy !== null
          ? {
              at: last.decidedAt.toISOString(),
              reason: last.reason,
              requestedBy: who(last.requestedBy),
              decidedBy: who(last.decidedBy),
            }
          : null,
      waiting: waiting
        ? {
            id: waiting.id,
            keepDays: waiting.keepDays,
            reason: waiting.reason,
            requestedBy: who(waiting.requestedBy),
            requestedAt: waiting.requestedAt.toISOString(),
          }
        : null,
      counts: kind === 'tenant' ? (counts.get(row.id) ?? NO_PAYLOADS) : null,
    };
  };
  return {
    subjects: [
      ...tenants.map((row) => subject('tenant', row, row.name)),
      ...routes.map((row) => subject('route', row, row.path)),
    ],
  };
}
