import type { ServerResponse } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '#src/gateway/decision.ts';
import type { StoredObjects } from '#src/gateway/ports.ts';
import type { GatewaySnapshot } from '#src/gateway/snapshot.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import {
  aKey,
  aPolicy,
  aSnapshot,
  aTenant,
  CLEAR_KEY,
  chatAnswer,
  type FakeProvider,
  messagesEvents,
  OTHER_KEY,
  openFakeProvider,
  openTestGateway,
  type SeenRequest,
  sendEvents,
  sendJson,
  type TestGateway,
} from '../../../tests/support/gateway.ts';
import { forgetStoredObjects } from './forget.ts';
import { openStoredObjects } from './object-store.ts';

const database = testDatabase();
let provider: FakeProvider;
/** Two processes of one gateway. */
let first: TestGateway;
let second: TestGateway;
let now = Date.now();
let isDown = false;

const SCOPES = ['chat', 'embeddings', 'models', 'other'] as const;
function snapshot(change: Partial<GatewaySnapshot> = {}): GatewaySnapshot {
  return aSnapshot(provider, {
    tenants: [aTenant(), aTenant({ id: 'ten_2', name: 'Other' })],
    keys: [aKey({ scopes: [...SCOPES] }), aKey({ id: 'gwk_2', tenantId: 'ten_2', scopes: [...SCOPES] }, OTHER_KEY)],
    ...change,
  });
}

/** What all tenants share: an account that keeps what it is given, and answers whoever has the key. */
const kept = new Map<string, Record<string, unknown>>();
let made = 0;
function keep(object: string, prefix: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const one = { id: `${prefix}${String(++made).padStart(6, '0')}Ab`, object, created_at: 1, ...more };
  kept.set(one.id, one);
  return one;
}

function answer(request: SeenRequest, response: ServerResponse): void {
  const { json, status, events } = answerTo(request);
  if (events) sendEvents(response, events);
  else sendJson(response, json, status);
}

function answerTo(request: SeenRequest): { json?: unknown; status?: number; events?: string[] } {
  const url = new URL(request.url, 'http://provider');
  const path = url.pathname.replace(/^\/v1/, '');
  const body = request.body.startsWith('{') ? JSON.parse(request.body) : {};
  const list = (data: unknown[]) => ({ json: { object: 'list', data, has_more: false } });
  const ofKind = (object: string) => [...kept.values()].filter((one) => one.object === object);
  const [, collection, id, sub] = path.split('/');
  if (request.method === 'POST' && path === '/files')
    return { json: keep('file', 'file-', { filename: body.filename }) };
  if (request.method === 'POST' && path === '/batches')
    return { json: keep('batch', 'batch_', { input_file_id: body.input_file_id, output_file_id: 'file-out7' }) };
  if (request.method === 'POST' && path === '/vector_stores') return { json: keep('vector_store', 'vs_') };
  if (request.method === 'POST' && path === '/responses') {
    const item = `msg_${++made}Aa`;
    const one = keep('response', 'resp_', {
      model: body.model,
      status: 'completed',
      store: body.store ?? true,
      output: [
        {
          type: 'message',
          id: item,
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Four.', annotations: [] }],
        },
      ],
    });
    if (!body.stream) return { json: one };
    const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
    return {
      events: [
        event('response.created', { response: { ...one, output: [], status: 'in_progress' } }),
        event('response.output_text.delta', { item_id: item, output_index: 0, content_index: 0, delta: 'Four.' }),
        event('response.completed', { response: one }),
      ],
    };
  }
  if (path === '/chat/completions') return { json: chatAnswer('Fine.', { id: 'chatcmpl-Zz1' }) };
  if (path === '/messages') {
    if (body.stream)
      return {
        events: messagesEvents(['Done.']).map((one) =>
          one.replace(
            '"usage":{"input',
            '"container":{"id":"container_01Ab","expires_at":"2099-01-01T00:00:00Z"},"usage":{"input',
          ),
        ),
      };
    return {
      json: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: 'end_turn',
        usage: {},
      },
    };
  }
  if (path === '/uploads') return { json: {} };
  if (path === '/models')
    return list([{ id: 'gpt-test' }, { id: 'ft:gpt-test:acme::Mine1' }, { id: 'ft:gpt-test:acme::Elsewhere' }]);
  if (path === '/fine_tuning/jobs/ftjob-Own1')
    return {
      json: {
        id: 'ftjob-Own1',
        object: 'fine_tuning.job',
        fine_tuned_model: 'ft:gpt-test:acme::Mine1',
      },
    };
  if (path === '/fine_tuning/jobs' && request.method === 'POST')
    return { json: { id: 'ftjob-Own1', object: 'fine_tuning.job' } };
  if (request.method === 'GET' && id === undefined)
    return list(ofKind(collection === 'files' ? 'file' : collection === 'batches' ? 'batch' : 'x'));
  const one = kept.get((collection === 'chat' ? sub : id) ?? '');
  if (!one)
    return {
      json: { error: { message: `the provider has no ${id}`, type: 'invalid_request_error', param: null, code: null } },
      status: 404,
    };
  if (request.method === 'DELETE') {
    kept.delete(one.id as string);
    return { json: { id: one.id, object: one.object, deleted: true } };
  }
  if (sub === 'files') return list([{ id: body.file_id ?? 'file-shared1', object: 'vector_store.file' }]);
  return { json: one };
}

beforeAll(async () => {
  provider = await openFakeProvider(answer);
  const opened = openStoredObjects({ database: database.current, clock: () => now });
  const storedObjects: StoredObjects = {
    ownersOf: (...given) => (isDown ? Promise.reject(new Error('down')) : opened.ownersOf(...given)),
    bind: (given) => (isDown ? Promise.reject(new Error('down')) : opened.bind(given)),
    forget: (given) => opened.forget(given),
  };
  first = await openTestGateway(snapshot(), { storedObjects });
  second = await openTestGateway(snapshot(), {
    storedObjects: openStoredObjects({ database: database.current, clock: () => now }),
  });
});
afterAll(async () => {
  await first.close();
  await second.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  first.decisions.length = 0;
  second.decisions.length = 0;
  isDown = false;
  first.setSnapshot(snapshot());
  second.setSnapshot(snapshot());
});

// biome-ignore lint/suspicious/noExplicitAny: what answers hold is what the tests look at.
type Answer = { status: number; body: any };
async function call(rig: TestGateway, key: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${rig.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}
const own = (method: string, path: string, body?: unknown) => call(first, CLEAR_KEY, method, path, body);
const other = (method: string, path: string, body?: unknown) => call(second, OTHER_KEY, method, path, body);
const checkOf = (decision: Decision | undefined) =>
  decision?.verdicts.find((one) => one.detector === 'check:stored_objects');

describe('what one tenant stored with the provider', () => {
  it('is there for it on every process, and for no other tenant: not to read, to use, to delete or to list', async () => {
    const file = (await own('POST', '/v1/files', { filename: 'salaries.jsonl' })).body;
    expect(await call(second, CLEAR_KEY, 'GET', `/v1/files/${file.id}`)).toMatchObject({
      status: 200,
      body: { id: file.id },
    });
    const batch = (await own('POST', '/v1/batches', { input_file_id: file.id })).body;
    provider.seen.length = 0;
    const refused: [string, string, unknown?][] = [
      ['GET', `/v1/files/${file.id}`],
      ['GET', `/v1/files/${file.id}/content`],
      ['DELETE', `/v1/files/${file.id}`],
      ['GET', `/v1/files/${file.id.replace('-', '%2d')}`],
      ['GET', `/v1/batches/${batch.id}`],
      ['POST', `/v1/batches/${batch.id}/cancel`],
      // Made by the batch, and told in its answer.
      ['GET', '/v1/files/file-out7'],
      ['POST', '/v1/batches', { input_file_id: file.id }],
      ['POST', '/v1/fine_tuning/jobs', { model: 'gpt-test', training_file: file.id }],
      ['POST', '/v1/vector_stores', { file_ids: ['file-none', file.id] }],
      ['POST', '/v1/anything', { deep: [{ source: { object_id: file.id } }] }],
      [
        'POST',
        '/v1/responses',
        { model: 'gpt-test', input: [{ role: 'user', content: [{ type: 'input_file', file_id: file.id }] }] },
      ],
      [
        'POST',
        '/v1/chat/completions',
        { model: 'gpt-test', messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: file.id } }] }] },
      ],
    ];
    for (const [method, path, body] of refused) {
      const { status } = await other(method, path, body);
      expect([method, path, status]).toEqual([method, path, path.includes('%2d') ? 400 : 404]);
    }
    expect(provider.seen).toEqual([]);
    expect(kept.has(file.id)).toBe(true);
    const listed = await other('GET', '/v1/files');
    expect(listed.body).toEqual({ object: 'list', data: [], has_more: false });
    expect((await own('GET', '/v1/files')).body.data.map((one: { id: string }) => one.id)).toEqual([file.id]);
    const decisions = (await second.recorded(refused.length + 2)).slice(1);
    expect(decisions.map((one) => one.refusal?.code ?? null)).toEqual([
      ...refused.map(([, path]) => (path.includes('%2d') ? 'bad_http' : 'object_not_found')),
      null,
    ]);
    expect(decisions[0]).toMatchObject({ refusal: { stage: 'own_objects', httpStatus: 404 }, tries: 0 });
    expect(checkOf(decisions[0])).toMatchObject({ outcome: 'blocked', reason: 'another tenant’s' });
    expect(checkOf(decisions.at(-1))).toMatchObject({ outcome: 'redacted' });
    expect(JSON.stringify(decisions)).not.toContain(file.id);
  });

  it('is refused to others in the provider’s own words, the same as what never was', async () => {
    const file = (await own('POST', '/v1/files', { filename: 'a' })).body;
    const openai = new OpenAI({ apiKey: OTHER_KEY, baseURL: `${second.url}/v1`, maxRetries: 0 });
    await expect(openai.files.retrieve(file.id)).rejects.toThrow(OpenAI.NotFoundError);
    expect((await other('GET', `/v1/files/${file.id}`)).body).toEqual({
      error: { message: `No such File object: ${file.id}`, type: 'invalid_request_error', param: 'id', code: null },
    });
    expect((await other('GET', '/v1/files/file-never1')).body).toEqual({
      error: { message: 'No such File object: file-never1', type: 'invalid_request_error', param: 'id', code: null },
    });
    const stored = (await own('POST', '/v1/responses', { model: 'gpt-test', input: 'Hi' })).body;
    const asked = await other('POST', '/v1/responses', {
      model: 'gpt-test',
      input: 'Hi',
      previous_response_id: stored.id,
    });
    expect(asked).toMatchObject({
      status: 400,
      body: { error: { code: 'previous_response_not_found', param: 'previous_response_id' } },
    });
    const anthropic = new Anthropic({ apiKey: OTHER_KEY, baseURL: second.url, maxRetries: 0 });
    await expect(
      anthropic.messages.create({
        model: 'claude-test',
        max_tokens: 9,
        messages: [
          { role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: file.id } } as never] },
        ],
      }),
    ).rejects.toThrow(Anthropic.NotFoundError);
  });

  it('stays bound when two tenants are told the same id: who was first owns it', async () => {
    const store = openStoredObjects({ database: database.current, clock: () => now });
    const bind = (tenantId: string) =>
      store.bind({ account: 'https://x', tenantId, objects: [{ id: 'file-Twice1', expiresAt: null }] });
    await Promise.all([bind('ten_1'), bind('ten_2'), bind('ten_2')]);
    expect(await store.ownersOf('https://x', ['file-Twice1'])).toEqual(new Map([['file-Twice1', 'ten_1']]));
    expect(await store.ownersOf('https://y', ['file-Twice1'])).toEqual(new Map());
    await store.forget({ account: 'https://x', tenantId: 'ten_2', id: 'file-Twice1' });
    expect((await store.ownersOf('https://x', ['file-Twice1'])).size).toBe(1);
  });
});

describe('stored answers', () => {
  for (const stream of [false, true])
    it(`are bound before their id goes out${stream ? ', streamed' : ''}`, async () => {
      const asked = await own('POST', '/v1/responses', { model: 'gpt-test', input: 'Two and two?', stream });
      const id = /resp_\w+/.exec(JSON.stringify(asked.body))?.[0] ?? '';
      const item = /msg_\w+/.exec(JSON.stringify(asked.body))?.[0] ?? '';
      expect(id).toMatch(/^resp_/);
      const next = { model: 'gpt-test', input: [{ type: 'item_reference', id: item }], previous_response_id: id };
      expect((await call(second, CLEAR_KEY, 'POST', '/v1/responses', next)).status).toBe(200);
      expect((await other('GET', `/v1/responses/${id}`)).status).toBe(404);
      expect((await other('POST', '/v1/responses', { ...next, previous_response_id: undefined })).status).toBe(404);
    });

  it('are not bound where the caller keeps none, and items that come with their content pass', async () => {
    const { rowCount } = await database.current.pool.query('select 1 from gateway_stored_object');
    const asked = await own('POST', '/v1/responses', { model: 'gpt-test', input: 'Two and two?', store: false });
    expect(asked.status).toBe(200);
    expect((await database.current.pool.query('select 1 from gateway_stored_object')).rowCount).toBe(rowCount);
    const whole = { type: 'reasoning', id: 'rs_Unseen1', summary: [], encrypted_content: 'abc' };
    const input = [whole, { role: 'user', content: 'And three?' }];
    expect((await own('POST', '/v1/responses', { model: 'gpt-test', input, store: false })).status).toBe(200);
    const bare = [{ ...whole, encrypted_content: undefined }];
    expect((await own('POST', '/v1/responses', { model: 'gpt-test', input: bare })).status).toBe(404);
  });

  it('of chat are bound when the call stores them; other chat calls ask the database nothing', async () => {
    isDown = true;
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'My file_id is file-1 and "previous_response_id":"resp_1".' }] },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"file_id":"file-9"}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
    ];
    expect((await own('POST', '/v1/chat/completions', { model: 'gpt-test', messages })).status).toBe(200);
    expect(checkOf((await first.recorded())[0])).toBeUndefined();
    isDown = false;
    await own('POST', '/v1/chat/completions', { model: 'gpt-test', messages, store: true });
    kept.set('chatcmpl-Zz1', { id: 'chatcmpl-Zz1' });
    expect((await own('GET', '/v1/chat/completions/chatcmpl-Zz1')).status).toBe(200);
    expect((await other('GET', '/v1/chat/completions/chatcmpl-Zz1')).status).toBe(404);
  });

  it('of Anthropic bind the container they ran in, streamed', async () => {
    const body = {
      model: 'claude-test',
      max_tokens: 9,
      stream: true,
      tools: [{ type: 'code_execution_20250825', name: 'code_execution' }],
      messages: [{ role: 'user', content: 'Run it.' }],
    };
    const ran = await own('POST', '/v1/messages', body);
    expect(ran.body).toContain('container_01Ab');
    const again = { ...body, stream: false, container: 'container_01Ab' };
    expect((await call(second, CLEAR_KEY, 'POST', '/v1/messages', again)).status).toBe(200);
    const refused = await call(second, OTHER_KEY, 'POST', '/v1/messages', again);
    expect(refused).toMatchObject({ status: 404, body: { type: 'error', error: { type: 'not_found_error' } } });
  });
});

describe('tuned models', () => {
  it('of another tenant can neither be asked nor seen; those made elsewhere are granted by the lists of keys', async () => {
    await own('POST', '/v1/fine_tuning/jobs', { model: 'gpt-test' });
    expect((await own('GET', '/v1/fine_tuning/jobs/ftjob-Own1')).body.fine_tuned_model).toBe('ft:gpt-test:acme::Mine1');
    const chat = (model: string) => ({ model, messages: [{ role: 'user', content: 'Hi there' }] });
    expect((await own('POST', '/v1/chat/completions', chat('ft:gpt-test:acme::Mine1'))).status).toBe(200);
    const refused = await other('POST', '/v1/chat/completions', chat('ft:gpt-test:acme::Mine1'));
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } });
    expect((await other('POST', '/v1/chat/completions', chat('ft:gpt-test:acme::Elsewhere'))).status).toBe(200);
    const models = (await other('GET', '/v1/models')).body.data.map((one: { id: string }) => one.id);
    expect(models).toEqual(['gpt-test', 'ft:gpt-test:acme::Elsewhere']);
    expect((await other('DELETE', '/v1/models/ft:gpt-test:acme::Mine1')).status).toBe(404);
  });
});

describe('what was never seen', () => {
  it('is passed on where the policy says so, and the record says so; what is another’s still is not', async () => {
    const policies = [aPolicy({ storedObjects: { unseen: 'pass' } })];
    second.setSnapshot(snapshot({ policies }));
    kept.set('file-Outside1', { id: 'file-Outside1', object: 'file' });
    const file = (await own('POST', '/v1/files', { filename: 'b' })).body;
    expect((await other('GET', '/v1/files/file-Outside1')).status).toBe(200);
    expect((await other('GET', `/v1/files/${file.id}`)).status).toBe(404);
    const listed = (await other('GET', '/v1/files')).body.data.map((one: { id: string }) => one.id);
    expect(listed).toContain('file-Outside1');
    expect(listed).not.toContain(file.id);
    const [passed] = await second.recorded(3);
    expect(passed?.outcome).toBe('allowed');
    expect(checkOf(passed)).toMatchObject({ outcome: 'flagged', reason: expect.stringContaining('never seen') });
    // Passing it on does not give it to anybody.
    first.setSnapshot(snapshot({ policies }));
    expect((await own('GET', '/v1/files/file-Outside1')).status).toBe(200);
  });
});

describe('a form', () => {
  it('that an open policy lets through unread is searched for what it names', async () => {
    const open = snapshot({ policies: [aPolicy({ onFailure: 'open' })] });
    first.setSnapshot(open);
    second.setSnapshot(open);
    const file = (await own('POST', '/v1/files', { filename: 'f' })).body;
    const send = (body: FormData | URLSearchParams) =>
      fetch(`${second.url}/v1/uploads`, { method: 'POST', headers: { authorization: `Bearer ${OTHER_KEY}` }, body });
    const form = new FormData();
    form.set('purpose', 'vision');
    form.set('file', new Blob(['file_id=nothing']), 'a.bin');
    expect((await send(form)).status).not.toBe(404);
    expect(checkOf((await second.recorded())[0])).toBeUndefined();
    form.append('file_ids[]', file.id);
    expect((await send(form)).status).toBe(404);
    expect((await send(new URLSearchParams({ a: 'b', training_file: file.id }))).status).toBe(404);
  });
});

describe('when the database does not answer', () => {
  it('refuses calls that name objects, and lets answers pass whose objects nobody can then name', async () => {
    isDown = true;
    const refused = await own('GET', '/v1/files/file-Any1');
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'objects_unavailable' } } });
    expect(await own('GET', '/v1/files')).toMatchObject({ status: 503 });
    const file = await own('POST', '/v1/files', { filename: 'c' });
    expect(file.status).toBe(200);
    expect(checkOf((await first.recorded(3))[2])).toMatchObject({ outcome: 'not_evaluated' });
    isDown = false;
    expect((await own('GET', `/v1/files/${file.body.id}`)).status).toBe(404);
    isDown = true;
    first.setSnapshot(snapshot({ policies: [aPolicy({ storedObjects: { unseen: 'pass' } })] }));
    expect((await own('POST', '/v1/files', { filename: 'd' })).status).toBe(503);
    const streamed = await own('POST', '/v1/responses', { model: 'gpt-test', input: 'Hi', stream: true });
    expect(JSON.stringify(streamed.body)).not.toContain('resp_');
  });
});

describe('the end of an object', () => {
  it('is its deletion, or the time the provider keeps it', async () => {
    const file = (await own('POST', '/v1/files', { filename: 'e' })).body;
    const rows = () =>
      database.current.pool.query('select 1 from gateway_stored_object').then((one) => one.rowCount ?? 0);
    const before = await rows();
    expect((await own('DELETE', `/v1/files/${file.id}`)).status).toBe(200);
    expect(await rows()).toBe(before - 1);
    // Of a path that is no UTF-8 nothing is known, and nothing breaks.
    first.setSnapshot(snapshot({ policies: [aPolicy({ storedObjects: { unseen: 'pass' } })] }));
    kept.set('%FF', { id: '%FF', object: 'file' });
    expect((await own('DELETE', '/v1/files/%FF')).body.error?.code).not.toBe('internal');
    first.setSnapshot(snapshot());
    const stored = (await own('POST', '/v1/responses', { model: 'gpt-test', input: 'Hi' })).body;
    expect((await own('GET', `/v1/responses/${stored.id}`)).status).toBe(200);
    now += 32 * DAY_MS;
    expect((await own('GET', `/v1/responses/${stored.id}`)).status).toBe(404);
    const gone = await forgetStoredObjects(database.current, () => now);
    expect(gone.expired).toBeGreaterThan(0);
    expect(gone.tooMany).toBe(0);
    const left = await rows();
    expect(left).toBeGreaterThan(2);
    expect((await forgetStoredObjects(database.current, () => now, { mostOfTenant: 1 })).tooMany).toBeGreaterThan(0);
  });
});
