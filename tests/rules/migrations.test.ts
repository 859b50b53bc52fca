import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';

const database = testDatabase();

const tableFiles = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src/**/tables.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);

async function declaredTables(): Promise<PgTable[]> {
  const modules = await Promise.all(tableFiles.map((file) => import(pathToFileURL(file).href)));
  return modules.flatMap((module) => Object.values(module).filter((value): value is PgTable => is(value, PgTable)));
}

test('every declared table is what the migrations make: same columns, same nullability', async () => {
  const tables = await declaredTables();
  expect(tables.length).toBeGreaterThan(10);
  const { rows } = await database.current.pool.query<{
    table_name: string;
    column_name: string;
    is_nullable: 'YES' | 'NO';
  }>("select table_name, column_name, is_nullable from information_schema.columns where table_schema = 'public'");
  for (const table of tables) {
    const { name, columns } = getTableConfig(table);
    const made = rows.filter((row) => row.table_name === name);
    const describe = (column: string, nullable: boolean) => `${name}.${column}${nullable ? ' null' : ''}`;
    expect(columns.map((column) => describe(column.name, !column.notNull)).sort()).toEqual(
      made.map((row) => describe(row.column_name, row.is_nullable === 'YES')).sort(),
    );
  }
});

test('the ledger refuses to change or delete what it holds, even where it holds nothing', async () => {
  const refused = [
    'update ledger_entry set log_id = log_id',
    ...['ledger_log', 'ledger_entry', 'ledger_tile', 'ledger_signed', 'ledger_cosignature'].flatMap((table) => [
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]),
  ];
  for (const statement of refused)
    await expect(database.current.pool.query(statement), statement).rejects.toThrow(/is append-only/);
});
