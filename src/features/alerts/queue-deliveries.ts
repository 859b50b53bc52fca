import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { makeId } from '#src/kernel/id.ts';
import type { Executor, Transaction } from '#src/platform/database/connect.ts';
import { addJob } from '#src/platform/jobs.ts';
import { type DeliveryEvent, SEVERITIES, type Severity } from './model.ts';
import { alertChannel, alertDelivery } from './tables.ts';

export const DELIVER_JOB = 'alerts:deliver';

/** Plans the messages about an alert: one for each channel that wants its severity. */
export async function addDeliveries(
  tx: Transaction,
  planned: { alertId: string; severity: Severity; event: DeliveryEvent; at: Date },
): Promise<string[]> {
  const channels = await tx
    .select()
    .from(alertChannel)
    .where(and(eq(alertChannel.enabled, true), isNull(alertChannel.retiredAt)));
  const wanted = channels.filter(
    (channel) => SEVERITIES.indexOf(planned.severity) <= SEVERITIES.indexOf(channel.severityMin),
  );
  const ids: string[] = [];
  for (const channel of wanted) ids.push(await addDelivery(tx, { ...planned, channelId: channel.id, at: planned.at }));
  return ids;
}

export async function addDelivery(
  tx: Transaction,
  planned: { alertId: string | null; channelId: string; event: DeliveryEvent; at: Date },
): Promise<string> {
  const id = makeId('dlv', planned.at.getTime(), randomBytes(10));
  await tx.insert(alertDelivery).values({
    id,
    alertId: planned.alertId,
    channelId: planned.channelId,
    event: planned.event,
    state: 'waiting',
    createdAt: planned.at,
    nextAttemptAt: planned.at,
  });
  await queueDelivery(tx, id, planned.at.getTime());
  return id;
}

/** Adds the job that sends it. Where no server ever ran there are no jobs yet: the sweep finds the row at its first start. */
export async function queueDelivery(tx: Pick<Executor, 'execute'>, deliveryId: string, runAtMs: number): Promise<void> {
  const { rows } = await tx.execute<{ there: boolean }>(
    sql`select to_regclass('graphile_worker.jobs') is not null as there`,
  );
  if (rows[0]?.there) await addJob(tx, DELIVER_JOB, { deliveryId }, { key: `${DELIVER_JOB}:${deliveryId}`, runAtMs });
}
