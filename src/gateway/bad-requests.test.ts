import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  aKey,
  aSnapshot,
  aTenant,
  CLEAR_KEY,
  chatAnswer,
  type FakeProvider,
  OTHER_KEY,
  openFakeProvider,
  openTestGateway,
  sendJson,
  type TestGateway,
} from '../../tests/support/gateway.ts';
import type { RefusalCode } from './decision.ts';

let provider: FakeProvider;
let rig: TestGateway;

beforeAll(async () => {
  provider = await openFakeProvider((_request, response) => sendJson(response, chatAnswer('Fine.')));
  rig = await openTestGateway(aSnapshot(provider), {
    settings: { headersTimeoutMs: 300, bodyIdleMs: 200, bodyMaxBytes: 1_048_576 },
  });
});
afterAll(async () => {
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  rig.decisions.length = 0;
  rig.setSnapshot(aSnapshot(provider));
});

const CHAT = { model: 'gpt-test', messages: [{ role: 'user', content: 'How are things?' }] };

async function post(body: unknown, options: { path?: string; headers?: Record<string, string>; method?: string } = {}) {
  const response = await fetch(`${rig.url}${options.path ?? '/v1/chat/completions'}`, {
    method: options.method ?? 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json', ...options.headers },
    ...(options.method !== 'GET' && {
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    }),
  });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Sends bytes as they are and gives what comes back until the gateway closes. */
function raw(bytes: string | Buffer, keepOpen = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(rig.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!keepOpen && /\r\n\r\n/.test(answer)) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(answer) : reject(error),
    );
    socket.write(bytes);
  });
}

async function expectRefused(code: RefusalCode, status: number): Promise<void> {
  const decisions = await rig.recorded();
  expect(decisions).toHaveLength(1);
  expect(decisions[0]).toMatchObject({
    outcome: 'refused',
    end: 'refused',
    httpStatus: status,
    refusal: { code, httpStatus: status },
    tries: 0,
  });
  expect(provider.seen).toHaveLength(0);
}

const nested = (depth: number) =>
  `{"model":"m","messages":[{"role":"user","content":${'['.repeat(depth)}${']'.repeat(depth)}}]}`;

const CASES: readonly [
  name: string,
  code: RefusalCode,
  status: number,
  send: () => Promise<{ status: number; text: string }>,
][] = [
  ['no key', 'no_credentials', 401, () => post(CHAT, { headers: { authorization: '' } })],
  ['an unknown key', 'bad_credentials', 401, () => post(CHAT, { headers: { authorization: 'Bearer agk_unknown' } })],
  ['two keys that differ', 'bad_credentials', 401, () => post(CHAT, { headers: { 'x-api-key': OTHER_KEY } })],
  [
    'a key that is no bearer token',
    'bad_credentials',
    401,
    () => post(CHAT, { headers: { authorization: 'Basic abc' } }),
  ],
  [
    'an unsigned token',
    'bad_credentials',
    401,
    () =>
      post(CHAT, {
        headers: {
          authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"iss":"x"}').toString('base64url')}.`,
        },
      }),
  ],
  ['an unknown path', 'unknown_route', 404, () => post(CHAT, { path: '/v2/chat' })],
  ['a query that is not passed on', 'bad_http', 400, () => post(CHAT, { path: '/v1/chat/completions?key=abc' })],
  ['the wrong method', 'method_not_allowed', 405, () => post(CHAT, { method: 'PUT' })],
  [
    'a path of the provider that the key may not use',
    'scope_missing',
    403,
    () => post({}, { path: '/v1/fine_tuning/jobs' }),
  ],
  ['an empty body', 'invalid_json', 400, () => post('')],
  ['broken JSON', 'invalid_json', 400, () => post('{"model": "m", "messages": [')],
  ['a list in place of an object', 'invalid_json', 400, () => post('[1,2]')],
  [
    'a body that is no UTF-8',
    'invalid_utf8',
    400,
    () => post(Buffer.from([...Buffer.from('{"model":"m","x":"'), 0xff, 0xfe, ...Buffer.from('"}')])),
  ],
  ['deep nesting', 'json_too_complex', 400, () => post(nested(100_000))],
  [
    'half a million values',
    'json_too_complex',
    400,
    () => post(`{"model":"m","messages":[],"x":[${'1,'.repeat(510_000)}1]}`),
  ],
  [
    'a member given twice',
    'duplicate_member',
    400,
    () => post('{"model":"m","messages":[{"role":"user","content":"ok"}],"messages":[]}'),
  ],
  [
    'a member of a message given twice',
    'duplicate_member',
    400,
    () => post('{"model":"m","messages":[{"role":"user","content":"ok","content":"other"}]}'),
  ],
  ['messages that are no list', 'invalid_request', 400, () => post({ model: 'm', messages: 'hello' })],
  ['no model', 'invalid_request', 400, () => post({ messages: [] })],
  ['a stream that is neither true nor false', 'invalid_request', 400, () => post({ ...CHAT, stream: 'yes' })],
  ['a million answers at once', 'invalid_request', 400, () => post({ ...CHAT, n: 1_000_000 })],
  ['a body that is said to be too large', 'body_too_large', 413, () => post(`{"x":"${'y'.repeat(2_000_000)}"}`)],
  [
    'a body of another type',
    'unsupported_content_type',
    415,
    () => post('x=1', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  ],
  ['a compressed body', 'unsupported_encoding', 415, () => post('abc', { headers: { 'content-encoding': 'gzip' } })],
];

describe('a request that cannot be served', () => {
  it.each(CASES)('ends for %s in one error, one record and nothing sent on', async (_name, code, status, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    const body = JSON.parse(answer.text);
    expect(body.error.code).toBe(code);
    expect(body.error.message.length).toBeGreaterThan(10);
    await expectRefused(code, status);
  });

  it('speaks as Anthropic does to a client of Anthropic', async () => {
    const answer = await post('{', { path: '/v1/messages' });
    expect(answer.body).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
      request_id: answer.headers.get('request-id'),
    });
    await expectRefused('invalid_json', 400);
  });

  it('never repeats what it was sent', async () => {
    const answer = await post(
      '{"model":"m","messages":[{"role":"user","content":"anna.kovacs@northwind-mail.net" oops',
    );
    expect(answer.text).not.toContain('anna');
    expect(JSON.stringify(await rig.recorded())).not.toContain('anna');
  });

  it('counts a body without a length while it comes', async () => {
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await raw(head + piece.repeat(40), true);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    await expectRefused('body_too_large', 413);
  });

  it('lets go of a body that stops coming', async () => {
    const answer = await raw(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"mod`,
      true,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await expectRefused('body_timeout', 408);
  });

  it('lets go of a head that comes drop by drop', async () => {
    const answer = await raw('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow', true);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await expectRefused('body_timeout', 408);
  });

  it('records a caller who leaves while sending', async () => {
    const socket = connect(rig.port, '127.0.0.1');
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"mod`,
    );
    setTimeout(() => socket.destroy(), 50);
    expect((await rig.recorded())[0]).toMatchObject({ end: 'client_left', outcome: 'refused' });
    expect(provider.seen).toHaveLength(0);
  });

  const SMUGGLED: readonly [string, string, number][] = [
    [
      'both ways to tell the length',
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      'two lengths',
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcd`,
      400,
    ],
    [
      'a coding that is not chunked last',
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      'a chunk size that is no number',
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
      400,
    ],
    ['no host', `GET /v1/models HTTP/1.1\r\n\r\n`, 400],
    ['a space before a colon', `GET /v1/models HTTP/1.1\r\nhost : x\r\n\r\n`, 400],
    ['a bare line feed in the head', `GET /v1/models HTTP/1.1\nhost: x\n\n`, 400],
    ['dot segments', `GET /v1/%2e%2e/admin HTTP/1.1\r\nhost: x\r\n\r\n`, 400],
    ['a whole address in place of a path', `GET http://127.0.0.1/v1/models HTTP/1.1\r\nhost: x\r\n\r\n`, 400],
    ['garbage', '\u0016\u0003\u0001\u0002\u0000 what is this\r\n\r\n', 400],
    [
      'two keys',
      `GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n`,
      400,
    ],
  ];
  it.each(SMUGGLED)('refuses %s', async (_name, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((answer.match(/HTTP\/1\.1 /g) ?? []).length).toBe(1);
    expect(provider.seen).toHaveLength(0);
  });

  it('refuses a flood of headers and records it', async () => {
    const answer = await raw(
      `GET /v1/models HTTP/1.1\r\nhost: x\r\n${'x-flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(1_000)}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect((await rig.recorded())[0]).toMatchObject({ refusal: { stage: 'http', code: 'headers_too_large' } });
  });

  const KEYS: readonly [string, Parameters<typeof aKey>[0], RefusalCode, number][] = [
    ['revoked', { state: 'revoked' }, 'key_revoked', 401],
    ['suspended', { state: 'suspended' }, 'key_suspended', 403],
    ['expired', { expiresAt: 1 }, 'key_expired', 401],
    ['of other models', { models: ['other-*'] }, 'model_not_allowed', 403],
    ['of no tenant', { tenantId: 'ten_none' }, 'bad_credentials', 401],
    ['without the scope', { scopes: ['models'] }, 'scope_missing', 403],
  ];
  it.each(KEYS)('refuses a key that is %s, at once', async (_name, change, code, status) => {
    rig.setSnapshot(aSnapshot(provider, { keys: [aKey(change)] }));
    expect((await post(CHAT)).status).toBe(status);
    await expectRefused(code, status);
    expect(rig.decisions[0]).toMatchObject({ keyId: 'gwk_1' });
  });

  it('refuses a suspended tenant, a route without a policy in force and a policy that does not compile', async () => {
    rig.setSnapshot(aSnapshot(provider, { tenants: [aTenant({ state: 'suspended' })] }));
    expect((await post(CHAT)).body.error.code).toBe('tenant_suspended');
    rig.setSnapshot(aSnapshot(provider, { policies: [] }));
    expect((await post(CHAT)).body.error.code).toBe('no_policy');
    const [policy] = aSnapshot(provider).policies;
    rig.setSnapshot(
      aSnapshot(provider, {
        policies: [
          {
            ...(policy as never as object),
            digest: 'x',
            rules: [{ id: 'r', cel: 'nonsense(', action: 'block', message: '' }],
          } as never,
        ],
      }),
    );
    expect((await post(CHAT)).body.error.code).toBe('no_policy');
    expect(provider.seen).toHaveLength(0);
  });

  it('serves the next call on the same connection after a refusal', async () => {
    await post('{');
    const answer = await post(CHAT);
    expect(answer.body.choices[0].message.content).toBe('Fine.');
    expect(await rig.recorded(2)).toHaveLength(2);
  });

  it('numbers the records of a node without a gap', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => post(i % 2 ? CHAT : '{')));
    const numbers = (await rig.recorded(20)).map((one) => one.sequence).sort((a, b) => a - b);
    for (let i = 1; i < numbers.length; i++) expect(numbers[i]).toBe((numbers[i - 1] ?? 0) + 1);
  });
});

describe('what is passed on', () => {
  it('is the caller’s own bytes and an allow-list of headers', async () => {
    const bytes = '{ "model":"gpt-test",\n "messages":[{"role":"user","content":"Hi \\u00e9"}] , "temperature":0.10 }';
    await post(bytes, {
      headers: {
        cookie: 'a=b',
        'x-forwarded-for': '1.2.3.4',
        'x-custom': 'z',
        'openai-beta': 'x=1',
        'idempotency-key': 'k1',
      },
    });
    const [seen] = provider.seen;
    expect(seen?.body).toBe(bytes);
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual(
      [
        'accept',
        'accept-encoding',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'idempotency-key',
        'openai-beta',
        'traceparent',
        'user-agent',
      ].sort(),
    );
    expect(seen?.headers['accept-encoding']).toBe('identity');
  });

  it('goes to the provider of the route, whatever the caller’s Host header says', async () => {
    const body = JSON.stringify(CHAT);
    const answer = await raw(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 169.254.169.254\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      true,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(provider.seen[0]?.headers.host).toBe(new URL(provider.url).host);
  });

  it('asks for the model the route puts in the place of another, and keeps longer answers short', async () => {
    const snapshot = aSnapshot(provider);
    const [policy] = snapshot.policies;
    if (!policy) throw new Error('no policy');
    rig.setSnapshot({
      ...snapshot,
      routes: snapshot.routes.map((route) => ({ ...route, modelAliases: { 'gpt-test': 'gpt-real' } })),
      policies: [{ ...policy, digest: 'y', output: { ...policy.output, maxOutputTokens: 50 } }],
    });
    await post({ ...CHAT, max_tokens: 9_999 });
    expect(JSON.parse(provider.seen[0]?.body ?? '')).toMatchObject({ model: 'gpt-real', max_tokens: 50 });
    await post(CHAT);
    expect(JSON.parse(provider.seen[1]?.body ?? '')).toMatchObject({ max_completion_tokens: 50 });
  });

  it('reaches other paths of the provider through the same checks, for keys that may', async () => {
    rig.setSnapshot(aSnapshot(provider, { keys: [aKey({ scopes: ['other'] })] }));
    const answer = await post({ input: 'Write to anna.kovacs@northwind-mail.net' }, { path: '/v1/moderations' });
    expect(answer.status).toBe(200);
    expect(provider.seen[0]?.url).toBe('/v1/moderations');
    expect(provider.seen[0]?.body).toContain('[REDACTED_EMAIL]');
    const form = await post('binary', {
      path: '/v1/files',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(form.body.error.code).toBe('check_failed');
  });
});
