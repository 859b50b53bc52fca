import { and, asc, gte, isNull, lt, sql } from 'drizzle-orm';
import { presentAlerts, type Reading } from './list-alerts.ts';
import { type AlertReport, SEVERITIES } from './model.ts';
import { alert } from './tables.ts';

const LISTED_MAX = 1_000;

/** How the clocks of the alerts opened in [from, to) were kept. The due instant itself is in time; never acknowledged and overdue is late. */
export async function alertReport(reading: Reading, period: { from: Date; to: Date }): Promise<AlertReport> {
  const { executor, at } = reading;
  const within = and(gte(alert.openedAt, period.from), lt(alert.openedAt, period.to));
  const counted = (condition: ReturnType<typeof sql>) => sql<number>`(count(*) filter (where ${condition}))::int`;
  const overdue = sql`${alert.acknowledgedAt} is null and not ${alert.quiet} and ${alert.acknowledgeDueAt} < least(${at.toISOString()}::timestamptz, ${alert.resolvedAt})`;
  const rows = await executor
    .select({
      severity: alert.severity,
      fired: counted(sql`true`),
      acknowledgedInTime: counted(sql`${alert.acknowledgedAt} <= ${alert.acknowledgeDueAt}`),
      acknowledgedLate: counted(sql`${alert.acknowledgedAt} > ${alert.acknowledgeDueAt}`),
      neverAcknowledged: counted(overdue),
      resolvedInTime: counted(sql`${alert.resolvedAt} <= ${alert.resolveDueAt}`),
      escalated: counted(sql`${alert.escalationLevel} > 0`),
      falsePositives: counted(sql`${alert.resolution} = 'false_positive'`),
      mutedWhileFiring: counted(sql`${alert.muteId} is not null`),
      reopened: counted(sql`${alert.reopensId} is not null`),
    })
    .from(alert)
    .where(within)
    .groupBy(alert.severity);
  const bySeverity = new Map(rows.map((row) => [row.severity, row]));
  const never = await executor
    .select()
    .from(alert)
    .where(and(within, isNull(alert.acknowledgedAt), overdue))
    .orderBy(asc(alert.acknowledgeDueAt))
    .limit(LISTED_MAX);
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    bySeverity: SEVERITIES.map((severity) => bySeverity.get(severity) ?? nothing(severity)),
    neverAcknowledged: await presentAlerts(never, reading),
  };
}

function nothing(severity: (typeof SEVERITIES)[number]): AlertReport['bySeverity'][number] {
  return {
    severity,
    fired: 0,
    acknowledgedInTime: 0,
    acknowledgedLate: 0,
    neverAcknowledged: 0,
    resolvedInTime: 0,
    escalated: 0,
    falsePositives: 0,
    mutedWhileFiring: 0,
    reopened: 0,
  };
}
