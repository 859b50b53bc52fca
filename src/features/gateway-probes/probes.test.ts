import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDecisionWriter } from '#src/features/gateway-decisions/index.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { blockedDecision, sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { layerOf } from './attack.ts';
import { ENCODINGS } from './encodings.ts';
import { gatewayAttackFacts, gatewayProbeFacts } from './facts.ts';
import { formOf } from './isolation.ts';
import type { ProbeRun } from './model.ts';
import { SUITE_NAMES } from './model.ts';
import { gatewayProbeRoutes } from './routes.ts';
import { runProbe } from './run-probe.ts';
import { attemptsOf } from './suites.ts';

const database = testDatabase();
const product = testProduct(database, (parts) => [
  ...mountGatewayControl(parts),
  gatewayProbeRoutes({
    records: parts.services.records,
    namesOf: parts.users.namesOf,
    // Jobs do not run beside tests: the test runs what was asked for.
    addJob: async () => ({ jobId: '1' }),
  }),
]);

/** A server that answers as a gateway would, good or bad. */
const behavior = { leaks: false, open: false, blocks: true, shares: false, shows: false };
const said: string[] = [];
let server: Server;
let gatewayUrl: string;
let calls = 0;
let kept = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on(
      'end',
      () =>
        void answer(request.headers.authorization, Buffer.concat(chunks).toString(), request.url ?? '').then(
          ({ status, text, requestId }) => response.writeHead(status, { 'x-request-id': requestId }).end(text),
        ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { call, people } = product.current;
  const body = {
    name: 'local',
    kind: 'openai_compatible',
    baseUrl: 'http://127.0.0.1:1/v1',
    allowPrivateAddress: true,
    models: ['tiny'],
  };
  const made = await call('POST', 'gateway/providers', { cookie: people.engineer.cookie, body });
  expect(made.statusCode, made.body).toBeLessThan(300);
});
afterAll(() => server.close());

async function answer(authorization: string | undefined, text: string, url: string) {
  const n = ++calls;
  const requestId = `req_probe_${n}`;
  const secret = authorization?.replace('Bearer ', '') ?? '';
  const { rows } = await database.current.pool.query(
    "select id, tenant_id from gateway_key where sha256 = encode(sha256(convert_to($1, 'UTF8')), 'hex') and state = 'active'",
    [secret],
  );
  if (rows.length === 0 && !behavior.open) return { status: 401, text: '{"error":"no key"}', requestId };
  if (!url.endsWith('/chat/completions')) return stored(url, text, requestId);
  const blocked = behavior.blocks && /ignore|disregard|override|forget/i.test(text);
  const make = blocked ? blockedDecision : sampleDecision;
  const { services } = product.current;
  await createDecisionWriter({ database: services.database, clock: Date.now }).write([
    make(n, Date.now(), { requestId, keyId: rows[0]?.id ?? null, tenantId: rows[0]?.tenant_id ?? null }),
  ]);
  said.push(text);
  const spoken = behavior.leaks
    ? said
        .slice(-20)
        .join(' ')
        .replace(/[^a-z0-9 ]/gi, ' ')
    : 'kept';
  return blocked
    ? { status: 403, text: '{"error":{"code":"content_blocked"}}', requestId }
    : {
        status: 200,
        text: JSON.stringify({
          choices: [
            {
              message: { content: spoken },
              logprobs: behavior.shows && text.includes('"logprobs"') ? { content: [{ logprob: -0.01 }] } : null,
            },
          ],
        }),
        requestId,
      };
}

/** What a provider keeps under the one account: shown to every tenant, or to none. */
function stored(url: string, text: string, requestId: string) {
  if (!behavior.shares || url.endsWith('/files')) return { status: 404, text: '{"error":"not here"}', requestId };
  if (url.endsWith('/batches')) return { status: 200, text: '{"data":[{"id":"batch_1"}]}', requestId };
  if (!url.includes('/responses')) return { status: 200, text: '{"data":[]}', requestId };
  if (text.includes('"store":true')) kept = text;
  return { status: 200, text: JSON.stringify({ id: 'resp_1', input: kept }), requestId };
}

async function probe(body: object): Promise<ProbeRun> {
  const { call, people, services } = product.current;
  const { cookie } = people.engineer;
  const asked = await call('POST', 'gateway/probes', { cookie, body });
  expect(asked.statusCode, asked.body).toBe(202);
  const { records, blobs, alerts } = services;
  await runProbe(
    { records, blobs, openAlert: alerts.openAlert, gatewayUrl, settleMs: 0, recordMs: 2_000 },
    asked.json().id,
  );
  return (await call('GET', `gateway/probes/${asked.json().id}`, { cookie })).json();
}

test('a gateway that keeps tenants apart and asks for keys is clean; the result is evidence, and the keys are gone', async () => {
  const run = await probe({ kind: 'isolation' });
  expect(run).toMatchObject({ state: 'clean', problem: null });
  expect(run.result).toMatchObject({
    kind: 'isolation',
    routes: expect.arrayContaining([
      expect.objectContaining({
        withoutKey: 401,
        wrongKey: 401,
        planted: 4,
        asked: 12,
        answered: 12,
        leaks: [],
        showsProbabilities: false,
      }),
    ]),
  });
  const { rows } = await database.current.pool.query("select count(*) from gateway_key where state <> 'revoked'");
  expect(rows[0].count).toBe(0);
  expect((await database.current.pool.query('select 1 from gateway_canary')).rowCount).toBe(0);
  const evidence = await database.current.pool.query(
    'select title, ledger_pending_id from evidence_item where id = $1',
    [run.evidenceId],
  );
  expect(evidence.rows[0].title).toBe('Isolation probe of the gateway');
  expect(await gatewayProbeFacts(database.current.drizzle, Date.now)).toMatchObject([
    {
      body: {
        leaks: 0,
        answered: 12,
        ways: [
          'batches',
          'cache',
          'fine-tunes',
          'history',
          'outputs',
          'prompts',
          'retrieval',
          'stored answers',
          'stored files',
          'tools',
          'vector stores',
        ],
        monthsProbed: [new Date().toISOString().slice(0, 7)],
      },
    },
    { body: { leaks: 0 } },
  ]);
});

test('a planted leak is found and raises a critical alert', async () => {
  behavior.leaks = true;
  const run = await probe({ kind: 'isolation' });
  behavior.leaks = false;
  expect(run.state).toBe('found');
  const { rows } = await database.current.pool.query(
    "select a.severity, i.state, i.severity as grave from alert a join incident i on i.id = a.incident_id where source = 'gateway_probe'",
  );
  expect(rows).toEqual([{ severity: 'critical', state: 'open', grave: 'critical' }]);
});

test('what one tenant stored with the provider is found where another is shown it; so are log-probabilities', async () => {
  behavior.shares = true;
  behavior.shows = true;
  const run = await probe({ kind: 'isolation' });
  behavior.shares = false;
  behavior.shows = false;
  const [route] = run.result?.kind === 'isolation' ? run.result.routes : [];
  expect(route?.leaks.map(({ way }) => way)).toEqual(['batches', 'stored answers', 'stored answers']);
  expect(route?.showsProbabilities).toBe(true);
  expect(route?.ways).toEqual(
    expect.arrayContaining([
      { way: 'stored files', outcome: 'closed' },
      { way: 'batches', outcome: 'leaked' },
      { way: 'stored answers', outcome: 'leaked' },
    ]),
  );
  expect(run.state).toBe('found');
});

test('a route that serves without a key is found', async () => {
  behavior.open = true;
  const run = await probe({ kind: 'isolation' });
  behavior.open = false;
  expect(run).toMatchObject({ state: 'found', problem: expect.stringMatching(/without a valid key/) });
});

test('an attack run says by layer and class what was stopped, from the record and not from the answer', async () => {
  const { routes } = (
    await product.current.call('GET', 'gateway/probes', { cookie: product.current.people.auditor.cookie })
  ).json();
  const run = await probe({ kind: 'attack', routeId: routes[0].id, suites: ['injection', 'harmless'] });
  expect([run.state, run.problem]).toEqual(['clean', null]);
  const result = run.result?.kind === 'attack' ? run.result : null;
  expect(result?.attacks).toBe(12);
  expect(result?.stoppedByGateway).toBeGreaterThan(4);
  expect(result?.stoppedByGateway).toBeLessThan(12);
  expect(result?.passed.every(({ decisionId }) => decisionId?.startsWith('dec_'))).toBe(true);
  expect(result?.falseAlarms).toBeGreaterThan(0);
  expect(await gatewayAttackFacts(database.current.drizzle)).toMatchObject([{ body: { attacks: 12 } }]);
});

test('a gateway that does not answer makes a run incomplete, never clean', async () => {
  const { call, people, services } = product.current;
  const asked = await call('POST', 'gateway/probes', { cookie: people.engineer.cookie, body: { kind: 'isolation' } });
  const { records, blobs, alerts } = services;
  await runProbe(
    { records, blobs, openAlert: alerts.openAlert, gatewayUrl: 'http://127.0.0.1:1', settleMs: 0 },
    asked.json().id,
  );
  const run = (await call('GET', `gateway/probes/${asked.json().id}`, { cookie: people.engineer.cookie })).json();
  expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringMatching(/did not answer/) });
});

test('what is asked for has to be there', async () => {
  const { call, people } = product.current;
  const ask = (body: object, cookie = people.engineer.cookie) => call('POST', 'gateway/probes', { cookie, body });
  expect((await ask({ kind: 'attack' })).statusCode).toBe(400);
  expect((await ask({ kind: 'attack', routeId: 'grt_none' })).statusCode).toBe(400);
  expect((await ask({ kind: 'attack', routeId: 'x', suites: ['other'] })).statusCode).toBe(400);
  expect((await ask({ kind: 'isolation' }, people.auditor.cookie)).statusCode).toBe(403);
});

test('a canary is known in every form it may come back in, and nothing else is', () => {
  const canary = `canary${'ab12'.repeat(9)}`;
  expect(formOf(canary, `the value is ${canary.toUpperCase()}.`)).toBe('as it is');
  expect(formOf(canary, Buffer.from(`say ${canary}`).toString('hex'))).toBe('hex');
  expect(formOf(canary, Buffer.from(canary).toString('base64'))).toBe('base64');
  expect(formOf(canary, [...canary].reverse().join(''))).toBe('reversed');
  const streamed = [...canary].map((sign) => `data: {"choices":[{"delta":{"content":"${sign}"}}]}`).join('\n\n');
  expect(formOf(canary, streamed)).toBe('as it is');
  expect(formOf(canary, 'I do not know of any value.')).toBeNull();
});

test('suites are always the same, bounded, and each attempt has a name of its own', () => {
  const all = SUITE_NAMES.flatMap(attemptsOf);
  expect(all.length).toBeLessThanOrEqual(250);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(SUITE_NAMES.flatMap(attemptsOf)).toEqual(all);
  expect(Buffer.from(ENCODINGS.base64('abc').split(': ')[1] ?? '', 'base64').toString()).toBe('abc');
});

test('a call that failed for another reason says nothing about the checks', () => {
  const at = Date.parse('2026-11-23T09:00:00Z');
  expect(layerOf(200, sampleDecision(1, at))).toBe('passed');
  expect(layerOf(403, blockedDecision(1, at))).toBe('input');
  expect(
    layerOf(429, blockedDecision(1, at, { refusal: { stage: 'limit', code: 'rate_limited', httpStatus: 429 } })),
  ).toBe('failed');
  expect(layerOf(502, sampleDecision(1, at, { end: 'upstream_error', upstreamStatus: null }))).toBe('failed');
  expect(layerOf(200, undefined)).toBe('unrecorded');
  expect(layerOf(0, undefined)).toBe('failed');
});
