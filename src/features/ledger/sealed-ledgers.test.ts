import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePolicyText } from '#src/ledger/log/policy.ts';
import { verifyLog } from '#src/ledger/log/verify-log.ts';
import { sealLedger } from '#src/ledger/store/seal.ts';
import { type Ledger, openLedger } from '#src/ledger/store/store.ts';
import { storeCosignature } from '#src/ledger/store/store-cosignatures.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Door, openDoor } from '../../../tests/support/door.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { ledgerRoutes, logFileRoutes } from './index.ts';
import type { EntryDetail, EntryPage, FormerLedger, HeadPage, LedgerGrowth } from './model.ts';
import { checkGrowth, checkPosition } from './web/proof-check.ts';

const database = testDatabase();
const started = testProduct(database, () => []);
let product: Product;
let door: Door;
let old: Ledger;
let ledger: Ledger;
const idOf = ({ origin }: Pick<Ledger, 'origin'>) => origin.split('/').at(-1) ?? '';
const get = (path: string, cookie = product.people.auditor.cookie) => door.call('GET', path, { cookie });

beforeAll(async () => {
  product = started.current;
  const { clock, dataDir, blobs, log } = product.services;
  old = product.services.ledger;
  await old.integrate();
  const seal = { database: database.current, dataDir, clock, host: 'assay.local', headSources: [] };
  await sealLedger(seal, { reason: 'key-stolen', actor: { kind: 'service', id: 'test' } });
  // As after a restart of the server.
  ledger = await openLedger({ database: database.current, dataDir, blobs, clock, log });
  door = await openDoor(database.current, {
    mount: () => [ledgerRoutes(ledger)],
    mountAt: { '/ledger': logFileRoutes(ledger, { isPublic: true }) },
  });
});
afterAll(() => door.close());

test('is listed with its seal, for those who may read the ledger', async () => {
  const { items } = (await get('ledger/logs')).json() as { items: FormerLedger[] };
  expect(items).toMatchObject([
    {
      id: idOf(old),
      origin: old.origin,
      vkey: old.vkey,
      reason: 'key-stolen',
      continuedBy: ledger.origin,
      unsigned: 0,
      lostFrom: null,
    },
  ]);
  expect(items[0]?.head?.checkpoint).toContain(`${old.origin}\n${items[0]?.head?.size}\n`);
  expect((await get('ledger/logs', product.people.viewer.cookie)).statusCode).toBe(403);
});

test('its entries are read and proven in the browser under its own last head', async () => {
  const page: EntryPage = (await get(`ledger/entries?log=${idOf(old)}`)).json();
  expect(page.items[0]?.type).toBe('log.sealed');
  const entry: EntryDetail = (await get(`ledger/entries/${page.items[0]?.index}?log=${idOf(old)}`)).json();
  expect(entry.position).toMatchObject({ state: 'integrated', origin: old.origin, vkey: old.vkey });
  expect(checkPosition(entry.position).checks.filter(({ ok }) => !ok)).toEqual([]);
  const present: EntryPage = (await get('ledger/entries')).json();
  expect(present.items.at(-1)?.type).toBe('log.continued');
  expect((await get(`ledger/entries?log=${'0'.repeat(32)}`)).statusCode).toBe(404);
  expect((await get('ledger/entries?log=x')).statusCode).toBe(400);
});

test('its signed heads are listed with who cosigned and stamped them, and grow one out of the other', async () => {
  const id = idOf(old);
  const { size } = await old.signedHead();
  const at = new Date('2026-11-20T08:00:00Z');
  await storeCosignature(database.current, old.origin, {
    size,
    witness: 'witness.example/w',
    line: 'x',
    cosignedAt: at,
  });
  await database.current.pool.query(
    'insert into ledger_timestamp (log_id, size, authority, response, stamped_at) values ($1, $2, $3, $4, $5)',
    [id, size, 'tsa', Buffer.from('x'), at],
  );
  const { items } = (await get(`ledger/heads?log=${id}`)).json() as HeadPage;
  const voice = { at: at.toISOString() };
  expect(items[0]).toMatchObject({
    size,
    cosigned: [{ name: 'witness.example/w', ...voice }],
    stamped: [{ name: 'tsa', ...voice }],
  });
  expect(items.length).toBeGreaterThan(1);
  for (const head of items.slice(1)) expect(head).toMatchObject({ cosigned: [], stamped: [] });
  const older = items.at(-1)?.size;
  const growth = (await get(`ledger/growth?older=${older}&newer=${size}&log=${id}`)).json() as LedgerGrowth;
  expect(growth.origin).toBe(old.origin);
  expect(checkGrowth(growth).checks.filter(({ ok }) => !ok)).toEqual([]);
  const present = (await get('ledger/heads')).json() as HeadPage;
  expect(present.items.map(({ size: one }) => one)).not.toContain(size);
  expect((await get(`ledger/heads?log=${'0'.repeat(32)}`)).statusCode).toBe(404);
  expect((await get(`ledger/heads?log=${id}`, product.people.viewer.cookie)).statusCode).toBe(403);
});

test('its files are served below its id, and a stranger verifies the whole of it from them', async () => {
  const files = (id: string) => ({
    read: async (path: string) => {
      const answer = await door.call('GET', `/ledger/${id}/${path}`);
      return answer.statusCode === 200 ? answer.rawPayload : null;
    },
  });
  for (const log of [old, ledger]) {
    const { checkpoint } = await verifyLog(files(idOf(log)), parsePolicyText(`log ${log.vkey}\nquorum none\n`));
    expect(checkpoint.origin).toBe(log.origin);
  }
  expect(await files('0'.repeat(32)).read('checkpoint')).toBeNull();
  expect(await files(`${idOf(old)}/${idOf(old)}`).read('checkpoint')).toBeNull();
  expect((await door.call('GET', '/ledger/checkpoint')).body).toContain(ledger.origin);
});
