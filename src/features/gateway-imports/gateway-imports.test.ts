import { expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { otherGatewayRouteFacts } from './facts.ts';
import type { GatewayImport, GatewayImportPage } from './model.ts';
import { gatewayImportRoutes } from './routes.ts';

const database = testDatabase();
const product = testProduct(database, ({ services }) => [gatewayImportRoutes(services)]);

const SECRET = 'sk-secret-of-the-file';
const kong = (plugins: string) => `_format_version: "3.0"
services:
  - name: llm
    url: https://api.example.com
    routes: [{ name: chat, paths: [/chat] }]
    plugins: ${plugins}
consumers: [{ username: a, keyauth_credentials: [{ key: ${SECRET} }] }]
`;
const GOOD = '[{ name: key-auth }, { name: rate-limiting, config: { minute: 9 } }]';

const add = (body: object, cookie = product.current.people.engineer.cookie) =>
  product.current.call('POST', 'gateway-imports', { cookie, body });
const list = async () =>
  (
    await product.current.call('GET', 'gateway-imports', { cookie: product.current.people.auditor.cookie })
  ).json() as GatewayImportPage;
const newest = async (test: string) => {
  const { rows } = await database.current.pool.query(
    'select result from verdict_span where test_id = $1 and to_run is null order by result',
    [test],
  );
  return rows.map(({ result }) => result);
};

test('files of a gateway become facts and evidence, and nothing of their secrets is kept', async () => {
  expect(await list()).toEqual({ items: [], total: 0 });
  const answer = await add({ name: 'edge', files: [{ name: 'kong.yaml', text: kong(GOOD) }] });
  expect(answer.statusCode, answer.body).toBe(201);
  const imported = answer.json() as GatewayImport;
  expect(imported).toMatchObject({ gateway: 'kong', cut: null, routes: [{ route: 'chat', line: 5 }] });
  expect(await otherGatewayRouteFacts(database.current.drizzle)).toMatchObject([
    { key: 'edge:chat', body: { authenticated: { state: 'yes', by: 'key-auth' }, requestsLimited: { state: 'yes' } } },
  ]);
  // What passes is no row.
  expect(await newest('other-gateway-authenticated')).toEqual([]);
  expect(await newest('other-gateway-requests-limited')).toEqual([]);
  expect(await newest('other-gateway-tokens-limited')).toEqual(['fail']);
  const { rows } = await database.current.pool.query(
    `select (select count(*) from gateway_import where routes::text like '%' || $1 || '%')
       + (select count(*) from fact_content where body::text like '%' || $1 || '%') as leaks,
       (select title from evidence_item where id = $2) as title`,
    [SECRET, imported.evidenceId],
  );
  expect(rows[0]).toEqual({ leaks: 0, title: 'Configuration of the gateway edge' });
});

test('the same name takes the place of what was read; what was cut leaves something that nobody knows', async () => {
  const cut = await add({
    name: 'edge',
    gateway: 'nginx',
    files: [{ name: 'n.conf', text: 'server { include x; location / { proxy_pass http://m; } }' }],
  });
  expect(cut.statusCode, cut.body).toBe(201);
  const facts = await otherGatewayRouteFacts(database.current.drizzle);
  expect(facts.map(({ key, body }) => [key, body.authenticated.state])).toEqual([
    ['edge:location /', 'no'],
    ['edge: rest', 'unknown'],
  ]);
  expect(await newest('other-gateway-authenticated')).toEqual(['fail', 'no_data']);
  expect((await list()).items).toMatchObject([{ name: 'edge', cut: 'n.conf line 1: the included x was not given' }]);
});

test('what cannot be read is refused by name, and so is who may not', async () => {
  const nothing = await add({ name: 'edge2', files: [{ name: 'a.txt', text: 'hello' }] });
  expect(nothing.statusCode).toBe(400);
  expect(nothing.json().message).toContain('Kong Gateway');
  const broken = await add({ name: 'edge2', gateway: 'kong', files: [{ name: 'k.yaml', text: 'a: [' }] });
  expect(broken.json().message).toMatch(/k\.yaml line 1/);
  expect((await add({ name: 'Edge 2', files: [{ name: 'k.yaml', text: 'a' }] })).statusCode).toBe(400);
  expect((await add({ name: 'edge2', files: [] })).statusCode).toBe(400);
  const { people, call } = product.current;
  expect((await add({ name: 'x', files: [{ name: 'k', text: kong(GOOD) }] }, people.auditor.cookie)).statusCode).toBe(
    403,
  );
  expect((await call('DELETE', 'gateway-imports/none', { cookie: people.engineer.cookie })).statusCode).toBe(404);
  expect((await call('DELETE', 'gateway-imports/edge', { cookie: people.engineer.cookie })).statusCode).toBe(204);
  expect((await list()).total).toBe(0);
  expect(await newest('other-gateway-authenticated')).toEqual([]);
});
