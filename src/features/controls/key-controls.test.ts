import { beforeAll, describe, expect, test } from 'vitest';
import type { PolicyDetail, PolicyDocument } from '#src/features/gateway-policies/model.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { addTestRun } from '../../../tests/support/policy-test-run.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import type { ControlDetail, ControlPage } from './model.ts';

const database = testDatabase();
const started = testProduct(database, (parts) => [...mountGatewayControl(parts), parts.services.controls.routes]);
let product: Product;
let owner: string;

beforeAll(() => {
  product = started.current;
  owner = product.people.owner.cookie;
});

const get = async <Answer>(path: string, cookie = owner): Promise<Answer> => {
  const answer = await product.call('GET', path, { cookie });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};
const post = async <Answer>(path: string, body?: object, cookie = owner): Promise<Answer> => {
  const answer = await product.call('POST', path, { cookie, ...(body && { body }) });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return answer.json();
};
const resultOf = async (control: string, testId: string) =>
  (await get<ControlDetail>(`controls/${control}`)).testStatus.find(({ id }) => id === testId);
async function inForce(policy: PolicyDetail, document: PolicyDocument): Promise<void> {
  const put = await product.call('PUT', `gateway/policies/${policy.id}/draft`, {
    cookie: owner,
    body: { document, note: 'Another.' },
  });
  const { versions } = put.json() as PolicyDetail;
  const [{ version = 0, digest = '' } = {}] = versions;
  await post(`gateway/policies/${policy.id}/versions/${version}/submit`);
  await addTestRun(database.current, { policyId: policy.id, version, atMs: product.clock.nowMs });
  const decision = { decision: 'approved', digest };
  await post(`gateway/policies/${policy.id}/versions/${version}/decide`, decision, product.colleague.cookie);
}

test('what auditors of AI companies expect is installed as key, and can be listed alone', async () => {
  const { items } = await get<ControlPage>('controls?key=true');
  expect(items.map(({ id }) => id).sort()).toEqual(['EVM-02', 'GRD-01', 'GRD-03', 'GRD-07', 'MLS-01', 'TDG-01']);
  expect(items.every(({ isKey }) => isKey)).toBe(true);
  const others = await get<ControlPage>('controls?key=false');
  expect(others.items.some(({ id }) => id === 'GRD-02')).toBe(true);
  expect(others.items.some(({ isKey }) => isKey)).toBe(false);
});

describe('the key controls of the gateway', () => {
  test('have no data before there is a gateway', async () => {
    await post('controls/run');
    expect((await get<ControlDetail>('controls/GRD-01')).state).toBe('no_data');
    expect((await get<ControlDetail>('controls/GRD-07')).state).toBe('no_data');
  });

  test('pass on good set-up, fail by name on bad one, and have no data once the source is cut', async () => {
    await post('gateway/providers', { name: 'openai', kind: 'openai' });
    const policy = await post<PolicyDetail>('gateway/policies/adopt-starter', { coverRoutes: true });
    const [starter] = Object.values(policy.documents);
    if (!starter) throw new Error('the starter says nothing');
    const tools = [{ name: 'pay', argumentsSchema: { type: 'object' }, approval: 'human' as const }];
    await inForce(policy, { ...starter, output: { ...starter.output, tools } });
    expect(await resultOf('GRD-01', 'gateway-route-input-filtered')).toMatchObject({ result: 'pass' });
    expect(await resultOf('GRD-07', 'gateway-output-validated')).toMatchObject({ result: 'pass' });

    product.clock.nowMs += 60_000;
    const flags = starter.detectors.map((one) => ({ ...one, action: 'flag' as const }));
    await inForce(policy, { ...starter, detectors: flags });
    const filtered = await resultOf('GRD-01', 'gateway-route-input-filtered');
    expect(filtered).toMatchObject({ result: 'fail' });
    expect(filtered?.failing.map(({ because }) => because).join(' ')).toContain('`/v1` to `openai`');
    const validated = await resultOf('GRD-07', 'gateway-output-validated');
    expect(validated).toMatchObject({ result: 'fail' });
    expect(validated?.failing.map(({ because }) => because).join(' ')).toContain('The route `/v1` passes on');

    // Nothing is read any more: what was seen a week ago says nothing of today.
    product.clock.nowMs += 7 * 24 * HOUR_MS + 1;
    owner = await product.signIn('owner@example.com');
    expect(await resultOf('GRD-01', 'gateway-route-input-filtered')).toMatchObject({ result: 'no_data' });
    expect(await resultOf('GRD-07', 'gateway-output-validated')).toMatchObject({ result: 'no_data' });
  });
});
