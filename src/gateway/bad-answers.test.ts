import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  aProvider,
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  chatChunks,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendEvents,
  sendJson,
  type TestGateway,
} from '../../tests/support/gateway.ts';

let provider: FakeProvider;
let rig: TestGateway;
const TIMEOUTS = { connectMs: 2_000, firstByteMs: 300, betweenEventsMs: 300, wholeMs: 2_000 };

function snapshotWith(change: Parameters<typeof aProvider>[0] = {}) {
  return aSnapshot(provider, {
    providers: [aProvider({ baseUrl: `${provider.url}/v1`, timeouts: TIMEOUTS, ...change })],
  });
}

beforeAll(async () => {
  provider = await openFakeProvider();
  rig = await openTestGateway(snapshotWith(), {
    settings: { answerMaxBytes: 200_000 },
    resolve: (host, callback) =>
      callback(null, [{ address: host === 'mixed.test' ? '127.0.0.1' : '10.0.0.7', family: 4 }]),
  });
});
afterAll(async () => {
  await rig.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  rig.decisions.length = 0;
  rig.setSnapshot(snapshotWith());
});

async function chat(stream = false) {
  const response = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-test', stream, messages: [{ role: 'user', content: 'How are things?' }] }),
  });
  let text = '';
  let broke = false;
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      text += Buffer.from(chunk).toString('utf8');
  } catch {
    broke = true;
  }
  return { status: response.status, headers: response.headers, text, broke };
}

const head = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

describe('an answer that is not as it should be', () => {
  const WHOLE: readonly [string, FakeProvider['answer'], number, string, Record<string, unknown>][] = [
    [
      'drops the connection',
      (_r, response) => void response.destroy(),
      502,
      'provider_unreachable',
      { end: 'upstream_error', outcome: 'allowed' },
    ],
    ['never answers', () => undefined, 504, 'provider_timeout', { end: 'timeout', outcome: 'allowed' }],
    [
      'answers broken JSON',
      (_r, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [{"mess'),
      502,
      'provider_bad_answer',
      { end: 'upstream_error', outcome: 'not_evaluated' },
    ],
    [
      'answers with a page',
      (_r, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works</h1>'),
      502,
      'provider_bad_answer',
      { outcome: 'not_evaluated' },
    ],
    [
      'answers in bytes that are no UTF-8',
      (_r, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
      502,
      'provider_bad_answer',
      { outcome: 'not_evaluated' },
    ],
    [
      'answers nested without end',
      (_r, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      502,
      'provider_bad_answer',
      { outcome: 'not_evaluated' },
    ],
    [
      'answers without end',
      (_r, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          if (response.destroyed) return;
          response.write('x'.repeat(16_384));
          setImmediate(more);
        };
        more();
      },
      502,
      'answer_too_large',
      { outcome: 'not_evaluated' },
    ],
    [
      'stops in the middle',
      (_r, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices": ['),
      504,
      'provider_timeout',
      { end: 'timeout' },
    ],
    [
      'redirects',
      (_r, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
      502,
      'provider_redirected',
      { end: 'upstream_error' },
    ],
    [
      'is shorter than it says',
      (_r, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"a":1}');
        setTimeout(() => response.destroy(), 20);
      },
      502,
      '',
      { end: 'upstream_error' },
    ],
  ];
  it.each(
    WHOLE,
  )('ends in one error and one record when the provider %s', async (_name, answer, status, code, decision) => {
    provider.answer = answer;
    const got = await chat();
    expect(got.status).toBe(status);
    expect(got.text).not.toMatch(/127\.0\.0\.1|ECONN|undici|at \w+ \(/);
    if (code !== '') expect(JSON.parse(got.text).error.code).toBe(code);
    const recorded = await rig.recorded();
    expect(recorded).toHaveLength(1);
    expect(recorded[0]).toMatchObject({ httpStatus: status, tries: 1, ...decision });
  });

  it('speaks nonsense in place of HTTP', async () => {
    provider.server.once('connection', (socket) => socket.end('\u0000\u0001 nonsense\r\n\r\n'));
    provider.server.closeAllConnections();
    const got = await chat();
    expect(got.status).toBe(502);
    expect((await rig.recorded())[0]).toMatchObject({ outcome: 'not_evaluated', end: 'upstream_error' });
  });

  it('passes errors of the provider on as they are, without what is not the caller’s', async () => {
    for (const status of [400, 401, 404, 429, 500, 503]) {
      provider.answer = (_r, response) =>
        sendJson(response, { error: { message: `m${status}`, type: 't', param: 'p', code: 'c' } }, status, {
          'retry-after': '3',
          'set-cookie': 'a=b',
          'openai-organization': 'org-1',
          'x-ratelimit-limit-requests': '9',
        });
      const got = await chat();
      expect(got.status).toBe(status);
      expect(JSON.parse(got.text)).toEqual({ error: { message: `m${status}`, type: 't', param: 'p', code: 'c' } });
      expect(got.headers.get('retry-after')).toBe('3');
      expect(got.headers.get('set-cookie')).toBeNull();
      expect(got.headers.get('openai-organization')).toBeNull();
      expect(got.headers.get('x-ratelimit-limit-requests')).toBeNull();
      expect(got.headers.get('x-request-id')).toMatch(/^req_/);
    }
    expect((await rig.recorded(6)).every((one) => one.end === 'upstream_error' && one.outcome === 'allowed')).toBe(
      true,
    );
  });

  it('tries again before the first byte, and gives up in time', async () => {
    rig.setSnapshot(snapshotWith({ maxRetries: 2 }));
    let count = 0;
    provider.answer = (_r, response) =>
      ++count < 3
        ? sendJson(response, { error: {} }, 503, { 'retry-after': '0' })
        : sendJson(response, chatAnswer('At last.'));
    expect((await chat()).text).toContain('At last.');
    const [retried] = await rig.recorded();
    expect(retried).toMatchObject({
      tries: 3,
      end: 'completed',
      attempts: [
        { providerId: 'prv_openai', status: 503, failure: null },
        { providerId: 'prv_openai', status: 503, failure: null },
        { providerId: 'prv_openai', status: 200, failure: null },
      ],
    });
    const starts = retried?.attempts.map((one) => one.startedUs) ?? [];
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    // Each try is a span of its own in the trace of the call.
    expect(provider.seen.map((one) => one.headers.traceparent)).toEqual(
      retried?.attempts.map((one) => `00-${retried.traceId}-${one.spanId}-01`),
    );
    count = -10;
    provider.answer = (_r, response) =>
      sendJson(response, { error: { message: 'long' } }, 429, { 'retry-after': '3600' });
    expect((await chat()).headers.get('retry-after')).toBe('3600');
    expect((await rig.recorded(2))[1]).toMatchObject({ tries: 1 });
  });

  it('says how each try that got no answer failed', async () => {
    rig.setSnapshot(snapshotWith({ maxRetries: 1 }));
    provider.answer = (_r, response) => void response.socket?.destroy();
    expect((await chat()).status).toBe(502);
    expect((await rig.recorded())[0]?.attempts).toMatchObject([
      { status: null, failure: 'provider_unreachable' },
      { status: null, failure: 'provider_unreachable' },
    ]);
  });

  it('does not repeat a call whose tools act at the provider', async () => {
    rig.setSnapshot(snapshotWith({ maxRetries: 2 }));
    provider.answer = (_r, response) => sendJson(response, { error: { message: 'no' } }, 503);
    const response = await fetch(`${rig.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', input: 'Look it up.', tools: [{ type: 'mcp', server_label: 'x' }] }),
    });
    expect(response.status).toBe(503);
    expect(provider.seen).toHaveLength(1);
  });

  it('records each call of a storm of failures once', async () => {
    provider.answer = (_r, response) => sendJson(response, { error: { message: 'no' } }, 503);
    const answers = await Promise.all(Array.from({ length: 60 }, () => chat()));
    expect(answers.every((one) => one.status === 503)).toBe(true);
    expect(new Set((await rig.recorded(60)).map((one) => one.id)).size).toBe(60);
  });

  const PRIVATE: readonly [string, Parameters<typeof aProvider>[0]][] = [
    ['an address of this machine', { allowPrivateAddress: false }],
    ['the metadata service, though private addresses are allowed', { baseUrl: 'http://169.254.169.254/v1' }],
    ['a name that leads into a private network', { baseUrl: 'http://inside.test/v1', allowPrivateAddress: false }],
    ['an address in a v6 shape', { baseUrl: 'http://[::ffff:169.254.169.254]/v1' }],
  ];
  it.each(PRIVATE)('does not call %s', async (_name, change) => {
    rig.setSnapshot(snapshotWith(change));
    const got = await chat();
    expect(got.status).toBe(502);
    expect(JSON.parse(got.text).error.code).toBe('provider_address_refused');
    expect(provider.seen).toHaveLength(0);
    expect(await rig.recorded()).toHaveLength(1);
  });

  it('says when the key of a provider is not there', async () => {
    const missing = await openTestGateway(snapshotWith());
    // The rig has every secret; a provider without a place for one has none.
    await missing.close();
    rig.setSnapshot(snapshotWith({ secretName: null, authStyle: 'none' }));
    provider.answer = (_r, response) => sendJson(response, chatAnswer('ok'));
    expect((await chat()).status).toBe(200);
    expect(provider.seen[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a stream that is not as it should be', () => {
  it('ends with an error event and no end mark when the provider falls silent', async () => {
    provider.answer = (_r, response) =>
      void head(response).write(chatChunks(['Half', ' of', ' it']).slice(0, 4).join(''));
    const got = await chat(true);
    expect(got.text).toContain('Half');
    expect(got.text).toContain('"code":"provider_timeout"');
    expect(got.text).not.toContain('[DONE]');
    expect((await rig.recorded())[0]).toMatchObject({ end: 'timeout', stream: true });
  });

  it('ends with an error event and a broken connection when the provider’s connection breaks', async () => {
    provider.answer = (_r, response) => {
      head(response).write(chatChunks(['Half', ' of', ' it']).slice(0, 4).join(''));
      setTimeout(() => response.destroy(), 30);
    };
    const got = await chat(true);
    expect(got.text).toContain('"code":"provider_unreachable"');
    expect(got.text).not.toContain('[DONE]');
    expect(got.broke).toBe(true);
    expect((await rig.recorded())[0]).toMatchObject({
      end: 'upstream_error',
      refusal: { code: 'provider_unreachable' },
    });
  });

  it('does not take a stream without its end mark for whole', async () => {
    provider.answer = (_r, response) => sendEvents(response, chatChunks(['Half', ' of', ' it']).slice(0, 4));
    const got = await chat(true);
    expect(got.text).toContain('"error"');
    expect((await rig.recorded())[0]).toMatchObject({ end: 'upstream_error' });
  });

  it('refuses garbage in place of events', async () => {
    provider.answer = (_r, response) => sendEvents(response, ['data: {"choices": [{"delta": \n\n', 'data: [DONE]\n\n']);
    const got = await chat(true);
    expect(got.status).toBe(502);
    expect((await rig.recorded())[0]).toMatchObject({
      outcome: 'not_evaluated',
      refusal: { code: 'provider_bad_answer' },
    });
  });

  it('passes what drips through byte by byte, also within a code point', async () => {
    const bytes = Buffer.from(chatChunks(['Grüße', ' aus', ' 東京', ' 🎌 und', ' Ende.']).join(''));
    provider.answer = async (_r, response) => {
      head(response);
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        if (Math.random() < 0.05) await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    const got = await chat(true);
    const said = got.text
      .match(/"content":"[^"]*"/g)
      ?.map((one) => JSON.parse(`{${one}}`).content)
      .join('');
    expect(said).toBe('Grüße aus 東京 🎌 und Ende.');
    expect((await rig.recorded())[0]).toMatchObject({ end: 'completed', outcome: 'allowed' });
  });

  it('passes an error that the provider tells in the stream', async () => {
    provider.answer = (_r, response) =>
      sendEvents(response, [
        ...chatChunks(['Well']).slice(0, 2),
        'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n',
        'data: [DONE]\n\n',
      ]);
    expect((await chat(true)).text).toContain('overloaded');
    expect((await rig.recorded())[0]).toMatchObject({ end: 'upstream_error' });
  });

  it('keeps comments that keep a connection alive', async () => {
    provider.answer = (_r, response) => sendEvents(response, [': keep-alive\n\n', ...chatChunks(['Well', ' then.'])]);
    expect((await chat(true)).text.startsWith(': keep-alive\n\n')).toBe(true);
  });
});

describe('a caller who leaves', () => {
  const leave = async (stream: boolean, afterFirst: boolean) => {
    const body = JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'x y z' }] });
    const socket = connect(rig.port, '127.0.0.1');
    const gone = new Promise<void>((resolve) => {
      if (!afterFirst) return resolve();
      socket.once('data', () => resolve());
    });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CLEAR_KEY}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await gone;
    while (provider.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    const [decision] = await rig.recorded();
    while (!provider.seen[0]?.closedEarly) await new Promise((resolve) => setTimeout(resolve, 5));
    return decision;
  };

  it('ends the call to the provider before it has answered', async () => {
    rig.setSnapshot(snapshotWith({ timeouts: { ...TIMEOUTS, firstByteMs: 60_000, wholeMs: 60_000 } }));
    provider.answer = () => undefined;
    expect(await leave(false, false)).toMatchObject({ end: 'client_left', httpStatus: 499 });
  });

  it('ends the call to the provider in the middle of a stream', async () => {
    rig.setSnapshot(snapshotWith({ timeouts: { ...TIMEOUTS, betweenEventsMs: 60_000, wholeMs: 60_000 } }));
    provider.answer = (_r, response) =>
      void head(response).write(chatChunks(['Half', ' of', ' it']).slice(0, 4).join(''));
    expect(await leave(true, true)).toMatchObject({ end: 'client_left', stream: true });
  });

  it('who reads slowly slows the provider down, and loses nothing', async () => {
    rig.setSnapshot(snapshotWith({ timeouts: { ...TIMEOUTS, betweenEventsMs: 60_000, wholeMs: 60_000 } }));
    const pieces = Array.from({ length: 4_000 }, (_, i) => ` word${'x'.repeat(200)} ${i % 7 ? 'and' : 'then'}`);
    let most = 0;
    provider.answer = async (_r, response) => {
      head(response);
      for (const event of chatChunks(pieces)) {
        if (!response.write(event)) await new Promise((resolve) => response.once('drain', resolve));
        most = Math.max(most, response.writableLength);
      }
      response.end();
    };
    const response = await fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Go on.' }] }),
    });
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (Math.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(text.match(/word/g)?.length).toBe(4_000);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});
