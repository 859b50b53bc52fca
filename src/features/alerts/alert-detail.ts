import { and, desc, eq, inArray, type SQL } from 'drizzle-orm';
import { incident } from '#src/features/incidents/tables.ts';
import { resolveWho, userText } from '#src/features/records/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { unknownAlert } from './change-alert.ts';
import { presentAlerts, type Reading } from './list-alerts.ts';
import type { AlertDelivery, AlertDetail, AlertStep } from './model.ts';
import { alert, alertChannel, alertDelivery, alertStep } from './tables.ts';

const STEPS_MAX = 1_000;
const DELIVERIES_MAX = 500;

/** An alert with its whole life line. Throws `not_found`. */
export async function alertDetail(reading: Reading, id: string): Promise<AlertDetail> {
  const { executor } = reading;
  const [row] = await executor.select().from(alert).where(eq(alert.id, id));
  if (!row) throw unknownAlert(id);
  const [shown] = await presentAlerts([row], reading);
  if (!shown) throw unknownAlert(id);
  const incidents =
    row.incidentId === null ? [] : await executor.select().from(incident).where(eq(incident.id, row.incidentId));
  const [linked] = incidents;
  return {
    alert: shown,
    reasons: row.reasons,
    evidence: row.evidence,
    steps: await stepsOf(reading, id),
    deliveries: await listDeliveries(executor, eq(alertDelivery.alertId, id)),
    incident: linked ? { id: linked.id, title: linked.title, state: linked.state } : null,
    settingsVersion: row.settingsVersion,
  };
}

async function stepsOf({ executor, namesOf }: Reading, alertId: string): Promise<AlertStep[]> {
  const rows = await executor
    .select()
    .from(alertStep)
    .where(eq(alertStep.alertId, alertId))
    .orderBy(desc(alertStep.id))
    .limit(STEPS_MAX);
  const people = rows.flatMap(({ detail }) =>
    [detail.to, detail.from, detail.owner].filter((id): id is string => typeof id === 'string'),
  );
  const who = await resolveWho(namesOf, [...rows.map((row) => row.by), ...people.map(userText)]);
  const named = (value: unknown) =>
    typeof value === 'string' && value.startsWith('usr_') ? who(userText(value)).name : undefined;
  return rows.reverse().map((row) => {
    const detail = { ...row.detail };
    for (const field of ['to', 'from', 'owner']) {
      const name = named(detail[field]);
      if (name !== undefined) detail[field] = name;
    }
    return { at: row.at.toISOString(), by: who(row.by), kind: row.kind, detail };
  });
}

export async function listDeliveries(executor: Executor, where: SQL | undefined): Promise<AlertDelivery[]> {
  const rows = await executor
    .select({ delivery: alertDelivery, channel: alertChannel })
    .from(alertDelivery)
    .innerJoin(alertChannel, eq(alertChannel.id, alertDelivery.channelId))
    .where(where)
    .orderBy(desc(alertDelivery.createdAt), desc(alertDelivery.id))
    .limit(DELIVERIES_MAX);
  return rows.map(({ delivery, channel }) => ({
    id: delivery.id,
    alertId: delivery.alertId,
    channel: { id: channel.id, name: channel.name, kind: channel.kind },
    event: delivery.event,
    state: delivery.state,
    attempts: delivery.attempts,
    createdAt: delivery.createdAt.toISOString(),
    nextAttemptAt: delivery.state === 'waiting' ? delivery.nextAttemptAt.toISOString() : null,
    deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
    receipt: delivery.receipt,
    lastError: delivery.lastError,
  }));
}

export async function deliveryById(executor: Executor, id: string): Promise<AlertDelivery | null> {
  const [found] = await listDeliveries(executor, eq(alertDelivery.id, id));
  return found ?? null;
}

/** Those that need a look: dead, or still waiting. */
export function openDeliveries(executor: Executor): Promise<AlertDelivery[]> {
  return listDeliveries(executor, and(inArray(alertDelivery.state, ['dead', 'waiting'])));
}
