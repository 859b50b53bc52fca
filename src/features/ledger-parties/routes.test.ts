import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { ledgerPartyRoutes } from './index.ts';
import type { LedgerParties, LedgerParty } from './model.ts';

const database = testDatabase();
const product = testProduct(database, ({ services, users }) => [
  ledgerPartyRoutes({ ...services, namesOf: users.namesOf }),
]);
const folder = mkdtempSync(join(tmpdir(), 'assay-party-routes-'));
beforeAll(() => {
  mkdirSync(join(folder, 'mirror'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const as = (role: 'owner' | 'engineer' | 'auditor' | 'viewer') => ({ cookie: product.current.people[role].cookie });
const mirror = () => ({
  name: 'share',
  settings: { kind: 'mirror', place: 'folder', path: join(folder, 'mirror'), tiles: true },
});
const list = async () => (await product.current.call('GET', 'ledger-parties', as('auditor'))).json<LedgerParties>();

test('nobody is set up at first, and only those who run the program may change that', async () => {
  expect(await list()).toEqual({ items: [], problems: [] });
  const { call } = product.current;
  for (const role of ['engineer', 'auditor', 'viewer'] as const)
    expect((await call('POST', 'ledger-parties', { ...as(role), body: mirror() })).statusCode).toBe(403);
  expect((await call('GET', 'ledger-parties', as('viewer'))).statusCode).toBe(403);
});

test('a mirror is added, shown the newest head, listed with its state, and removed', async () => {
  const { call } = product.current;
  const added = await call('POST', 'ledger-parties', { ...as('owner'), body: mirror() });
  expect(added.statusCode).toBe(201);
  const { id } = added.json<LedgerParty>();
  expect(added.json()).toMatchObject({ kind: 'mirror', everySeconds: 60, lastSize: null, addedBy: { kind: 'user' } });
  expect((await call('POST', 'ledger-parties', { ...as('owner'), body: mirror() })).statusCode).toBe(409);
  const tried = await call('POST', `ledger-parties/${id}/try`, as('owner'));
  expect(tried.json<LedgerParty>().lastSize).toBeGreaterThan(1);
  expect((await list()).items).toMatchObject([{ id, problem: null, failures: 0 }]);
  expect((await call('DELETE', `ledger-parties/${id}`, as('owner'))).statusCode).toBe(204);
  expect((await call('DELETE', `ledger-parties/${id}`, as('owner'))).statusCode).toBe(404);
  expect(await list()).toMatchObject({ items: [] });
});

test.each([
  ['a password in the address', { url: 'https://u:p@witness.example' }, 'settings.url'],
  ['another scheme', { url: 'ftp://witness.example' }, 'settings.url'],
])('%s is refused beside the field', async (_, change, field) => {
  const body = { settings: { kind: 'witness', vkey: 'x', ...change } };
  const answer = await product.current.call('POST', 'ledger-parties', { ...as('owner'), body });
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain(field);
});
