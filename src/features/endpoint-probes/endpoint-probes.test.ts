import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { endpointProbeFacts } from './facts.ts';
import type { Endpoint, EndpointPage } from './model.ts';
import { probeEndpointsDaily } from './probe-endpoints.ts';
import { endpointProbeRoutes } from './routes.ts';

const database = testDatabase();
const product = testProduct(database, ({ services }) => [endpointProbeRoutes(services)]);

/** An inference server that asks for a key, or does not. */
let server: Server;
let url: string;
let isOpen = false;
const seen: { method: string; authorization: string | undefined; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', authorization: request.headers.authorization, body });
      if (request.url === '/moved') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else response.writeHead(isOpen ? 200 : 401).end(isOpen ? 'x'.repeat(3_000_000) : 'no key');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [id, state] of [
    ['itm_chat', 'confirmed'],
    ['itm_embed', 'proposed'],
    ['itm_old', 'rejected'],
  ])
    await database.current.pool.query(
      `insert into inventory_item (id, kind, title, state, origin, proposed_at, proposed_by, reason)
       values ($1, 'inference_api', 'POST /v1/' || $1, $2, 'manual', now(), 'service:assay', 'as decided')`,
      [id, state],
    );
});
afterAll(() => server.close());

const list = async () => {
  const { call, people } = product.current;
  return (await call('GET', 'endpoint-probes', { cookie: people.auditor.cookie })).json() as EndpointPage;
};
const put = (id: string, body: object, cookie = product.current.people.engineer.cookie) =>
  product.current.call('PUT', `endpoint-probes/${id}`, { cookie, body });

test('an endpoint of the inventory that nobody gave an address stands there without a probe', async () => {
  const page = await list();
  expect(page).toMatchObject({ total: 2, probed: 0 });
  expect(page.items.map(({ itemId, probe }) => [itemId, probe])).toEqual([
    ['itm_chat', null],
    ['itm_embed', null],
  ]);
});

test('the address is called without credentials and with wrong ones, and what came is evidence', async () => {
  const answer = await put('itm_chat', { url: `${url}/v1/chat`, allowPrivateAddress: true });
  expect(answer.statusCode, answer.body).toBe(200);
  const { probe } = answer.json() as Endpoint;
  expect(probe).toMatchObject({ withoutKey: 401, wrongKey: 401, problem: null });
  expect(seen.map(({ method, authorization }) => [method, authorization?.slice(0, 12)])).toEqual([
    ['POST', undefined],
    ['POST', 'Bearer assay'],
  ]);
  const { rows } = await database.current.pool.query('select query from evidence_item where id = $1', [
    probe?.evidenceId,
  ]);
  expect(rows[0].query).toContain(`${url}/v1/chat`);
  expect(await endpointProbeFacts(database.current.drizzle)).toMatchObject([
    { key: 'itm_chat', body: { encrypted: false, withoutKey: 401 } },
  ]);
});

test('the clock probes anew after a day, and one that serves strangers is told, whatever it sends', async () => {
  const { services } = product.current;
  expect(await probeEndpointsDaily(services)).toBe(0);
  await database.current.pool.query("update endpoint_probe set probed_at = probed_at - interval '1 day'");
  isOpen = true;
  expect(await probeEndpointsDaily(services)).toBe(1);
  isOpen = false;
  expect((await list()).items[0]?.probe).toMatchObject({ withoutKey: 200, wrongKey: 200 });
});

test('what must not be called is not, and what does not answer says why', async () => {
  const before = seen.length;
  expect((await put('itm_embed', { url: `${url}/v1/chat` })).statusCode).toBe(403);
  expect((await put('itm_embed', { url: 'http://169.254.169.254/latest', allowPrivateAddress: true })).statusCode).toBe(
    403,
  );
  for (const wrong of ['ftp://x.example/', 'https://user:pass@x.example/', 'https://x.example/?key=1', 'here'])
    expect((await put('itm_embed', { url: wrong })).statusCode, wrong).toBe(400);
  expect((await put('itm_old', { url, allowPrivateAddress: true })).statusCode).toBe(404);
  expect(
    (await put('itm_embed', { url, allowPrivateAddress: true }, product.current.people.auditor.cookie)).statusCode,
  ).toBe(403);
  expect(seen.length).toBe(before);
  const moved = (await put('itm_embed', { url: `${url}/moved`, allowPrivateAddress: true })).json() as Endpoint;
  expect(moved.probe).toMatchObject({ withoutKey: null, problem: expect.stringMatching(/redirect/) });
  const gone = (await put('itm_embed', { url: 'http://127.0.0.1:1/', allowPrivateAddress: true })).json() as Endpoint;
  expect(gone.probe).toMatchObject({
    withoutKey: null,
    wrongKey: null,
    problem: expect.stringMatching(/127\.0\.0\.1/),
  });
});
