import { beforeEach, expect, test } from 'vitest';
import type { ScanResult } from '#src/connectors/source-tree/model.ts';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { COMMAND_LINE } from '#src/features/records/index.ts';
import { recordScan } from '#src/features/scans/index.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { prompt, repository, scanResult, service, serviceFact } from '../../../tests/support/scan-result.ts';
import { inventoryRoutes } from './index.ts';
import type { Item, ItemDetail, ItemPage, SystemPage } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) =>
  inventoryRoutes({
    records: services.records,
    blobs: services.blobs,
    namesOf: users.namesOf,
    version: '0.0.0',
  }),
);
let product: Product;
let cookie: string;
let sources = 0;
/** Each test reads a source of its own. */
let source: ScanResult['source'];

beforeEach(() => {
  product = started.current;
  cookie = product.people.engineer.cookie;
  product.clock.nowMs += 60_000;
  sources += 1;
  source = { key: `git:example.com/acme/${sources}`, title: `acme/${sources}` };
});

const record = (change: Parameters<typeof scanResult>[1] = {}) => {
  product.clock.nowMs += 60_000;
  const { records, blobs } = product.services;
  const systems = [{ key: '.', title: source.title, manifest: 'pyproject.toml', detections: 2 }];
  const result = scanResult(product.clock.nowMs, { source, systems, ...change });
  return recordScan({ records, blobs, tests: CONTROL_TESTS }, result, COMMAND_LINE);
};

async function items(query = ''): Promise<Item[]> {
  const page: ItemPage = (await product.call('GET', `inventory/items?limit=500${query}`, { cookie })).json();
  return page.items.filter((item) => item.source?.key === source.key);
}
async function item(kind: string): Promise<ItemDetail> {
  const found = (await items()).find((one) => one.kind === kind);
  return (await product.call('GET', `inventory/items/${found?.id}`, { cookie })).json();
}
const decide = (id: string, body: object) => product.call('PATCH', `inventory/items/${id}`, { cookie, body });
async function system() {
  const page: SystemPage = (await product.call('GET', 'inventory/systems', { cookie })).json();
  return page.items.find((one) => one.source?.key === source.key);
}

test('what a scan finds is proposed, in a proposed system, with place, rule and what it uses', async () => {
  const { summary } = await record();
  expect(summary).toMatchObject({
    unchanged: false,
    items: { found: 2, proposed: 2, gone: 0, byKind: { prompt: 1, third_party_ai_service: 1 } },
    systems: { proposed: 1 },
  });
  const openai = await item('third_party_ai_service');
  expect(openai).toMatchObject({
    title: 'OpenAI',
    state: 'proposed',
    provider: 'openai',
    path: 'app/chat.py',
    line: 3,
    confidence: 'high',
    system: { name: source.title },
    uses: [{ title: 'system.txt', because: 'same file: app/chat.py', origin: 'scan' }],
    history: [{ from: null, to: 'proposed', by: null }],
  });
  expect(openai.evidenceId).toMatch(/^evd_/);
  expect(await system()).toMatchObject({ state: 'proposed', root: '.', counts: { items: 2, proposed: 2 } });
});

test('the same tree again says unchanged, adds no item and no evidence', async () => {
  const first = await record();
  const second = await record();
  expect(second.summary).toMatchObject({
    unchanged: true,
    facts: { added: 0, changed: 0, removed: 0 },
    items: { found: 2, proposed: 0, gone: 0 },
  });
  expect(second.evidenceId).toBe(first.evidenceId);
  expect(await items()).toHaveLength(2);
});

test('a rejected item stays rejected at the next scan, with who, when and why', async () => {
  await record();
  const { id } = await item('prompt');
  expect((await decide(id, { state: 'rejected' })).statusCode).toBe(400);
  expect((await decide(id, { state: 'rejected', reason: 'A license text, no prompt.' })).statusCode).toBe(200);
  await record({ facts: [repository({ hasTests: true }), serviceFact()] });
  expect(await item('prompt')).toMatchObject({
    state: 'rejected',
    reason: 'A license text, no prompt.',
    decidedBy: { id: product.people.engineer.id, name: 'The engineer' },
  });
});

test('an item that vanishes is gone, and has its state again when it is back', async () => {
  await record();
  const { id } = await item('third_party_ai_service');
  await decide(id, { state: 'confirmed' });
  const gone = await record({ detections: [prompt()] });
  expect(gone.summary.items).toMatchObject({ gone: 1 });
  expect(await item('third_party_ai_service')).toMatchObject({ state: 'gone', lastSeenAt: null });
  expect((await decide(id, { state: 'confirmed' })).statusCode).toBe(409);
  const back = await record();
  expect(back.summary.items).toMatchObject({ returned: 1, proposed: 0 });
  const returned = await item('third_party_ai_service');
  expect(returned).toMatchObject({ state: 'confirmed', goneAt: null });
  expect(returned.history.map((change) => change.to)).toEqual(['confirmed', 'gone', 'confirmed', 'proposed']);
});

test('an incomplete reading declares nothing gone', async () => {
  await record();
  const cut = { complete: false, incompleteBecause: ['The limit of files was reached.'] };
  const { summary } = await record({ detections: [], facts: [repository({ complete: false })], stats: cut });
  expect(summary).toMatchObject({ complete: false, items: { gone: 0 } });
  expect((await items()).map((one) => one.state)).toEqual(['proposed', 'proposed']);
});

test('a moved line changes the place and nothing else', async () => {
  await record();
  const before = await item('third_party_ai_service');
  const place = { path: 'app/chat.py', line: 40, rule: 'openai-python', factKey: 'openai app/chat.py' };
  await record({ detections: [service({ line: 40, places: [place] }), prompt()] });
  const after = await item('third_party_ai_service');
  expect(after).toMatchObject({ id: before.id, line: 40, state: 'proposed', sightings: [place] });
  expect(after.history).toHaveLength(1);
});

test('a system chosen by a person is kept by later scans', async () => {
  await record();
  const body = { name: `By hand ${sources}` };
  const made = (await product.call('POST', 'inventory/systems', { cookie, body })).json();
  const { id } = await item('prompt');
  await decide(id, { systemId: made.id });
  await record({ facts: [repository({ hasTests: true }), serviceFact()] });
  expect(await item('prompt')).toMatchObject({ system: { id: made.id } });
});

test('a rejected system gives its items back, and is not proposed again', async () => {
  await record();
  const before = await system();
  const change = { state: 'rejected', reason: 'A demo, not ours.' };
  await product.call('PATCH', `inventory/systems/${before?.id}`, { cookie, body: change });
  await record({ facts: [repository({ hasTests: true }), serviceFact()] });
  expect(await system()).toMatchObject({ id: before?.id, state: 'rejected' });
  expect((await items()).map((one) => one.system)).toEqual([null, null]);
});

test('a proposed system of which nothing is left is retired, and asked about again when it is back', async () => {
  await record();
  await record({ detections: [], facts: [repository()] });
  expect(await system()).toMatchObject({ state: 'retired' });
  await record();
  expect(await system()).toMatchObject({ state: 'proposed' });
});

test('tests and examples propose no system of their own', async () => {
  const inTests = { system: 'tests/app', purpose: 'tests' as const };
  await record({
    detections: [service({ ...inTests, uses: [], usesBecause: [] })],
    systems: [
      { key: 'tests/app', title: `${source.title}/tests/app`, manifest: 'tests/app/package.json', detections: 1 },
    ],
  });
  expect(await system()).toBeUndefined();
  expect((await items()).map((one) => one.system)).toEqual([null]);
});

test('an edge goes with what made it', async () => {
  await record();
  await record({ detections: [service({ uses: [], usesBecause: [] }), prompt()] });
  expect((await item('third_party_ai_service')).uses).toEqual([]);
});
