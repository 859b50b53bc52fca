import { expect, test } from 'vitest';
import { AppError } from '#src/kernel/errors.ts';
import { createLog, type LogOptions, namesSecret, redactUrls } from './log.ts';

function capture(options: LogOptions = {}) {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', ...options, output: { write: (line) => lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

test('members that hold secrets are redacted at any depth', () => {
  const { log, last, lines } = capture();
  log.info(
    {
      password: 'p-1',
      request: { headers: { Authorization: 'Bearer p-2', cookie: 'p-3', 'x-api-key': 'p-4', accept: 'text/html' } },
      list: [{ refresh_token: 'p-5', name: 'kept' }],
    },
    'sign-in',
  );
  expect(lines.join('')).not.toMatch(/p-\d/);
  expect(last()).toMatchObject({
    msg: 'sign-in',
    request: { headers: { accept: 'text/html' } },
    list: [{ name: 'kept' }],
  });
});

test('secrets bound to a child logger are redacted', () => {
  const { log, lines } = capture();
  log.child({ token: 'hunter2', connection: { password: 'hunter2' } }).info('joined');
  expect(lines.join('')).not.toContain('hunter2');
});

test('credentials in a URL do not reach the log, in a field, a message or an error', () => {
  const { log, lines } = capture();
  const url = 'postgres://ada:hunter2@db.example/assay';
  log.info({ url }, `connecting to ${url}`);
  log.error({ err: new Error(`cannot reach ${url}`, { cause: new Error(url) }) }, 'failed');
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines.join('')).toContain('postgres://***@db.example/assay');
});

test('an error keeps its code, its details and its stack', () => {
  const { log, last } = capture();
  log.warn({ err: new AppError('conflict', 'taken', { details: { port: 4400, apiKey: 'hunter2' } }) }, 'no');
  expect(last().err).toMatchObject({
    name: 'AppError',
    code: 'conflict',
    message: 'taken',
    details: { port: 4400, apiKey: '[redacted]' },
  });
});

test('a value that contains itself or is very deep is cut, not followed', () => {
  const { log, last } = capture();
  const loop: Record<string, unknown> = { name: 'a' };
  loop.self = loop;
  log.info({ loop }, 'loop');
  expect(JSON.stringify(last())).toContain('[deeper]');
});

test('a readable line is one line without terminal control characters', () => {
  const { log, lines } = capture({ readable: true });
  log.info({ file: 'a\u001b[2Jb', count: 3 }, 'read \u001b]0;title\u0007 done');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}read .* count=3\n$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
  expect(lines[0]).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test.each([
  ['password', true],
  ['DB_PASSWORD', true],
  ['set-cookie', true],
  ['accessTokens', true],
  ['tokenCount', false],
  ['key', false],
  ['secretary', false],
])('%s names a secret: %s', (member, expected) => {
  expect(namesSecret(member)).toBe(expected);
});

test('secrets in a query string are cut from URLs', () => {
  expect(redactUrls('GET /setup?token=abc&next=/x')).toBe('GET /setup?token=***&next=/x');
});
