import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { type Clock, DAY_MS } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { dayOfMs } from './decision-row.ts';

/** Held shared while decisions are written. Any constant will do, as long as all processes use the same one. */
export const ARRIVAL_LOCK = 7_283_020;

/**
 * A number such that every decision that arrived up to it is stored and visible, now and for ever. Numbers are given out
 * before their transaction commits, so the newest stored one says nothing: for a moment no writer may be under way.
 */
export async function arrivalBoundary(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [ARRIVAL_LOCK]);
    const { rows } = await client.query<{ last: number }>(
      'select case when is_called then last_value else 0 end as last from gateway_decision_arrival',
    );
    await client.query('commit');
    return rows[0]?.last ?? 0;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Where a reader of new decisions stands. Locked until the transaction ends, so there is one of each name at a time. */
export async function lockReader(tx: Transaction, name: string, clock: Clock): Promise<number> {
  await tx.execute(
    sql`insert into gateway_reader (name, arrival, at) values (${name}, 0, ${new Date(clock()).toISOString()}::timestamptz)
        on conflict (name) do nothing`,
  );
  const { rows } = await tx.execute<{ arrival: number }>(
    sql`select arrival from gateway_reader where name = ${name} for update`,
  );
  return rows[0]?.arrival ?? 0;
}

export async function moveReader(tx: Transaction, name: string, arrival: number, clock: Clock): Promise<void> {
  await tx.execute(
    sql`update gateway_reader set arrival = ${arrival}, at = ${new Date(clock()).toISOString()}::timestamptz where name = ${name}`,
  );
}

/** The days in which something new can stand: those around now, and days that came late. Others need not be opened. */
export async function daysOfNew(tx: Transaction, nowMs: number): Promise<string[]> {
  const { rows } = await tx.execute<{ day: string }>(sql`select day::text as day from gateway_late_day`);
  return [
    ...new Set([dayOfMs(nowMs - DAY_MS), dayOfMs(nowMs), dayOfMs(nowMs + DAY_MS), ...rows.map(({ day }) => day)]),
  ].sort();
}
