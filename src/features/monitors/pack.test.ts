import { beforeAll, expect, test } from 'vitest';
import { createDecisionWriter, keepRecord } from '#src/features/gateway-decisions/index.ts';
import { STARTER_POLICY } from '#src/features/gateway-policies/index.ts';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { sampleDecision } from '../../../tests/support/gateway-decisions.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { closedUntil, monitorRoutes, runMonitors } from './index.ts';
import type { Evidence, Reliability } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users: { namesOf } }) => {
  const { records, blobs } = services;
  const { append } = records;
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ database: services.database, clock: services.clock, append, closedUntil }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
  ];
});
let product: Product;
let systemId: string;
const START = Date.parse('2026-11-01T00:00:00Z');

const raw = (method: string, path: string, body?: object | string, as = product.people.engineer) =>
  product.call(method, path, {
    cookie: as.cookie,
    body,
    headers: typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {},
  });
// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(method: string, path: string, body?: object | string, as = product.people.engineer): Promise<any> {
  const answer = await raw(method, path, body, as);
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}
const evidence = (): Promise<Evidence> =>
  ask('GET', `monitors/evidence/${systemId}?from=${toInstant(START)}`, undefined, product.people.auditor);
const stateOf = ({ answers }: Evidence) =>
  Object.fromEntries(answers.map(({ criterion, state }) => [criterion, state]));

beforeAll(async () => {
  product = started.current;
  product.clock.nowMs = START;
  systemId = (await ask('POST', 'inventory/systems', { name: 'Support chat' })).id;
});

test('of a system of which nothing is known, nothing is shown', async () => {
  product.clock.nowMs = START + HOUR_MS;
  const page = await evidence();
  expect(stateOf(page)).toEqual({
    'PI1.1': 'not_shown',
    'PI1.2': 'not_shown',
    'PI1.3': 'not_shown',
    'PI1.4': 'not_shown',
    'PI1.5': 'not_shown',
  });
  expect(page.answers[0]?.missing).toEqual([
    'No specification is in force.',
    'No evaluation suite of the system is approved.',
  ]);
  expect(page.models).toEqual([]);
});

async function approvedMonitor(definition: object): Promise<string> {
  const { monitor } = await ask('POST', 'monitors', { systemId, definition, reason: 'Promised to customers.' });
  const { id } = monitor;
  await ask('POST', `monitors/${id}/review`, { decision: 'approved' }, product.colleague);
  return id;
}

test('specification, gate, validation and review stand in one pack, with the answers held back', async () => {
  const ownerId = product.people.engineer.id;
  const base = { window: 'day', watermarkMinutes: 0, minimumN: 20, ownerId };
  const rate = await approvedMonitor({
    ...base,
    name: 'Errors',
    metric: { type: 'rate', eventKind: 'operation', field: 'error', equals: [true], worse: 'higher' },
    thresholds: { warn: 0.05, fail: 0.1 },
    segments: [{ key: 'model_version', values: ['org/m@1'] }],
  });
  const missing = await approvedMonitor({
    ...base,
    name: 'Invalid inputs',
    metric: { type: 'missing_rate', eventKind: 'operation', field: 'latencyMs', expects: 'number' },
    thresholds: { warn: 0.05, fail: 0.1 },
  });
  const clause = (property: string, monitorId: string) => ({
    property,
    monitorId,
    ownerId,
    statement: `It is ${property}, as measured.`,
  });
  const specification = await ask('POST', 'monitors/specifications', {
    systemId,
    reason: 'First.',
    content: {
      task: 'Answers questions of customers.',
      clauses: ['complete', 'valid']
        .map((one) => clause(one, missing))
        .concat(['accurate', 'timely', 'authorized'].map((one) => clause(one, rate))),
    },
  });
  await ask('POST', `monitors/specifications/${specification.id}/review`, { decision: 'approved' }, product.colleague);

  const { pool } = database.current;
  const document = {
    ...STARTER_POLICY,
    output: { ...STARTER_POLICY.output, jsonSchema: { type: 'object' } },
  };
  await pool.query(
    `insert into gateway_provider (id, name, kind, base_url, auth_style, allow_private_address, timeouts, max_retries, created_at, created_by)
     values ('gpr_1', 'local', 'openai_compatible', 'http://127.0.0.1:9/v1', 'none', true, '{}', 0, now(), 'service:assay')`,
  );
  await pool.query(
    `insert into gateway_policy (id, name, description, created_at, created_by) values ('gpo_1', 'strict', '', now(), 'service:assay')`,
  );
  await pool.query(
    `insert into gateway_policy_version (policy_id, version, document, digest, note, state, authors, created_at, changed_at, decided_at, decided_by, in_force_from)
     values ('gpo_1', 1, $1, $2, 'x', 'approved', '{user:usr_1}', $3, $3, $3, 'user:usr_2', $3)`,
    [JSON.stringify(document), 'a'.repeat(64), toInstant(START)],
  );
  await pool.query(
    `insert into gateway_route (id, path, provider_id, model_aliases, policy_id, created_at, created_by)
     values ('grt_1', '/support', 'gpr_1', '{}', 'gpo_1', now(), 'service:assay'), ('grt_2', '/other', 'gpr_1', '{}', 'gpo_1', now(), 'service:assay')`,
  );
  await ask('PUT', 'events/routes/grt_1', { systemId });
  const at = START + 2 * HOUR_MS;
  const decisions = Array.from({ length: 40 }, (_, k) =>
    sampleDecision(k + 1, at + k, { routeId: k < 30 ? 'grt_1' : 'grt_2' }),
  );
  const refusal = (code: string) => ({ stage: 'screen_answer', code, httpStatus: 502 }) as never;
  decisions[3] = sampleDecision(4, at + 3, {
    routeId: 'grt_1',
    outcome: 'refused',
    end: 'refused',
    httpStatus: 502,
    refusal: refusal('output_invalid'),
  });
  decisions[4] = sampleDecision(5, at + 4, {
    routeId: 'grt_1',
    outcome: 'refused',
    end: 'refused',
    httpStatus: 403,
    refusal: refusal('content_blocked'),
  });
  await createDecisionWriter({ database: database.current, clock: () => at + 1_000 }).write(decisions);

  const { append } = product.services.records;
  await keepRecord({ database: database.current, append, clock: () => at + HOUR_MS });

  const lines = Array.from({ length: 40 }, (_, k) =>
    JSON.stringify({
      id: `op${k}`,
      source: 'app',
      sequence: k + 1,
      system: systemId,
      kind: 'operation',
      modelVersion: k % 2 === 0 ? 'org/m@1' : 'org/m@2',
      occurredAt: toInstant(START + DAY_MS + 3 * HOUR_MS + k),
      values: { error: k < 20, latencyMs: 100 + k },
    }),
  );
  // The first whole window after the approval.
  product.clock.nowMs = START + DAY_MS + 4 * HOUR_MS;
  expect(await ask('POST', 'events', lines.join('\n'))).toMatchObject({ accepted: 40 });

  const suite = {
    items: [{ id: 'a', input: 'x', context: 'y' }],
    scorers: [{ kind: 'groundedness', name: 'grounded' }],
    thresholds: [],
  };
  await pool.query(
    `insert into evaluation_suite (id, name, system_id, created_at, created_by) values ('evs_1', 'Answers', $1, now(), 'service:assay')`,
    [systemId],
  );
  await pool.query(
    `insert into evaluation_suite_version (suite_id, version, content, dataset_sha256, reason, proposed_at, proposed_by, review, reviewed_at, reviewed_by)
     values ('evs_1', 1, $1, 'ab', 'First.', $2, 'user:usr_1', 'approved', $2, 'user:usr_2')`,
    [JSON.stringify(suite), toInstant(START)],
  );
  const scores = [
    {
      scorer: 'grounded',
      n: 200,
      unscored: 0,
      mean: 0.97,
      standardError: 0.01,
      interval95: { low: 0.94, high: 0.99 },
      intervalMethod: 't',
      threshold: 0.9,
      useLowerBound: false,
      verdict: 'pass',
      byVariant: [],
    },
  ];
  const insertRun = (id: string, model: string, state: string) =>
    pool.query(
      `insert into evaluation_run (id, suite_id, suite_version, title, dataset_sha256, origin, target, model, state, items, scores, verdict, because, requested_at, requested_by, finished_at, results_sha256)
       values ($1, 'evs_1', 1, 'Answers', 'ab', 'run', $2, $3, $4, 200, $5, $6, $7, $8, 'service:assay', $8, 'cd')`,
      [
        id,
        JSON.stringify({ providerId: null, model, modelDigest: null }),
        model,
        state,
        JSON.stringify(state === 'finished' ? scores : []),
        state === 'finished' ? 'pass' : null,
        state === 'finished' ? 'All 1 thresholds are met.' : null,
        toInstant(START + 5 * HOUR_MS),
      ],
    );
  await insertRun('evr_1', 'org/m@1', 'finished');
  await insertRun('evr_2', 'org/m@1', 'failed');
  await insertRun('evr_3', 'org/m@2', 'finished');
  await pool.query(
    `insert into evaluation_release (id, system_id, model, verdict, because, checks, decided_at, asked_by)
     values ('erl_1', $1, 'org/m@1', 'pass', 'Passed Answers.', '[]', $2, 'service:assay')`,
    [systemId, toInstant(START + 6 * HOUR_MS)],
  );

  product.clock.nowMs = START + 2 * DAY_MS + HOUR_MS;
  await runMonitors({ records: product.services.records, ...product.services.alerts });
  product.clock.nowMs += HOUR_MS;
  const page = await evidence();
  expect(page.gate.suites).toMatchObject([{ name: 'Answers', purpose: 'quality', version: 1, items: 1 }]);
  expect(page.gate.runs.map(({ runId, outcome }) => `${runId} ${outcome}`)).toEqual([
    'evr_3 pass',
    'evr_2 failed',
    'evr_1 pass',
  ]);
  expect(page.gate.releases).toMatchObject([{ model: 'org/m@1', verdict: 'pass' }]);
  expect(page.outputs.routes).toMatchObject([
    {
      path: '/support',
      policy: 'strict',
      policyVersion: 1,
      validators: ['JSON Schema of answers'],
      calls: 30,
      checked: 30,
      rejected: 1,
      rejections: { output_invalid: 1 },
    },
  ]);
  // A prompt that was blocked is no rejected answer.
  expect(page.outputs.samples).toMatchObject([
    { decisionId: decisions[3]?.id, code: 'output_invalid', path: '/support' },
  ]);
  expect(page.review.alerts).toContainEqual(
    expect.objectContaining({
      title: 'Errors (Rate) is beyond its fail threshold',
      acknowledgedAt: null,
      // One hour is within the clock.
      onTime: true,
    }),
  );
  expect(page.store.windowsSealed).toBeGreaterThan(0);
  expect(stateOf(page)).toMatchObject({ 'PI1.1': 'shown', 'PI1.2': 'shown', 'PI1.4': 'partly' });
  expect(page.answers[3]?.missing).toEqual(['Nobody labeled a sample of answers.']);
  expect(page.models).toEqual(['org/m@1', 'org/m@2']);
});

test('the reliability of one model holds its runs, its unsupported answers and its own series, gaps included', async () => {
  const path = `monitors/reliability/${systemId}`;
  const query = `from=${toInstant(START)}&model=${encodeURIComponent('org/m@1')}`;
  const report: Reliability = await ask('GET', `${path}?${query}`, undefined, product.people.auditor);
  expect(report.runs.map(({ outcome }) => outcome)).toEqual(['failed', 'pass']);
  expect(report.hallucination).toMatchObject([
    {
      runId: 'evr_1',
      scorer: 'grounded',
      n: 200,
      rate: expect.closeTo(0.03, 12),
      low: expect.closeTo(0.01, 12),
      high: expect.closeTo(0.06, 12),
    },
  ]);
  const errors = report.monitors.find(({ name }) => name === 'Errors');
  expect(errors).toMatchObject({ ofModel: true, series: [{ series: 'model_version=org/m@1' }] });
  expect(report.monitors.find(({ name }) => name === 'Invalid inputs')).toMatchObject({
    ofModel: false,
    series: [{ series: 'all' }],
  });
  const pdf = await raw('GET', `${path}/pdf?${query}`);
  expect(pdf.headers['content-type']).toBe('application/pdf');
  expect(pdf.rawPayload.includes('%%EOF')).toBe(true);
  expect((await raw('GET', `${path}?model=none`)).statusCode).toBe(404);
  expect((await raw('GET', path)).statusCode).toBe(400);
});

test('each endpoint shows its share of errors and the percentiles of the sorted values', async () => {
  product.clock.nowMs = START + 10 * DAY_MS;
  const latencies = Array.from({ length: 200 }, (_, k) => ((k * 7919) % 200) + 1);
  const lines = latencies.map((latencyMs, k) =>
    JSON.stringify({
      id: `call${k}`,
      source: 'app',
      sequence: 1_000 + k,
      system: systemId,
      kind: 'operation',
      occurredAt: toInstant(product.clock.nowMs - HOUR_MS + k),
      segment: { endpoint: k < 150 ? '/chat' : '/embed' },
      values: { latencyMs, ...(k < 190 && { error: k % 10 === 0 }) },
    }),
  );
  await ask('POST', 'events', lines.join('\n'));
  const { items } = await ask('GET', 'monitors/operation?span=24h', undefined, product.people.auditor);
  // Nearest rank: of n sorted values the one at ceil(q n).
  const sorted = latencies.slice(0, 150).sort((a, b) => a - b);
  expect(items).toMatchObject([
    {
      systemName: 'Support chat',
      endpoint: '/chat',
      calls: 150,
      errors: 15,
      unknown: 0,
      errorShare: 0.1,
      p50Ms: sorted[74],
      p95Ms: sorted[142],
      p99Ms: sorted[148],
    },
    { endpoint: '/embed', calls: 50, errors: 4, unknown: 10, errorShare: 0.1 },
  ]);
  expect((await raw('GET', 'monitors/operation?span=9y')).statusCode).toBe(400);
});
