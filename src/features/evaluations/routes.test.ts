import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addJob } from '#src/platform/jobs.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Person, type Product, testProduct } from '../../../tests/support/product.ts';
import { evaluationRoutes, executeRun, gateVerdict, importResults, recordImport } from './index.ts';
import type { EvaluationRun, EvaluationSuite, SuiteContent } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => [
  evaluationRoutes({ records: services.records, namesOf: users.namesOf, queue: { addJob } }),
]);
let product: Product;

// A model that adds up, with a mistake where the question says so.
const asked: { model: string; seed: number; authorization: string | undefined }[] = [];
let failing = false;
const model = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const question = JSON.parse(body);
    asked.push({ model: question.model, seed: question.seed, authorization: request.headers.authorization });
    if (failing) return response.writeHead(400).end('{}');
    const [a, b] = (question.messages.at(-1).content.match(/\d+/g) ?? []).map(Number);
    const wrong = question.model === 'worse' && (a ?? 0) % 2 === 0;
    const content = `The sum is ${(a ?? 0) + (b ?? 0) + (wrong ? 1 : 0)}`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ message: { content } }] }));
  });
});

beforeAll(async () => {
  product = started.current;
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  await product.services.secrets.put('gateway.provider.test', 'sk-test');
  const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
  await database.current.pool.query(
    `insert into gateway_provider (id, name, kind, base_url, auth_style, secret_name, key_set_at, key_set_by, allow_private_address, timeouts, max_retries, created_at, created_by)
     values ('gpr_1', 'local', 'openai_compatible', $1, 'bearer', 'gateway.provider.test', now(), 'service:assay', true, '{}', 0, now(), 'service:assay')`,
    [url],
  );
});
afterAll(() => new Promise((resolve) => model.close(resolve)));

const call = (method: string, path: string, body?: object, as: Person = product.people.engineer) =>
  product.call(method, `evaluations${path}`, { cookie: as.cookie, body });
const CONTENT: SuiteContent = {
  items: Array.from({ length: 20 }, (_, k) => ({ id: `sum${k}`, input: `What is ${k} + 3?`, expected: k + 3 })),
  scorers: [{ kind: 'numeric', name: 'sum', tolerance: 0 }],
  thresholds: [{ scorer: 'sum', min: 0.9, useLowerBound: false }],
  seed: 11,
  maxTokens: 64,
  temperature: 0,
  decontamination: 'Made for this test.',
  freshDays: 365,
};
let made = 0;
async function suite(content: Partial<SuiteContent> = {}): Promise<EvaluationSuite> {
  const body = { name: `Sums ${made++}`, content: { ...CONTENT, ...content }, reason: 'First version.' };
  const answer = await call('POST', '/suites', body);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
}
async function approved(content: Partial<SuiteContent> = {}): Promise<EvaluationSuite> {
  const { id } = await suite(content);
  const review = { decision: 'approved' };
  const answer = await call('POST', `/suites/${id}/versions/1/review`, review, product.people.compliance);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
const parts = () => {
  const { records, blobs, alerts, secrets, log } = product.services;
  return { records, blobs, alerts, secrets, log, gatewayUrl: () => null };
};
async function run(suiteId: string, name: string, signal = new AbortController().signal): Promise<EvaluationRun> {
  const answer = await call('POST', `/suites/${suiteId}/runs`, { providerId: 'gpr_1', model: name });
  expect(answer.statusCode, answer.body).toBe(202);
  await executeRun(parts(), answer.json().id, signal);
  return (await call('GET', `/${answer.json().id}`)).json();
}
const gate = async (id: string, name: string) =>
  (await call('GET', `/suites/${id}/gate?model=${encodeURIComponent(name)}`)).json();

describe('a suite', () => {
  test('runs only once a second person approved its items and thresholds', async () => {
    const { id, name } = await suite();
    const start = { providerId: 'gpr_1', model: 'good' };
    expect((await call('POST', `/suites/${id}/runs`, start)).statusCode).toBe(409);
    const path = `/suites/${id}/versions/1/review`;
    expect((await call('POST', path, { decision: 'approved' })).statusCode).toBe(403);
    expect((await call('POST', path, { decision: 'refused' }, product.people.compliance)).statusCode).toBe(400);
    expect((await call('POST', path, { decision: 'approved' }, product.people.compliance)).statusCode).toBe(200);
    expect((await call('POST', `/suites/${id}/runs`, start)).statusCode).toBe(202);
    expect((await call('POST', '/suites', { name, content: CONTENT, reason: 'x' })).statusCode).toBe(409);
  });

  test('keeps every version, and tells the ledger which threshold was loosened', async () => {
    const { id } = await approved();
    const content = { ...CONTENT, thresholds: [{ scorer: 'sum', min: 0.5, useLowerBound: false }] };
    const proposed = await call('POST', `/suites/${id}/versions`, { content, reason: 'Harder items.' });
    expect(proposed.json()).toMatchObject({
      inForce: 1,
      versions: [{ version: 2, review: 'waiting' }, { version: 1 }],
    });
    await call('POST', `/suites/${id}/versions/2/review`, { decision: 'approved' }, product.people.compliance);
    await product.services.ledger.integrate();
    const { items } = await product.services.ledger.entries({ limit: 3 });
    const leaves = items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
    expect(leaves.find((leaf) => leaf.type === 'threshold.changed')).toMatchObject({
      subject: { id, version: '2' },
      body: { loosened: ['sum'] },
    });
  });

  test.each([
    ['an item twice', { items: [CONTENT.items[0], CONTENT.items[0]] }],
    ['a threshold on no scorer', { thresholds: [{ scorer: 'other', min: 0.5 }] }],
    ['a pattern that is none', { scorers: [{ kind: 'regex', name: 'sum', pattern: '(' }] }],
    ['a pattern that could run for ever', { scorers: [{ kind: 'regex', name: 'sum', pattern: '(?=a)b' }] }],
    ['a schema that is none', { scorers: [{ kind: 'json_schema', name: 'sum', schema: { type: 'banana' } }] }],
  ])('with %s is refused', async (_what, change) => {
    const body = { name: 'Broken', content: { ...CONTENT, ...change }, reason: 'x' };
    expect((await call('POST', '/suites', body)).statusCode).toBe(400);
  });
});

describe('a run', () => {
  test('asks every item, scores it, and becomes evidence with an entry in the ledger', async () => {
    const { id } = await approved();
    expect(await gate(id, 'good')).toMatchObject({ verdict: 'no_data' });
    asked.length = 0;
    const finished = await run(id, 'good');
    expect(finished).toMatchObject({ state: 'finished', verdict: 'pass', done: 20, errors: 0 });
    expect(finished.scores[0]).toMatchObject({ scorer: 'sum', n: 20, mean: 1, intervalMethod: 'wilson' });
    expect(asked).toHaveLength(20);
    expect(asked[0]).toEqual({ model: 'good', seed: 11, authorization: 'Bearer sk-test' });
    expect(await gate(id, 'good')).toMatchObject({ verdict: 'pass', runId: finished.id });
    expect(await gate(id, 'other')).toMatchObject({ verdict: 'no_data' });
    await product.services.ledger.integrate();
    const { items } = await product.services.ledger.entries({ limit: 20 });
    const leaves = items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
    expect(
      leaves.find((leaf) => leaf.type === 'evaluation.finished' && leaf.subject.id === finished.id)?.body,
    ).toMatchObject({
      verdict: 'pass',
      resultsSha256: finished.resultsSha256,
    });
    const bytes = await product.services.blobs.read(finished.resultsSha256 ?? '');
    expect(JSON.parse(Buffer.from(bytes).toString('utf8')).results).toHaveLength(20);
  });

  test('that misses a threshold fails the gate and opens an alert; the next good one is its repetition', async () => {
    const { id } = await approved();
    const bad = await run(id, 'worse');
    expect(bad).toMatchObject({ verdict: 'fail', because: 'sum: 0.500 is below 0.9.' });
    expect(await gate(id, 'worse')).toMatchObject({ verdict: 'fail' });
    const { rows } = await database.current.pool.query(
      "select * from alert where source = 'evaluation' and source_id = $1",
      [id],
    );
    expect(rows).toMatchObject([{ severity: 'high', link: `/evaluations/${bad.id}`, state: 'open' }]);
    const wrong = (await call('GET', `/${bad.id}/results?failedOnly=true&limit=4`)).json();
    expect(wrong).toMatchObject({ total: 10 });
    const next = (await call('GET', `/${bad.id}/results?failedOnly=true&limit=10&cursor=${wrong.nextCursor}`)).json();
    expect(next.items).toHaveLength(6);
    const good = await run(id, 'good');
    const comparison = (await call('GET', `/comparison?before=${good.id}&after=${bad.id}`)).json();
    expect(comparison).toMatchObject({ sameDataset: true, pairs: 20 });
    expect(comparison.scores[0]).toMatchObject({ finding: 'worse', test: 'mcnemar_exact', worsened: 10 });
  });

  test('that was stopped goes on without asking again what it knows', async () => {
    const { id } = await approved();
    const answer = await call('POST', `/suites/${id}/runs`, { providerId: 'gpr_1', model: 'good' });
    const stop = new AbortController();
    const first = executeRun(parts(), answer.json().id, stop.signal);
    stop.abort();
    await first;
    expect((await call('GET', `/${answer.json().id}`)).json().state).toBe('running');
    await database.current.pool.query(
      'insert into evaluation_result (run_id, item_id, position, cluster, output, scores) values ($1, \'sum0\', 0, \'sum0\', \'3\', \'{"sum":{"score":1,"passed":true,"reason":null}}\')',
      [answer.json().id],
    );
    asked.length = 0;
    await executeRun(parts(), answer.json().id, new AbortController().signal);
    expect(asked).toHaveLength(19);
    expect((await call('GET', `/${answer.json().id}`)).json()).toMatchObject({ state: 'finished', verdict: 'pass' });
  });

  test('is worked on by one process at a time, and taken over from one that fell silent', async () => {
    const { id } = await approved();
    const answer = await call('POST', `/suites/${id}/runs`, { providerId: 'gpr_1', model: 'good' });
    const runId = answer.json().id;
    const go = () => executeRun(parts(), runId, new AbortController().signal);
    await database.current.pool.query(
      "update evaluation_run set state = 'running', runner = 'other', beat_at = $2 where id = $1",
      [runId, new Date(product.clock.nowMs)],
    );
    asked.length = 0;
    expect(await go()).toBe(false);
    expect(asked).toHaveLength(0);
    product.clock.nowMs += 61_000;
    expect((await Promise.all([go(), go()])).sort()).toEqual([false, true]);
    expect(asked).toHaveLength(20);
    expect((await call('GET', `/${runId}`)).json()).toMatchObject({ state: 'finished', verdict: 'pass' });
  });

  test('is canceled before it began, and not twice', async () => {
    const { id } = await approved();
    const answer = await call('POST', `/suites/${id}/runs`, { providerId: 'gpr_1', model: 'good' });
    const path = `/${answer.json().id}/cancel`;
    expect((await call('POST', path)).json().state).toBe('canceled');
    expect((await call('POST', path)).statusCode).toBe(409);
    await executeRun(parts(), answer.json().id, new AbortController().signal);
    expect((await call('GET', `/${answer.json().id}`)).json().state).toBe('canceled');
  });

  test('whose endpoint refuses every call decides nothing', async () => {
    failing = true;
    const { id } = await approved();
    const failed = await run(id, 'good');
    failing = false;
    expect(failed).toMatchObject({ state: 'failed', verdict: null });
    expect(failed.error).toContain('answered 400');
    expect(await gate(id, 'good')).toMatchObject({ verdict: 'no_data' });
  });

  test('over an unknown provider or by an auditor is refused', async () => {
    const { id } = await approved();
    const start = { providerId: 'gpr_none', model: 'good' };
    expect((await call('POST', `/suites/${id}/runs`, start)).statusCode).toBe(404);
    expect((await call('POST', `/suites/${id}/runs`, start, product.people.auditor)).statusCode).toBe(403);
    expect((await call('GET', '', undefined, product.people.auditor)).statusCode).toBe(200);
  });
});

test('a robustness suite is made of the approved items, and its run says how each variant did', async () => {
  const { id } = await approved();
  const answer = await call('POST', `/suites/${id}/robustness`, {
    name: 'Sums, varied',
    kinds: ['typos', 'suffix'],
    seed: 3,
  });
  expect(answer.statusCode, answer.body).toBe(201);
  const varied: EvaluationSuite = answer.json();
  expect(varied.versions[0]).toMatchObject({ items: 60, review: 'waiting' });
  await call('POST', `/suites/${varied.id}/versions/1/review`, { decision: 'approved' }, product.people.compliance);
  const finished = await run(varied.id, 'good');
  expect(finished.scores[0]).toMatchObject({ intervalMethod: 'clustered', n: 60 });
  expect(finished.scores[0]?.byVariant.map((one) => one.variant).sort()).toEqual(['original', 'suffix', 'typos']);
});

test('an imported run is held against the approved thresholds of a suite', async () => {
  const { id, name } = await approved({
    scorers: [{ kind: 'exact', name: 'exact_match', ignoreCase: false }],
    thresholds: [{ scorer: 'exact_match', min: 0.9, useLowerBound: false }],
  });
  product.clock.nowMs += 1_000;
  const rows = Array.from({ length: 20 }, (_, k) =>
    JSON.stringify({ doc_id: k, doc: { q: k }, resps: [['x']], filtered_resps: ['x'], exact_match: k < 15 ? 1 : 0 }),
  );
  const imported = importResults(rows.join('\n'), 'auto');
  const actor = { kind: 'service', id: 'command-line' } as const;
  const [runId] = await recordImport(parts(), imported, {
    suite: name,
    model: 'org/m@1',
    modelDigest: 'sha256:1',
    actor,
  });
  expect((await call('GET', `/${runId}`)).json()).toMatchObject({
    origin: 'lm-eval',
    verdict: 'fail',
    state: 'finished',
  });
  const at = new Date(product.clock.nowMs);
  const verdict = (digest?: string) =>
    gateVerdict(database.current.drizzle, { suite: id, model: 'org/m@1', digest }, at);
  expect((await verdict('sha256:1')).verdict).toBe('fail');
  expect((await verdict('sha256:2')).verdict).toBe('no_data');
  await expect(recordImport(parts(), imported, { suite: 'no such suite', actor })).rejects.toThrow(
    /no evaluation suite/,
  );
  const alone = await recordImport(parts(), imported, { actor });
  expect((await call('GET', `/${alone[0]}`)).json()).toMatchObject({ verdict: 'no_data', suite: null });
});
