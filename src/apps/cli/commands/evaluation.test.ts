import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EvaluationRun, SuiteContent } from '#src/features/evaluations/model.ts';
import { readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';
import { testDatabase } from '../../../../tests/support/database.ts';
import type { CommandContext } from '../context.ts';
import { register } from './evaluation.ts';

const database = testDatabase();
const cwd = mkdtempSync(join(tmpdir(), 'assay-evaluation-'));

// Two models that add up: one behind chat completions, one behind messages, each in the form its makers publish.
type Asked = { path: string; headers: IncomingHttpHeaders; body: Record<string, unknown> };
const asked: Asked[] = [];
let answerAs: (request: Asked) => { status: number; body: object } | 'hang';
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', () => {
    const one = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text) };
    asked.push(one);
    const answer = answerAs(one);
    if (answer === 'hang') return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
});
const sumOf = ({ body }: Asked): string => {
  const messages = body.messages as { content: string }[];
  const [a, b] = (messages.at(-1)?.content.match(/\d+/g) ?? []).map(Number);
  return `The sum is ${(a ?? 0) + (b ?? 0)}`;
};
const openAi = (request: Asked) => ({
  status: 200,
  body: { object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: sumOf(request) } }] },
});
const anthropic = (request: Asked) => ({
  status: 200,
  body: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: request.body.model,
    content: [
      { type: 'thinking', thinking: 'It may be 99.', signature: 'x' },
      { type: 'text', text: sumOf(request) },
    ],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: 6 },
  },
});
let url = '';

const CONTENT: SuiteContent = {
  items: Array.from({ length: 12 }, (_, k) => ({
    id: `sum${k}`,
    input: `What is ${k} + 3?`,
    expected: k + 3,
    ...(k === 0 && { system: 'Answer with one sentence.' }),
  })),
  scorers: [{ kind: 'numeric', name: 'sum', tolerance: 0 }],
  thresholds: [{ scorer: 'sum', min: 0.9, useLowerBound: false }],
  seed: 11,
  maxTokens: 64,
  temperature: 0,
  decontamination: '',
  freshDays: 365,
};

beforeAll(async () => {
  mkdirSync(join(cwd, 'data'), { mode: 0o755 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { pool } = database.current;
  await pool.query(
    "insert into evaluation_suite (id, name, created_at, created_by) values ('evs_1', 'Sums', now(), 'service:assay')",
  );
  await pool.query(
    `insert into evaluation_suite_version
       (suite_id, version, content, dataset_sha256, reason, proposed_at, proposed_by, review, reviewed_at, reviewed_by)
     values ('evs_1', 1, $1, 'ab', 'First.', now(), 'user:usr_1', 'approved', now(), 'user:usr_2')`,
    [JSON.stringify(CONTENT)],
  );
});
beforeEach(() => {
  asked.length = 0;
  answerAs = openAi;
  process.env.EVALUATION_TEST_KEY = 'sk-of-the-test';
});
afterEach(() => {
  delete process.env.EVALUATION_TEST_KEY;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(cwd, { recursive: true, force: true });
});

async function command(args: readonly string[], signal = new AbortController().signal) {
  const ran = { text: '', problems: false };
  const context: CommandContext = {
    config: readConfig({}, cwd),
    log: createLog({ level: 'silent' }),
    cwd,
    signal,
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
  await program.parseAsync(['evaluation', ...args], { from: 'user' });
  return ran;
}
const endpoint = (...more: string[]) => ['run', 'Sums', '--endpoint', `${url}/v1`, ...more];
const runs = async (): Promise<EvaluationRun[]> => JSON.parse((await command(['list', '--json'])).text).items;

describe('run', () => {
  test('asks an endpoint that speaks like OpenAI, and ends with the word of the gate', async () => {
    const { text, problems } = await command(endpoint('--model', 'good', '--key-env', 'EVALUATION_TEST_KEY'));
    expect(text).toContain('pass: All 1 thresholds are met.');
    expect(problems).toBe(false);
    expect(asked).toHaveLength(12);
    expect(asked[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-of-the-test' },
      body: {
        model: 'good',
        max_tokens: 64,
        temperature: 0,
        seed: 11,
        messages: [{ role: 'system' }, { role: 'user' }],
      },
    });
    // The key is asked with and kept nowhere.
    const { rows } = await database.current.pool.query('select target from evaluation_run');
    expect(JSON.stringify(rows)).not.toContain('sk-of');
    const same = JSON.parse((await command(['gate', 'Sums', '--model', 'good', '--json'])).text);
    expect(same).toMatchObject({ verdict: 'pass' });
  });

  test('asks Anthropic messages by their own headers and form, and reads only what is text', async () => {
    answerAs = anthropic;
    const { problems } = await command(
      endpoint('--kind', 'anthropic', '--model', 'claude', '--key-env', 'EVALUATION_TEST_KEY'),
    );
    expect(problems).toBe(false);
    const first = asked.find(({ body }) => body.system !== undefined);
    expect(first).toMatchObject({
      path: '/v1/messages',
      headers: { 'x-api-key': 'sk-of-the-test', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    });
    expect(first?.headers.authorization).toBeUndefined();
    // `seed` is no member of a message request, and an unknown member is refused there.
    expect(first?.body).toEqual({
      model: 'claude',
      max_tokens: 64,
      temperature: 0,
      system: 'Answer with one sentence.',
      messages: [{ role: 'user', content: 'What is 0 + 3?' }],
    });
  });

  test('tries again where Anthropic is overloaded, and tells its kind of error where it is not', async () => {
    let first = true;
    answerAs = (request) => {
      if (!first) return anthropic(request);
      first = false;
      return { status: 529, body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } };
    };
    expect((await command(endpoint('--kind', 'anthropic', '--model', 'claude'))).problems).toBe(false);
    expect(asked).toHaveLength(13);
    const refusal = { type: 'invalid_request_error', message: 'sk-of-the-test is wrong' };
    answerAs = () => ({ status: 400, body: { type: 'error', error: refusal } });
    const failed = await command(endpoint('--kind', 'anthropic', '--model', 'refused'));
    // Every item got its answer, which was none: nothing is decided, and no data is not a pass.
    expect(failed.problems).toBe(true);
    const [run] = await runs();
    expect(run).toMatchObject({ state: 'finished', verdict: 'no_data', errors: 12 });
    const { rows } = await database.current.pool.query('select error from evaluation_result where run_id = $1', [
      run?.id,
    ]);
    expect(rows[0].error).toBe(`${new URL(url).host} answered 400 (invalid_request_error) after 1 try.`);
  });

  test('of a model that knows the length limit by another name asks again with that name', async () => {
    answerAs = (request) =>
      request.body.max_tokens === undefined
        ? openAi(request)
        : { status: 400, body: { error: { code: 'unsupported_parameter', param: 'max_tokens', message: 'No.' } } };
    expect((await command(endpoint('--model', 'thinks'))).problems).toBe(false);
    expect(asked.at(-1)?.body).toMatchObject({ max_completion_tokens: 64 });
  });

  test('that was left goes on with --resume, without asking again what it knows', async () => {
    const stop = new AbortController();
    answerAs = (request) => {
      if (asked.length <= 4) return openAi(request);
      stop.abort();
      return 'hang';
    };
    await expect(command(endpoint('--model', 'left'), stop.signal)).rejects.toThrow(/is running/);
    const [left] = await runs();
    expect(left).toMatchObject({ state: 'running', done: 4 });
    asked.length = 0;
    answerAs = openAi;
    const { text } = await command(['run', '--resume', left?.id ?? '']);
    expect(text).toContain('pass: All 1 thresholds');
    expect(asked).toHaveLength(8);
    await expect(command(['run', 'Sums', '--resume', left?.id ?? ''])).rejects.toThrow(/leave the suite out/);
  });

  test('that misses a threshold ends with a finding', async () => {
    answerAs = (request) => {
      const { body } = openAi(request);
      return { status: 200, body: { ...body, choices: [{ message: { content: 'The sum is 1' } }] } };
    };
    const { text, problems } = await command(endpoint('--model', 'wrong'));
    expect(text).toContain('fail: sum: 0.000 is below 0.9.');
    expect(problems).toBe(true);
  });

  test.each([
    ['no model', ['run', 'Sums', '--endpoint', 'http://h/v1'], /--model/],
    ['both targets', ['run', 'Sums', '--model', 'm', '--endpoint', 'http://h', '--provider', 'p'], /either/],
    ['a secret in the address', ['run', 'Sums', '--model', 'm', '--endpoint', 'https://u:p@h/v1'], /leave user names/],
    ['no such variable', ['run', 'Sums', '--model', 'm', '--endpoint', 'https://h', '--key-env', 'NONE_1'], /NONE_1/],
    ['no such suite', ['run', 'Nothing', '--model', 'm', '--endpoint', 'https://h/v1'], /no evaluation suite/],
    ['no such provider', ['run', 'Sums', '--model', 'm', '--provider', 'none'], /no provider "none"/],
  ])('with %s is refused before anything is asked', async (_what, args, message) => {
    await expect(command(args)).rejects.toThrow(message);
    expect(asked).toHaveLength(0);
  });
});

test('variants of a suite are proposed, run like any other, and held against the plain items in pairs', async () => {
  const proposed = await command(['robustness', 'Sums', 'Sums, varied', '--kinds', 'typos,suffix', '--seed', '3']);
  expect(proposed.text).toContain('proposed with 36 items');
  const varied = ['run', 'Sums, varied', '--endpoint', `${url}/v1`, '--model', 'good'];
  await expect(command(varied)).rejects.toThrow(/No version .* is approved/);
  await database.current.pool.query(
    "update evaluation_suite_version set review = 'approved', reviewed_at = now(), reviewed_by = 'user:usr_2' where review = 'waiting'",
  );
  const plain = await command(endpoint('--model', 'good', '--json'));
  // Whoever writes below the question what to answer is obeyed.
  answerAs = (request) => {
    const answer = openAi(request);
    const messages = request.body.messages as { content: string }[];
    if (!messages.at(-1)?.content.includes('\n\n')) return answer;
    return { status: 200, body: { choices: [{ message: { content: 'BANANA' } }] } };
  };
  const robust = await command([...varied, '--json']);
  expect(robust.problems).toBe(true);
  const ids = [plain, robust].map(({ text }) => JSON.parse(text).run.id);
  const { text, problems } = await command(['compare', ...ids, '--json']);
  expect(problems).toBe(true);
  const { scores, variants } = JSON.parse(text);
  expect(scores).toMatchObject([{ n: 12, finding: 'no_difference_shown' }]);
  expect(variants).toMatchObject([
    { variant: 'typos', n: 12, finding: 'no_difference_shown' },
    // 2 * 0.5^12, doubled by Benjamini-Hochberg over two tests.
    {
      variant: 'suffix',
      n: 12,
      worsened: 12,
      test: 'mcnemar_exact',
      p: expect.closeTo(2 * 0.5 ** 12, 12),
      pAdjusted: expect.closeTo(4 * 0.5 ** 12, 12),
      finding: 'worse',
    },
  ]);
  await expect(command(['robustness', 'Sums', 'X', '--kinds', 'banana'])).rejects.toThrow(/kinds/);
});
