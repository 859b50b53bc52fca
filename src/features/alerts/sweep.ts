import { and, asc, eq, isNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import type { Append } from '#src/features/records/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { type Acting, ASSAY, addStep } from './life.ts';
import { clocksFrom } from './open-alert.ts';
import { addDeliveries, queueDelivery } from './queue-deliveries.ts';
import { settingsInForce } from './settings.ts';
import type { AlertSettings } from './settings-model.ts';
import { type AlertRow, alert, alertDelivery, alertMute } from './tables.ts';

export const SWEEP_JOB = 'alerts:sweep';

// One round stays short; the next one, a minute later, goes on.
const ROUND_MAX = 200;
// A delivery this late has lost its job: the process ended between two attempts, or jobs did not exist yet.
const LOST_AFTER_MS = 120_000;

/** What time alone does to alerts: mutes end, clocks run out, lost deliveries are put back. Doing it twice does no harm. */
export async function sweepAlerts(parts: { database: Database; clock: Clock; append: Append }): Promise<{
  unmuted: number;
  escalated: number;
  requeued: number;
}> {
  const { database, clock, append } = parts;
  const at = new Date(clock());
  return database.transaction(async (tx) => {
    const acting: Acting = { at, actor: ASSAY, append };
    const { settings } = await settingsInForce(tx);
    return {
      unmuted: await unmute(tx, settings, acting),
      escalated: await escalate(tx, settings, acting),
      requeued: await requeue(tx, at),
    };
  });
}

/** An alert that outlived its mute is heard now, and its clocks start now. */
async function unmute(tx: Transaction, settings: AlertSettings, acting: Acting): Promise<number> {
  const { at } = acting;
  const rows = await tx
    .select({ row: alert, muteEnd: sql<Date>`least(${alertMute.expiresAt}, ${alertMute.endedAt})` })
    .from(alert)
    .innerJoin(alertMute, eq(alertMute.id, alert.muteId))
    .where(
      and(
        eq(alert.quiet, true),
        ne(alert.state, 'resolved'),
        or(lte(alertMute.expiresAt, at), lte(alertMute.endedAt, at)),
      ),
    )
    .orderBy(asc(alert.id))
    .limit(ROUND_MAX)
    .for('update', { of: alert, skipLocked: true });
  for (const { row } of rows) {
    await tx
      .update(alert)
      .set({ quiet: false, ...clocksFrom(at, row.severity, settings) })
      .where(eq(alert.id, row.id));
    await addStep(
      tx,
      { alertId: row.id, kind: 'unmuted', detail: { mute: row.muteId }, body: { mute: row.muteId } },
      acting,
    );
    await addDeliveries(tx, { alertId: row.id, severity: row.severity, event: 'opened', at });
  }
  return rows.length;
}

/** Level 1: nobody acknowledged in time. Level 2: not resolved in time. */
async function escalate(tx: Transaction, settings: AlertSettings, acting: Acting): Promise<number> {
  const { at } = acting;
  const overdue = or(
    and(eq(alert.state, 'open'), lt(alert.acknowledgeDueAt, at), lt(alert.escalationLevel, 1)),
    and(lt(alert.resolveDueAt, at), lt(alert.escalationLevel, 2)),
  );
  const rows = await tx
    .select()
    .from(alert)
    .where(and(ne(alert.state, 'resolved'), eq(alert.quiet, false), overdue))
    .orderBy(asc(alert.acknowledgeDueAt))
    .limit(ROUND_MAX)
    .for('update', { skipLocked: true });
  for (const row of rows) await escalateOne(tx, row, settings, acting);
  return rows.length;
}

async function escalateOne(tx: Transaction, row: AlertRow, settings: AlertSettings, acting: Acting): Promise<void> {
  const { at } = acting;
  const level = row.resolveDueAt < at ? 2 : 1;
  const because = level === 2 ? 'not_resolved' : 'not_acknowledged';
  await tx.update(alert).set({ escalationLevel: level, escalatedTo: settings.escalateTo }).where(eq(alert.id, row.id));
  const body = {
    level,
    because,
    to: settings.escalateTo,
    dueAt: (level === 2 ? row.resolveDueAt : row.acknowledgeDueAt).toISOString(),
  };
  await addStep(tx, { alertId: row.id, kind: 'escalated', detail: body, body }, acting);
  await addDeliveries(tx, { alertId: row.id, severity: row.severity, event: 'escalated', at });
}

async function requeue(tx: Transaction, at: Date): Promise<number> {
  const rows = await tx
    .select({ id: alertDelivery.id })
    .from(alertDelivery)
    .where(
      and(
        eq(alertDelivery.state, 'waiting'),
        isNull(alertDelivery.deliveredAt),
        lt(alertDelivery.nextAttemptAt, new Date(at.getTime() - LOST_AFTER_MS)),
      ),
    )
    .limit(ROUND_MAX);
  for (const row of rows) await queueDelivery(tx, row.id, at.getTime());
  return rows.length;
}
