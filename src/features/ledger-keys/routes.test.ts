import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { ledgerKeyRoutes } from './index.ts';
import type { LedgerKeys } from './model.ts';

const database = testDatabase();
const product = testProduct(database, ({ services }) => [ledgerKeyRoutes(services)]);

const call = (
  method: string,
  path: string,
  role: 'owner' | 'admin' | 'compliance' | 'auditor' | 'viewer',
  body?: object,
) => product.current.call(method, path, { cookie: product.current.people[role].cookie, ...(body && { body }) });
const list = async () => {
  await product.current.services.ledger.integrate();
  return (await call('GET', 'ledger-keys', 'auditor')).json<LedgerKeys>();
};
const ofLog = async () => (await list()).items.filter(({ purpose }) => purpose === 'log');
const rotate = (role: 'owner' | 'admin' | 'compliance', confirm: string) =>
  call('POST', 'ledger-keys', role, { purpose: 'log', confirm });

test('the keys are listed for readers and changed only by admins who type which one', async () => {
  const [key, ...others] = await ofLog();
  expect(others).toEqual([]);
  expect(key).toMatchObject({
    state: 'active',
    retiredBy: null,
    problem: null,
    vkey: product.current.services.ledger.vkey,
  });
  expect((await call('GET', 'ledger-keys', 'viewer')).statusCode).toBe(403);
  expect((await rotate('compliance', key?.id ?? '')).statusCode).toBe(403);
  const unconfirmed = await rotate('admin', 'yes');
  expect(unconfirmed.statusCode).toBe(400);
  expect(unconfirmed.json().message).toContain(key?.id);
  const made = await product.current.call('POST', 'keys', {
    cookie: product.current.people.owner.cookie,
    body: { name: 'robot', role: 'admin', expiresOn: '2027-01-31' },
  });
  const byKey = await product.current.call('POST', 'ledger-keys', {
    headers: { authorization: `Bearer ${made.json().secret}` },
    body: { purpose: 'log', confirm: key?.id },
  });
  expect([byKey.statusCode, byKey.json().message]).toEqual([403, expect.stringContaining('API key')]);
  expect(await ofLog()).toHaveLength(1);
});

test('a rotation overlaps, both keys sign, a second one waits, and the retirement ends the older', async () => {
  const [old] = await ofLog();
  const both = await Promise.all([rotate('admin', old?.id ?? ''), rotate('owner', old?.id ?? '')]);
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 400]);
  const [fresh, retiring] = await ofLog();
  expect(fresh).toMatchObject({ state: 'active' });
  expect(retiring).toMatchObject({ id: old?.id, state: 'retiring' });
  expect((await rotate('admin', fresh?.id ?? '')).statusCode).toBe(409);
  const { note } = await product.current.services.ledger.signedHead();
  expect(note.match(/^— /gm)).toHaveLength(2);

  const wrong = await call('POST', `ledger-keys/${old?.id}/retire`, 'admin', { confirm: fresh?.id });
  expect(wrong.statusCode).toBe(400);
  expect((await call('POST', `ledger-keys/${old?.id}/retire`, 'admin', { confirm: old?.id })).statusCode).toBe(200);
  expect(await ofLog()).toMatchObject([
    { id: fresh?.id, state: 'active' },
    { id: old?.id, state: 'retired', retiredAt: expect.any(String) },
  ]);
  expect((await call('POST', `ledger-keys/${fresh?.id}/retire`, 'admin', { confirm: fresh?.id })).statusCode).toBe(409);
  expect(readdirSync(join(product.current.dataDir, 'keys')).filter((name) => name.includes('.log'))).toHaveLength(1);
});

test('a key whose file is gone is lost, and looking at it does not stop a server that has read it', async () => {
  const folder = join(product.current.dataDir, 'keys');
  const name = readdirSync(folder).find((one) => one.includes('.log.')) ?? '';
  renameSync(join(folder, name), join(folder, 'away'));
  const [key] = await ofLog();
  expect(key).toMatchObject({ state: 'lost', problem: expect.stringMatching(/missing|cannot be read/) });
  await product.current.call('POST', 'keys', {
    cookie: product.current.people.owner.cookie,
    body: { name: 'one more entry', role: 'viewer', expiresOn: '2027-01-31' },
  });
  await product.current.services.ledger.integrate();
  expect(product.current.services.ledger.problem).toBe(null);
  renameSync(join(folder, 'away'), join(folder, name));
  expect(existsSync(join(folder, name))).toBe(true);
  expect((await ofLog())[0]?.state).toBe('active');
});
