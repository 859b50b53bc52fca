import { drizzle } from 'drizzle-orm/node-postgres';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDecisionWriter } from '#src/features/gateway-decisions/index.ts';
import { loadSnapshot } from '#src/features/gateway-policies/index.ts';
import type { GatewaySnapshot } from '#src/gateway/snapshot.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import {
  aPolicy,
  aProvider,
  chatAnswer,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendJson,
  type TestGateway,
} from '../../../tests/support/gateway.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { testProduct } from '../../../tests/support/product.ts';
import {
  createApprovals,
  expireApprovals,
  gatewayApprovalRoutes,
  gatewayToolUseFacts,
  noteApprovedCalls,
} from './index.ts';
import type { Approval, ApprovalContent, ApprovalPage } from './model.ts';

const database = testDatabase();
const product = testProduct(database, (parts) => [
  ...mountGatewayControl(parts),
  gatewayApprovalRoutes({ ...parts.services, namesOf: parts.users.namesOf }),
]);
const MINUTE_MS = 60_000;
const pay = { name: 'pay', argumentsSchema: null, approval: 'human' as const };

let provider: FakeProvider;
const nodes: TestGateway[] = [];
const keys: Record<'one' | 'two', string> = { one: '', two: '' };
let pays: Record<string, unknown> = {};
let configured: GatewaySnapshot;

beforeAll(async () => {
  provider = await openFakeProvider((_request, response) =>
    sendJson(
      response,
      chatAnswer('', {
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 'c', type: 'function', function: { name: 'pay', arguments: JSON.stringify(pays) } }],
            },
          },
        ],
      }),
    ),
  );
  const { call, people, services } = product.current;
  const { cookie } = people.engineer;
  const post = async (path: string, body: object) => (await call('POST', path, { cookie, body })).json();
  const tenant = await post('gateway/tenants', { name: 'Acme' });
  for (const name of ['one', 'two'] as const)
    keys[name] = (await post('gateway/keys', { tenantId: tenant.id, name })).secret;
  const { snapshot } = await loadSnapshot(services.database, services.clock());
  const policy = aPolicy({
    detectors: [],
    output: { ...aPolicy().output, tools: [pay] },
  });
  configured = {
    ...snapshot,
    providers: [aProvider({ baseUrl: `${provider.url}/v1` })],
    routes: [{ id: 'grt_1', path: '/v1', providerId: 'prv_openai', policyId: policy.id, limits: null }],
    policies: [policy],
  };
  // Two nodes, as two processes of the gateway are: they share nothing but the database.
  for (let i = 0; i < 2; i++)
    nodes.push(
      await openTestGateway(configured, {
        clock: services.clock,
        approvals: createApprovals({
          ...services,
          append: services.records.append,
          openAlert: services.alerts.openAlert,
        }),
        writer: createDecisionWriter({
          ...services,
          onWritten: (client, decisions) => noteApprovedCalls(drizzle({ client }), decisions),
        }),
      }),
    );
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  await provider.close();
});
beforeEach(() => {
  pays = { to: 'acc-1', amount: Math.random() };
});

type Refused = { status: number; error: { code: string; approvals: { id: string; state: string }[] } };
/** One call through a node; null when the tool call came through. */
async function callThrough(node: number, key: keyof typeof keys = 'one'): Promise<Refused | null> {
  const client = new OpenAI({ apiKey: keys[key], baseURL: `${nodes[node]?.url}/v1`, maxRetries: 0 });
  try {
    const answer = await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Pay.' }] });
    expect(answer.choices[0]?.message.tool_calls).toHaveLength(1);
    return null;
  } catch (error) {
    return error as Refused;
  }
}
const askedId = async (node = 0, key: keyof typeof keys = 'one') =>
  (await callThrough(node, key))?.error.approvals[0]?.id ?? '';
const get = async <T>(path: string, cookie = product.current.people.compliance.cookie): Promise<T> =>
  (await product.current.call('GET', `gateway/approvals${path}`, { cookie })).json();
const decide = async (
  id: string,
  decision: 'approved' | 'refused' = 'approved',
  { cookie = product.current.people.compliance.cookie, digest = '' } = {},
) => {
  const content = await get<ApprovalContent>(`/${id}/content`);
  const body = { decision, digest: digest || content.digest, reason: 'Invoice 4711' };
  return product.current.call('POST', `gateway/approvals/${id}/decide`, { cookie, body });
};
const entriesOf = async (id: string) =>
  (
    await database.current.pool.query<{ type: string; text: string }>(
      "select type, before_series || after_series as text from ledger_pending where before_series || after_series like '%' || $1 || '%' and type like 'approval.%' order by queue",
      [id],
    )
  ).rows;

test('an approved call passes once, on any node, and the whole of it is in the ledger without what it says', async () => {
  pays = { to: 'anna.kovacs', key: 'sk_live_51HqLyjWDarjtT1zdp7dcAbCdEfGhIjKlMn', amount: 12 };
  const refused = await callThrough(0);
  expect(refused).toMatchObject({
    status: 403,
    error: { code: 'tool_needs_approval', approvals: [{ state: 'waiting' }] },
  });
  const id = refused?.error.approvals[0]?.id ?? '';
  expect((await callThrough(1))?.error.approvals[0]).toMatchObject({ id, state: 'waiting' });

  const waiting = await get<Approval>(`/${id}`);
  expect(waiting).toMatchObject({
    state: 'waiting',
    tool: 'pay',
    askedAgain: 1,
    tenant: { name: 'Acme' },
    key: { name: 'one', madeBy: { name: 'The engineer' } },
  });
  const content = await get<ApprovalContent>(`/${id}/content`);
  expect(content).toMatchObject({ masked: 1 });
  expect(content.arguments).toContain('anna.kovacs');
  expect(content.arguments).not.toContain('sk_live_51');
  const stored = await database.current.pool.query('select * from gateway_approval where id = $1', [id]);
  expect(
    JSON.stringify(stored.rows[0], (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    ),
  ).not.toContain('anna');

  expect((await decide(id)).json()).toMatchObject({ state: 'approved', decidedBy: { name: 'The compliance' } });
  expect(await get<ApprovalContent>(`/${id}/content`)).toMatchObject({ arguments: null });
  const through = await Promise.all([callThrough(0), callThrough(1), callThrough(0), callThrough(1)]);
  expect(through.filter((one) => one === null)).toHaveLength(1);
  expect(await get<Approval>(`/${id}`)).toMatchObject({ state: 'used' });

  const entries = await entriesOf(id);
  expect(entries.map(({ type }) => type)).toEqual(['approval.requested', 'approval.granted', 'approval.used']);
  for (const { text } of entries) for (const word of ['anna', 'sk_live', 'pay"']) expect(text).not.toContain(word);
  const { rows } = await database.current.pool.query('select state, resolution from alert where source_id = $1', [id]);
  expect(rows).toEqual([{ state: 'resolved', resolution: 'fixed' }]);
});

test('an approval counts for nothing but the call that was read', async () => {
  const id = await askedId();
  expect((await decide(id)).statusCode).toBe(200);
  expect(await callThrough(0, 'two'), 'another key').not.toBeNull();
  const amount = pays.amount;
  pays = { ...pays, amount: 1e6 };
  expect(await callThrough(0), 'other arguments').not.toBeNull();
  pays = { amount, to: 'acc-1' };
  expect(await callThrough(0), 'the same arguments in another order').toBeNull();
});

test('who decides is a person with the right to, not the one who made the key, and has read this very call', async () => {
  const id = await askedId();
  const { engineer, auditor, viewer } = product.current.people;
  expect((await decide(id, 'approved', { cookie: engineer.cookie })).body).toMatch(/You made the key/);
  for (const { cookie } of [auditor, viewer]) expect((await decide(id, 'approved', { cookie })).statusCode).toBe(403);
  expect((await product.current.call('GET', `gateway/approvals/${id}/content`, auditor)).statusCode).toBe(403);
  expect((await decide(id, 'approved', { digest: 'a'.repeat(64) })).statusCode).toBe(409);
  const body = { decision: 'approved', digest: 'a'.repeat(64), reason: ' ' };
  const { cookie } = product.current.people.compliance;
  expect((await product.current.call('POST', `gateway/approvals/${id}/decide`, { cookie, body })).statusCode).toBe(400);
  expect((await decide('gap_nothing', 'approved', { digest: 'a'.repeat(64) })).statusCode).toBe(404);
  expect(await get<Approval>(`/${id}`)).toMatchObject({ state: 'waiting' });
});

test('a refusal is told to the caller and stands', async () => {
  const id = await askedId();
  expect((await decide(id, 'refused')).statusCode).toBe(200);
  expect((await callThrough(1))?.error.approvals[0]).toMatchObject({ id, state: 'refused' });
  expect((await decide(id)).statusCode).toBe(409);
  expect((await get<ApprovalPage>('?state=refused')).items.map((one) => one.id)).toContain(id);
});

test('what nobody decides expires with its arguments; so does an approval nobody uses', async () => {
  const { clock, services } = product.current;
  const parts = { ...services, append: services.records.append };
  const unread = await askedId();
  const amount = pays.amount;
  pays = { unused: true };
  const unused = await askedId();
  await decide(unused);
  clock.nowMs += 61 * MINUTE_MS;
  expect((await decide(unread)).statusCode).toBe(409);
  expect(await expireApprovals(parts)).toBeGreaterThanOrEqual(2);
  expect(await expireApprovals(parts)).toBe(0);
  expect(await get<Approval>(`/${unread}`)).toMatchObject({ state: 'expired', decidedBy: null });
  expect(await get<ApprovalContent>(`/${unread}/content`)).toMatchObject({ arguments: null });
  expect((await entriesOf(unread)).map(({ type }) => type)).toEqual(['approval.requested', 'approval.expired']);
  expect(await askedId(), 'an approval that was not used').not.toBe(unused);
  pays = { to: 'acc-1', amount };
  expect(await askedId()).not.toBe(unread);
});

test('one caller cannot fill the list, and what no person could read is not asked', async () => {
  pays = { text: 'x'.repeat(30_000) };
  expect(await callThrough(0)).toMatchObject({ error: { code: 'tool_needs_approval', approvals: [] } });
  for (let i = 0; i < 55; i++) {
    pays = { i };
    await callThrough(0, 'two');
  }
  expect(
    (await get<ApprovalPage>('?state=waiting&limit=200')).items.filter(({ key }) => key?.name === 'two'),
  ).toHaveLength(50);
});

test('the facts hold the decisions against the approvals', async () => {
  const { drizzle: executor } = database.current;
  const facts = async () => (await gatewayToolUseFacts(executor, product.current.services.clock))[0]?.body;
  await Promise.all(nodes.map((node) => node.gateway.prepared() && new Promise((resolve) => setTimeout(resolve, 200))));
  expect(await facts()).toMatchObject({ tool: 'pay', calls: 2, unapproved: 0, byRequester: 0, refused: 1 });
  // A call that went through on an approval that another call had used.
  const { rows } = await database.current.pool.query('select approval_id from gateway_approved_call limit 1');
  await database.current.pool.query(
    "insert into gateway_approved_call values ('dec_forged', 0, $1, 'grt_1', 'pay', now())",
    [rows[0]?.approval_id],
  );
  expect(await facts()).toMatchObject({ calls: 3, unapproved: 1 });
});

test('how long a question waits and how long its answer counts is what the policy says of the tool', async () => {
  const minutesBetween = (from: string | null, to: string | null) =>
    (Date.parse(to ?? '') - Date.parse(from ?? '')) / MINUTE_MS;
  const usual = await get<Approval>(`/${await askedId()}`);
  expect(minutesBetween(usual.askedAt, usual.expiresAt)).toBe(60);
  pays = { to: 'acc-1', amount: 7_001 };
  for (const node of nodes) {
    const policies = configured.policies.map((policy) => ({
      ...policy,
      version: policy.version + 1,
      digest: 'cd'.repeat(32),
      output: { ...policy.output, tools: [{ ...pay, decideWithinMinutes: 10, useWithinMinutes: 2_880 }] },
    }));
    node.setSnapshot({ ...configured, policies });
  }
  const id = await askedId();
  const waiting = await get<Approval>(`/${id}`);
  expect(minutesBetween(waiting.askedAt, waiting.expiresAt)).toBe(10);
  await decide(id);
  const decided = await get<Approval>(`/${id}`);
  expect(minutesBetween(decided.decidedAt, decided.expiresAt)).toBe(2_880);
});
