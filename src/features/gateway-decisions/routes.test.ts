import { beforeAll, expect, test } from 'vitest';
import { verifyWindowProof } from '#src/ledger/log/window-proof.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { blockedDecision, sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { createDecisionWriter } from './decision-writer.ts';
import { keepRecord } from './keep-record.ts';
import type { DecisionDetail, DecisionPage, RecordState, Traffic } from './model.ts';
import { gatewayDecisionRoutes } from './routes.ts';
import { gatewayToolCallFacts } from './tool-days.ts';

const database = testDatabase();
const product = testProduct(database, ({ services }) => [gatewayDecisionRoutes(services)]);
const START = Date.parse('2026-11-23T09:00:00Z');
const get = async <T>(path: string) => {
  const { call, people } = product.current;
  const answer = await call('GET', path, { cookie: people.auditor.cookie });
  return { status: answer.statusCode, body: answer.json() as T };
};

beforeAll(async () => {
  const { services, clock } = product.current;
  const decisions = [
    ...Array.from({ length: 7 }, (_, i) =>
      sampleDecision(i + 1, START - 600_000 + i * 1_000, { costMicroUsd: i * 100 }),
    ),
    blockedDecision(8, START - 500_000),
    sampleDecision(9, START - 400_000, { outcome: 'not_evaluated', failOpen: true, tenantId: 'gtn_other' }),
  ];
  await createDecisionWriter({ database: services.database, clock: services.clock }).write(decisions);
  clock.nowMs = START + 60_000;
  await keepRecord({ database: services.database, append: services.records.append, clock: services.clock });
  await services.ledger.integrate();
});

test('decisions are listed newest first, filtered, ordered and page by page', async () => {
  const first = await get<DecisionPage>('gateway/decisions?limit=4');
  expect(first.body).toMatchObject({ total: 9, more: false });
  expect(first.body.items.map(({ outcome }) => outcome)).toEqual(['not_evaluated', 'refused', 'allowed', 'allowed']);
  const second = await get<DecisionPage>(`gateway/decisions?limit=4&cursor=${first.body.nextCursor}`);
  const third = await get<DecisionPage>(`gateway/decisions?limit=4&cursor=${second.body.nextCursor}`);
  const ids = [first, second, third].flatMap(({ body }) => body.items.map(({ id }) => id));
  expect(new Set(ids).size).toBe(9);
  expect(third.body.nextCursor).toBeUndefined();
  expect((await get<DecisionPage>('gateway/decisions?outcome=refused&detector=injection_user')).body.total).toBe(1);
  expect((await get<DecisionPage>('gateway/decisions?tenant=gtn_other&failOpen=true')).body.total).toBe(1);
  const dearest = await get<DecisionPage>('gateway/decisions?sort=dearest&limit=2');
  expect(dearest.body.items[0]?.costMicroUsd).toBe(1_450);
});

test('a question that cannot be answered says what is wrong with it', async () => {
  const wrong = [
    'gateway/decisions?from=2026-11-23T09:00:00Z&to=2026-11-22T09:00:00Z',
    'gateway/decisions?from=2026-01-01T00:00:00Z&to=2026-11-22T09:00:00Z',
    'gateway/decisions?cursor=newest.abc.x',
    'gateway/decisions?cursor=oldest.1.dec_x',
    'gateway/decisions?outcome=passed',
    'gateway/decisions?from=yesterday',
    'gateway/traffic?span=2h',
  ];
  for (const path of wrong) expect((await get(path)).status, path).toBe(400);
  expect((await get<{ message: string }>('gateway/decisions/dec_nothing')).body.message).toMatch(/no decision/);
});

test('one decision shows its checks, its bytes and a proof that holds', async () => {
  const list = await get<DecisionPage>('gateway/decisions?outcome=refused');
  const id = list.body.items[0]?.id;
  const { body } = await get<DecisionDetail>(`gateway/decisions/${id}`);
  expect(body).toMatchObject({
    refusal: { code: 'content_blocked' },
    verdicts: [{ outcome: 'blocked', spans: [{ field: 'messages[1].content', start: 12 }] }],
    window: { state: 'sealed' },
  });
  const proof = await get<{ record: string }>(`gateway/decisions/${id}/proof`);
  expect(proof.body.record).toBe(body.record);
  expect(verifyWindowProof(new TextEncoder().encode(JSON.stringify(proof.body)))).toMatchObject({ ok: true });
});

test('traffic adds up, by minute, tenant and class', async () => {
  const { body } = await get<Traffic>('gateway/traffic?span=1h');
  expect(body.totals).toMatchObject({
    decisions: 9,
    allowed: 7,
    refused: 1,
    notEvaluated: 1,
    failOpen: 1,
    found: { injection_user: 1 },
    refusals: { content_blocked: 1 },
  });
  expect(body.points).toHaveLength(60);
  expect(body.points.reduce((sum, { decisions }) => sum + decisions, 0)).toBe(9);
  expect(body.byTenant.map(({ id, decisions }) => [id, decisions])).toEqual([
    ['gtn_acme', 8],
    ['gtn_other', 1],
  ]);
  expect((await get<Traffic>('gateway/traffic?span=30d&tenant=gtn_other')).body.totals.decisions).toBe(1);
});

test('who may change for how long decisions are kept; the change is in the ledger', async () => {
  const { call, people, services } = product.current;
  const change = (cookie: string, retentionDays: unknown) =>
    call('PUT', 'gateway/record/retention', { cookie, body: { retentionDays } });
  expect((await change(people.auditor.cookie, 30)).statusCode).toBe(403);
  expect((await change(people.admin.cookie, 0)).statusCode).toBe(400);
  expect((await change(people.admin.cookie, 30)).json()).toMatchObject({ retentionDays: 30 });
  expect((await get<RecordState>('gateway/record')).body).toMatchObject({
    missing: 0,
    nodes: [{ id: 'node-a', newest: 9 }],
    windows: { open: 0 },
  });
  await services.ledger.integrate();
  const { items } = await services.ledger.entries({ limit: 1, type: 'threshold.changed' });
  expect(JSON.parse(Buffer.from(items[0]?.bytes ?? []).toString()).body).toEqual({ from: 90, to: 30 });
});

test('money that is not known, days of checks and tool calls are summed from what is new', async () => {
  const { services, clock } = product.current;
  const { pool, drizzle } = database.current;
  await pool.query(
    `insert into gateway_policy (id, name, description, created_at, created_by) values ('gpo_default', 'support', '', now(), 'service:assay');`,
  );
  await pool.query(
    `insert into gateway_policy_version (policy_id, version, document, digest, note, state, authors, created_at, changed_at)
     values ('gpo_default', 3, '{"output":{"tools":[{"name":"search"}]}}', '${'ab'.repeat(32)}', 'as written', 'draft', '{service:assay}', now(), now())`,
  );
  const passed = (name: string) => ({ name, allowed: true, reason: null });
  const at = START - 300_000;
  await createDecisionWriter({ database: services.database, clock: services.clock }).write([
    sampleDecision(10, at, { costMicroUsd: null, toolCalls: [passed('search'), passed('search')], parentSpanId: 'a' }),
    sampleDecision(11, at, { toolCalls: [passed('delete_all')] }),
    sampleDecision(12, at, { policyVersion: 2, toolCalls: [passed('search')] }),
    blockedDecision(13, at, {
      toolCalls: [passed('search'), { name: 'pay', allowed: false, reason: 'not on the list' }],
    }),
    blockedDecision(14, at, { refusal: { stage: 'limit', code: 'rate_limited', httpStatus: 429 } }),
    blockedDecision(15, at, { refusal: { stage: 'screen_request', code: 'check_failed', httpStatus: 503 } }),
  ]);
  await keepRecord({ database: services.database, append: services.records.append, clock: services.clock });
  const { body } = await get<Traffic>('gateway/traffic?span=1h');
  expect(body.totals).toMatchObject({ decisions: 15, unpriced: 1 });
  // One call was refused by a limit before any check; of the other 14 one failed open and one could not be checked.
  expect(body.checksByDay).toEqual([{ day: '2026-11-23', requests: 14, decided: 12 }]);
  const facts = await gatewayToolCallFacts(drizzle, clock.nowMs);
  expect(
    facts.map(({ key, body: { passed: calls, offList, unlisted, refused, traced } }) => [
      key,
      calls,
      offList,
      unlisted,
      refused,
      traced,
    ]),
  ).toEqual([
    ['grt_chat:delete_all', 1, 1, 0, 0, 0],
    ['grt_chat:pay', 0, 0, 0, 1, 0],
    ['grt_chat:search', 3, 0, 1, 1, 2],
  ]);
  const [newest] = (await get<DecisionPage>('gateway/decisions?limit=1')).body.items;
  expect((await get<DecisionDetail>(`gateway/decisions/${newest?.id}`)).body.policy).toMatchObject({ name: 'support' });
});
