import { and, eq, inArray, ne } from 'drizzle-orm';
import { openIncident } from '#src/features/incidents/index.ts';
import { actorText, parseActor, personOf } from '#src/features/records/index.ts';
import { isActiveUser } from '#src/features/users/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { type Acting, addStep } from './life.ts';
import type { Resolution, ResolveAlert } from './model.ts';
import { addDeliveries } from './queue-deliveries.ts';
import { type AlertRow, alert, alertStep } from './tables.ts';

const ACCEPTED_DAYS_MAX = 366;

/** Takes up the alerts that nobody has; those that somebody has stay as they are. Throws `not_found` for an unknown id. */
export async function acknowledgeAlerts(
  tx: Transaction,
  ids: readonly string[],
  comment: string | undefined,
  acting: Acting,
): Promise<{ acknowledgedIds: string[]; unchangedIds: string[] }> {
  const person = requirePerson(acting, 'acknowledged');
  const wanted = [...new Set(ids)].sort();
  const rows = await tx.select().from(alert).where(inArray(alert.id, wanted)).orderBy(alert.id).for('update');
  const known = new Set(rows.map((row) => row.id));
  const missing = wanted.find((id) => !known.has(id));
  if (missing !== undefined) throw unknownAlert(missing);
  const open = rows.filter((row) => row.state === 'open');
  for (const row of open) await acknowledge(tx, row, person, comment, acting);
  return {
    acknowledgedIds: open.map((row) => row.id),
    unchangedIds: rows.filter((row) => row.state !== 'open').map((row) => row.id),
  };
}

async function acknowledge(
  tx: Transaction,
  row: AlertRow,
  person: string,
  comment: string | undefined,
  acting: Acting,
): Promise<void> {
  const inTime = acting.at <= row.acknowledgeDueAt;
  await tx
    .update(alert)
    .set({
      state: 'acknowledged',
      acknowledgedAt: acting.at,
      acknowledgedBy: actorText(acting.actor),
      // Whoever takes up an alert that belongs to nobody has it.
      ...(row.ownerId === null && { ownerId: person }),
    })
    .where(eq(alert.id, row.id));
  await addStep(
    tx,
    {
      alertId: row.id,
      kind: 'acknowledged',
      detail: { inTime, ...(comment !== undefined && { comment }) },
      body: { inTime, dueAt: row.acknowledgeDueAt.toISOString() },
      words: { comment },
    },
    acting,
  );
}

export async function assignAlert(tx: Transaction, id: string, ownerId: string, acting: Acting): Promise<void> {
  const row = await takeUnresolved(tx, id);
  if (row.ownerId === ownerId) return;
  if (!(await isActiveUser(tx, ownerId, acting.at.getTime())))
    throw new AppError(
      'invalid_input',
      'ownerId: the owner must be an active user. Choose one from the list of users.',
    );
  await tx.update(alert).set({ ownerId }).where(eq(alert.id, id));
  await addStep(
    tx,
    {
      alertId: id,
      kind: 'assigned',
      detail: { from: row.ownerId, to: ownerId },
      body: { from: row.ownerId, to: ownerId },
    },
    acting,
  );
}

export async function commentAlert(tx: Transaction, id: string, text: string, acting: Acting): Promise<void> {
  await takeAlert(tx, id);
  await addStep(tx, { alertId: id, kind: 'commented', detail: { text }, words: { text } }, acting);
}

/**
 * Ends an alert with what it turned out to be. One that nobody acknowledged is acknowledged by that, in time or late.
 * A risk is accepted for a limited time, and not by the owner of the alert.
 */
export async function resolveAlert(tx: Transaction, id: string, given: ResolveAlert, acting: Acting): Promise<void> {
  const person = requirePerson(acting, 'resolved');
  const row = await takeUnresolved(tx, id);
  const acceptedUntil = readAcceptance(given, { row, at: acting.at, isInvolved: await hasHeld(tx, row, person) });
  if (row.state === 'open') await acknowledge(tx, row, person, undefined, acting);
  await resolve(tx, row, { resolution: given.resolution, reason: given.reason, acceptedUntil }, acting);
}

/**
 * Ends the alert about something that is no longer watched. Nobody acknowledged it by that, and nothing passed. True when
 * there was one that was not resolved.
 */
export async function withdrawAlert(
  tx: Transaction,
  { dedupeKey, reason }: { dedupeKey: string; reason: string },
  acting: Acting,
): Promise<boolean> {
  const [row] = await tx
    .select()
    .from(alert)
    .where(and(eq(alert.dedupeKey, dedupeKey), ne(alert.state, 'resolved')))
    .for('update');
  if (!row) return false;
  await resolve(tx, row, { resolution: 'no_longer_watched', reason, acceptedUntil: null }, acting);
  return true;
}

async function resolve(
  tx: Transaction,
  row: AlertRow,
  { resolution, reason, acceptedUntil }: { resolution: Resolution; reason: string; acceptedUntil: Date | null },
  acting: Acting,
): Promise<void> {
  const inTime = acting.at <= row.resolveDueAt;
  await tx
    .update(alert)
    .set({
      state: 'resolved',
      resolvedAt: acting.at,
      resolvedBy: actorText(acting.actor),
      resolution,
      resolutionReason: reason,
      acceptedUntil,
    })
    .where(eq(alert.id, row.id));
  await addStep(
    tx,
    {
      alertId: row.id,
      kind: 'resolved',
      detail: { resolution, reason, inTime },
      body: {
        resolution,
        inTime,
        dueAt: row.resolveDueAt.toISOString(),
        ...(acceptedUntil && { acceptedUntil: acceptedUntil.toISOString() }),
      },
      words: { reason },
    },
    acting,
  );
  if (!row.quiet)
    await addDeliveries(tx, { alertId: row.id, severity: row.severity, event: 'resolved', at: acting.at });
}

/** True for whoever owns the alert, gave it away, or passed it on: none of them is a second person. */
async function hasHeld(tx: Transaction, row: AlertRow, person: string): Promise<boolean> {
  if (row.ownerId === person) return true;
  const steps = await tx
    .select({ by: alertStep.by, detail: alertStep.detail })
    .from(alertStep)
    .where(and(eq(alertStep.alertId, row.id), eq(alertStep.kind, 'assigned')));
  return steps.some(
    ({ by, detail }) => personOf(parseActor(by)) === person || (detail as { from?: unknown }).from === person,
  );
}

function readAcceptance(
  given: ResolveAlert,
  { row, at, isInvolved }: { row: AlertRow; at: Date; isInvolved: boolean },
): Date | null {
  if (given.resolution !== 'accepted_risk') return null;
  if (given.acceptedUntil === undefined)
    throw new AppError('invalid_input', 'acceptedUntil: say until which day the risk is accepted.');
  const until = new Date(`${given.acceptedUntil}T23:59:59.999Z`);
  if (until <= at || until.getTime() - at.getTime() > ACCEPTED_DAYS_MAX * DAY_MS)
    throw new AppError('invalid_input', `acceptedUntil: must be at most ${ACCEPTED_DAYS_MAX} days from now.`);
  if (row.ownerId === null)
    throw new AppError('forbidden', 'The alert has no owner. Assign it first: a risk is accepted by a second person.');
  if (isInvolved)
    throw new AppError(
      'forbidden',
      'A risk is accepted by another person than the owner of the alert. Ask a colleague with the same right.',
    );
  return until;
}

/** Enters an incident for an alert, linked both ways. */
export async function openIncidentFor(
  tx: Transaction,
  id: string,
  given: { incidentId: string; title?: string | undefined },
  acting: Acting,
): Promise<void> {
  const row = await takeAlert(tx, id);
  if (row.incidentId !== null)
    throw new AppError('conflict', `The alert belongs to the incident ${row.incidentId} already.`);
  const { incidentId } = given;
  await openIncident(
    tx,
    {
      id: incidentId,
      title: given.title ?? row.title,
      severity: row.severity,
      because: `alert:${id}`,
      isTitleWritten: given.title !== undefined,
    },
    acting,
  );
  await tx.update(alert).set({ incidentId }).where(eq(alert.id, id));
  await addStep(
    tx,
    { alertId: id, kind: 'incident_opened', detail: { incident: incidentId }, body: { incident: incidentId } },
    acting,
  );
}

export async function takeAlert(tx: Transaction, id: string): Promise<AlertRow> {
  const [row] = await tx.select().from(alert).where(eq(alert.id, id)).for('update');
  if (!row) throw unknownAlert(id);
  return row;
}

async function takeUnresolved(tx: Transaction, id: string): Promise<AlertRow> {
  const row = await takeAlert(tx, id);
  if (row.state === 'resolved')
    throw new AppError('conflict', 'The alert is resolved. When the cause comes back, a new alert opens.');
  return row;
}

function requirePerson({ actor }: Acting, done: string): string {
  const person = personOf(actor);
  if (person === null)
    throw new AppError(
      'forbidden',
      `An alert is ${done} by a person. Sign in, or name one with --as on the command line.`,
    );
  return person;
}

export function unknownAlert(id: string): AppError {
  return new AppError('not_found', `There is no alert ${id}.`);
}
