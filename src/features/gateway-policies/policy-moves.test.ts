import { beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { addTestRun } from '../../../tests/support/policy-test-run.ts';
import { testProduct } from '../../../tests/support/product.ts';
import type { GatewayRoute, PolicyDocument, PolicyMove } from './model.ts';
import { STARTER_POLICY } from './starter-policy.ts';

const database = testDatabase();
const product = testProduct(database, mountGatewayControl);
const policies: Record<'strict' | 'mild', string> = { strict: '', mild: '' };
let routeId = '';

const send = async <T>(
  method: string,
  path: string,
  body?: object,
  who: 'engineer' | 'compliance' | 'owner' = 'engineer',
) => {
  const { cookie } = product.current.people[who];
  const answer = await product.current.call(method, `gateway/${path}`, { cookie, ...(body && { body }) });
  return { status: answer.statusCode, body: (answer.body === '' ? null : answer.json()) as T, text: answer.body };
};
const route = async (id = routeId) =>
  (await send<{ items: GatewayRoute[] }>('GET', 'routes')).body.items.find((one) => one.id === id) as GatewayRoute;
const moves = async (state: PolicyMove['state'] = 'waiting') =>
  (await send<{ items: PolicyMove[] }>('GET', 'policy-moves')).body.items.filter((one) => one.state === state);
const decide = (move: PolicyMove | undefined, who: 'engineer' | 'compliance' | 'owner', decision = 'approved') =>
  send('POST', `policy-moves/${move?.id}/decide`, { decision, digest: move?.digest, reason: 'for a week' }, who);

beforeAll(async () => {
  const make = async (name: 'strict' | 'mild', document: PolicyDocument) => {
    const made = await send<{ id: string; versions: { digest: string }[] }>(
      'POST',
      'policies',
      { name, document, note: 'n' },
      'owner',
    );
    await send('POST', `policies/${made.body.id}/versions/1/submit`, undefined, 'owner');
    await addTestRun(database.current, { policyId: made.body.id, version: 1, atMs: product.current.clock.nowMs });
    const digest = made.body.versions[0]?.digest;
    await send('POST', `policies/${made.body.id}/versions/1/decide`, { decision: 'approved', digest }, 'compliance');
    policies[name] = made.body.id;
  };
  await make('strict', STARTER_POLICY);
  await make('mild', { ...STARTER_POLICY, onFailure: 'open', detectors: STARTER_POLICY.detectors.slice(1) });
  const provider = await send<{ id: string }>('POST', 'providers', {
    name: 'local',
    kind: 'openai_compatible',
    baseUrl: 'http://127.0.0.1:9/v1',
    authStyle: 'none',
    allowPrivateAddress: true,
  });
  const made = await send<GatewayRoute>('POST', 'routes', {
    path: '/team',
    providerId: provider.body.id,
    policyId: policies.strict,
  });
  routeId = made.body.id;
});

describe('a route that is to go to a milder policy', () => {
  test('stays where it is until another person has read what that loosens', async () => {
    const asked = await send<GatewayRoute>('PATCH', `routes/${routeId}`, { policyId: policies.mild });
    expect(asked.body).toMatchObject({ policyId: policies.strict, policyMoveId: expect.stringMatching(/^gpm_/) });
    await send('PATCH', `routes/${routeId}`, { policyId: policies.mild });
    const [move, ...rest] = await moves();
    expect(rest).toEqual([]);
    expect(move).toMatchObject({
      target: { kind: 'route', name: '/team' },
      from: { name: 'strict' },
      to: { name: 'mild' },
    });
    expect(move?.changes).toContainEqual({
      what: 'When a check fails',
      before: 'closed',
      after: 'open',
      effect: 'loosened',
    });
    expect((await decide(move, 'engineer')).status, 'who may not review').toBe(403);
    expect((await decide(move && { ...move, digest: 'a'.repeat(64) }, 'compliance')).status).toBe(409);
    expect((await decide(move, 'compliance')).status).toBe(200);
    expect(await route()).toMatchObject({ policyId: policies.mild, policyMoveId: null });
    const { rows } = await database.current.pool.query(
      "select type from ledger_pending where before_series || after_series like '%gateway-policy-move%' order by queue",
    );
    expect(rows.map(({ type }) => type)).toEqual(['approval.requested', 'approval.granted']);
  });

  test('goes back to the stricter one at once', async () => {
    const back = await send<GatewayRoute>('PATCH', `routes/${routeId}`, { policyId: policies.strict });
    expect(back.body).toMatchObject({ policyId: policies.strict, policyMoveId: null });
  });

  test('asks for dropping its policy too; who asks does not decide, and a refusal leaves all as it was', async () => {
    await send('PATCH', `routes/${routeId}`, { policyId: null }, 'owner');
    expect(await route()).toMatchObject({ policyId: policies.strict });
    const [move] = await moves();
    expect(move?.to).toBeNull();
    expect((await decide(move, 'owner')).text).toContain('You asked for this move');
    expect((await decide(move, 'compliance', 'refused')).status).toBe(200);
    expect(await route()).toMatchObject({ policyId: policies.strict, policyMoveId: null });
  });

  test('is overtaken by another wish, and by a change of what was read', async () => {
    await send('PATCH', `routes/${routeId}`, { policyId: policies.mild });
    const [first] = await moves();
    await send('PATCH', `routes/${routeId}`, { policyId: null });
    const [second] = await moves();
    expect(second?.id).not.toBe(first?.id);
    expect((await decide(first, 'compliance')).status).toBe(409);
    expect((await send('POST', `policy-moves/${second?.id}/withdraw`)).status).toBe(200);
    expect(await moves()).toEqual([]);
  });

  test('cannot be had by a path inside it, or by removing one', async () => {
    const { providerId } = await route();
    const inner = await send<GatewayRoute>('POST', 'routes', { path: '/team/v1', providerId, policyId: policies.mild });
    expect(inner.body).toMatchObject({ policyId: policies.strict, policyMoveId: expect.any(String) });
    const [move] = await moves();
    await decide(move, 'compliance');
    expect(await route(inner.body.id)).toMatchObject({ policyId: policies.mild });
    await send('PATCH', `routes/${inner.body.id}`, { policyId: policies.strict });
    await send('PATCH', `routes/${routeId}`, { policyId: policies.mild });
    await decide((await moves())[0], 'compliance');
    expect((await send('DELETE', `routes/${inner.body.id}`)).text).toContain('under a milder policy');
    await send('PATCH', `routes/${routeId}`, { policyId: policies.strict });
    expect((await send('DELETE', `routes/${inner.body.id}`)).status).toBe(204);
  });
});

test('a path that is removed and added again begins under the policy it had', async () => {
  const { providerId } = await route();
  const input = { path: '/again', providerId };
  const first = await send<GatewayRoute>('POST', 'routes', { ...input, policyId: policies.strict });
  expect((await send('DELETE', `routes/${first.body.id}`)).status).toBe(204);
  const second = await send<GatewayRoute>('POST', 'routes', { ...input, policyId: policies.mild });
  expect(second.body).toMatchObject({ policyId: policies.strict, policyMoveId: expect.any(String) });
  expect((await moves()).map(({ target }) => target.name)).toEqual(['/again']);
  await decide((await moves())[0], 'compliance', 'refused');
  // Nor by way of having none for a moment.
  expect((await send('DELETE', `routes/${second.body.id}`)).status).toBe(204);
  const bare = await send<GatewayRoute>('POST', 'routes', input);
  expect(bare.body).toMatchObject({ policyId: policies.strict, policyMoveId: null });
  expect((await send('DELETE', `routes/${bare.body.id}`)).status).toBe(204);
});

test('a tenant goes to a milder policy of its own, and back to milder routes, by a second person only', async () => {
  const made = await send<{ id: string; policyId: string | null; policyMoveId: string | null }>('POST', 'tenants', {
    name: 'Acme',
    policyId: policies.mild,
  });
  expect(made.body).toMatchObject({ policyId: null, policyMoveId: expect.any(String) });
  const [move] = await moves();
  expect(move).toMatchObject({ target: { kind: 'tenant', name: 'Acme' }, from: null });
  expect(move?.changes[0]?.what).toMatch(/^On \/team: /);
  await decide(move, 'compliance');
  const read = async () =>
    (await send<{ items: { id: string; policyId: string | null }[] }>('GET', 'tenants')).body.items.find(
      ({ id }) => id === made.body.id,
    );
  expect(await read()).toMatchObject({ policyId: policies.mild });
  await send('PATCH', `tenants/${made.body.id}`, { policyId: policies.strict });
  expect(await read()).toMatchObject({ policyId: policies.strict });
  const unknown = await send('PATCH', `tenants/${made.body.id}`, { policyId: 'gpo_none' });
  expect(unknown.status).toBe(400);
});
