import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServices } from '#src/apps/services.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import type { CommandContext } from '../context.ts';
import { register as registerPerson } from './person.ts';
import { register as registerRetention } from './retention.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-person-'));
const dataDir = join(cwd, 'data');
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ text: string; problems: boolean }> {
  const printed: string[] = [];
  let problems = false;
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal: new AbortController().signal,
    interactive: false,
    openDatabase: async () => ({ database: database.current, dataDir }) as OpenDatabase,
    print: (text) => printed.push(text),
    progress: () => undefined,
    foundProblems: () => {
      problems = true;
    },
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerPerson(program, context);
  registerRetention(program, context);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  await program.parseAsync(args, { from: 'user' });
  return { text: printed.join('\n'), problems };
}

const PERSON = 'per_customer_contact';

beforeAll(async () => {
  const log = createLog({ level: 'silent' });
  const { records } = await openServices({ database: database.current, dataDir, clock: Date.now, log });
  await database.current.transaction((tx) =>
    records.append(tx, {
      type: 'access.reviewed',
      actor: { kind: 'service', id: 'assay' },
      subject: { kind: 'person', id: PERSON },
      body: {},
      personal: { person: PERSON, values: { name: 'Nora Nobody', phone: '+1 555 0100' } },
      dedupeKey: 'reviewed',
    }),
  );
});

test('lists whose data is held, also of those who are no users', async () => {
  expect((await run('person', 'list')).text).toContain(`${PERSON}  2 values, 0 files`);
  expect(JSON.parse((await run('person', 'list', '--json')).text)).toMatchObject([
    { id: PERSON, values: 2, name: null },
  ]);
});

test('without a confirmation it says what would be lost and erases nothing', async () => {
  const { text, problems } = await run('person', 'erase', PERSON, '--reason', 'request', '--basis', 'request 14');
  expect(text).toContain('2 values that 1 entry commits to');
  expect(text).toContain(`Nothing was erased. To erase for good, run it again with --confirm ${PERSON}`);
  expect(problems).toBe(false);
  expect((await run('person', 'show', PERSON)).text).toContain('2 values');
});

test.each([
  [['--reason', 'because', '--basis', 'x'], '--reason'],
  [['--reason', 'request', '--basis', 'asked by a@b.example'], '--basis'],
  [['--reason', 'request', '--basis', 'x', '--confirm', 'somebody else'], 'type the id'],
])('%j is refused, naming what is wrong', async (options, named) => {
  await expect(run('person', 'erase', PERSON, ...options)).rejects.toThrow(named);
});

test('a hold blocks the erasure until it is released', async () => {
  const hold = /hld_\w+/.exec((await run('person', 'hold', PERSON, '--reason', 'Litigation 7')).text)?.[0] ?? '';
  const erase = ['person', 'erase', PERSON, '--reason', 'request', '--basis', 'request 14', '--confirm', PERSON];
  const blocked = await run(...erase);
  expect(blocked.problems).toBe(true);
  expect(blocked.text).toContain(hold);
  await expect(run('person', 'release', hold, '--reason', ' ')).rejects.toThrow('--reason must say why');
  expect((await run('person', 'release', hold, '--reason', 'Settled')).text).toContain('can be erased again');
  expect((await run(...erase)).text).toContain(`Erased ${PERSON}: 2 values and 0 files.`);
  expect((await run('person', 'list')).text).toMatch(new RegExp(`${PERSON} {2}erased \\d{4}-`));
  const { rows } = await database.current.pool.query('select 1 from ledger_disclosure where key_id = $1', [PERSON]);
  expect(rows).toEqual([]);
});

test('how long a class is kept is set, shown and run', async () => {
  expect((await run('retention', 'list')).text).toContain('statement  without end');
  expect((await run('retention', 'set', 'statement', '730')).text).toBe('statement: kept for 730 days.');
  expect((await run('retention', 'list')).text).toContain('statement  730 days');
  expect((await run('retention', 'run')).text).toBe('0 items of evidence lost their content, 0 events were erased.');
  expect((await run('retention', 'set', 'statement', 'forever')).text).toBe('statement: kept without end.');
  await expect(run('retention', 'set', 'leaf', '1')).rejects.toThrow('is no class');
  await expect(run('retention', 'set', 'scan', '0')).rejects.toThrow('1 to 36500');
});
