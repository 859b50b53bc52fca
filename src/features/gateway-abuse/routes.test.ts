import { expect, test } from 'vitest';
import { createDecisionWriter } from '#src/features/gateway-decisions/index.ts';
import { COMMAND_LINE } from '#src/features/records/index.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { blockedDecision } from '../../../tests/support/gateway-decisions.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { callerActions } from './caller-actions.ts';
import { findAbuse } from './find-abuse.ts';
import type { AbuseFinding, AbusePage } from './model.ts';
import { gatewayAbuseRoutes } from './routes.ts';

const database = testDatabase();
const product = testProduct(database, (parts) => [
  ...mountGatewayControl(parts),
  gatewayAbuseRoutes({ records: parts.services.records, namesOf: parts.users.namesOf }),
]);
const NOW = Date.parse('2026-11-23T09:00:00Z');

async function makeKey(name: string): Promise<{ keyId: string; tenantId: string }> {
  const { call, people } = product.current;
  const { cookie } = people.engineer;
  const tenant = (await call('POST', 'gateway/tenants', { cookie, body: { name } })).json();
  const made = (await call('POST', 'gateway/keys', { cookie, body: { tenantId: tenant.id, name: 'one' } })).json();
  return { keyId: made.key.id, tenantId: tenant.id };
}

async function attack(of: { keyId: string; tenantId: string }, first: number): Promise<void> {
  const { services } = product.current;
  const calls = Array.from({ length: 12 }, (_, i) => blockedDecision(first + i, NOW - 60_000 + i * 1_000, of));
  await createDecisionWriter(services).write(calls);
  await findAbuse({ ...services, openAlert: services.alerts.openAlert });
}

const findings = async (query = '') =>
  (
    await product.current.call('GET', `gateway/abuse${query}`, { cookie: product.current.people.auditor.cookie })
  ).json() as AbusePage;
const act = (id: string, body: object, cookie = product.current.people.engineer.cookie) =>
  product.current.call('POST', `gateway/abuse/${id}/actions`, { cookie, body });
const stateOf = async (keyId: string) =>
  (await database.current.pool.query('select state, limits from gateway_key where id = $1', [keyId])).rows[0];

test('ten injection attempts by one key raise a high alert; from it the key is throttled, then suspended', async () => {
  const of = await makeKey('Acme');
  await attack(of, 1);
  const page = await findings('?state=open');
  expect(page).toMatchObject({ total: 1, callers: 1 });
  const [found] = page.items;
  expect(found).toMatchObject({
    kind: 'repeated_refusals',
    severity: 'high',
    caller: { kind: 'key', id: of.keyId },
    tenantId: of.tenantId,
    numbers: { blocked: 12 },
  });
  const { rows } = await database.current.pool.query('select source, severity from alert where id = $1', [
    found?.alertId,
  ]);
  expect(rows).toEqual([{ source: 'gateway_abuse', severity: 'high' }]);

  const id = found?.id ?? '';
  expect((await act(id, { action: 'throttle', reason: 'slow it down' })).statusCode).toBe(400);
  expect((await act(id, { action: 'suspend', reason: 'x' })).statusCode).toBe(400);
  expect(
    (await act(id, { action: 'suspend', reason: 'an attack' }, product.current.people.auditor.cookie)).statusCode,
  ).toBe(403);
  const throttled = await act(id, { action: 'throttle', reason: 'slow it down', requestsPerMinute: 5 });
  expect(throttled.statusCode).toBe(200);
  expect((await stateOf(of.keyId)).limits).toMatchObject({ requestsPerMinute: 5 });
  const suspended = (await act(id, { action: 'suspend', reason: 'an attack, as seen' })).json() as AbuseFinding;
  expect(suspended).toMatchObject({ state: 'acted', actions: [{ action: 'throttle' }, { action: 'suspend' }] });
  expect(await stateOf(of.keyId)).toMatchObject({ state: 'suspended' });
});

test('decisions are looked at once, and what goes on stays one finding', async () => {
  const of = await makeKey('Globex');
  await attack(of, 100);
  await findAbuse({ ...product.current.services, openAlert: product.current.services.alerts.openAlert });
  expect((await findings(`?key=${of.keyId}`)).items.map(({ times }) => times)).toEqual([1]);
});

test('a dismissed finding does nothing to the caller and is closed', async () => {
  const of = await makeKey('Initech');
  await attack(of, 200);
  const [found] = (await findings(`?key=${of.keyId}`)).items;
  expect((await act(found?.id ?? '', { action: 'dismiss', reason: 'our own red team' })).json()).toMatchObject({
    state: 'dismissed',
  });
  expect(await stateOf(of.keyId)).toMatchObject({ state: 'active' });
  expect((await act(found?.id ?? '', { action: 'revoke', reason: 'after all' })).statusCode).toBe(409);
  expect((await act('gab_nothing', { action: 'revoke', reason: 'after all' })).statusCode).toBe(404);
});

test('a tenant is suspended itself, so that keys made later and tokens of its issuers are refused as well', async () => {
  const { tenantId } = await makeKey('Hooli');
  const { records } = product.current.services;
  const suspend = () =>
    records.change('gateway', ['gateway-tenant'], (tx) =>
      callerActions(records).tenantSuspended(tx, { tenantId, reason: 'a sweep over all keys', by: COMMAND_LINE }),
    );
  await suspend();
  await suspend();
  const { rows } = await database.current.pool.query('select state, state_reason from gateway_tenant where id = $1', [
    tenantId,
  ]);
  expect(rows).toEqual([{ state: 'suspended', state_reason: 'a sweep over all keys' }]);
});
