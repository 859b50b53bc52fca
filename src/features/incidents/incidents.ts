import { and, desc, eq, sql } from 'drizzle-orm';
import {
  type Actor,
  type Append,
  actorText,
  decodeCursor,
  encodeCursor,
  ledgerActor,
  type NamesOf,
  resolveWho,
  wordsOf,
} from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import type { ChangeIncident, Incident, IncidentQuery } from './model.ts';
import { type IncidentRow, incident } from './tables.ts';

type Deciding = { at: Date; actor: Actor; append: Append };

/**
 * Enters an incident with its ledger entry. `because` names what led to it, such as `alert:alt_…`. A title that was
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

/** Adds what was found out, or closes it. Throws `not_found`, and `conflict` for one that is closed. */
export async function changeIncident(
  tx: Transaction,
  id: string,
  change: ChangeIncident,
  context: Deciding & { changeId: string },
): Promise<void> {
  const [row] = await tx.select().from(incident).where(eq(incident.id, id)).for('update');
  if (!row) throw unknownIncident(id);
  if (row.state === 'closed')
    throw new AppError('conflict', 'The incident is closed. Open a new one from the alert that came back.');
  const { state, ...fields } = change;
  const by = actorText(context.actor);
  const rootCause = change.rootCause ?? row.rootCause;
  if (state === 'closed' && rootCause === null)
    throw new AppError('invalid_input', 'rootCause: say why it happened before you close the incident.');
  await tx
    .update(incident)
    .set({
      ...fields,
      writtenBy: { ...row.writtenBy, ...Object.fromEntries(Object.keys(fields).map((name) => [name, by])) },
      ...(state === 'closed' && { state, closedAt: context.at, closedBy: by }),
    })
    .where(eq(incident.id, id));
  await context.append(tx, {
    type: state === 'closed' ? 'incident.closed' : 'incident.changed',
    actor: ledgerActor(context.actor),
    subject: { kind: 'incident', id },
    series: `incident:${id}`,
    body: { at: context.at.toISOString(), fields: Object.keys(fields).sort() },
    ...wordsOf(context.actor, fields),
    dedupeKey: `incident:${id}:${context.changeId}`,
  });
}

export async function listIncidents(executor: Executor, query: IncidentQuery, namesOf: NamesOf) {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 2);
  const rows = await executor
    .select()
    .from(incident)
    .where(
      and(
        query.state && eq(incident.state, query.state),
        after && sql`(${incident.openedAt}, ${incident.id}) < (${after[0]}::timestamptz, ${after[1]})`,
      ),
    )
    .orderBy(desc(incident.openedAt), desc(incident.id))
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  return {
    items: await presentIncidents(page, namesOf),
    ...(last && { nextCursor: encodeCursor([last.openedAt.toISOString(), last.id]) }),
  };
}

export async function incidentById(executor: Executor, id: string, namesOf: NamesOf): Promise<Incident> {
  const [found] = await presentIncidents(await executor.select().from(incident).where(eq(incident.id, id)), namesOf);
  if (!found) throw unknownIncident(id);
  return found;
}

async function presentIncidents(rows: readonly IncidentRow[], namesOf: NamesOf): Promise<Incident[]> {
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [row.openedBy, row.closedBy]),
  );
  return rows.map(({ writtenBy: _writtenBy, ...row }) => ({
    ...row,
    openedAt: row.openedAt.toISOString(),
    openedBy: who(row.openedBy),
    closedAt: row.closedAt?.toISOString() ?? null,
    closedBy: row.closedBy === null ? null : who(row.closedBy),
  }));
}

function unknownIncident(id: string): AppError {
  return new AppError('not_found', `There is no incident ${id}.`);
}
