import { and, asc, count, desc, eq, gte, inArray, sql } from 'drizzle-orm';
import { alert } from '#src/features/alerts/tables.ts';
import {
  decodeCursor,
  encodeCursor,
  type NamesOf,
  parseActor,
  personOf,
  resolveWho,
} from '#src/features/records/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { alertsOf, type LinkedAlert, missingOf, unknownIncident } from './incidents.ts';
import type { Incident, IncidentDetail, IncidentPage, IncidentQuery, IncidentStep, IncidentTimes } from './model.ts';
import { type IncidentRow, incident, incidentStep } from './tables.ts';

const SUMMARY_DAYS = 90;
const FIELD_TITLES: Record<string, string> = {
  rootCause: 'Root cause',
  lessons: 'Lessons',
  changeRef: 'Change',
  retestRef: 'Retest',
};

export async function listIncidents(
  executor: Executor,
  query: IncidentQuery,
  namesOf: NamesOf,
  nowMs: number,
): Promise<IncidentPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 2);
  const filter = and(
    query.state && eq(incident.state, query.state),
    query.severity && eq(incident.severity, query.severity),
  );
  const rows = await executor
    .select()
    .from(incident)
    .where(and(filter, after && sql`(${incident.openedAt}, ${incident.id}) < (${after[0]}::timestamptz, ${after[1]})`))
    .orderBy(desc(incident.openedAt), desc(incident.id))
    .limit(query.limit + 1);
  const [counted] = await executor.select({ total: count() }).from(incident).where(filter);
  const page = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? page.at(-1) : undefined;
  return {
    items: await presentIncidents(executor, page, namesOf),
    summary: await summarize(executor, nowMs),
    total: counted?.total ?? 0,
    ...(last && { nextCursor: encodeCursor([last.openedAt.toISOString(), last.id]) }),
  };
}

/** One incident with its timeline: its own steps and those of its alerts, in order of time. */
export async function incidentDetail(executor: Executor, id: string, namesOf: NamesOf): Promise<IncidentDetail> {
  const [row] = await executor.select().from(incident).where(eq(incident.id, id));
  if (!row) throw unknownIncident(id);
  const [shown] = await presentIncidents(executor, [row], namesOf);
  if (!shown) throw unknownIncident(id);
  const alerts = await alertsOf(executor, id);
  const steps = await executor
    .select()
    .from(incidentStep)
    .where(eq(incidentStep.incidentId, id))
    .orderBy(asc(incidentStep.at), asc(incidentStep.id));
  const who = await resolveWho(namesOf, [
    row.openedBy,
    row.closedBy,
    ...steps.map(({ by }) => by),
    ...alerts.flatMap(({ acknowledgedBy, resolvedBy }) => [acknowledgedBy, resolvedBy]),
  ]);
  type Step = { at: Date; by: string | null; kind: IncidentStep['kind']; words: string | null };
  const all: Step[] = [
    ...alerts.flatMap((one): Step[] => [
      { at: one.occurredAt, by: null, kind: 'occurred', words: one.title },
      { at: one.openedAt, by: null, kind: 'detected', words: one.title },
      ...(one.acknowledgedAt
        ? [{ at: one.acknowledgedAt, by: one.acknowledgedBy, kind: 'acknowledged' as const, words: one.title }]
        : []),
      ...(one.resolvedAt
        ? [{ at: one.resolvedAt, by: one.resolvedBy, kind: 'alert_resolved' as const, words: one.resolutionReason }]
        : []),
    ]),
    { at: row.openedAt, by: row.openedBy, kind: 'opened', words: null },
    ...steps.map((step): Step => ({ at: step.at, by: step.by, kind: step.kind, words: said(step) })),
    ...(row.closedAt ? [{ at: row.closedAt, by: row.closedBy, kind: 'closed' as const, words: null }] : []),
  ];
  // Stable: of one instant, the order above.
  all.sort((a, b) => a.at.getTime() - b.at.getTime());
  return {
    incident: shown,
    steps: all.map((step) => ({
      ...step,
      at: step.at.toISOString(),
      by: step.by === null ? null : who(step.by),
    })),
  };
}

function said({ subject, words }: typeof incidentStep.$inferSelect): string | null {
  if (words === null) return subject;
  return subject === null ? words : `${FIELD_TITLES[subject] ?? subject}: ${words}`;
}

async function presentIncidents(
  executor: Executor,
  rows: readonly IncidentRow[],
  namesOf: NamesOf,
): Promise<Incident[]> {
  const linked = await linkedAlerts(executor, rows);
  const who = await resolveWho(
    namesOf,
    rows.flatMap((row) => [row.openedBy, row.closedBy]),
  );
  return rows.map(({ writtenBy: _writtenBy, ...row }) => {
    const alerts = linked.get(row.id) ?? [];
    return {
      ...row,
      openedAt: row.openedAt.toISOString(),
      openedBy: who(row.openedBy),
      closedAt: row.closedAt?.toISOString() ?? null,
      closedBy: row.closedBy === null ? null : who(row.closedBy),
      times: timesOf(row, alerts),
      alerts: alerts.map(({ id, title, state }) => ({ id, title, state })),
      missing: row.state === 'closed' ? [] : missingOf(row, alerts),
    };
  });
}

async function linkedAlerts(executor: Executor, rows: readonly { id: string }[]): Promise<Map<string, LinkedAlert[]>> {
  const found = await executor
    .select()
    .from(alert)
    .where(
      inArray(
        alert.incidentId,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(asc(alert.openedAt));
  const linked = new Map<string, LinkedAlert[]>();
  for (const one of found) linked.set(one.incidentId ?? '', [...(linked.get(one.incidentId ?? '') ?? []), one]);
  return linked;
}

/** Begun, seen and taken up by the earliest of its alerts; an incident a person opened was taken up then at the latest. */
export function timesOf(
  row: Pick<IncidentRow, 'openedAt' | 'openedBy' | 'closedAt'>,
  alerts: readonly Pick<LinkedAlert, 'occurredAt' | 'openedAt' | 'acknowledgedAt'>[],
): IncidentTimes {
  const earliest = (instants: readonly (Date | null)[]): number | null => {
    const known = instants.flatMap((one) => (one === null ? [] : [one.getTime()]));
    return known.length === 0 ? null : Math.min(...known);
  };
  const opened = row.openedAt.getTime();
  const detected = earliest([row.openedAt, ...alerts.map((one) => one.openedAt)]) ?? opened;
  const occurred = earliest([new Date(detected), ...alerts.map((one) => one.occurredAt)]) ?? detected;
  const byPerson = personOf(parseActor(row.openedBy)) !== null;
  const acknowledged = earliest([...alerts.map((one) => one.acknowledgedAt), byPerson ? row.openedAt : null]);
  const resolved = row.closedAt?.getTime() ?? null;
  const since = (later: number | null, earlier: number) => (later === null ? null : later - earlier);
  const shown = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    occurredAt: new Date(occurred).toISOString(),
    detectedAt: new Date(detected).toISOString(),
    acknowledgedAt: shown(acknowledged),
    resolvedAt: shown(resolved),
    toDetectMs: detected - occurred,
    toAcknowledgeMs: since(acknowledged, detected),
    toResolveMs: since(resolved, detected),
  };
}

async function summarize(executor: Executor, nowMs: number): Promise<IncidentPage['summary']> {
  const rows = await executor
    .select()
    .from(incident)
    .where(gte(incident.openedAt, new Date(nowMs - SUMMARY_DAYS * DAY_MS)));
  const linked = await linkedAlerts(executor, rows);
  const times = rows.map((row) => timesOf(row, linked.get(row.id) ?? []));
  return {
    days: SUMMARY_DAYS,
    opened: rows.length,
    stillOpen: rows.filter(({ state }) => state === 'open').length,
    medianToDetectMs: median(times.map((one) => one.toDetectMs)),
    medianToAcknowledgeMs: median(times.map((one) => one.toAcknowledgeMs)),
    medianToResolveMs: median(times.map((one) => one.toResolveMs)),
  };
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = Math.floor(known.length / 2);
  if (known.length === 0) return null;
  return known.length % 2 === 1 ? (known[middle] ?? null) : ((known[middle - 1] ?? 0) + (known[middle] ?? 0)) / 2;
}
