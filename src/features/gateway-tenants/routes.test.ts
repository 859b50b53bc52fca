import { beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '#src/kernel/hash.ts';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { mountGatewayControl } from '../../../tests/support/gateway-control.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { changeKeyState, noteKeyUse, setKeyLimits } from './index.ts';
import { DEFAULT_LIMITS, type GatewayKey, type KeyMade, NO_LIMITS, type Tenant } from './model.ts';

const database = testDatabase();
const started = testProduct(database, mountGatewayControl);
let product: Product;
let cookie: string;

beforeAll(() => {
  product = started.current;
  cookie = product.people.engineer.cookie;
});

const send = (method: string, path: string, body?: object, as = cookie) =>
  product.call(method, `gateway/${path}`, { cookie: as, ...(body && { body }) });
let made = 0;
const addTenant = async (fields: object = {}): Promise<Tenant> => {
  const answer = await send('POST', 'tenants', { name: `Tenant ${made++}`, ...fields });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
};
const addKey = async (tenantId: string, fields: object = {}): Promise<KeyMade> => {
  const answer = await send('POST', 'keys', { tenantId, name: 'service', ...fields });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
};
const keyById = async (id: string): Promise<GatewayKey> =>
  (await send('GET', 'keys')).json().items.find((key: GatewayKey) => key.id === id);
const leaves = async (type: string) => {
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: 500 });
  return items
    .filter((entry) => entry.type === type)
    .map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
};

describe('a tenant', () => {
  test('starts with limits and without capture', async () => {
    expect(await addTenant()).toMatchObject({
      audience: 'customer',
      state: 'active',
      limits: DEFAULT_LIMITS,
      captureDays: 0,
    });
  });

  test('is named once', async () => {
    const { name } = await addTenant();
    expect((await send('POST', 'tenants', { name })).statusCode).toBe(409);
    const other = await addTenant();
    expect((await send('PATCH', `tenants/${other.id}`, { name })).statusCode).toBe(409);
  });

  test('is suspended with a reason and resumed without', async () => {
    const { id } = await addTenant();
    expect((await send('PATCH', `tenants/${id}`, { state: 'suspended' })).statusCode).toBe(400);
    const suspended = await send('PATCH', `tenants/${id}`, { state: 'suspended', reason: 'Unpaid.' });
    expect(suspended.json()).toMatchObject({ state: 'suspended', stateReason: 'Unpaid.' });
    expect((await send('PATCH', `tenants/${id}`, { state: 'active' })).json()).toMatchObject({
      state: 'active',
      stateReason: null,
    });
    const [last] = await leaves('gateway.tenant-changed');
    expect(last).toMatchObject({ body: { fields: ['state'], from: { state: 'suspended' }, to: { state: 'active' } } });
  });

  test('has a name that stays out of the ledger', async () => {
    const { id } = await addTenant({ name: 'Ada Lovelace' });
    await send('PATCH', `tenants/${id}`, { name: 'Grace Hopper' });
    expect(JSON.stringify(await leaves('gateway.tenant-changed'))).not.toMatch(/Lovelace|Hopper/);
  });

  test('goes under no policy that is not there', async () => {
    const refused = await send('POST', 'tenants', { name: 'Astray', policyId: 'gpo_none' });
    expect(refused.json()).toMatchObject({ status: 400, message: expect.stringContaining('policyId') });
  });

  test.each([
    [{ name: ' ' }, 'name'],
    [{ name: 'x', limits: { ...NO_LIMITS, requestsPerMinute: 0 } }, 'limits.requestsPerMinute'],
    [{ name: 'x', limits: { requestsPerMinute: 1 } }, 'limits.tokensPerMinute'],
    [{ name: 'x', captureDays: 5000 }, 'captureDays'],
  ])('with %j is refused, naming the field', async (body, field) => {
    const refused = await send('POST', 'tenants', body);
    expect(refused.statusCode).toBe(400);
    expect(Object.keys(refused.json().fields)).toContain(field);
  });
});

describe('a key', () => {
  test('is shown once and stored as its hash', async () => {
    const { id } = await addTenant();
    const { key, secret } = await addKey(id);
    expect(secret).toMatch(/^agk_[\w-]{43}$/);
    expect(key).toMatchObject({ prefix: secret.slice(0, 10), state: 'active', lastUsedAt: null, limits: null });
    const { rows } = await database.current.pool.query('select * from gateway_key where id = $1', [key.id]);
    expect(rows[0].sha256).toBe(sha256Hex(secret));
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect((await send('GET', 'keys')).body).not.toContain(secret.slice(10));
    expect(JSON.stringify(await leaves('gateway.key-changed'))).not.toContain(secret.slice(10));
    for (const line of product.lines) expect(line).not.toContain(secret);
  });

  test('lasts as long as keys of its audience may', async () => {
    const customer = await addKey((await addTenant()).id);
    const internal = await addKey((await addTenant({ audience: 'internal' })).id);
    expect(customer.key.expiresAt).toBe(toInstant(product.clock.nowMs + 365 * DAY_MS));
    expect(internal.key.expiresAt).toBe(toInstant(product.clock.nowMs + 90 * DAY_MS));
  });

  test.each([
    ['ends in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['never ends', { expiresAt: '2099-01-01T00:00:00Z' }, 'expiresAt'],
    ['may do nothing', { scopes: [] }, 'scopes'],
    ['may do what nobody knows', { scopes: ['everything'] }, 'scopes'],
    ['has no tenant', { tenantId: 'gtn_none' }, 'gtn_none'],
  ])('that %s is not made', async (_what, fields, named) => {
    const { id } = await addTenant();
    const refused = await send('POST', 'keys', { tenantId: id, name: 'x', ...fields });
    expect([400, 404]).toContain(refused.statusCode);
    expect(refused.json().message).toContain(named);
  });

  test('is suspended, resumed and revoked with a reason; revoked is final', async () => {
    const { key } = await addKey((await addTenant()).id);
    const to = (state: string) => send('POST', `keys/${key.id}/state`, { state, reason: 'Found in a notebook.' });
    expect((await send('POST', `keys/${key.id}/state`, { state: 'revoked' })).statusCode).toBe(400);
    expect((await to('suspended')).json()).toMatchObject({ state: 'suspended', stateReason: 'Found in a notebook.' });
    expect((await to('active')).json().state).toBe('active');
    expect((await to('revoked')).json().state).toBe('revoked');
    expect((await to('revoked')).statusCode).toBe(200);
    expect((await to('active')).statusCode).toBe(409);
    const changes = (await leaves('gateway.key-changed')).filter((leaf) => leaf.subject.id === key.id);
    expect(changes.map(({ body }) => body.to ?? body.change)).toEqual(['revoked', 'active', 'suspended', 'made']);
    expect(JSON.stringify(changes)).not.toContain('notebook');
  });

  test('is expired once its moment has come', async () => {
    const { key } = await addKey((await addTenant()).id, { expiresAt: toInstant(product.clock.nowMs + HOUR_MS) });
    const nowMs = product.clock.nowMs;
    product.clock.nowMs += HOUR_MS;
    expect((await keyById(key.id)).state).toBe('expired');
    product.clock.nowMs = nowMs;
  });

  test('is rotated: the new one takes its rights, the old one ends after the overlap', async () => {
    const { id } = await addTenant();
    const limits = { ...NO_LIMITS, requestsPerMinute: 3 };
    const old = await addKey(id, { scopes: ['chat'], models: ['gpt-4o*'], limits });
    const next = await send('POST', `keys/${old.key.id}/rotate`, { overlapHours: 2 });
    expect(next.statusCode).toBe(201);
    expect(next.json().key).toMatchObject({ scopes: ['chat'], models: ['gpt-4o*'], limits, rotatedFromId: old.key.id });
    expect(next.json().secret).not.toBe(old.secret);
    expect(await keyById(old.key.id)).toMatchObject({
      state: 'active',
      expiresAt: toInstant(product.clock.nowMs + 2 * HOUR_MS),
    });
    const third = await send('POST', `keys/${next.json().key.id}/rotate`, { overlapHours: 0 });
    expect(third.statusCode).toBe(201);
    expect((await keyById(next.json().key.id)).state).toBe('revoked');
    expect((await send('POST', `keys/${next.json().key.id}/rotate`, {})).statusCode).toBe(409);
  });

  test('keeps its last use to the hour and writes once an hour', async () => {
    const { key } = await addKey((await addTenant()).id);
    const at = Date.parse('2026-11-23T10:20:00Z');
    const note = (usedAtMs: number) => noteKeyUse(database.current.drizzle, [{ keyId: key.id, usedAtMs }]);
    const row = async () =>
      (
        await database.current.pool.query('select xmin::text, last_used_at from gateway_key_use where key_id = $1', [
          key.id,
        ])
      ).rows[0];
    await note(at);
    const first = await row();
    expect(first.last_used_at.toISOString()).toBe('2026-11-23T10:00:00.000Z');
    await note(at + 60_000);
    await note(at - HOUR_MS);
    expect(await row()).toEqual(first);
    await noteKeyUse(database.current.drizzle, [
      { keyId: key.id, usedAtMs: at + HOUR_MS },
      { keyId: 'gky_none', usedAtMs: at },
    ]);
    expect((await keyById(key.id)).lastUsedAt).toBe('2026-11-23T11:00:00.000Z');
  });

  test('is throttled and suspended by the product itself, in the transaction of whoever asks', async () => {
    const { key } = await addKey((await addTenant()).id);
    const { records } = product.services;
    const by = { kind: 'service', id: 'assay' } as const;
    const limits = { ...NO_LIMITS, requestsPerMinute: 1 };
    await records.change('gateway', ['gateway-key'], async (tx) => {
      expect(await setKeyLimits(tx, { keyId: key.id, limits, reason: 'Sweeps.', by }, records)).toBe(true);
      expect(await changeKeyState(tx, { keyId: key.id, state: 'suspended', reason: 'Sweeps.', by }, records)).toBe(
        true,
      );
      expect(await changeKeyState(tx, { keyId: key.id, state: 'suspended', reason: 'Again.', by }, records)).toBe(
        false,
      );
    });
    expect(await keyById(key.id)).toMatchObject({ state: 'suspended', limits, stateReason: 'Sweeps.' });
    const undone = records.change('gateway', ['gateway-key'], async (tx) => {
      await changeKeyState(tx, { keyId: key.id, state: 'revoked', reason: 'x', by }, records);
      throw new Error('the alert could not be stored');
    });
    await expect(undone).rejects.toThrow('could not be stored');
    expect((await keyById(key.id)).state).toBe('suspended');
  });
});

test('an issuer of tokens is added once, with https alone, and removed', async () => {
  const issuer = {
    issuer: 'https://id.example.com/',
    audience: 'gateway',
    jwksUrl: 'https://id.example.com/jwks',
    tenantClaim: 'tenant',
  };
  expect((await send('POST', 'issuers', { ...issuer, jwksUrl: 'http://id.example.com/jwks' })).statusCode).toBe(400);
  const added = await send('POST', 'issuers', issuer);
  expect(added.json().items).toMatchObject([{ ...issuer, algorithms: ['RS256', 'ES256'] }]);
  expect((await send('POST', 'issuers', issuer)).statusCode).toBe(409);
  expect((await send('DELETE', `issuers/${added.json().items[0].id}`)).statusCode).toBe(204);
  expect((await send('GET', 'issuers')).json().items).toEqual([]);
});

test.each([
  ['POST', 'tenants', { name: 'x' }],
  ['PATCH', 'tenants/gtn_x', { name: 'x' }],
  ['POST', 'keys', { tenantId: 'gtn_x', name: 'x' }],
  ['POST', 'keys/gky_x/state', { state: 'revoked', reason: 'x' }],
  ['POST', 'keys/gky_x/limits', { limits: null, reason: 'x' }],
  ['POST', 'keys/gky_x/rotate', {}],
])('%s %s is not for an auditor', async (method, path, body) => {
  expect((await send(method, path, body, product.people.auditor.cookie)).statusCode).toBe(403);
});
