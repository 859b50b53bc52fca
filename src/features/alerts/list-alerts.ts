import { and, asc, count, desc, eq, ilike, isNull, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import { decodeCursor, encodeCursor, type NamesOf, resolveWho, userText } from '#src/features/records/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Alert, AlertPage, AlertQuery, ClockState } from './model.ts';
import { type AlertRow, alert } from './tables.ts';

export type Reading = { executor: Executor; namesOf: NamesOf; at: Date };

/** Alerts by what is due first, or by what is newest. `me` is the person who asks. */
export async function listAlerts(reading: Reading, query: AlertQuery, me: string): Promise<AlertPage> {
  const { executor, at } = reading;
  const { facet, filter } = filtersOf(query, me, at);
  const due = sql`case when ${alert.state} = 'open' then ${alert.acknowledgeDueAt} else ${alert.resolveDueAt} end`;
  const order = query.sort === 'newest' ? [desc(alert.openedAt), desc(alert.id)] : [asc(due), asc(alert.id)];
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 2);
  const after =
    cursor &&
    (query.sort === 'newest'
      ? sql`(${alert.openedAt}, ${alert.id}) < (${cursor[0]}::timestamptz, ${cursor[1]})`
      : sql`(${due}, ${alert.id}) > (${cursor[0]}::timestamptz, ${cursor[1]})`);
  const rows = await executor
    .select()
    .from(alert)
    .where(and(filter, after))
    .orderBy(...order)
    .limit(query.limit + 1);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  const [counted] = await executor.select({ total: count() }).from(alert).where(filter);
  return {
    items: await presentAlerts(page, reading),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([cursorTime(last, query.sort).toISOString(), last.id]) }),
    facets: {
      state: await facets(executor, alert.state, facet('state')),
      severity: await facets(executor, alert.severity, facet('severity')),
      source: await facets(executor, alert.source, facet('source')),
    },
    at: at.toISOString(),
  };
}

function cursorTime(row: AlertRow, sort: AlertQuery['sort']): Date {
  if (sort === 'newest') return row.openedAt;
  return row.state === 'open' ? row.acknowledgeDueAt : row.resolveDueAt;
}

function filtersOf(query: AlertQuery, me: string, at: Date) {
  const parts: Record<string, SQL | undefined> = {
    state: query.state === 'unresolved' ? ne(alert.state, 'resolved') : query.state && eq(alert.state, query.state),
    severity: query.severity && eq(alert.severity, query.severity),
    source: query.source && eq(alert.source, query.source),
    owner: ownerFilter(query.owner, me),
    clock: clockFilter(query.clock, at),
    muted: query.muted && eq(alert.quiet, query.muted === 'yes'),
    subject: query.subject === undefined ? undefined : eq(alert.subjectId, query.subject),
    text: textFilter(query.q),
  };
  /** For the counts beside a filter: everything but that filter itself. */
  const facet = (name: string) =>
    and(...Object.entries(parts).flatMap(([part, condition]) => (part === name ? [] : [condition])));
  return { facet, filter: and(...Object.values(parts)) };
}

function ownerFilter(owner: string | undefined, me: string): SQL | undefined {
  if (owner === undefined) return undefined;
  if (owner === 'none') return isNull(alert.ownerId);
  return eq(alert.ownerId, owner === 'me' ? me : owner);
}

function clockFilter(clock: AlertQuery['clock'], at: Date): SQL | undefined {
  if (clock === undefined) return undefined;
  const late = and(eq(alert.state, 'open'), lt(alert.acknowledgeDueAt, at), eq(alert.quiet, false));
  if (clock === 'never_acknowledged') return late;
  return or(late, and(ne(alert.state, 'resolved'), lt(alert.resolveDueAt, at), eq(alert.quiet, false)));
}

function textFilter(text: string | undefined): SQL | undefined {
  const words = (text ?? '').trim();
  if (words === '') return undefined;
  const pattern = `%${words.replace(/[\\%_]/g, '\\$&')}%`;
  return or(ilike(alert.title, pattern), ilike(alert.subjectTitle, pattern), eq(alert.id, words));
}

async function facets(
  executor: Executor,
  column: typeof alert.state | typeof alert.severity | typeof alert.source,
  where: SQL | undefined,
): Promise<Record<string, number>> {
  const rows = await executor.select({ value: column, total: count() }).from(alert).where(where).groupBy(column);
  return Object.fromEntries(rows.map((row) => [row.value, row.total]));
}

/** The rows as the API shows them. */
export async function presentAlerts(rows: readonly AlertRow[], { namesOf, at }: Reading): Promise<Alert[]> {
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [row.ownerId && userText(row.ownerId), row.acknowledgedBy, row.resolvedBy]),
  );
  return rows.map((row) => ({
    id: row.id,
    source: row.source,
    sourceId: row.sourceId,
    subject: { kind: row.subjectKind, id: row.subjectId, title: row.subjectTitle },
    severity: row.severity,
    title: row.title,
    link: row.link,
    state: row.state,
    occurredAt: row.occurredAt.toISOString(),
    openedAt: row.openedAt.toISOString(),
    lastOccurredAt: row.lastOccurredAt.toISOString(),
    occurrences: row.occurrences,
    owner: row.ownerId === null ? null : who(userText(row.ownerId)),
    acknowledge: {
      dueAt: row.acknowledgeDueAt.toISOString(),
      at: row.acknowledgedAt?.toISOString() ?? null,
      by: row.acknowledgedBy === null ? null : who(row.acknowledgedBy),
      // One that ended by itself needs nobody any more.
      clock: clockState(row.acknowledgeDueAt, row.acknowledgedAt ?? row.resolvedAt, row.quiet, at),
    },
    resolve: {
      dueAt: row.resolveDueAt.toISOString(),
      at: row.resolvedAt?.toISOString() ?? null,
      by: row.resolvedBy === null ? null : who(row.resolvedBy),
      clock: clockState(row.resolveDueAt, row.resolvedAt, row.quiet, at),
    },
    escalationLevel: row.escalationLevel,
    resolution: row.resolution,
    resolutionReason: row.resolutionReason,
    acceptedUntil: row.acceptedUntil?.toISOString() ?? null,
    retest: row.retestedAt === null ? null : { at: row.retestedAt.toISOString(), passed: row.retestPassed ?? false },
    muteId: row.muteId,
    incidentId: row.incidentId,
    reopensId: row.reopensId,
  }));
}

/** The due instant itself is still in time. */
export function clockState(dueAt: Date, doneAt: Date | null, quiet: boolean, at: Date): ClockState {
  if (doneAt !== null) return doneAt <= dueAt ? 'met' : 'breached';
  if (quiet) return 'muted';
  return at <= dueAt ? 'running' : 'breached';
}
