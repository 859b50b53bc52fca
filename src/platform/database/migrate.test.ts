import { expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { migrate, readMigrations } from './migrate.ts';

const database = testDatabase();

test('a migrated database needs nothing more', async () => {
  expect(await migrate(database.current.pool, readMigrations('migrations'))).toBe(0);
});

test('data of a newer version is refused and left alone', async () => {
  await database.current.pool.query("insert into schema_migration values (9999, '9999-future.sql', 'x')");
  await expect(migrate(database.current.pool, readMigrations('migrations'))).rejects.toThrow(/newer version of Assay/);
});
