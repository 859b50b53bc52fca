import { eq } from 'drizzle-orm';
import { alert } from '#src/features/alerts/tables.ts';
import { evaluationRun } from '#src/features/evaluations/tables.ts';
import { type Actor, type Append, actorText, ledgerActor, wordsOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { ChangeIncident } from './model.ts';
import { type IncidentRow, incident, incidentStep } from './tables.ts';

type Deciding = { at: Date; actor: Actor; append: Append };

/**
 * Enters an incident with its ledger entry. `because` names what led to it, such as `alert:alt_…`, or a person. A title that was
 * written by the actor and not taken from there are their words.
 */
export async function openIncident(
  tx: Transaction,
  opened: { id: string; title: string; severity: IncidentRow['severity']; because: string; isTitleWritten: boolean },
  context: Deciding,
): Promise<void> {
  await tx.insert(incident).values({
    id: opened.id,
    title: opened.title,
    severity: opened.severity,
    state: 'open',
    openedAt: context.at,
    openedBy: actorText(context.actor),
    ...(opened.isTitleWritten && { writtenBy: { title: actorText(context.actor) } }),
  });
  await context.append(tx, {
    type: 'incident.opened',
    actor: ledgerActor(context.actor),
    subject: { kind: 'incident', id: opened.id },
    series: `incident:${opened.id}`,
    body: { at: context.at.toISOString(), severity: opened.severity, because: opened.because },
    ...(opened.isTitleWritten && wordsOf(context.actor, { title: opened.title })),
    dedupeKey: `incident:${opened.id}:opened`,
  });
}

/** Adds what was found out, or closes it. Throws `not_found`, and `conflict` for one that is closed or cannot be yet. */
export async function changeIncident(
  tx: Transaction,
  id: string,
  given: ChangeIncident,
  context: Deciding & { changeId: string },
): Promise<void> {
  // A member that is there without a value states nothing, and nobody wrote it.
  const change: ChangeIncident = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const [row] = await tx.select().from(incident).where(eq(incident.id, id)).for('update');
  if (!row) throw unknownIncident(id);
  if (row.state === 'closed')
    throw new AppError('conflict', 'The incident is closed. Open a new one from the alert that came back.');
  const { state, note, severity, ...fields } = change;
  if (change.retestRef !== undefined) await checkRetest(tx, change.retestRef, row.openedAt);
  const by = actorText(context.actor);
  const next = { ...row, ...fields, ...(severity && { severity }) };
  if (state === 'closed') {
    const missing = missingOf(next, await alertsOf(tx, id));
    if (missing.length > 0) throw new AppError('invalid_input', `It cannot be closed yet: ${missing.join('; ')}.`);
  }
  await tx
    .update(incident)
    .set({
      ...fields,
      ...(severity && { severity }),
      writtenBy: { ...row.writtenBy, ...Object.fromEntries(Object.keys(fields).map((name) => [name, by])) },
      ...(state === 'closed' && { state, closedAt: context.at, closedBy: by }),
    })
    .where(eq(incident.id, id));
  await addSteps(tx, row, change, context);
  await context.append(tx, {
    type: state === 'closed' ? 'incident.closed' : 'incident.changed',
    actor: ledgerActor(context.actor),
    subject: { kind: 'incident', id },
    series: `incident:${id}`,
    body: {
      at: context.at.toISOString(),
      ...(severity && severity !== row.severity && { severityBefore: row.severity, severity }),
      fields: Object.keys({ ...fields, ...(note !== undefined && { note }) }).sort(),
    },
    ...wordsOf(context.actor, { ...fields, note }),
    dedupeKey: `incident:${id}:${context.changeId}`,
  });
}

async function addSteps(tx: Transaction, row: IncidentRow, change: ChangeIncident, { at, actor }: Deciding) {
  const { state: _, note, severity, ...fields } = change;
  const base = { incidentId: row.id, at, by: actorText(actor) };
  const steps: (typeof incidentStep.$inferInsert)[] = [
    ...Object.entries(fields).flatMap(([subject, words]) =>
      words === undefined ? [] : [{ ...base, kind: 'changed' as const, subject, words }],
    ),
    ...(severity && severity !== row.severity
      ? [{ ...base, kind: 'severity_changed' as const, subject: `${row.severity} to ${severity}` }]
      : []),
    ...(note === undefined ? [] : [{ ...base, kind: 'noted' as const, words: note }]),
  ];
  if (steps.length > 0) await tx.insert(incidentStep).values(steps);
}

/** A retest that is known here must be what it is said to be; a reference to something outside is taken as a word. */
async function checkRetest(tx: Transaction, ref: string, openedAt: Date): Promise<void> {
  if (!ref.startsWith('evr_')) return;
  const [run] = await tx.select().from(evaluationRun).where(eq(evaluationRun.id, ref));
  if (!run) throw new AppError('invalid_input', `retestRef: there is no evaluation run ${ref.slice(0, 80)}.`);
  if (run.state !== 'finished' || run.verdict !== 'pass')
    throw new AppError('invalid_input', 'retestRef: that run did not pass. Name one that did.');
  if (run.requestedAt < openedAt)
    throw new AppError('invalid_input', 'retestRef: that run began before the incident. Run it again.');
}

export type LinkedAlert = typeof alert.$inferSelect;

export function alertsOf(executor: Executor, incidentId: string): Promise<LinkedAlert[]> {
  return executor.select().from(alert).where(eq(alert.incidentId, incidentId)).orderBy(alert.openedAt);
}

/** What still keeps an incident from being closed. */
export function missingOf(
  row: Pick<IncidentRow, 'rootCause' | 'lessons' | 'retestRef'>,
  alerts: readonly Pick<LinkedAlert, 'state' | 'title'>[],
): string[] {
  return [
    ...(row.rootCause === null ? ['rootCause: say why it happened'] : []),
    ...(row.lessons === null ? ['lessons: say what is done differently from now on'] : []),
    ...(row.retestRef === null ? ['retestRef: name what shows that the change helped'] : []),
    ...alerts.filter(({ state }) => state !== 'resolved').map(({ title }) => `the alert "${title}" is not resolved`),
  ];
}

export function unknownIncident(id: string): AppError {
  return new AppError('not_found', `There is no incident ${id.slice(0, 80)}.`);
}
