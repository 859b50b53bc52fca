import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeGatewayEvents } from '#src/apps/server/gateway-events.ts';
import { keepJudgeKey } from '#src/features/evaluations/index.ts';
import { eventRoutes, UNASSIGNED } from '#src/features/events/index.ts';
import { inventoryRoutes } from '#src/features/inventory/index.ts';
import { monitorRoutes, monitorsAskByRoute } from '#src/features/monitors/index.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import { readConfig } from '#src/platform/config.ts';
import { createMetrics } from '#src/platform/metrics.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { chatAnswer, type FakeProvider, openFakeProvider, sendJson } from '../../../tests/support/gateway.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { openChecks } from './checks.ts';
import { type GatewayNode, openGatewayNode } from './node.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs, clock } = services;
  const { namesOf } = users;
  const closedUntil = async () => new Map<string, number>();
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ database: services.database, clock, append: records.append, closedUntil }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    ...mountGatewayControl({ services, users }),
  ];
});
let product: Product;
let provider: FakeProvider;
let node: GatewayNode;
let checks: Awaited<ReturnType<typeof openChecks>>;
let url = '';

// Words alone leave it open, so that the judge is asked.
const ANSWER = 'Cover of the battery is lasting 12 months.';

beforeAll(async () => {
  product = started.current;
  provider = await openFakeProvider((request, response) => {
    const { model } = JSON.parse(request.body);
    const verdicts = JSON.stringify({ verdicts: [{ claim: 1, verdict: 'supported', reason: 'It says so.' }] });
    sendJson(response, chatAnswer(model === 'judge-model' ? verdicts : ANSWER, { model }));
  });
  const { services, dataDir } = product;
  const { clock, log, secrets, dataKeys } = services;
  const config = readConfig({ ASSAY_DATA_DIR: dataDir, ASSAY_GATEWAY_PORT: '0' }, dataDir);
  const parts = { config, log, database: services.database, secrets, clock };
  checks = await openChecks({ ...parts, gatewayUrl: () => url });
  node = await openGatewayNode({ ...parts, dataDir, dataKeys, metrics: createMetrics(database.current.pool), checks });
  url = await node.listen(0);
});
afterAll(async () => {
  await node.stop();
  await checks.close();
  await provider.close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(method: string, path: string, body?: object, cookie = product.people.admin.cookie): Promise<any> {
  const answer = await product.call(method, path, { cookie, body });
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come about');
}

test('a judge is asked through the very route it judges, and its calls are nobody’s traffic', async () => {
  const { id: systemId } = await ask('POST', 'inventory/systems', { name: 'Support chat' });
  await ask('POST', 'gateway/providers', {
    name: 'local',
    kind: 'openai_compatible',
    baseUrl: `${provider.url}/v1`,
    authStyle: 'none',
    allowPrivateAddress: true,
  });
  await ask('POST', 'gateway/policies/adopt-starter', { coverRoutes: true });
  const [route] = (await ask('GET', 'gateway/routes')).items;
  await ask('PUT', `events/routes/${route.id}`, { systemId });
  const tenant = await ask('POST', 'gateway/tenants', { name: 'Acme' });
  const { secret } = await ask('POST', 'gateway/keys', { tenantId: tenant.id, name: 'app' });
  const { monitor } = await ask('POST', 'monitors', {
    systemId,
    definition: {
      name: 'Unsupported answers',
      metric: {
        type: 'hallucination',
        sampling: { salt: 'all-2026', rate: 1 },
        judge: { routeId: route.id, model: 'judge-model', callsPerHour: 10, tokensPerHour: 100_000 },
      },
      window: 'day',
      thresholds: { warn: 0.05, fail: 0.1 },
      ownerId: product.people.engineer.id,
    },
    reason: 'Promised.',
  });
  const { records, secrets } = product.services;
  expect(await monitorsAskByRoute(database.current.drizzle)).toBe(true);
  await keepJudgeKey(records, secrets);
  await keepJudgeKey(records, secrets);
  product.clock.nowMs += 10_000;
  await ask('POST', `monitors/${monitor.id}/review`, { decision: 'approved' }, product.colleague.cookie);
  // The node reads rules and routes every few seconds.
  await new Promise((resolve) => setTimeout(resolve, 6_000));

  const answer = await fetch(`${url}${route.path}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'chat-model',
      messages: [{ role: 'user', content: 'How long is it?' }],
      assay_context: ['The battery is covered for 12 months.'],
    }),
  });
  expect(answer.status, await answer.text()).toBe(200);
  const judged = await until(async () => {
    const { rows } = await database.current.pool.query(
      `select state, reason, by_judge, method from groundedness_check where state <> 'waiting'`,
    );
    return rows.length > 0 ? rows : null;
  });
  expect(judged).toEqual([
    { state: 'judged', reason: null, by_judge: 1, method: expect.stringContaining('judge-model') },
  ]);

  // Both calls are decisions of the gateway; only the customer's is an operation of the system.
  const events = await until(async () => {
    await takeGatewayEvents(product.services);
    const { rows } = await database.current.pool.query('select system_id, body from event order by sequence');
    return rows.length === 2 ? rows : null;
  });
  expect(events.map(({ system_id }) => system_id)).toEqual([systemId, UNASSIGNED]);
  const [own] = (await ask('GET', 'gateway/tenants')).items.filter(
    (one: { purpose: string }) => one.purpose === 'judging',
  );
  expect(events[1].body.segment.tenant).toBe(own.id);
  await checks.idle();
  const { rows } = await database.current.pool.query('select count(*)::int as n from groundedness_check');
  expect(rows[0].n).toBe(1);
}, 60_000);

test('nobody else gets a key of the tenant of judges, and its own is renewed before it ends', async () => {
  const { records, secrets } = product.services;
  const own = (await ask('GET', 'gateway/tenants')).items.find((one: { purpose: string }) => one.purpose === 'judging');
  const keysOf = async (): Promise<{ id: string; state: string }[]> => {
    const select = 'select id, state from gateway_key where tenant_id = $1 order by id desc';
    return (await database.current.pool.query(select, [own.id])).rows;
  };
  const [first] = await keysOf();
  for (const [path, body] of [
    ['gateway/keys', { tenantId: own.id, name: 'mine' }],
    [`gateway/keys/${first?.id}/rotate`, {}],
  ] as const) {
    const refused = await product.call('POST', path, { cookie: product.people.admin.cookie, body });
    expect([refused.statusCode, refused.body]).toEqual([409, expect.stringContaining('calls of the product itself')]);
  }
  await keepJudgeKey(records, secrets);
  expect(await keysOf()).toHaveLength(1);
  product.clock.nowMs += 80 * DAY_MS;
  await keepJudgeKey(records, secrets);
  expect((await keysOf()).map(({ state }) => state)).toEqual(['active', 'active']);
  await keepJudgeKey(records, secrets);
  expect((await keysOf()).map(({ state }) => state)).toEqual(['active', 'revoked']);
  const names = (await secrets.list())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('evaluations.judge-key'));
  expect(names).toEqual([`evaluations.judge-key.${(await keysOf())[0]?.id}`]);
});
