import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import type { Provider } from './model.ts';

const KEY = 'sk-test-0123456789abcdef';

const database = testDatabase();
const started = testProduct(database, mountGatewayControl);
let product: Product;
let cookie: string;
let upstream: Server;
let upstreamUrl: string;
let answer: { status: number; body: string };
let asked: IncomingMessage['headers'] | undefined;

beforeAll(async () => {
  product = started.current;
  cookie = product.people.engineer.cookie;
  upstream = createServer((request, response) => {
    asked = request.headers;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
});
afterAll(() => upstream.close());

const send = (method: string, path: string, body?: object, as = cookie) =>
  product.call(method, `gateway/${path}`, { cookie: as, ...(body && { body }) });
const add = async (fields: object): Promise<Provider> => {
  const made = await send('POST', 'providers', fields);
  expect(made.statusCode, made.body).toBe(201);
  return made.json();
};
const lastLeaf = async (type: string) => {
  await product.services.ledger.integrate();
  const [entry] = (await product.services.ledger.entries({ type, limit: 1 })).items;
  return entry && JSON.parse(Buffer.from(entry.bytes).toString('utf8'));
};

test('a provider is added with its usual address and paths; its key is nowhere but in the secret store', async () => {
  const provider = await add({ name: 'openai', kind: 'openai', key: KEY });
  expect(provider).toMatchObject({
    baseUrl: 'https://api.openai.com/v1',
    authStyle: 'bearer',
    keySetBy: { id: product.people.engineer.id },
    routes: ['/openai/v1', '/v1'],
    lastTest: null,
  });
  const list = await send('GET', 'providers');
  expect(list.body).not.toContain(KEY);
  expect(list.body).not.toContain('secretName');
  const { rows } = await database.current.pool.query<{ secret_name: string }>(
    'select secret_name from gateway_provider',
  );
  expect(await product.services.secrets.get(rows[0]?.secret_name ?? '')).toBe(KEY);
  const leaf = await lastLeaf('gateway.provider-changed');
  expect(leaf).toMatchObject({ actor: { id: product.people.engineer.id }, body: { change: 'added', keyStored: true } });
  expect(JSON.stringify(leaf)).not.toContain(KEY);
  for (const line of product.lines) expect(line).not.toContain(KEY);
});

test('a second one gets a path of its own and leaves the others where they lead', async () => {
  const other = await add({
    name: 'ollama',
    kind: 'openai_compatible',
    baseUrl: upstreamUrl,
    authStyle: 'none',
    allowPrivateAddress: true,
  });
  expect(other).toMatchObject({ routes: ['/ollama/v1'], keySetAt: null });
  const anthropic = await add({ name: 'anthropic', kind: 'anthropic', key: KEY });
  expect(anthropic).toMatchObject({ authStyle: 'x-api-key', routes: ['/anthropic/v1', '/v1/messages'] });
});

test.each([
  ['a name that cannot stand in a path', { name: 'Open AI', kind: 'openai' }, 'name'],
  ['no address where there is no usual one', { name: 'x', kind: 'openai_compatible' }, 'baseUrl'],
  [
    'an address with a password',
    { name: 'x', kind: 'openai', baseUrl: 'https://a:b@example.com/v1' },
    'user name or password',
  ],
  ['an address with a query', { name: 'x', kind: 'openai', baseUrl: 'https://example.com/v1?key=1' }, 'question mark'],
  ['another protocol', { name: 'x', kind: 'openai', baseUrl: 'file:///etc/passwd' }, 'https://'],
  ['clear text to the outside', { name: 'x', kind: 'openai', baseUrl: 'http://example.com/v1' }, 'readable'],
  ['a key of two lines', { name: 'x', kind: 'openai', key: 'a\nb' }, 'key'],
  ['a key where none is sent', { name: 'x', kind: 'openai', authStyle: 'none', key: KEY }, 'key'],
  ['an unknown member', { name: 'x', kind: 'openai', secretName: 'other' }, 'secretName'],
])('%s is refused in words that name the field', async (_what, body, named) => {
  const stored = (await product.services.secrets.list()).length;
  const refused = await send('POST', 'providers', body);
  expect(refused.statusCode).toBe(400);
  expect(refused.json().message).toContain(named);
  expect((await product.services.secrets.list()).length).toBe(stored);
});

test('a name is used once, and what was stored for the refused one is taken back', async () => {
  const before = (await product.services.secrets.list()).length;
  expect((await send('POST', 'providers', { name: 'openai', kind: 'openai', key: KEY })).statusCode).toBe(409);
  expect((await product.services.secrets.list()).length).toBe(before);
});

test('a stored key never follows to another host', async () => {
  const { id } = await add({ name: 'moving', kind: 'openai', key: KEY });
  const refused = await send('PATCH', `providers/${id}`, { baseUrl: 'https://evil.example.com/v1' });
  expect(refused.statusCode).toBe(400);
  expect(refused.json().message).toContain('another host');
  expect((await send('PATCH', `providers/${id}`, { baseUrl: 'https://api.openai.com/v2' })).statusCode).toBe(200);
  const moved = await send('PATCH', `providers/${id}`, { baseUrl: 'https://eu.example.com/v1', key: 'sk-other' });
  expect(moved.json()).toMatchObject({ baseUrl: 'https://eu.example.com/v1' });
});

test('a new key takes another name and the old one is gone', async () => {
  const { id } = await add({ name: 'rotating', kind: 'openai', key: KEY });
  const nameOf = async () =>
    (
      await database.current.pool.query<{ secret_name: string }>(
        'select secret_name from gateway_provider where id = $1',
        [id],
      )
    ).rows[0]?.secret_name ?? '';
  const first = await nameOf();
  await send('PATCH', `providers/${id}`, { key: 'sk-second' });
  const second = await nameOf();
  expect(second).not.toBe(first);
  expect(await product.services.secrets.get(first)).toBeNull();
  expect(await product.services.secrets.get(second)).toBe('sk-second');
  expect((await lastLeaf('gateway.provider-changed')).body.fields).toEqual(['key']);
});

test('the connection test says what it saw, and sends the key as the provider wants it', async () => {
  const { id } = await add({
    name: 'tested',
    kind: 'openai',
    baseUrl: upstreamUrl,
    key: KEY,
    allowPrivateAddress: true,
  });
  const outcomeOf = async (next: typeof answer) => {
    answer = next;
    return (await send('POST', `providers/${id}/test`)).json().lastTest;
  };
  expect(await outcomeOf({ status: 200, body: '{"data":[{"id":"gpt-4o"},{"id":"o3"}]}' })).toMatchObject({
    outcome: 'works',
    models: ['gpt-4o', 'o3'],
    testedBy: { id: product.people.engineer.id },
  });
  expect(asked?.authorization).toBe(`Bearer ${KEY}`);
  const refused = await outcomeOf({ status: 401, body: `{"error":"bad key ${KEY}"}` });
  expect(refused.outcome).toBe('key_refused');
  expect(JSON.stringify(refused)).not.toContain(KEY);
  expect((await outcomeOf({ status: 404, body: '' })).outcome).toBe('not_found');
  expect((await outcomeOf({ status: 500, body: '' })).outcome).toBe('unexpected_answer');
  expect((await outcomeOf({ status: 200, body: '<html>' })).outcome).toBe('unexpected_answer');
  await send('PATCH', `providers/${id}`, { baseUrl: upstreamUrl.replace('127.0.0.1', 'localhost'), key: KEY });
  expect((await outcomeOf({ status: 200, body: '{"data":[]}' })).outcome).toBe('works');
});

test('the connection test goes to no private address that was not allowed, and nowhere without a key', async () => {
  const { id } = await add({ name: 'inside', kind: 'openai', baseUrl: 'https://127.0.0.1/v1', key: KEY });
  expect((await send('POST', `providers/${id}/test`)).json().lastTest.outcome).toBe('address_refused');
  const { id: bare } = await add({ name: 'bare', kind: 'openai', baseUrl: upstreamUrl, allowPrivateAddress: true });
  expect((await send('POST', `providers/${bare}/test`)).json().lastTest.outcome).toBe('key_missing');
});

test('removing a provider takes its key and its paths with it', async () => {
  const { id } = await add({ name: 'leaving', kind: 'openai', key: KEY });
  const { rows } = await database.current.pool.query<{ secret_name: string }>(
    'select secret_name from gateway_provider where id = $1',
    [id],
  );
  expect((await send('DELETE', `providers/${id}`)).statusCode).toBe(204);
  expect(await product.services.secrets.get(rows[0]?.secret_name ?? '')).toBeNull();
  expect((await send('GET', 'routes')).body).not.toContain('/leaving/v1');
  expect((await send('DELETE', `providers/${id}`)).statusCode).toBe(404);
});

test.each([
  ['GET', 'providers', undefined],
  ['POST', 'providers', { name: 'y', kind: 'openai' }],
  ['PATCH', 'providers/gpr_x', { maxRetries: 1 }],
  ['DELETE', 'providers/gpr_x', undefined],
  ['POST', 'providers/gpr_x/test', undefined],
])('%s %s lets an auditor read only, and a viewer nothing', async (method, path, body) => {
  const auditor = await send(method, path, body, product.people.auditor.cookie);
  expect(auditor.statusCode).toBe(method === 'GET' ? 200 : 403);
  expect((await send(method, path, body, product.people.viewer.cookie)).statusCode).toBe(403);
});
