import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import type { CommandContext } from '../context.ts';
import { register } from './scan.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-scan-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

beforeAll(() => {
  mkdirSync(join(cwd, 'app'));
  writeFileSync(join(cwd, 'app/pyproject.toml'), '[project]\nname = "app"\ndependencies = ["openai"]\n');
  writeFileSync(
    join(cwd, 'app/chat.py'),
    'from openai import OpenAI\nfrom transformers import AutoModel\nOpenAI().chat.completions.create(model="gpt-4o")\nAutoModel.from_pretrained("acme/model")\n',
  );
  mkdirSync(join(cwd, 'empty'));
});

type Ran = { text: string; problems: boolean; opened: boolean; progress: string[] };

async function run(...args: string[]): Promise<Ran> {
  const ran: Ran = { text: '', problems: false, opened: false, progress: [] };
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal: new AbortController().signal,
    interactive: false,
    openDatabase: async () => {
      ran.opened = true;
      return { database: database.current, dataDir: join(cwd, 'data') } as OpenDatabase;
    },
    print: (text) => {
      ran.text += `${text}\n`;
    },
    progress: (text) => ran.progress.push(text),
    onStop: () => undefined,
    foundProblems: () => {
      ran.problems = true;
    },
  };
  const program = new Command()
    .version('0.0.0')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  register(program, context);
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(['scan', ...args], { from: 'user' });
  return ran;
}

beforeEach(() => rmSync(join(cwd, 'out.json'), { force: true }));

test('prints the inventory by kind with place, confidence and rule in 80 columns, without a database', async () => {
  const { text, opened, problems } = await run('app');
  expect(text).toMatch(/^app: 2 files, /);
  expect(text).toMatch(/^Third-party AI services \(1\)\n {2}\S.* chat\.py:1 .* high {3}service\./m);
  expect(text).toMatch(/^Models \(\d\)$/m);
  expect(text).toMatch(/^Findings \(\d+\)\n {2}(critical|high)/m);
  expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  expect({ opened, problems }).toEqual({ opened: false, problems: false });
});

test('a tree without AI says so', async () => {
  expect((await run('empty')).text).toContain('No AI assets were found.');
});

test('as JSON is the scan with its findings, and nothing else on standard output', async () => {
  const { text } = await run('app', '--json');
  const scan = JSON.parse(text);
  expect(scan).toMatchObject({ stats: { files: 2, complete: true }, source: { title: 'app' } });
  expect(scan.findings).toContainEqual(
    expect.objectContaining({ test: 'model-revision-pinned', severity: expect.any(String) }),
  );
  expect(scan).not.toHaveProperty('recorded');
});

test('as a bill of materials is CycloneDX 1.6', async () => {
  const bom = JSON.parse((await run('app', '--format', 'cyclonedx')).text);
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { component: { name: 'app' } } });
  expect(bom.services.length + bom.components.length).toBeGreaterThan(1);
});

test('--fail-on finds what is as severe or more so', async () => {
  const { findings } = JSON.parse((await run('app', '--json')).text);
  const worst = findings[0].severity;
  expect((await run('app', '--fail-on', worst)).problems).toBe(true);
  expect((await run('app', '--fail-on', 'low')).problems).toBe(true);
  expect((await run('empty', '--fail-on', 'low')).problems).toBe(false);
});

test('--out writes the whole result or nothing', async () => {
  const { text } = await run('app', '--json', '--out', 'out.json');
  expect(text).toBe('');
  expect(JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8')).stats.files).toBe(2);
  await expect(run('app', '--json', '--out', 'nowhere/out.json')).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(run('app', '--out', 'app')).rejects.toThrow('is a folder');
  expect(readdirSync(cwd).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('--out goes through a symbolic link and leaves a device a device', async () => {
  symlinkSync('linked.json', join(cwd, 'link.json'));
  writeFileSync(join(cwd, 'linked.json'), '');
  await run('app', '--json', '--out', 'link.json');
  expect(lstatSync(join(cwd, 'link.json')).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(join(cwd, 'linked.json'), 'utf8')).stats.files).toBe(2);
  symlinkSync('/dev/null', join(cwd, 'nothing'));
  await run('app', '--json', '--out', 'nothing');
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('an empty path is refused instead of standing for this folder', async () => {
  await expect(run('')).rejects.toMatchObject({ code: 'invalid_input' });
});

test('--record stores it and says what changed; again, it says unchanged', async () => {
  const first = await run('app', '--record');
  expect(first.text).toMatch(/^Recorded: \d+ new, 0 back, 0 gone of \d+ items/m);
  expect(first.text).toMatch(/^Evidence evd_\w+, entry \d+ of the ledger\.$/m);
  expect(first.text).toContain('now fails: ');
  const again = JSON.parse((await run('app', '--record', '--json')).text);
  expect(again.recorded).toMatchObject({ summary: { unchanged: true }, ledgerIndex: expect.any(Number) });
  const { rows } = await database.current.pool.query('select state, requested_by from scan');
  expect(rows).toEqual([
    { state: 'recorded', requested_by: 'service:command-line' },
    { state: 'recorded', requested_by: 'service:command-line' },
  ]);
  expect(existsSync(join(cwd, 'data/keys'))).toBe(true);
});

test.each([
  [['nowhere'], 'not_found'],
  [['app/chat.py'], 'invalid_input'],
  [['app', '--json', '--format', 'table'], 'invalid_input'],
])('%j is refused as %s', async (args, code) => {
  await expect(run(...args)).rejects.toMatchObject({ code });
});

test.each([
  [[]],
  [['app', '--format', 'xml']],
  [['app', '--fail-on', 'mild']],
  [['app', '--deep']],
])('%j is called wrongly', async (args) => {
  await expect(run(...args)).rejects.toMatchObject({ code: expect.stringMatching(/^commander\./) });
});
