import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { beforeAll, expect, test } from 'vitest';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { factsAt } from '#src/features/facts/index.ts';
import { COMMAND_LINE } from '#src/features/records/index.ts';
import { recordScan } from '#src/features/scans/index.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { scanResult } from '../../../tests/support/scan-result.ts';
import { inventoryRoutes } from './index.ts';
import type { InventoryGraph, Item, SystemDetail } from './model.ts';

// Official schemas; where they are absent, the test that needs them is skipped.
const SCHEMAS = join(process.cwd(), '../shared/data/schemas/cyclonedx');

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
let found: Item[];

beforeAll(async () => {
  product = started.current;
  cookie = product.people.compliance.cookie;
  const { records, blobs } = product.services;
  await recordScan({ records, blobs, tests: CONTROL_TESTS }, scanResult(product.clock.nowMs), COMMAND_LINE);
  found = (await product.call('GET', 'inventory/items', { cookie })).json().items;
});

const get = async (path: string) => (await product.call('GET', `inventory/${path}`, { cookie })).json();
const send = (method: string, path: string, body: object | undefined, as = cookie) =>
  product.call(method, `inventory/${path}`, { cookie: as, body });

const COMPLETE = {
  purpose: 'Answers customers.',
  dataClasses: ['customer_content'],
  riskTier: 2,
  environment: 'production',
  autonomyLevel: 1,
};
async function addSystem(name: string, fields: object = {}): Promise<SystemDetail> {
  const answer = await send('POST', 'systems', { name, ...fields });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}
const lastEntries = async (count: number) => {
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: count });
  return items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
};

test.each([
  ['GET', 'items', undefined],
  ['GET', 'systems', undefined],
  ['GET', 'graph', undefined],
  ['GET', 'bom', undefined],
  ['POST', 'items', { kind: 'model', title: 'x', reason: 'y' }],
  ['POST', 'items/decide', { ids: ['itm_x'], state: 'confirmed' }],
  ['POST', 'systems', { name: 'x' }],
  ['POST', 'systems/sys_x/scope', { decision: 'in' }],
  ['POST', 'systems/sys_x/scope/review', { decision: 'approved' }],
  ['POST', 'systems/sys_x/attest', undefined],
  ['PATCH', 'systems/sys_x', { name: 'x' }],
  ['PATCH', 'items/itm_x', { state: 'confirmed' }],
  ['POST', 'edges', { fromId: 'a', toId: 'b' }],
  ['DELETE', 'edges/a/b', undefined],
])('%s %s lets a viewer read only, and a stranger nothing', async (method, path, body) => {
  const viewer = await send(method, path, body, product.people.viewer.cookie);
  expect(viewer.statusCode).toBe(method === 'GET' ? 200 : 403);
  expect((await product.call(method, `inventory/${path}`, { body })).statusCode).toBe(401);
});

test.each([
  ['GET', 'items/itm_none', undefined],
  ['GET', 'systems/sys_none', undefined],
  ['PATCH', 'items/itm_none', { state: 'confirmed' }],
  ['PATCH', 'systems/sys_none', { name: 'x' }],
  ['POST', 'systems/sys_none/attest', undefined],
  ['POST', 'systems/sys_none/scope', { decision: 'in' }],
  ['POST', 'systems/sys_none/scope/review', { decision: 'approved' }],
  ['POST', 'edges', { fromId: 'itm_none', toId: 'itm_nothing' }],
  ['DELETE', 'edges/itm_none/itm_nothing', undefined],
])('%s %s says that there is no such thing', async (method, path, body) => {
  const answer = await send(method, path, body);
  expect(answer.json()).toMatchObject({ status: 404, code: 'not_found' });
});

test.each([
  ['GET', 'items?kind=spaceship', undefined, 'kind'],
  ['GET', 'items?limit=100000', undefined, 'limit'],
  ['GET', 'bom?state=gone', undefined, 'state'],
  ['GET', 'items?cursor=%00nonsense', undefined, 'cursor'],
  ['POST', 'items', { kind: 'model', title: ' ', reason: 'x' }, 'title'],
  ['POST', 'items', { kind: 'model', title: 'x' }, 'reason'],
  ['POST', 'items', { kind: 'model', title: 'x', reason: 'y', state: 'gone' }, 'state'],
  ['POST', 'items/decide', { ids: [] }, 'ids'],
  ['POST', 'items/decide', { ids: ['itm_x'] }, 'state or a system'],
  ['POST', 'systems', { name: 'x', riskTier: 4 }, 'riskTier'],
  ['POST', 'systems', { name: 'x', dataClasses: ['public', 'public'] }, 'twice'],
  ['POST', 'systems', { name: 'x', ownerId: 'usr_none' }, 'owner'],
])('%s %s with %j names what is wrong', async (method, path, body, named) => {
  const answer = await send(method, path, body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().message).toContain(named);
});

test('the list filters by kind, state, system and words, counts all, and pages without losing one', async () => {
  for (let i = 0; i < 5; i++)
    await send('POST', 'items', { kind: 'dataset', title: `Set 100%_${i}`, reason: 'Kept in the warehouse.' });
  const page = await get('items?kind=dataset&limit=2');
  expect(page).toMatchObject({ total: 5, items: [{ title: 'Set 100%_0' }, { title: 'Set 100%_1' }] });
  const next = await get(`items?kind=dataset&limit=2&cursor=${page.nextCursor}`);
  const last = await get(`items?kind=dataset&limit=2&cursor=${next.nextCursor}`);
  expect([...next.items, ...last.items].map((item: Item) => item.title)).toEqual([
    'Set 100%_2',
    'Set 100%_3',
    'Set 100%_4',
  ]);
  expect(last.nextCursor).toBeUndefined();
  expect((await get('items?q=100%25_3')).total).toBe(1);
  expect((await get('items?q=%25')).total).toBe(5);
  expect((await get('items?q=chat.py')).items).toMatchObject([{ title: 'OpenAI' }]);
  expect((await get('items?system=none')).total).toBe(5);
  expect((await get('items')).facets).toMatchObject({
    kind: { dataset: 5, prompt: 1, third_party_ai_service: 1 },
    state: { confirmed: 5, proposed: 2 },
  });
});

test('many items are decided at once; those that cannot be are named, and the ledger holds the ids', async () => {
  const ids = found.map((item) => item.id);
  const answer = await send('POST', 'items/decide', { ids: [...ids, 'itm_none', ids[0]], state: 'confirmed' });
  expect(answer.json()).toMatchObject({ changed: 2, unchanged: 0, skipped: [{ id: 'itm_none' }] });
  const again = await send('POST', 'items/decide', { ids, state: 'confirmed' });
  expect(again.json()).toEqual({ changed: 0, unchanged: 2, skipped: [] });
  const decided = (await lastEntries(20)).find((leaf) => leaf.type === 'inventory.decided' && leaf.body.ids.length > 1);
  expect(decided).toMatchObject({
    actor: { kind: 'user', id: product.people.compliance.id },
    body: { ids, state: 'confirmed' },
  });
  const kinds = ['inventory-item'] as const;
  const stored = await factsAt(product.services.database.drizzle, toInstant(product.clock.nowMs), kinds);
  const records = stored.find(({ source }) => source.key === 'assay:records');
  const facts = new Map(records?.facts.map((fact) => [fact.key, fact.body]));
  for (const id of ids) expect(facts.get(id)).toMatchObject({ state: 'confirmed' });
});

test('an item added by hand can be declared gone with a reason; one found by a scan cannot', async () => {
  const made = await send('POST', 'items', { kind: 'model', title: 'Old model', reason: 'Runs at a customer.' });
  expect(made.json()).toMatchObject({ state: 'confirmed', origin: 'manual', reason: 'Runs at a customer.' });
  const { id } = made.json();
  expect((await send('PATCH', `items/${id}`, { state: 'gone' })).statusCode).toBe(400);
  expect((await send('PATCH', `items/${id}`, { state: 'gone', reason: 'Switched off.' })).json()).toMatchObject({
    state: 'gone',
  });
  const scanned = await send('PATCH', `items/${found[0]?.id}`, { state: 'gone', reason: 'x' });
  expect(scanned.statusCode).toBe(409);
});

test('the graph joins items to each other and to their systems, and leaves out what was rejected', async () => {
  const made = (await send('POST', 'items', { kind: 'agent', title: 'Night agent', reason: 'x' })).json();
  const openai = found.find((item) => item.kind === 'third_party_ai_service');
  expect((await send('POST', 'edges', { fromId: made.id, toId: openai?.id })).statusCode).toBe(201);
  const graph: InventoryGraph = await get('graph');
  const ids = new Set(graph.nodes.map((node) => node.id));
  for (const edge of graph.edges) expect([ids.has(edge.from), ids.has(edge.to)]).toEqual([true, true]);
  expect(graph.edges).toContainEqual({ from: made.id, to: openai?.id, relation: 'uses', origin: 'manual' });
  expect(graph.edges).toContainEqual(
    expect.objectContaining({ from: openai?.id, relation: 'part_of', origin: 'scan' }),
  );
  await send('PATCH', `items/${made.id}`, { state: 'rejected', reason: 'Never built.' });
  expect((await get('graph')).nodes.map((node: { id: string }) => node.id)).not.toContain(made.id);
  expect((await send('DELETE', `edges/${made.id}/${openai?.id}`, undefined)).statusCode).toBe(204);
});

test('the bill of materials holds what is there, and on wish only what is confirmed', async () => {
  const bom = await get('bom');
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  const names = [...bom.components, ...bom.services].map((part: { name: string }) => part.name);
  expect(names).toContain('OpenAI');
  const refs = new Set([bom.metadata.component, ...bom.components, ...bom.services].map((part) => part['bom-ref']));
  expect(refs.size).toBe(names.length + 1);
  for (const { ref, dependsOn } of bom.dependencies)
    for (const each of [ref, ...dependsOn]) expect(refs).toContain(each);
  const openai = bom.services.find((part: { name: string }) => part.name === 'OpenAI');
  const used = bom.dependencies.find((entry: { ref: string }) => entry.ref === openai['bom-ref']).dependsOn;
  expect(bom.components.filter((part: { 'bom-ref': string }) => used.includes(part['bom-ref']))).toMatchObject([
    { name: 'system.txt' },
  ]);
  await send('POST', 'items/decide', { ids: found.map((item) => item.id), state: 'proposed' });
  const confirmed = await get('bom?state=confirmed');
  expect(confirmed.services.map((part: { name: string }) => part.name)).not.toContain('OpenAI');
  await send('POST', 'items/decide', { ids: found.map((item) => item.id), state: 'confirmed' });
});

test.skipIf(!existsSync(SCHEMAS))('the bill of materials validates against the official schema', async () => {
  const read = (name: string) => JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'));
  const ajv = new Ajv({ strict: false, validateFormats: true });
  addFormats(ajv);
  ajv.addFormat('iri-reference', true);
  ajv.addFormat('idn-email', true);
  ajv.addSchema(read('spdx.schema.json'));
  ajv.addSchema(read('jsf-0.82.schema.json'));
  const validate = ajv.compile(read('bom-1.6.schema.json'));
  validate(await get('bom'));
  expect(validate.errors).toBeNull();
});

test('an edge that a scan drew cannot be taken away by hand, and nothing uses itself', async () => {
  const openai = found.find((item) => item.kind === 'third_party_ai_service')?.id ?? '';
  const promptId = found.find((item) => item.kind === 'prompt')?.id ?? '';
  expect((await send('DELETE', `edges/${openai}/${promptId}`, undefined)).statusCode).toBe(409);
  expect((await send('POST', 'edges', { fromId: openai, toId: openai })).statusCode).toBe(400);
});

test('leaving a system out of scope needs a reason and a second person', async () => {
  const system = await addSystem('Chat', COMPLETE);
  expect(system.scope.advice).toEqual({
    shouldBeIn: true,
    because: ['handles customer content', 'takes decisions or actions on its own', 'runs in production'],
  });
  expect((await send('POST', `systems/${system.id}/scope`, { decision: 'out' })).statusCode).toBe(400);
  const asked = await send('POST', `systems/${system.id}/scope`, { decision: 'out', reason: 'Sold last month.' });
  expect(asked.json().scope).toMatchObject({ decision: 'undecided', pending: { reason: 'Sold last month.' } });
  const own = await send('POST', `systems/${system.id}/scope/review`, { decision: 'approved' });
  expect(own.json()).toMatchObject({ status: 403, message: expect.stringContaining('another person') });
  const reviewed = await send(
    'POST',
    `systems/${system.id}/scope/review`,
    { decision: 'approved' },
    product.colleague.cookie,
  );
  expect(reviewed.json().scope).toMatchObject({
    decision: 'out',
    reason: 'Sold last month.',
    decidedBy: { id: product.people.compliance.id },
    approvedBy: { id: product.colleague.id },
    pending: null,
  });
  expect((await lastEntries(60)).filter((leaf) => leaf.subject.id === system.id).map((leaf) => leaf.type)).toEqual(
    expect.arrayContaining(['approval.granted', 'approval.requested']),
  );
});

test('an own API key is no second person', async () => {
  const system = await addSystem('Key case');
  await send('POST', `systems/${system.id}/scope`, { decision: 'out', reason: 'x' });
  const key = await product.call('POST', 'keys', {
    cookie,
    body: { name: 'mine', role: 'compliance', expiresOn: '2026-12-31' },
  });
  const answer = await product.call('POST', `inventory/systems/${system.id}/scope/review`, {
    key: key.json().secret,
    body: { decision: 'approved' },
  });
  expect(answer.statusCode).toBe(403);
});

test('a refused exclusion leaves the scope as it was and says why', async () => {
  const system = await addSystem('Refused case');
  await send('POST', `systems/${system.id}/scope`, { decision: 'in' });
  await send('POST', `systems/${system.id}/scope`, { decision: 'out', reason: 'Costs too much.' });
  const { cookie: other } = product.colleague;
  expect((await send('POST', `systems/${system.id}/scope/review`, { decision: 'refused' }, other)).statusCode).toBe(
    400,
  );
  const body = { decision: 'refused', comment: 'It serves customers.' };
  const refused = await send('POST', `systems/${system.id}/scope/review`, body, other);
  expect(refused.json()).toMatchObject({
    scope: { decision: 'in', pending: null },
    history: [{ reason: 'It serves customers.' }, {}, {}, {}],
  });
  expect((await send('POST', `systems/${system.id}/scope/review`, body, other)).statusCode).toBe(409);
});

test('an exclusion ends when what it was approved for changes', async () => {
  const system = await addSystem('Moving case', { environment: 'research' });
  await send('POST', `systems/${system.id}/scope`, { decision: 'out', reason: 'An experiment.' });
  await send('POST', `systems/${system.id}/scope/review`, { decision: 'approved' }, product.colleague.cookie);
  const renamed = await send('PATCH', `systems/${system.id}`, { name: 'Moving case 2' });
  expect(renamed.json().scope.decision).toBe('out');
  const moved = await send('PATCH', `systems/${system.id}`, { environment: 'production' });
  expect(moved.json().scope).toMatchObject({ decision: 'undecided', reason: null });
});

test('only the owner attests, once nothing is missing; the entry as attested is evidence for AIG-01', async () => {
  const system = await addSystem('Attested', { purpose: 'Answers.' });
  const early = await send('POST', `systems/${system.id}/attest`, undefined);
  expect(early.json()).toMatchObject({ status: 409, message: expect.stringContaining('owner, data classes') });
  await send('PATCH', `systems/${system.id}`, { ...COMPLETE, ownerId: product.colleague.id });
  await send('POST', `systems/${system.id}/scope`, { decision: 'in' });
  expect((await send('POST', `systems/${system.id}/attest`, undefined)).statusCode).toBe(403);
  const attested = await send('POST', `systems/${system.id}/attest`, undefined, product.colleague.cookie);
  expect(attested.json()).toMatchObject({
    missing: [],
    attestation: { state: 'current', by: { id: product.colleague.id } },
  });
  const leaf = (await lastEntries(60)).find((entry) => entry.body.system === system.id);
  expect(leaf).toMatchObject({ type: 'evidence.collected', body: { controls: ['AIG-01'], expects: 'AIG-01.E2' } });
  const content = await product.services.blobs.read(leaf.blobs[0].sha256);
  expect(JSON.parse(Buffer.from(content).toString('utf8')).system).toMatchObject({ id: system.id, riskTier: 2 });
  product.clock.nowMs += 93 * DAY_MS;
  const later = await product.signIn('colleague@example.com');
  const due = await product.call('GET', `inventory/systems/${system.id}`, { cookie: later });
  expect(due.json().attestation.state).toBe('due');
});
