import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';

type Client = pg.Pool | pg.PoolClient;

// Processes that meet the first call of a day at once make its partition one after the other.
const PARTITION_LOCK = 7_283_021;

export function partitionOf(day: string): string {
  return `gateway_decision_${day.replaceAll('-', '')}`;
}

/** Makes the partition of a UTC day unless it is there. Attaching takes no lock that readers or writers wait for. */
export async function ensurePartition(pool: pg.Pool, day: string): Promise<void> {
  const name = partitionOf(day);
  if (await isThere(pool, name)) return;
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    if (!(await isThere(client, name))) {
      await client.query(`create table ${name} (like gateway_decision including all)`);
      await client.query(
        `alter table gateway_decision attach partition ${name} for values from ('${day}') to ('${next}')`,
      );
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** The days there are partitions for, oldest first. */
export async function partitionDays(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'gateway_decision'::regclass order by c.relname`,
  );
  return rows.map(({ name }) => name.slice(-8).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'));
}

/** Takes the partition of a day away with all its rows. Throws where the parent is not free for that within seconds. */
export async function dropPartition(tx: Transaction, day: string): Promise<void> {
  const name = partitionOf(day);
  await tx.execute(sql.raw("set local lock_timeout = '5s'"));
  await tx.execute(sql.raw(`alter table gateway_decision detach partition ${name}`));
  await tx.execute(sql.raw(`drop table ${name}`));
}

async function isThere(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
  return rows[0]?.there === true;
}
