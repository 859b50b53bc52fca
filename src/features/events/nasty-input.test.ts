import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { eventRoutes, importFile, ingest, readItems, splitEvents, systemFinder } from './index.ts';
import type { BatchResult, Rejection } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs } = services;
  return [
    ...inventoryRoutes({ records, blobs, namesOf: users.namesOf, version: '0' }),
    ...eventRoutes({ ...services, closedUntil: async () => new Map(), append: records.append }),
  ];
});
let product: Product;
let systemId: string;
const NOW = Date.parse('2026-10-25T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'nasty-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  product = started.current;
  product.clock.nowMs = NOW;
  const { cookie } = product.people.engineer;
  systemId = (await product.call('POST', 'inventory/systems', { cookie, body: { name: 'Nasty' } })).json().id;
});

/** What was kept of a value, by the id of its event. */
async function kept(prefix: string): Promise<Record<string, unknown>> {
  const { rows } = await product.services.database.pool.query(
    'select id, occurred_at, body from event where id like $1 order by id',
    [`${prefix}%`],
  );
  return Object.fromEntries(rows.map(({ id, body }) => [id.slice(prefix.length), body.values]));
}
async function overHttp(lines: readonly string[]): Promise<BatchResult> {
  const answer = await product.call('POST', 'events', {
    cookie: product.people.engineer.cookie,
    body: lines.join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
async function importPath(path: string, segments: string[] = []) {
  const { database: db, clock } = product.services;
  const systemOf = await systemFinder(db.drizzle);
  const { items, drift } = await importFile(
    path,
    { system: systemId, kind: 'prediction', id: 'id', at: 'at', segments },
    { nowMs: clock(), systemOf },
  );
  const services = { database: db, clock, closedUntil: async () => new Map() };
  const result: BatchResult = await ingest(services, { from: 'cli', form: 'file', items });
  return { result, drift: drift() };
}
async function fromFile(name: string, content: string): Promise<BatchResult> {
  const path = join(folder, name);
  writeFileSync(path, content);
  return (await importPath(path)).result;
}
const fromParquet = async (path: string) => (await importPath(path)).result;
const event = (id: string, more: object = {}) => ({
  id,
  occurredAt: NOW - HOUR_MS,
  systemId,
  kind: 'prediction',
  ...more,
});
const places = (rejections: readonly Rejection[]) => rejections.map(({ line, field, code }) => [line, field, code]);

test('values: whatever JSON or Python writes is kept as what it is, or refused with line and field', async () => {
  const raw = (id: string, value: string) =>
    JSON.stringify(event(id, { values: { x: 0 } })).replace('"x":0', `"x":${value}`);
  const result = await overHttp([
    raw('v-nan', 'NaN'),
    raw('v-inf', '-Infinity'),
    raw('v-over', '1e999'),
    raw('v-big', '1e300'),
    raw('v-denormal', '5e-324'),
    raw('v-minus0', '-0'),
    raw('v-list', '[1,2]'),
    raw('v-object', '{"a":1}'),
    raw('v-half', '"\\ud800"'),
    raw('v-zero-byte', '"a\\u0000b"'),
    raw('v-text', '"1"'),
    raw('v-null', 'null'),
  ]);
  expect(result).toMatchObject({ received: 12, accepted: 8, rejected: 4, duplicates: 0 });
  expect(places(result.rejections)).toEqual([
    [7, 'values.x', 'wrong_type'],
    [8, 'values.x', 'wrong_type'],
    [9, 'values.x', 'out_of_range'],
    [10, 'values.x', 'out_of_range'],
  ]);
  const values = await kept('v-');
  expect(values).toMatchObject({
    nan: { x: 'NaN' },
    inf: { x: '-Infinity' },
    over: { x: 'Infinity' },
    big: { x: 1e300 },
    denormal: { x: 5e-324 },
    text: { x: '1' },
    null: { x: null },
  });
});

test('names: __proto__ is a name, and the two forms of one letter are two', async () => {
  const [nfc, nfd] = ['caf\u00e9', 'cafe\u0301'];
  const result = await overHttp([
    `{"id":"n-1","occurredAt":${NOW - HOUR_MS},"systemId":"${systemId}","kind":"prediction","segment":{"__proto__":"a"},"values":{"__proto__":1,"constructor":2,"toString":"x"}}`,
    JSON.stringify(event('n-2', { values: { [nfc]: 1, [nfd]: 2 } })),
    JSON.stringify(event('n-3', { values: { '': 1 } })),
    JSON.stringify(event('n-4', { values: { 'a\u0007b': 1 } })),
    `{"id":"n-5","__proto__":{"a":1},"occurredAt":${NOW},"systemId":"${systemId}","kind":"prediction"}`,
  ]);
  expect(result).toMatchObject({ accepted: 2, rejected: 3 });
  expect(places(result.rejections)).toEqual([
    [3, 'values', 'out_of_range'],
    [4, 'values', 'out_of_range'],
    [5, '__proto__', 'unknown_field'],
  ]);
  const values = await kept('n-');
  expect(Object.entries(values['1'] as object)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
    ['toString', 'x'],
  ]);
  expect(Object.keys(values['2'] as object)).toEqual([nfc, nfd]);
});

test('times: offsets through the day clocks go back, milliseconds, seconds, far ahead and days that do not exist', async () => {
  const at = (id: string, occurredAt: unknown) => JSON.stringify(event(id, { occurredAt }));
  const result = await overHttp([
    // Berlin has 02:30 twice that night: an offset tells which.
    at('t-1', '2026-10-25T02:30:00+02:00'),
    at('t-2', '2026-10-25T02:30:00+01:00'),
    at('t-3', '2026-10-25T02:30:00'),
    at('t-4', NOW - DAY_MS),
    at('t-5', Math.floor(NOW / 1_000)),
    at('t-6', toInstant(NOW + 23 * HOUR_MS)),
    at('t-7', toInstant(NOW + 25 * HOUR_MS)),
    at('t-8', '2026-02-30T00:00:00Z'),
    at('t-9', '2026-10-25T24:00:00Z'),
    at('t-10', 1e300),
    at('t-11', '+020000-01-01T00:00:00Z'),
    at('t-12', null),
  ]);
  expect(places(result.rejections)).toEqual([
    [3, 'occurredAt', 'bad_time'],
    [5, 'occurredAt', 'bad_time'],
    [7, 'occurredAt', 'far_future'],
    [8, 'occurredAt', 'bad_time'],
    [10, 'occurredAt', 'bad_time'],
    [11, 'occurredAt', 'bad_time'],
    [12, 'occurredAt', 'missing'],
  ]);
  expect(result).toMatchObject({ received: 12, accepted: 5, rejected: 7, skewed: 2 });
  const { rows } = await product.services.database.pool.query(
    `select id, occurred_at from event where id in ('t-1', 't-2') order by id`,
  );
  expect(rows.map(({ occurred_at }) => new Date(occurred_at).toISOString())).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.000Z',
  ]);
});

test('a CSV file: numbers, words for no number, text halfway, bad times and short rows are told by their line', async () => {
  const rows = [
    'id,at,x,__proto__,caf\u00e9',
    `f-1,${NOW - HOUR_MS},1.5,p,a`,
    `f-2,${NOW - HOUR_MS},NaN,p,a`,
    `f-3,${NOW - HOUR_MS},inf,p,a`,
    `f-4,${NOW - HOUR_MS},1e300,p,a`,
    `f-5,${NOW - HOUR_MS},5e-324,p,a`,
    `f-6,${NOW - HOUR_MS},,p,a`,
    `f-7,2026-10-25T02:30:00,1,p,a`,
    `f-8,${Math.floor(NOW / 1_000)},1,p,a`,
    `f-9,${toInstant(NOW + 2 * DAY_MS)},1,p,a`,
    `f-10,${NOW - HOUR_MS},word,p,a`,
    `f-1,${NOW - HOUR_MS},1.5,p,a`,
    `f-1,${NOW - HOUR_MS},9,p,a`,
    `f-11,${NOW - HOUR_MS},1`,
  ].join('\n');
  const result = await fromFile('nasty.csv', `${rows}\n`);
  expect(result.received).toBe(13);
  expect(result.received).toBe(result.accepted + result.duplicates + result.rejected);
  expect(places(result.rejections).filter(([, , code]) => code !== 'schema_drift')).toEqual([
    [8, 'occurredAt', 'bad_time'],
    [9, 'occurredAt', 'bad_time'],
    [10, 'occurredAt', 'far_future'],
    [13, 'id', 'other_content'],
  ]);
  const values = await kept('f-');
  expect(values).toMatchObject({
    1: { x: 1.5 },
    2: { x: 'NaN' },
    3: { x: 'Infinity' },
    4: { x: 1e300 },
    5: { x: 5e-324 },
    6: { x: null },
    10: { x: 'word' },
  });
  expect(Object.keys(values['1'] as object)).toContain('__proto__');
});

test('a JSON Lines file: the same, and a line that is no JSON costs only itself', async () => {
  const result = await fromFile(
    'nasty.jsonl',
    [
      `{"id":"j-1","at":${NOW - HOUR_MS},"x":NaN}`,
      `{"id":"j-2","at":${NOW - HOUR_MS},"x":}`,
      `{"id":"j-3","at":${NOW - HOUR_MS},"x":[1]}`,
      `{"id":"j-4","at":${NOW - HOUR_MS},"x":1e400,"__proto__":"p"}`,
      `{"id":"j-5","at":"2026-13-01T00:00:00Z","x":1}`,
    ].join('\n'),
  );
  expect(places(result.rejections)).toEqual([
    [2, null, 'not_json'],
    [3, 'values.x', 'wrong_type'],
    [5, 'occurredAt', 'bad_time'],
  ]);
  expect(result).toMatchObject({ received: 5, accepted: 2, rejected: 3 });
  const values = await kept('j-');
  expect(values).toMatchObject({ 1: { x: 'NaN' }, 4: { x: 'Infinity' } });
  expect(Object.getOwnPropertyDescriptor(values['4'] ?? {}, '__proto__')?.value).toBe('p');
});

test('a Parquet file: NaN and infinities of its own kind, 64-bit ids, times, lists and what is missing', async () => {
  const path = join(folder, 'nasty.parquet');
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const at = toInstant(NOW - HOUR_MS).slice(0, -1);
  const rows = [
    `(9007199254740993, timestamp '${at}', 'nan'::double, 1.5::decimal(9,3), 'a')`,
    `(9007199254740992, timestamp '${at}', '-inf'::double, null, 'caf\u00e9')`,
    `(3, timestamp '${at}', 1e300, 0, 'cafe\u0301')`,
    `(4, timestamp '${at}', 5e-324, 0, null)`,
    `(5, null, 1, 0, 'a')`,
    `(6, timestamp '2027-01-01 00:00:00', 1, 0, 'a')`,
    `(9007199254740993, timestamp '${at}', 'nan'::double, 1.5::decimal(9,3), 'a')`,
    `(9007199254740993, timestamp '${at}', 2, 1.5::decimal(9,3), 'a')`,
  ];
  await connection.run(
    `copy (select *, x as "__proto__" from (values ${rows.join(', ')}) as given (id, "at", x, d, c)) to '${path}' (format parquet)`,
  );
  await connection.run(
    `copy (select 7 as id, timestamp '${at}' as "at", [1, 2] as x) to '${join(folder, 'list.parquet')}' (format parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  const result = await fromParquet(path);
  expect(places(result.rejections)).toEqual([
    [5, 'occurredAt', 'missing'],
    [6, 'occurredAt', 'far_future'],
    [8, 'id', 'other_content'],
  ]);
  expect(result).toMatchObject({ received: 8, accepted: 4, duplicates: 1, rejected: 3 });
  const { rows: stored } = await product.services.database.pool.query(
    `select id, body from event where source_id = (select id from event_source where name = 'file:nasty.parquet') order by id`,
  );
  const values = Object.fromEntries(stored.map(({ id, body }) => [id, body.values]));
  expect(values).toMatchObject({
    '9007199254740993': { x: 'NaN', d: 1.5, c: 'a' },
    '9007199254740992': { x: '-Infinity', d: null, c: 'caf\u00e9' },
    3: { x: 1e300, c: 'cafe\u0301' },
    4: { x: 5e-324, c: null },
  });
  expect(Object.keys(values['3'] as object)).toContain('__proto__');
  const list = await fromParquet(join(folder, 'list.parquet'));
  expect(places(list.rejections)).toEqual([[1, 'values.x', 'wrong_type']]);
});

test('a file whose columns change halfway is taken, and each change told with its line', async () => {
  const row = (k: number, x: unknown, more: object = {}) =>
    JSON.stringify({ id: `h-${k}`, at: NOW - HOUR_MS, x, ...more });
  const path = join(folder, 'halfway.jsonl');
  writeFileSync(path, [row(1, 1), row(2, 2), row(3, 'three'), row(4, true), row(5, 5, { y: 1 })].join('\n'));
  const { result, drift } = await importPath(path);
  expect(result).toMatchObject({ received: 5, accepted: 5, rejected: 0 });
  expect(drift).toEqual([{ column: 'x', was: 'number', is: 'text', line: 3, rows: 2 }]);
});

test('a hundred megabytes in one delivery: each event counted, each wrong one told, memory bounded', async () => {
  const padding = 'p'.repeat(900);
  const count = 100_000;
  async function* chunks() {
    for (let from = 0; from < count; from += 1_000) {
      const lines = Array.from({ length: 1_000 }, (_, k) => {
        const n = from + k;
        // One in a thousand is wrong, one in a thousand came before.
        if (n % 1_000 === 500) return JSON.stringify(event(`big-${n}`, { values: { padding, x: [n] } }));
        return JSON.stringify(
          event(`big-${n % 1_000 === 700 ? n - 1 : n}`, { values: { padding, x: n % 1_000 === 700 ? n - 1 : n } }),
        );
      });
      yield Buffer.from(`${lines.join('\n')}\n`);
    }
  }
  const { database: db, clock } = product.services;
  const context = { nowMs: clock(), systemOf: await systemFinder(db.drizzle), defaultSource: 'big' };
  const services = { database: db, clock, closedUntil: async () => new Map() };
  global.gc?.();
  const before = process.memoryUsage();
  const result = await ingest(services, {
    from: 'test',
    form: 'ndjson',
    items: readItems(splitEvents(chunks()), context),
  });
  const after = process.memoryUsage();
  expect(result).toMatchObject({
    received: count,
    accepted: count - 200,
    duplicates: 100,
    rejected: 100,
    complete: true,
  });
  expect(places(result.rejections).slice(0, 2)).toEqual([
    [501, 'values.x', 'wrong_type'],
    [1_501, 'values.x', 'wrong_type'],
  ]);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 1_048_576);
});
