import { sql } from 'drizzle-orm';
import { type Actor, type Append, actorText, ledgerActor, lockFor } from '#src/features/records/index.ts';
import { HOLDS_LOCK, standingHolds } from '#src/features/retention/index.ts';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Database, Executor, Transaction } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';
import { RETENTION_DAYS_DEFAULT } from './model.ts';
import { dropPartition, ensurePartition, partitionDays, partitionOf } from './partitions.ts';

export async function retentionDays(executor: Executor): Promise<number> {
  const { rows } = await executor.execute<{ days: number }>(
    sql`select retention_days as days from gateway_record_setting`,
  );
  return rows[0]?.days ?? RETENTION_DAYS_DEFAULT;
}

/** Changes for how many days decisions are kept, with its ledger entry. */
export async function changeRetention(
  tx: Transaction,
  change: { retentionDays: number; by: Actor },
  { append, clock }: { append: Append; clock: Clock },
): Promise<void> {
  const before = await retentionDays(tx);
  if (before === change.retentionDays) return;
  const at = new Date(clock()).toISOString();
  await tx.execute(sql`
    insert into gateway_record_setting (single, retention_days, changed_at, changed_by)
    values (true, ${change.retentionDays}, ${at}::timestamptz, ${actorText(change.by)})
    on conflict (single) do update set retention_days = excluded.retention_days, changed_at = excluded.changed_at,
      changed_by = excluded.changed_by`);
  await append(tx, {
    type: 'threshold.changed',
    actor: ledgerActor(change.by),
    subject: { kind: 'gateway-record', id: 'retention-days' },
    body: { from: before, to: change.retentionDays },
    dedupeKey: `gateway-retention:${at}`,
  });
}

/**
 * Makes tomorrow's partition and drops the days that are kept no longer. A day with a window that is not sealed, or
 * with decisions that not everybody has read, stays until it is: nothing leaves before the ledger holds its root. A day under a
 * legal hold, its own or that of a tenant who called on it, stays while the hold stands. Returns the days dropped.
 */
export async function applyRetention(
  parts: { database: Database; append: Append; clock: Clock },
  signal?: AbortSignal,
): Promise<string[]> {
  const { database, append, clock } = parts;
  await ensurePartition(database.pool, dayOfMs(clock()));
  await ensurePartition(database.pool, dayOfMs(clock() + DAY_MS));
  const firstKept = dayOfMs(clock() - (await retentionDays(database.drizzle)) * DAY_MS);
  const dropped: string[] = [];
  for (const day of await partitionDays(database.pool)) {
    if (day >= firstKept || signal?.aborted) break;
    if (await dropDay(database, day, append, clock)) dropped.push(day);
  }
  return dropped;
}

async function dropDay(database: Database, day: string, append: Append, clock: Clock): Promise<boolean> {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString();
  return database.transaction(async (tx) => {
    const { rows } = await tx.execute<{ decisions: number; windows: number; open: number; unread: boolean }>(sql`
      select (select count(*) from ${sql.raw(partitionOf(day))}) as decisions,
        count(*) filter (where w.state = 'sealed') as windows, count(*) filter (where w.state = 'open') as open,
        (select coalesce(max(arrival), 0) from ${sql.raw(partitionOf(day))})
          > (select coalesce(min(arrival), 0) from gateway_reader) as unread
      from gateway_window w
      where w.slot_from >= ${`${day}T00:00:00Z`}::timestamptz and w.slot_from < ${next}::timestamptz`);
    const [found] = rows;
    if (!found || found.open > 0 || found.unread) return false;
    await lockFor(tx, HOLDS_LOCK);
    if (await isHeld(tx, day)) return false;
    await dropPartition(tx, day);
    const at = new Date(clock()).toISOString();
    await tx.execute(sql`
      insert into gateway_retention (day, dropped_at, decisions, windows)
      values (${day}::date, ${at}::timestamptz, ${found.decisions}, ${found.windows})
      on conflict (day) do update set dropped_at = excluded.dropped_at,
        decisions = gateway_retention.decisions + excluded.decisions, windows = excluded.windows`);
    await append(tx, {
      type: 'gateway.dropped',
      actor: ledgerActor({ kind: 'service', id: 'gateway' }),
      subject: { kind: 'gateway-day', id: day },
      body: { decisions: found.decisions, windows: found.windows },
      dedupeKey: `gateway-dropped:${day}:${at}`,
    });
    return true;
  });
}

async function isHeld(tx: Transaction, day: string): Promise<boolean> {
  const holds = await standingHolds(tx);
  if (holds.some((hold) => hold.subjectKind === 'gateway-day' && hold.subjectId === day)) return true;
  const tenants = holds.flatMap((hold) => (hold.subjectKind === 'gateway-tenant' ? [hold.subjectId] : []));
  if (tenants.length === 0) return false;
  const { rows } = await tx.execute<{ held: boolean }>(
    sql`select exists (select 1 from ${sql.raw(partitionOf(day))} where tenant_id in ${tenants}) as held`,
  );
  return rows[0]?.held === true;
}
