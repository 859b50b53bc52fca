import { beforeAll, describe, expect, test } from 'vitest';
import { factsAt } from '#src/features/facts/index.ts';
import type { AttackResult } from '#src/features/gateway-probes/model.ts';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { addTestRun } from '../../../tests/support/policy-test-run.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { loadSnapshot, openPolicyTrial, versionToTry } from './index.ts';
import type { PolicyDetail, PolicyDocument } from './model.ts';
import { STARTER_POLICY } from './starter-policy.ts';

const database = testDatabase();
const started = testProduct(database, mountGatewayControl);
let product: Product;
let author: string;
let reviewer: string;

beforeAll(() => {
  product = started.current;
  author = product.people.compliance.cookie;
  reviewer = product.colleague.cookie;
});

const send = (method: string, path: string, body?: object, as = author) =>
  product.call(method, `gateway/${path}`, { cookie: as, ...(body && { body }) });
// Less than a session may stand idle.
const MINUTES_MS = 10 * 60_000;
let made = 0;
const addPolicy = async (document: PolicyDocument = STARTER_POLICY): Promise<PolicyDetail> => {
  const answer = await send('POST', 'policies', { name: `policy-${made++}`, document, note: 'The first one.' });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
};
const draft = (id: string, document: PolicyDocument, as = author) =>
  send('PUT', `policies/${id}/draft`, { document, note: 'Another threshold.' }, as);
const submit = (id: string, version: number) => send('POST', `policies/${id}/versions/${version}/submit`);
const playSuites = (policyId: string, version: number, change: Partial<AttackResult> = {}) =>
  addTestRun(database.current, { policyId, version, atMs: product.clock.nowMs }, change);
const submitTested = async (id: string, version: number) => {
  await submit(id, version);
  await playSuites(id, version);
};
const decide = (policy: PolicyDetail, body: object = {}, as = reviewer, version = policy.versions[0]?.version) =>
  send(
    'POST',
    `policies/${policy.id}/versions/${version}/decide`,
    { decision: 'approved', digest: policy.versions[0]?.digest, ...body },
    as,
  );
const approve = async (policy: PolicyDetail): Promise<PolicyDetail> => {
  await submitTested(policy.id, policy.versions[0]?.version ?? 0);
  const answer = await decide(policy);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};
const failsOpen: PolicyDocument = { ...STARTER_POLICY, onFailure: 'open' };
const leaves = async () => {
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: 500 });
  return items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
};

describe('a policy', () => {
  test('is a draft first and in force only once a second person approved it', async () => {
    const policy = await addPolicy();
    expect(policy).toMatchObject({ inForceVersion: null, openVersion: 1, openState: 'draft' });
    expect((await decide(policy)).statusCode).toBe(409);
    await submitTested(policy.id, 1);
    const own = await decide(policy, {}, author);
    expect(own.json()).toMatchObject({ status: 403, message: expect.stringContaining('another person') });
    const approved = await decide(policy);
    expect(approved.json()).toMatchObject({
      inForceVersion: 1,
      openVersion: null,
      versions: [
        { inForce: true, decidedBy: { id: product.colleague.id }, authors: [{ id: product.people.compliance.id }] },
      ],
    });
    const { snapshot } = await loadSnapshot(database.current, product.clock.nowMs);
    expect(snapshot.policies.map(({ id }) => id)).toContain(policy.id);
  });

  test('is not approved by the key of its author, nor by the command line', async () => {
    const policy = await addPolicy();
    await submit(policy.id, 1);
    const key = await product.call('POST', 'keys', {
      cookie: author,
      body: { name: 'mine', role: 'compliance', expiresOn: '2026-12-31' },
    });
    const answer = await product.call('POST', `gateway/policies/${policy.id}/versions/1/decide`, {
      key: key.json().secret,
      body: { decision: 'approved', digest: policy.versions[0]?.digest },
    });
    expect(answer.statusCode).toBe(403);
  });

  test('is not approved by anybody who wrote a part of it', async () => {
    const policy = await addPolicy();
    const edited = (await draft(policy.id, failsOpen, reviewer)).json();
    expect(edited.versions[0].authors).toHaveLength(2);
    await submitTested(policy.id, 1);
    expect((await decide(edited, {}, reviewer)).statusCode).toBe(403);
    expect((await decide(edited, {}, product.people.owner.cookie)).statusCode).toBe(200);
  });

  test('is approved as it was read: a change takes the submission back and another digest is refused', async () => {
    const policy = await addPolicy();
    await submit(policy.id, 1);
    const changed = (await draft(policy.id, failsOpen)).json();
    expect(changed.versions[0].state).toBe('draft');
    await submit(policy.id, 1);
    const stale = await decide(policy);
    expect(stale.json()).toMatchObject({ status: 409, message: expect.stringContaining('changed since you read it') });
  });

  test('leaves evidence and says in the ledger what was loosened and by whom', async () => {
    const first = await approve(await addPolicy());
    const second = await approve((await draft(first.id, failsOpen)).json());
    expect(second.versions[0]?.changes).toEqual([
      { what: 'When a check fails', before: 'closed', after: 'open', effect: 'loosened' },
    ]);
    const granted = (await leaves()).find((leaf) => leaf.type === 'approval.granted' && leaf.subject.version === '2');
    expect(granted).toMatchObject({
      actor: { id: product.colleague.id },
      subject: { kind: 'gateway-policy', id: first.id },
      body: { digest: second.versions[0]?.digest, before: first.versions[0]?.digest, loosened: 1 },
    });
    const { rows } = await database.current.pool.query('select sha256 from evidence_item where source_key = $1', [
      `assay:gateway-policy:${first.id}`,
    ]);
    expect(rows.map(({ sha256 }) => sha256)).toContain(second.versions[0]?.digest);
  });

  test('tells what was in force at any moment', async () => {
    const startMs = product.clock.nowMs;
    const first = await approve(await addPolicy());
    product.clock.nowMs += 2 * MINUTES_MS;
    await approve((await draft(first.id, failsOpen)).json());
    const at = async (ms: number) => (await send('GET', `policies/${first.id}/at?at=${toInstant(ms)}`)).json();
    expect(await at(startMs - 1)).toMatchObject({ version: null, document: null });
    expect(await at(startMs + MINUTES_MS)).toMatchObject({
      version: { version: 1, inForceUntil: toInstant(startMs + 2 * MINUTES_MS) },
      document: { onFailure: 'closed' },
    });
    expect(await at(product.clock.nowMs)).toMatchObject({ version: { version: 2 }, document: { onFailure: 'open' } });
  });

  test('comes into force by itself at the moment it was approved for, and never before it was approved', async () => {
    const first = await approve(await addPolicy());
    const next = (await draft(first.id, failsOpen)).json();
    await submitTested(first.id, 2);
    const inForceFrom = toInstant(product.clock.nowMs + HOUR_MS);
    expect((await decide(next, { inForceFrom })).json()).toMatchObject({ inForceVersion: 1 });
    const inForce = async (atMs: number) => {
      const { snapshot, changesAtMs } = await loadSnapshot(database.current, atMs);
      return { version: snapshot.policies.find(({ id }) => id === first.id)?.version, changesAtMs };
    };
    expect(await inForce(product.clock.nowMs)).toEqual({ version: 1, changesAtMs: Date.parse(inForceFrom) });
    expect(await inForce(Date.parse(inForceFrom))).toEqual({ version: 2, changesAtMs: null });
    const third = (await draft(first.id, STARTER_POLICY)).json();
    await submitTested(first.id, 3);
    expect((await decide(third)).json()).toMatchObject({ status: 409, message: expect.stringContaining('Version 2') });
    expect((await decide(third, { inForceFrom: '2020-01-01T00:00:00Z' })).statusCode).toBe(409);
  });

  test('is refused with a reason, and the next version starts from there', async () => {
    const policy = await addPolicy();
    await submit(policy.id, 1);
    expect((await decide(policy, { decision: 'refused' })).statusCode).toBe(400);
    const refused = await decide(policy, { decision: 'refused', reason: 'Too mild.' });
    expect(refused.json()).toMatchObject({
      inForceVersion: null,
      versions: [{ state: 'refused', decisionReason: 'Too mild.' }],
    });
    expect((await draft(policy.id, STARTER_POLICY)).json()).toMatchObject({ openVersion: 2 });
  });

  test('is withdrawn before it is decided, not after', async () => {
    const policy = await addPolicy();
    expect((await send('POST', `policies/${policy.id}/versions/1/withdraw`)).json().versions[0].state).toBe(
      'withdrawn',
    );
    expect((await send('POST', `policies/${policy.id}/versions/1/withdraw`)).statusCode).toBe(409);
  });
});

describe('the test run of a version', () => {
  const ready = async (document = STARTER_POLICY): Promise<PolicyDetail> => {
    const policy = await addPolicy(document);
    await submit(policy.id, 1);
    return policy;
  };
  const factOf = async (id: string) => {
    const stored = await factsAt(database.current.drizzle, toInstant(product.clock.nowMs), ['gateway-policy']);
    return stored.flatMap(({ facts }) => facts).find(({ key }) => key === id)?.body;
  };

  test('is demanded before approval, and what it showed is frozen into the ledger entry', async () => {
    const policy = await ready();
    const without = await decide(policy);
    expect(without.json()).toMatchObject({ status: 409, message: expect.stringContaining('was not tried') });
    const runId = await playSuites(policy.id, 1);
    const approved: PolicyDetail = (await decide(policy)).json();
    const numbers = { attacks: 92, stoppedByGateway: 85, harmless: 16, falseAlarms: 1, unevaluated: 0 };
    expect(approved.versions[0]).toMatchObject({ emergency: null, testRun: { runId, verdict: 'pass', ...numbers } });
    const granted = (await leaves()).find((leaf) => leaf.type === 'approval.granted' && leaf.subject.id === policy.id);
    const limits = { stoppedShareMin: 0.8, falseAlarmShareMax: 0.1 };
    expect(granted.body.testRun).toMatchObject({ runId, verdict: 'pass', limits, ...numbers });
    expect(granted.body.testRun).not.toHaveProperty('path');
    expect(await factOf(policy.id)).toMatchObject({ approvedOn: 'test_run', testRun: { verdict: 'pass' } });
    // A later run changes nothing about what it was approved on.
    product.clock.nowMs += 1_000;
    await playSuites(policy.id, 1, { stoppedByGateway: 1 });
    const [kept] = (await send('GET', `policies/${policy.id}`)).json().versions;
    expect(kept.testRun.runId).toBe(runId);
  });

  test.each<[string, Partial<AttackResult>, string]>([
    ['stops too few attacks', { stoppedByGateway: 73 }, '73 of 92 attacks'],
    ['stops too many harmless questions', { falseAlarms: 2 }, '2 of 16 harmless'],
    ['left out a suite', { suites: ['injection', 'harmless'] }, 'left out the suites jailbreak'],
    ['came to no result too often', { unevaluated: 13 }, 'no result'],
  ])('that %s is not enough', async (_what, change, said) => {
    const policy = await ready();
    await playSuites(policy.id, 1, change);
    const answer = await decide(policy);
    expect(answer.json()).toMatchObject({ status: 409, message: expect.stringContaining(said) });
  });

  test('counts for what the version said then, and not for what was written into it since', async () => {
    const policy = await ready();
    await playSuites(policy.id, 1);
    const changed: PolicyDetail = (await draft(policy.id, failsOpen)).json();
    expect(changed.versions[0]?.testRun).toBeNull();
    await submit(policy.id, 1);
    expect((await decide(changed)).statusCode).toBe(409);
  });

  test('is too old after thirty days', async () => {
    const policy = await ready();
    await addTestRun(database.current, {
      policyId: policy.id,
      version: 1,
      atMs: product.clock.nowMs - 30 * 24 * HOUR_MS - 1,
    });
    expect((await decide(policy)).json().message).toContain('older than 30 days');
  });

  test('is held against the limits that the policy declares, which no version lowers for itself', async () => {
    const strict = { ...STARTER_POLICY, testRun: { stoppedShareMin: 0.9, falseAlarmShareMax: 0.1 } };
    const first = await approve(await addPolicy(strict));
    const milder: PolicyDetail = (await draft(first.id, STARTER_POLICY)).json();
    expect(milder.versions[0]?.changes).toEqual([
      { what: 'Test run, least share of attacks stopped', before: '0.9', after: '0.8', effect: 'loosened' },
    ]);
    await submit(first.id, 2);
    await playSuites(first.id, 2, { stoppedByGateway: 80 });
    expect((await decide(milder)).json().message).toContain('the limit is 90 %');
    product.clock.nowMs += 1_000;
    await playSuites(first.id, 2);
    expect((await decide(milder)).statusCode).toBe(200);
  });

  test('may be missing in an emergency: with a reason, still by a second person, and reviewed by another later', async () => {
    const policy = await ready();
    const emergency = 'Customers are locked out; the old rule is broken.';
    expect((await decide(policy, { emergency }, author)).statusCode).toBe(403);
    const approved: PolicyDetail = (await decide(policy, { emergency })).json();
    expect(approved.versions[0]).toMatchObject({
      inForce: true,
      testRun: null,
      emergency: { reason: emergency, reviewedAt: null },
    });
    const granted = (await leaves()).find((leaf) => leaf.type === 'approval.granted' && leaf.subject.id === policy.id);
    expect(granted.body).toMatchObject({
      testRun: null,
      emergency: { reviewDueAt: approved.versions[0]?.emergency?.reviewDueAt },
    });
    expect(JSON.stringify(granted)).not.toContain('locked out');
    expect(await factOf(policy.id)).toMatchObject({ approvedOn: 'emergency', emergency: { reviewedAt: null } });
    const review = (as: string) =>
      send(
        'POST',
        `policies/${policy.id}/versions/1/review-emergency`,
        { digest: policy.versions[0]?.digest, note: 'It does what it says.' },
        as,
      );
    const third = product.people.owner.cookie;
    expect((await review(reviewer)).json().message).toContain('another person than the one who approved');
    expect((await review(third)).json().message).toContain('Play all suites');
    const runId = await playSuites(policy.id, 1);
    expect((await review(third)).json().versions[0]).toMatchObject({
      testRun: { runId, verdict: 'pass' },
      emergency: { reviewedBy: { id: product.people.owner.id }, reviewNote: 'It does what it says.' },
    });
    expect((await review(third)).statusCode).toBe(409);
    const reviewed = (await leaves()).find((leaf) => leaf.body.change === 'emergency-reviewed');
    expect(reviewed).toMatchObject({ subject: { id: policy.id }, body: { testRun: { runId, verdict: 'pass' } } });
    expect(await factOf(policy.id)).toMatchObject({ testRun: { verdict: 'pass' } });
  });
});

test('a version that is tried counts for the key of the trial alone, and no more once it was written anew', async () => {
  const { records } = product.services;
  const policy = await addPolicy(failsOpen);
  const tenant = (await send('POST', 'tenants', { name: 'Trials of a test', audience: 'internal' })).json();
  const key = async (name: string) => (await send('POST', 'keys', { tenantId: tenant.id, name })).json().key;
  const [mine, other] = [await key('of the trial'), await key('of somebody')];
  const row = await versionToTry(database.current.drizzle, policy.id, 1);
  const trial = await openPolicyTrial(records, row, { keyId: mine.id, tenantId: tenant.id });
  await expect(openPolicyTrial(records, row, { keyId: other.id, tenantId: tenant.id })).rejects.toThrow(/being tried/);
  const look = async () => (await loadSnapshot(database.current, product.clock.nowMs)).snapshot;
  const during = await look();
  expect(during.tenants.find(({ id }) => id === tenant.id)?.policyId).toBe(trial.trialId);
  expect(during.policies.find(({ id }) => id === trial.trialId)).toMatchObject({ version: 1, onFailure: 'open' });
  expect(during.policies.some(({ id }) => id === policy.id)).toBe(false);
  expect(during.keys.filter(({ tenantId }) => tenantId === tenant.id).map(({ id }) => id)).toEqual([mine.id]);
  await draft(policy.id, STARTER_POLICY);
  expect((await look()).policies.some(({ id }) => id === trial.trialId)).toBe(false);
  await trial.close();
  const after = await look();
  expect(after.tenants.find(({ id }) => id === tenant.id)?.policyId).toBeNull();
  expect(after.keys.filter(({ tenantId }) => tenantId === tenant.id)).toHaveLength(2);
});

test.each<[string, object, string]>([
  [
    'an expression that does not parse',
    { rules: [{ id: 'r', cel: 'a && (', action: 'block', message: '' }] },
    'rules.0.cel',
  ],
  [
    'an expression over what no rule sees',
    { rules: [{ id: 'r', cel: 'prompt.text == "x"', action: 'block', message: '' }] },
    'rules.0.cel',
  ],
  [
    'an expression that gives no boolean',
    { rules: [{ id: 'r', cel: 'request.maxTokens', action: 'block', message: '' }] },
    'rules.0.cel',
  ],
  ['a pattern that does not compile', { patterns: [{ id: 'p', pattern: '(a' }] }, 'patterns.0.pattern'],
  ['a pattern only a backtracking engine takes', { patterns: [{ id: 'p', pattern: '(a)\\1' }] }, 'patterns.0.pattern'],
  [
    'a schema that is none',
    { output: { ...STARTER_POLICY.output, jsonSchema: { type: 'obstacle' } } },
    'output.jsonSchema',
  ],
  [
    'a schema of arguments with a backtracking pattern',
    {
      output: {
        ...STARTER_POLICY.output,
        tools: [{ name: 't', approval: 'none', argumentsSchema: { type: 'string', pattern: '(?=a)b' } }],
      },
    },
    'output.tools.0.argumentsSchema',
  ],
  [
    'a kind nobody finds',
    {
      detectors: [
        { detector: 'personal_data', direction: 'both', action: 'redact', threshold: null, kinds: ['emial'] },
      ],
    },
    'detectors.0.kinds',
  ],
  ['terms nobody looks for', { terms: ['Project Swan'] }, 'terms'],
  [
    'a check for terms without terms',
    { detectors: [{ detector: 'custom_terms', direction: 'both', action: 'block', threshold: null, kinds: null }] },
    'terms',
  ],
  [
    'a misspelled member',
    {
      detectors: [
        { detector: 'secret', direction: 'both', action: 'block', treshold: 0.4, threshold: null, kinds: null },
      ],
    },
    'treshold',
  ],
  [
    'a threshold out of range',
    { detectors: [{ detector: 'secret', direction: 'both', action: 'block', threshold: 1.5, kinds: null }] },
    'threshold',
  ],
  [
    'two rules of one id',
    { rules: [1, 2].map(() => ({ id: 'r', cel: 'true', action: 'flag', message: '' })) },
    'rules',
  ],
])('%s is not saved, and the field is named', async (_what, change, field) => {
  const answer = await send('POST', 'policies', {
    name: 'wrong',
    note: 'x',
    document: { ...STARTER_POLICY, ...change },
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().message).toContain(field);
});

test('the starter policy is offered, in force for nobody, and adopted once by whoever may review', async () => {
  expect((await send('GET', 'policies')).json()).toMatchObject({ starterOffered: true });
  await send('POST', 'providers', { name: 'openai', kind: 'openai' });
  expect((await send('GET', 'routes')).json().items).toMatchObject([
    { path: '/openai/v1', policyVersion: null, screening: { input: 'none', output: 'none' } },
    { path: '/v1', policyVersion: null },
  ]);
  const adopt = (as?: string) => send('POST', 'policies/adopt-starter', { coverRoutes: true }, as);
  expect((await adopt(product.people.engineer.cookie)).statusCode).toBe(403);
  const adopted = await adopt();
  expect(adopted.json()).toMatchObject({ name: 'starter', inForceVersion: 1, covered: ['/openai/v1', '/v1'] });
  expect((await adopt()).statusCode).toBe(409);
  expect((await send('GET', 'policies')).json()).toMatchObject({ starterOffered: false });
  expect((await send('GET', 'routes')).json().items[0]).toMatchObject({
    policyName: 'starter',
    policyVersion: 1,
    screening: { input: 'block', output: 'block' },
    onFailure: 'closed',
  });
  const stored = await factsAt(database.current.drizzle, toInstant(product.clock.nowMs), [
    'gateway-route',
    'gateway-policy',
  ]);
  const facts = stored.flatMap(({ facts: found }) => found);
  expect(facts.find(({ body }) => 'path' in body && body.path === '/v1')?.body).toMatchObject({
    input: 'block',
    policyVersion: 1,
  });
  expect(facts.find(({ key }) => key === adopted.json().id)?.body).toMatchObject({ secondPerson: 'yes' });
});

test('a route leads to one provider, and changes with before and after in the ledger', async () => {
  const [provider] = (await send('GET', 'providers')).json().items;
  const route = { path: '/team/v1', providerId: provider.id };
  const added = await send('POST', 'routes', route);
  expect(added.statusCode).toBe(201);
  expect((await send('POST', 'routes', route)).statusCode).toBe(409);
  expect((await send('POST', 'routes', { ...route, path: '/other', providerId: 'gpr_none' })).statusCode).toBe(400);
  for (const path of ['team', '/team/', '/te am', '/..//', '/'])
    expect((await send('POST', 'routes', { ...route, path })).statusCode, path).toBe(400);
  const changed = await send('PATCH', `routes/${added.json().id}`, { modelAliases: { fast: 'gpt-4o-mini' } });
  expect(changed.json().modelAliases).toEqual({ fast: 'gpt-4o-mini' });
  const leaf = (await leaves()).find((one) => one.type === 'gateway.route-changed');
  expect(leaf.body).toMatchObject({
    fields: ['modelAliases'],
    from: { modelAliases: {} },
    to: { modelAliases: { fast: 'gpt-4o-mini' } },
  });
  expect((await send('DELETE', `routes/${added.json().id}`)).statusCode).toBe(204);
});

test('prices and limits of models are set, replaced and removed', async () => {
  const price = {
    provider: 'openai',
    model: 'gpt-4o*',
    inputMicroUsdPerMTok: 2_500_000,
    outputMicroUsdPerMTok: 10_000_000,
  };
  await send('PUT', 'prices', price);
  const twice = await send('PUT', 'prices', { ...price, inputMicroUsdPerMTok: 1 });
  expect(twice.json().items).toMatchObject([{ model: 'gpt-4o*', inputMicroUsdPerMTok: 1 }]);
  expect((await send('DELETE', 'prices?provider=openai&model=gpt-4o*')).statusCode).toBe(204);
  expect((await send('DELETE', 'prices?provider=openai&model=gpt-4o*')).statusCode).toBe(404);
  const limits = {
    requestsPerMinute: 10,
    tokensPerMinute: null,
    tokensPerDay: null,
    spendMicroUsdPerDay: null,
    concurrent: null,
  };
  expect((await send('PUT', 'model-limits', { model: 'o3', limits })).json().items).toMatchObject([
    { model: 'o3', limits },
  ]);
  expect((await send('DELETE', 'model-limits?model=o3')).statusCode).toBe(204);
});

test('a dry run over nothing recorded says so, and one of a version that is not there is refused', async () => {
  const policy = await addPolicy();
  const ran = await send('POST', `policies/${policy.id}/dry-run`, { version: 1 });
  expect(ran.json()).toMatchObject({ calls: 0, complete: true, differences: [] });
  expect((await send('POST', `policies/${policy.id}/dry-run`, { version: 9 })).statusCode).toBe(404);
});

test('a draft is checked and compared before it is saved', async () => {
  const answer = await send('POST', 'policies/check', { document: failsOpen, against: STARTER_POLICY });
  expect(answer.json()).toEqual({
    problems: [],
    changes: [{ what: 'When a check fails', before: 'closed', after: 'open', effect: 'loosened' }],
  });
});
