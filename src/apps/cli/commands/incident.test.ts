import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { incidentRoutes } from '#src/features/incidents/index.ts';
import type { Incident } from '#src/features/incidents/model.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import { type Person, testProduct } from '../../../../tests/support/product.ts';
import type { CommandContext } from '../context.ts';
import { register } from './incident.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => [
  incidentRoutes({ records: services.records, namesOf: users.namesOf }),
]);

async function command(...args: string[]) {
  const ran = { text: '', problems: false };
  const { dataDir } = started.current;
  const context: CommandContext = {
    config: readConfig({}, dataDir),
    log: createLog({ level: 'silent' }),
    cwd: dataDir,
    signal: new AbortController().signal,
    interactive: false,
    openDatabase: async () => ({ database: database.current, dataDir }) as OpenDatabase,
    print: (text) => {
      ran.text += `${text}\n`;
    },
    progress: () => undefined,
    foundProblems: () => {
      ran.problems = true;
    },
  };
  const program = new Command().exitOverride();
  program.configureOutput({ writeErr: () => undefined });
  register(program, context);
  await program.parseAsync(['incident', ...args], { from: 'user' });
  return ran;
}

async function opened(title: string): Promise<Incident> {
  const { current } = started;
  const cookie = current.people.compliance.cookie;
  const answer = await current.call('POST', 'incidents', { cookie, body: { title, severity: 'high' } });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json().incident;
}

async function useKeyOf(person: Person): Promise<void> {
  const { current } = started;
  const expiresOn = new Date(Date.now() + 7 * DAY_MS).toISOString().slice(0, 10);
  const body = { name: 'command line', expiresOn, role: 'compliance' };
  const answer = await current.call('POST', 'keys', { cookie: person.cookie, body });
  expect(answer.statusCode, answer.body).toBe(201);
  process.env.ASSAY_API_KEY = answer.json().secret;
}

let before: string | undefined;
beforeEach(() => {
  before = process.env.ASSAY_API_KEY;
  delete process.env.ASSAY_API_KEY;
});
afterEach(() => {
  if (before === undefined) delete process.env.ASSAY_API_KEY;
  else process.env.ASSAY_API_KEY = before;
});

describe('incidents from the command line', () => {
  test('are listed, and open ones are a problem for whoever asks for them', async () => {
    expect(await command('list', '--state', 'open')).toEqual({ text: 'No incident fits.\n', problems: false });
    // What an outside system wrote must not move the cursor.
    const { id } = await opened('Answers were wrong \u001b[2J');
    const all = await command('list');
    expect(all.problems).toBe(false);
    expect(all.text).toContain(`${id}  high`);
    expect(all.text).toContain('missing before it can close');
    expect(all.text).not.toContain('\u001b');
    expect((await command('list', '--state', 'open', '--json')).problems).toBe(true);
    expect((await command('list', '--state', 'closed')).text).toBe('No incident fits.\n');
    await expect(command('list', '--state', 'banana')).rejects.toThrow(/--state/);
  });

  test('are shown with their times and steps', async () => {
    const { id } = await opened('A wrong price');
    const { text } = await command('show', id);
    expect(text).toContain('A wrong price');
    expect(text).toMatch(/detected after 0\.0 h, acknowledged after 0\.0 h, resolved after -/);
    expect(text).toMatch(/opened {10}/);
    expect(JSON.parse((await command('show', id, '--json')).text).incident.id).toBe(id);
    await expect(command('show', 'inc_none')).rejects.toThrow(/no incident inc_none/i);
  });

  test('are closed by the person the key belongs to, once cause, lessons and a retest are stated', async () => {
    const { id } = await opened('Drift of prices');
    const words = [
      '--root-cause',
      'A feed was cut.',
      '--lessons',
      'The feed is watched.',
      '--retest',
      'the run of 2026-11-23',
    ];
    await expect(command('close', id, ...words)).rejects.toThrow(/ASSAY_API_KEY/);
    process.env.ASSAY_API_KEY = 'ask_none';
    await expect(command('close', id, ...words)).rejects.toThrow();
    await useKeyOf(started.current.people.compliance);
    await expect(command('close', id)).rejects.toThrow(/cannot be closed yet: rootCause/);
    await expect(command('close', id, '--root-cause', ' ')).rejects.toThrow(/rootCause/);
    const { text } = await command('close', id, ...words, '--json');
    expect(JSON.parse(text)).toMatchObject({
      state: 'closed',
      rootCause: 'A feed was cut.',
      closedBy: { id: expect.stringMatching(/^key_/) },
    });
    await expect(command('close', id, ...words)).rejects.toThrow(/closed/);
  });
});
