import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import type { CommandContext } from '../context.ts';
import { register } from './monitor.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-monitor-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
beforeAll(async () => {
  mkdirSync(join(cwd, 'data'), { mode: 0o755 });
  await database.current.drizzle.insert(inventorySystem).values({
    id: 'sys_1',
    name: 'Scorer',
    state: 'confirmed',
    origin: 'manual',
    createdAt: new Date(),
    createdBy: 'service:assay',
  });
});

async function run(...args: string[]): Promise<{ text: string; problems: boolean }> {
  const ran = { text: '', problems: false };
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal: new AbortController().signal,
    interactive: false,
    openDatabase: async () => ({ database: database.current, dataDir: join(cwd, 'data') }) as OpenDatabase,
    print: (text) => {
      ran.text += `${text}\n`;
    },
    progress: () => undefined,
    foundProblems: () => {
      ran.problems = true;
    },
  };
  const program = new Command().exitOverride();
  register(program, context);
  await program.parseAsync(['monitor', ...args], { from: 'user' });
  return ran;
}
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

test('a CSV file is taken once; rows that do not fit and columns that change are told by line', async () => {
  write(
    'march.csv',
    '\ufeffwhen,lang,score,note\r\n' +
      '2026-03-29T01:30:00+01:00,de,0.5,"two\nlines, ""quoted"""\r\n' +
      '2026-03-29T03:30:00+02:00,de,nan,\r\n' +
      '2026-03-29 03:30,de,1,\r\n' +
      '2026-03-29T04:00:00Z,en,0.7\r\n' +
      '\r\n' +
      '2026-03-29T05:00:00Z,en,1e300,x\r\n' +
      '2026-03-29T06:00:00Z,en,high,x\r\n',
  );
  const args = [
    'import',
    'march.csv',
    '--system',
    'Scorer',
    '--at',
    'when',
    '--segment',
    'lang',
    '--value',
    'score',
    '--json',
  ];
  const ran = await run(...args);
  const result = JSON.parse(ran.text);
  expect(result).toMatchObject({ received: 6, accepted: 4, rejected: 2, complete: true });
  expect(result.rejections.map(({ line, code }: { line: number; code: string }) => [line, code])).toEqual([
    [5, 'bad_time'],
    [6, 'schema_drift'],
  ]);
  expect(result.drift).toEqual([{ column: 'score', was: 'number', is: 'text', line: 9, rows: 1 }]);
  expect(ran.problems).toBe(true);
  expect(JSON.parse((await run(...args)).text)).toMatchObject({ accepted: 0, duplicates: 4 });
});

test('a JSON Lines file holds rows or whole events', async () => {
  write(
    'rows.jsonl',
    '{"timestamp":"2026-03-01T00:00:00Z","score":1}\n{"timestamp":"2026-03-01T00:00:01Z","score":"NaN"}\nnot json\n',
  );
  expect(await run('import', 'rows.jsonl', '--system', 'sys_1')).toMatchObject({
    problems: true,
    text: expect.stringContaining('2 of 3 rows taken, 0 known already, 1 refused'),
  });
  const event = {
    id: 'x1',
    occurredAt: '2026-03-01T00:00:00Z',
    systemId: 'sys_1',
    kind: 'label',
    values: { label: 1 },
  };
  write('events.jsonl', JSON.stringify(event));
  expect((await run('import', 'events.jsonl')).text).toContain('1 of 1 rows taken');
});

test('a Parquet file keeps its types', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const path = join(cwd, 'p.parquet');
  await connection.run(
    `copy (select timestamp '2026-02-01' + interval (i) minute as ts, i::bigint as n, i / 7.0 as score, 'v' || (i % 2) as model from range(2500) as t(i)) to '${path}' (format parquet)`,
  );
  const { text, problems } = await run(
    'import',
    'p.parquet',
    '--system',
    'Scorer',
    '--sequence',
    'n',
    '--model',
    'model',
  );
  expect([text, problems]).toEqual([expect.stringContaining('2500 of 2500 rows taken'), false]);
});

test('what is asked for wrongly is said before anything is taken', async () => {
  write('plain.csv', 'a,b\n1,2\n');
  await expect(run('import', 'plain.csv', '--system', 'Nobody')).rejects.toThrow(/There is no AI system "Nobody"/);
  await expect(run('import', 'plain.csv', '--system', 'Scorer')).rejects.toThrow(
    /Name it with --at. The file has: a, b/,
  );
  await expect(run('import', 'plain.csv', '--system', 'Scorer', '--at', 'c')).rejects.toThrow(/no column "c"/);
  await expect(run('import', 'none.csv', '--system', 'Scorer')).rejects.toThrow(/cannot be read/);
  await expect(run('import', 'plain.csv', '--kind', 'guess')).rejects.toThrow(/give one of prediction/);
  await expect(run('recompute')).rejects.toThrow(/--window/);
});

test('closing, listing and recomputing say what there is', async () => {
  expect((await run('close')).text).toContain('0 windows closed');
  expect((await run('list')).text).toContain('There are no monitors yet');
  expect((await run('recompute', '--all')).text).toContain('0 windows with 0 decisions');
});
