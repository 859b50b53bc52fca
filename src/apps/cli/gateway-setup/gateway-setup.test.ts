import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { STARTER_POLICY } from '#src/features/gateway-policies/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import { openDoor } from '../../../../tests/support/door.ts';
import { addTestRun } from '../../../../tests/support/policy-test-run.ts';
import { openApprovals } from '../../gateway/approvals.ts';
import { register } from '../commands/gateway.ts';
import type { CommandContext } from '../context.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-gateway-'));
const PROVIDER_KEY = 'sk-of-the-provider';
let personKey: string;

beforeAll(async () => {
  process.env.G2_TEST_KEY = PROVIDER_KEY;
  // Keys of people carry today's dates: the commands go by the clock of the machine.
  const door = await openDoor(database.current, { startMs: Date.now() });
  const cookie = await door.setUp();
  const expiresOn = new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10);
  personKey = (await door.call('POST', 'keys', { cookie, body: { name: 'cli', role: 'owner', expiresOn } })).json()
    .secret;
  await door.close();
});
afterEach(() => {
  delete process.env.ASSAY_API_KEY;
});
afterAll(() => {
  delete process.env.G2_TEST_KEY;
  rmSync(cwd, { recursive: true, force: true });
});

/** Runs one command line of `assay gateway`; what it printed, and whether it found something wrong. */
async function run(...args: string[]): Promise<{ text: string; problems: boolean }> {
  const printed: string[] = [];
  let problems = false;
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal: new AbortController().signal,
    interactive: false,
    openDatabase: async () => ({ database: database.current, dataDir: join(cwd, 'data') }) as OpenDatabase,
    print: (text) => printed.push(text),
    progress: () => undefined,
    foundProblems: () => {
      problems = true;
    },
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  register(program, context);
  const all = (command: Command): Command[] => command.commands.flatMap((one) => [one, ...all(one)]);
  for (const command of all(program)) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['gateway', ...args], { from: 'user' });
  return { text: printed.join('\n'), problems };
}
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).text);

describe('from nothing to a key in three commands', () => {
  test('an empty gateway says which command comes next', async () => {
    expect((await run('provider', 'list')).text).toContain('assay gateway provider add');
    expect((await run('tenant', 'list')).text).toContain('assay gateway tenant add');
    expect((await run('policy', 'list')).text).toContain('every call is refused');
  });

  test('a provider is added, its key read from the environment and printed nowhere', async () => {
    const { text } = await run('provider', 'add', 'openai', '--kind', 'openai', '--key-env', 'G2_TEST_KEY');
    expect(text).toContain('/v1  NO POLICY');
    expect(text).toContain('adopt-starter');
    expect(text).not.toContain(PROVIDER_KEY);
    expect((await run('provider', 'list')).text).not.toContain(PROVIDER_KEY);
    expect((await run('route', 'list')).problems).toBe(true);
  });

  test('the starter policy covers its paths, and the routes then have no gap', async () => {
    expect((await run('policy', 'adopt-starter', '--cover-routes')).text).toContain('/openai/v1 /v1');
    expect((await run('route', 'list')).problems).toBe(false);
  });

  test('a tenant is given limits and a key, which is printed once and stored as a hash', async () => {
    await run('tenant', 'add', 'acme', '--usd-per-day', '12.50', '--concurrent', 'none');
    expect(await json('tenant', 'list')).toMatchObject([
      { name: 'acme', limits: { spendMicroUsdPerDay: 12_500_000, concurrent: null, requestsPerMinute: 120 } },
    ]);
    const { secret, key } = await json('key', 'create', 'acme', 'backend', '--scope', 'chat');
    expect(key).toMatchObject({ scopes: ['chat'], tenantName: 'acme' });
    const { rows } = await database.current.pool.query('select sha256 from gateway_key where id = $1', [key.id]);
    expect(rows[0].sha256).toBe(sha256Hex(secret));
    expect((await run('key', 'list')).text).not.toContain(secret);
    expect((await run('key', 'create', 'acme', 'batch')).text).toContain('http://127.0.0.1:4401/v1');
  });
});

test('a key is rotated and revoked, a tenant suspended and resumed', async () => {
  const [{ id }] = await json('key', 'list', '--tenant', 'acme');
  const next = await json('key', 'rotate', id, '--overlap-hours', '0');
  expect(next.key.rotatedFromId).toBe(id);
  expect((await run('key', 'revoke', next.key.id, '--reason', 'Leaked.')).text).toContain('is revoked');
  await expect(run('key', 'resume', next.key.id, '--reason', 'x')).rejects.toMatchObject({ code: 'conflict' });
  await run('tenant', 'suspend', 'acme', '--reason', 'Unpaid.');
  expect(await json('tenant', 'list')).toMatchObject([{ state: 'suspended', stateReason: 'Unpaid.' }]);
  await run('tenant', 'resume', 'acme');
});

describe('a policy file', () => {
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

  test('becomes the next version, shows what it loosens, and waits for a person', async () => {
    write('open.json', JSON.stringify({ ...STARTER_POLICY, onFailure: 'open' }));
    const { text } = await run('policy', 'apply', 'open.json', '--name', 'starter', '--note', 'Try it.');
    expect(text).toContain('Version 2 of starter is submitted');
    expect(text).toContain('LOOSENED');
    expect((await run('policy', 'diff', 'starter')).problems).toBe(true);
    await expect(run('policy', 'approve', 'starter', '2')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await json('policy', 'show', 'starter')).toMatchObject({ onFailure: 'closed' });
  });

  test('is approved with the key of a person once the suites were played under it', async () => {
    process.env.ASSAY_API_KEY = personKey;
    await expect(run('policy', 'approve', 'starter', '2')).rejects.toThrow(/was not tried/);
    const [{ id }] = await json('policy', 'list');
    await addTestRun(database.current, { policyId: id, version: 2, atMs: Date.now() });
    expect((await run('policy', 'approve', 'starter', '2')).text).toContain('approved and in force');
    expect(await json('policy', 'show', 'starter')).toMatchObject({ onFailure: 'open' });
  });

  test('is approved in an emergency, which says when the review is due, and not reviewed by its approver', async () => {
    write('hold.json', JSON.stringify({ ...STARTER_POLICY, streamMode: 'hold_all' }));
    await run('policy', 'apply', 'hold.json', '--name', 'starter', '--note', 'Hold streams.');
    process.env.ASSAY_API_KEY = personKey;
    const { text } = await run('policy', 'approve', 'starter', '3', '--emergency', 'Answers leak now.');
    expect(text).toContain('approved in an emergency');
    await expect(run('policy', 'review-emergency', 'starter', '3', '--note', 'Right.')).rejects.toThrow(
      /another person/,
    );
  });

  test('written by a person is not approved by the same one', async () => {
    process.env.ASSAY_API_KEY = personKey;
    write('closed.yaml', `# YAML works, too\n${JSON.stringify(STARTER_POLICY)}`);
    await run('policy', 'apply', 'closed.yaml', '--name', 'starter', '--note', 'Back.');
    await expect(run('policy', 'approve', 'starter', '4')).rejects.toThrow(/another person/);
  });

  test.each([
    ['that is not there', null, /cannot be read/],
    ['that is no YAML', '{"detectors": [', /line 1|line 2/],
    ['with a member twice', '{"terms": [], "terms": []}', /unique/],
    ['with a misspelled member', JSON.stringify({ ...STARTER_POLICY, onfailure: 'open' }), /onfailure/],
    [
      'with an expression that does not parse',
      JSON.stringify({ ...STARTER_POLICY, rules: [{ id: 'r', cel: '(', action: 'block', message: '' }] }),
      /rules\.0\.cel/,
    ],
    ['of aliases', 'a: &a [x, x]\nb: [*a, *a]', /aliases/],
    ['without anything in it', '', /detectors/],
  ])('%s is refused in words', async (_what, text, words) => {
    if (text !== null) write('wrong.yaml', text);
    const file = text === null ? 'nowhere.yaml' : 'wrong.yaml';
    await expect(run('policy', 'apply', file, '--name', 'other', '--note', 'x')).rejects.toThrow(words);
  });
});

test.each([
  [['provider', 'add', 'x', '--kind', 'openai', '--key-env', 'NOT_SET'], /NOT_SET is not set/],
  [['provider', 'add', 'x', '--kind', 'magic'], /kind/],
  [['provider', 'remove', 'openai'], /--yes/],
  [['tenant', 'add', 'x', '--requests-per-minute', 'many'], /--requests-per-minute/],
  [['tenant', 'add', 'x', '--policy', 'none-such'], /no policy "none-such"/],
  [['key', 'create', 'acme', 'x', '--expires', 'soon'], /--expires/],
  [['key', 'create', 'nobody', 'x'], /no tenant "nobody"/],
  [['route', 'add', '/x/v1', '--provider', 'openai', '--alias', 'fast'], /--alias/],
  [['price', 'set', 'openai', 'gpt-4o', '--input', 'free', '--output', '1'], /--input/],
  [['policy', 'show', 'starter', '--version', '99'], /no version 99/],
])('%j ends with words that name what is wrong', async (args, words) => {
  await expect(run(...args)).rejects.toThrow(words);
});

test('a person without the right may not, whoever holds the machine', async () => {
  process.env.ASSAY_API_KEY = 'ask_nobodys-key-at-all-0123456789';
  await expect(run('tenant', 'add', 'sneaky')).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('list prices are taken over, and never in the place of one that was set', async () => {
  await run('price', 'set', 'openai', 'gpt-4.1', '--input', '1', '--output', '1');
  expect(
    (await json('price', 'list', '--starter')).every(
      (one: { source: string; seenOn: string }) =>
        one.source.startsWith('https://') && /^\d{4}-\d\d-\d\d$/.test(one.seenOn),
    ),
  ).toBe(true);
  await run('price', 'import');
  const prices = await json('price', 'list');
  const of = (model: string) => prices.find((one: { model: string }) => one.model === model);
  expect(of('gpt-4.1')).toMatchObject({ inputMicroUsdPerMTok: 1_000_000 });
  expect(of('claude-haiku-4-5*')).toMatchObject({ provider: 'anthropic', outputMicroUsdPerMTok: 5_000_000 });
  await run('price', 'import', '--replace');
  expect((await json('price', 'list')).find((one: { model: string }) => one.model === 'gpt-4.1')).toMatchObject({
    inputMicroUsdPerMTok: 2_000_000,
  });
});

test('a price and a path are set', async () => {
  await run('price', 'set', 'openai', 'gpt-4o*', '--input', '2.50', '--output', '10');
  expect(await json('price', 'list')).toContainEqual(
    expect.objectContaining({ model: 'gpt-4o*', inputMicroUsdPerMTok: 2_500_000 }),
  );
  const route = await json(
    'route',
    'add',
    '/support/v1',
    '--provider',
    'openai',
    '--policy',
    'starter',
    '--alias',
    'fast=gpt-4o-mini',
  );
  expect(route).toMatchObject({ policyName: 'starter', modelAliases: { fast: 'gpt-4o-mini' } });
  // Dropping a policy waits for a second person: the path keeps it.
  const asked = (await run('route', 'set', '/support/v1', '--no-policy')).text;
  expect(asked).toContain('starter');
  expect(asked).toContain('keeps the one it has until another person approves gpm_');
  expect((await run('policy-move', 'list')).text).toContain('/support/v1: starter → no policy');
  const id = /gpm_[0-9a-z]+/.exec(asked)?.[0] ?? '';
  await expect(run('policy-move', 'approve', id)).rejects.toMatchObject({ code: 'forbidden' });
  process.env.ASSAY_API_KEY = personKey;
  await run('policy-move', 'refuse', id, '--reason', 'It is in use.');
  expect(await json('policy-move', 'list')).toEqual([]);
  await expect(run('policy-move', 'approve', id)).rejects.toThrow(/refused already/);
  delete process.env.ASSAY_API_KEY;
  const again = /gpm_[0-9a-z]+/.exec((await run('route', 'set', '/support/v1', '--no-policy')).text)?.[0] ?? '';
  process.env.ASSAY_API_KEY = personKey;
  await run('policy-move', 'approve', again);
  expect((await run('route', 'list')).text).toContain('NONE IN FORCE');
  await run('route', 'remove', '/support/v1');
});

test('a tool call is approved or refused with the key of a person, and by nobody else', async () => {
  const approvals = openApprovals({
    config: readConfig({}, cwd),
    database: database.current,
    dataDir: join(cwd, 'data'),
    clock: Date.now,
  });
  const [tenant] = await json('tenant', 'list');
  const ask = async (text: string) => {
    const call = {
      tool: 'pay',
      argumentsText: text,
      argumentsSha256: sha256Hex(text),
      decideWithinMinutes: null,
      useWithinMinutes: null,
    };
    const [answer] = await approvals.ask({
      decisionId: 'dec_1',
      tenantId: tenant.id,
      keyId: null,
      routeId: 'grt_1',
      policyId: 'gpo_1',
      policyVersion: 1,
      calls: [call],
    });
    return answer?.id ?? '';
  };
  const [first, second] = [await ask('{"to":"acc-1"}'), await ask('{"to":"acc-2"}')];
  expect((await run('approval', 'list', '--state', 'waiting')).text).toContain(first);
  await expect(run('approval', 'approve', first, '--reason', 'r')).rejects.toMatchObject({ code: 'forbidden' });
  process.env.ASSAY_API_KEY = personKey;
  expect((await run('approval', 'show', first)).text).toContain('"to":"acc-1"');
  expect((await run('approval', 'approve', first, '--reason', 'Invoice 4711')).text).toContain('passes once');
  expect((await run('approval', 'refuse', second, '--reason', 'Wrong account')).text).toContain('Refused');
  expect(await json('approval', 'show', second)).toMatchObject({ state: 'refused', reason: 'Wrong account' });
  await expect(run('approval', 'approve', second, '--reason', 'r')).rejects.toThrow(/refused already/);
  await expect(run('approval', 'refuse', 'gap_none', '--reason', 'r')).rejects.toMatchObject({ code: 'not_found' });
});

test('a provider is removed with --yes', async () => {
  expect((await run('provider', 'remove', 'openai', '--yes')).text).toContain('Its key was destroyed');
  expect(await json('provider', 'list')).toEqual([]);
});
