import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';

export type Migration = { number: number; name: string; sql: string; digest: string };

const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;
// Any constant will do, as long as two processes that start together use the same one.
const ADVISORY_LOCK = 7_283_001;

/** The numbered SQL files of `folder`, in order. Throws on a gap, a double number or a name that does not fit. */
export function readMigrations(folder: string): Migration[] {
  const migrations = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const match = FILE_NAME.exec(file);
      if (!match) throw new Error(`migrations/${file}: the name must look like 0001-what-it-does.sql`);
      const sql = readFileSync(join(folder, file), 'utf8');
      return { number: Number(match[1]), name: file, sql, digest: sha256Hex(sql) };
    });
  migrations.forEach((migration, position) => {
    if (migration.number !== position + 1)
      throw new Error(`migrations/${migration.name}: number ${position + 1} was expected here`);
  });
  return migrations;
}

/** How many of `migrations` the database lacks. Changes nothing. */
export async function pendingMigrations(pool: pg.Pool, migrations: readonly Migration[]): Promise<number> {
  const { rows: found } = await pool.query<{ exists: boolean }>(
    "select to_regclass('schema_migration') is not null as exists",
  );
  if (!found[0]?.exists) return migrations.length;
  const { rows } = await pool.query<{ newest: number }>(
    'select coalesce(max(number), 0) as newest from schema_migration',
  );
  return Math.max(0, migrations.length - Number(rows[0]?.newest));
}

/** Brings the database up to the last of `migrations`, each in its own transaction. Returns how many ran. */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[]): Promise<number> {
  const client = await pool.connect();
  try {
    const version = Number((await client.query('show server_version_num')).rows[0].server_version_num);
    if (version < 150_000)
      throw new AppError(
        'unavailable',
        `The database server is Postgres ${Math.floor(version / 10_000)}; Assay needs 15 or newer.`,
      );
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(
      'create table if not exists schema_migration (number int primary key, name text not null, digest text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ number: number; name: string; digest: string }>(
      'select number, name, digest from schema_migration order by number',
    );
    const newest = rows.at(-1)?.number ?? 0;
    if (newest > migrations.length)
      throw new AppError(
        'conflict',
        `The data was written by a newer version of Assay (schema ${newest}, this version knows ${migrations.length}). Start that version, or point ASSAY_DATA_DIR at another folder. Nothing was changed.`,
      );
    for (const row of rows) {
      const known = migrations[row.number - 1];
      if (known && known.digest !== row.digest)
        throw new AppError(
          'conflict',
          `This database was made with another migrations/${row.name} than this version has. Start the version that made it, or restore that file. Nothing was changed.`,
        );
    }
    for (const migration of migrations.slice(newest)) {
      await client.query('begin');
      try {
        await client.query(migration.sql);
        await client.query('insert into schema_migration (number, name, digest) values ($1, $2, $3)', [
          migration.number,
          migration.name,
          migration.digest,
        ]);
        await client.query('commit');
      } catch (cause) {
        await client.query('rollback');
        throw new Error(
          `migrations/${migration.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        );
      }
    }
    return migrations.length - newest;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [ADVISORY_LOCK]).catch(() => undefined);
    client.release();
  }
}
