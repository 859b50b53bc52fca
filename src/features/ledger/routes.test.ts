import { beforeAll, expect, test } from 'vitest';
import { toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { hashLeaf } from '#src/ledger/log/tree.ts';
import { appendEntries } from '#src/ledger/store/append.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { ledgerRoutes } from './index.ts';
import type { EntryDetail, EntryPage, HeadPage, LedgerGrowth, LedgerHead } from './model.ts';
import { checkGrowth } from './web/proof-check.ts';

const database = testDatabase();
const started = testProduct(database, ({ services }) => [ledgerRoutes(services.ledger)]);
let product: Product;

const entry = (n: number) => ({
  type: n % 2 === 0 ? ('evidence.collected' as const) : ('inventory.decided' as const),
  actor: { kind: 'service' as const, id: 'test' },
  subject: { kind: 'evidence', id: `evd_${n}` },
  series: 'numbers',
  body: { n },
  dedupeKey: `n${n}`,
});
const append = (...numbers: number[]) =>
  database.current.transaction((tx) => appendEntries(tx, numbers.map(entry), product.services.clock));
const get = (path: string) => product.call('GET', path, { cookie: product.people.auditor.cookie });

beforeAll(async () => {
  product = started.current;
  await append(...Array.from({ length: 12 }, (_, n) => n));
  await product.services.ledger.integrate();
});

test.each([
  'ledger',
  'ledger/entries',
  'ledger/entries/0',
  'ledger/heads',
  'ledger/growth?older=2&newer=2',
])('GET %s is closed to viewers and strangers', async (path) => {
  expect((await product.call('GET', path, { cookie: product.people.viewer.cookie })).statusCode).toBe(403);
  expect((await product.call('GET', path)).statusCode).toBe(401);
});

test('the head names origin, key, size, root and the signed note, and counts what waits', async () => {
  const head: LedgerHead = (await get('ledger')).json();
  expect(head).toMatchObject({ origin: product.services.ledger.origin, level: 'signed', pending: 0 });
  expect(head.checkpoint).toContain(head.origin);
  expect(head.checkpoint).toContain(`\n${head.size}\n${head.root}\n`);
  await append(100);
  expect((await get('ledger')).json().pending).toBe(1);
  await product.services.ledger.integrate();
  expect((await get('ledger')).json()).toMatchObject({ pending: 0, size: head.size + 1 });
});

test('entries come newest first, page without a gap, and filter by type and series', async () => {
  const seen: number[] = [];
  let before = '';
  for (;;) {
    const page: EntryPage = (await get(`ledger/entries?limit=5${before}`)).json();
    seen.push(...page.items.map(({ index }) => index));
    expect(seen.length).toBeLessThanOrEqual(page.total);
    if (page.nextCursor === undefined) break;
    before = `&before=${page.nextCursor}`;
  }
  const { size } = (await get('ledger')).json();
  expect(seen).toEqual(Array.from({ length: size }, (_, i) => size - 1 - i));
  const decided: EntryPage = (await get('ledger/entries?type=inventory.decided')).json();
  expect(decided.total).toBe(6);
  const series: EntryPage = (await get('ledger/entries?series=numbers&limit=200')).json();
  expect(series.items[0]).toMatchObject({
    type: 'evidence.collected',
    subject: { kind: 'evidence', id: 'evd_100' },
    actor: { kind: 'service', id: 'test' },
    series: { id: 'numbers', seq: 12 },
  });
});

test('entries are found by the time they were recorded', async () => {
  const now = product.services.clock();
  const at = (ms: number) => new Date(now + ms).toISOString();
  const found = async (query: string) =>
    ((await get(`ledger/entries?type=inventory.decided${query}`)).json() as EntryPage).total;
  expect(await found(`&from=${at(-1_000)}&to=${at(1_000)}`)).toBe(6);
  expect(await found(`&from=${at(1_000)}`)).toBe(0);
  expect(await found(`&to=${at(-1_000)}`)).toBe(0);
});

test('heads come newest first, and growth between any two checks out in the browser', async () => {
  await append(200);
  await product.services.ledger.integrate();
  const all: HeadPage = (await get('ledger/heads')).json();
  expect(all.items.length).toBeGreaterThan(2);
  expect(all.nextCursor).toBeUndefined();
  const first: HeadPage = (await get('ledger/heads?limit=1')).json();
  const second: HeadPage = (await get(`ledger/heads?limit=1&before=${first.nextCursor}`)).json();
  expect([...first.items, ...second.items]).toEqual(all.items.slice(0, 2));
  const newer = all.items[0]?.size ?? 0;
  for (const { size } of all.items) {
    const growth: LedgerGrowth = (await get(`ledger/growth?older=${size}&newer=${newer}`)).json();
    expect(checkGrowth(growth).checks.filter(({ ok }) => !ok)).toEqual([]);
  }
});

test('an entry comes with its exact text and a proof for the head', async () => {
  const { items } = (await get('ledger/entries?series=numbers&limit=1')).json() as EntryPage;
  const detail: EntryDetail = (await get(`ledger/entries/${items[0]?.index}`)).json();
  expect(detail.position).toMatchObject({ state: 'integrated', vkey: product.services.ledger.vkey });
  expect(toHex(hashLeaf(utf8Bytes(detail.position.leaf ?? '')))).toBe(detail.leafHash);
});

test.each([
  ['ledger/entries/999999', 404],
  ['ledger/entries/-1', 400],
  ['ledger/entries/x', 400],
  ['ledger/entries?limit=0', 400],
  ['ledger/entries?before=x', 400],
  ['ledger/entries?from=yesterday', 400],
  ['ledger/heads?limit=201', 400],
  ['ledger/growth?older=1&newer=2', 404],
  ['ledger/growth?older=2&newer=1', 400],
  ['ledger/growth?older=2', 400],
])('GET %s answers %i', async (path, status) => {
  expect((await get(path)).statusCode).toBe(status);
});
