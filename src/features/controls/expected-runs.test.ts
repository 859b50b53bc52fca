import { beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { expectedRuns } from './expected-runs.ts';
import type { ControlDetail } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services }) => [services.controls.routes]);
let product: Product;
const START = Date.parse('2026-11-23T14:20:00Z');

beforeAll(() => {
  product = started.current;
});

/** One scheduled run, as the job of the server does it. */
async function run(atMs: number): Promise<void> {
  product.clock.nowMs = atMs;
  const { controls } = product.services;
  await database.current.transaction(async (tx) => {
    await controls.services.judge(tx, { cause: 'schedule' });
    await controls.services.announceRuns(tx);
  });
}

async function announced(): Promise<{ type: string; body: Record<string, unknown>; series: { seq: number } }[]> {
  const { ledger } = product.services;
  await ledger.integrate();
  const { items } = await ledger.entries({ series: 'schedule:judge', limit: 500 });
  return items.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString())).reverse();
}

const runs = () => expectedRuns(database.current.drizzle, product.clock.nowMs, 30);

test('the first run announces those of today and tomorrow, a second one at once nothing more', async () => {
  await run(START);
  await run(START + 60_000);
  const entries = await announced();
  expect(entries.map(({ type, body }) => [type, body.from, body.to, body.runs])).toEqual([
    ['test.expected', '2026-11-23T15:00:00.000Z', '2026-11-24T00:00:00.000Z', 9],
    ['test.expected', '2026-11-24T00:00:00.000Z', '2026-11-25T00:00:00.000Z', 24],
  ]);
  expect(entries[0]?.body).toMatchObject({ everyMinutes: 60, rules: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await runs()).toMatchObject({ due: 0, done: 0, missed: [], announcedUntil: '2026-11-25T00:00:00.000Z' });
});

test('a run that did not happen shows at once, and in the ledger once the period is over', async () => {
  for (let hour = 15; hour < 24; hour++) if (hour !== 18 && hour !== 19) await run(Date.UTC(2026, 10, 23, hour, 7));
  const missed = [{ from: '2026-11-23T18:00:00.000Z', to: '2026-11-23T20:00:00.000Z' }];
  expect(await runs()).toMatchObject({ due: 8, done: 6, missed });
  await run(Date.UTC(2026, 10, 24, 0, 7));
  const entries = await announced();
  expect(entries.slice(2).map(({ type, body }) => [type, body.from])).toEqual([
    ['test.expected', '2026-11-25T00:00:00.000Z'],
    ['test.performed', '2026-11-23T15:00:00.000Z'],
  ]);
  expect(entries.at(-1)?.body).toMatchObject({ runs: 9, done: 7, missed });
  expect(entries.map(({ series }) => series.seq)).toEqual([0, 1, 2, 3]);
});

test('after an outage the hours that nobody announced are told late, and all of them missed', async () => {
  await run(Date.UTC(2026, 10, 28, 10, 30));
  const entries = (await announced()).slice(4);
  expect(entries.map(({ type, body }) => [type, body.from, body.to, body.late ?? false, body.done])).toEqual([
    ['test.expected', '2026-11-26T00:00:00.000Z', '2026-11-28T11:00:00.000Z', true, undefined],
    ['test.expected', '2026-11-28T11:00:00.000Z', '2026-11-29T00:00:00.000Z', false, undefined],
    ['test.expected', '2026-11-29T00:00:00.000Z', '2026-11-30T00:00:00.000Z', false, undefined],
    ['test.performed', '2026-11-24T00:00:00.000Z', '2026-11-25T00:00:00.000Z', false, 1],
    ['test.performed', '2026-11-25T00:00:00.000Z', '2026-11-26T00:00:00.000Z', false, 0],
  ]);
  await run(Date.UTC(2026, 10, 28, 11, 7));
  const last = (await announced()).at(-1);
  expect(last).toMatchObject({ type: 'test.performed', body: { runs: 59, done: 1 } });
});

test('periods follow each other without gaps, and cost two entries a day', async () => {
  for (let hour = 12; hour < 12 + 24 * 5; hour++) await run(Date.UTC(2026, 10, 28, hour, 7));
  const entries = await announced();
  for (const type of ['test.expected', 'test.performed']) {
    const of = entries.filter((entry) => entry.type === type).map(({ body }) => [body.from, body.to]);
    for (const [i, [from]] of of.entries()) if (i > 0) expect(from).toBe(of[i - 1]?.[1]);
  }
  expect(entries.length).toBe(9 + 1 + 2 * 5);
});

test('the page of a control tells of missed runs, and one without tests of none', async () => {
  product.clock.nowMs += HOUR_MS;
  const owner = { cookie: await product.signIn('owner@example.com') };
  const { catalog, tests } = product.services;
  const tested = tests[0]?.controls[0] ?? '';
  const shown: ControlDetail = (await product.call('GET', `controls/${tested}`, owner)).json();
  expect(shown.expectedRuns?.missed).toHaveLength(2);
  expect(shown.expectedRuns?.due).toBeGreaterThan(shown.expectedRuns?.done ?? 0);
  const bare = catalog.controls.find(({ id }) => tests.every((test) => !test.controls.includes(id)));
  const other: ControlDetail = (await product.call('GET', `controls/${bare?.id}`, owner)).json();
  expect(other.expectedRuns).toBeNull();
  product.clock.nowMs += 40 * DAY_MS;
  expect(await runs()).toMatchObject({ days: 30, due: 720, done: 0 });
});
