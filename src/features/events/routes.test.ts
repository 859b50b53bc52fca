import { expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { testProduct } from '../../../tests/support/product.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { eventRoutes } from './index.ts';
import type { BatchResult, EventSource } from './model.ts';

const closed = new Map<string, number>();
const product = testProduct(testDatabase(), ({ services, users }) => [
  ...inventoryRoutes({ records: services.records, blobs: services.blobs, namesOf: users.namesOf, version: '0' }),
  ...eventRoutes({
    database: services.database,
    clock: services.clock,
    append: services.records.append,
    closedUntil: async () => closed,
  }),
]);

let made = 0;
async function system(): Promise<string> {
  const { call, people } = product.current;
  const body = { name: `Scorer ${made++}` };
  return (await call('POST', 'inventory/systems', { cookie: people.engineer.cookie, body })).json().id;
}
async function send(payload: string, type = 'application/x-ndjson'): Promise<BatchResult> {
  const { call, people } = product.current;
  const answer = await call('POST', 'events', {
    cookie: people.engineer.cookie,
    body: payload,
    headers: { 'content-type': type },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
const at = '2026-11-23T08:30:00Z';
const event = (systemId: string, id: string, more: object = {}) => ({
  id,
  source: 'worker-1',
  occurredAt: at,
  systemId,
  kind: 'prediction',
  values: { score: 0.5 },
  ...more,
});
const lines = (...events: object[]) => events.map((one) => JSON.stringify(one)).join('\n');

test('a delivery is taken once, whatever its form and however often it comes', async () => {
  const id = await system();
  const events = [event(id, 'a1', { sequence: 1 }), event(id, 'a2', { sequence: 2 })];
  expect(await send(lines(...events))).toMatchObject({ received: 2, accepted: 2, duplicates: 0, rejected: 0 });
  expect(await send(JSON.stringify(events), 'application/json')).toMatchObject({ accepted: 0, duplicates: 2 });
  expect(await send(lines(events[0] as object, events[0] as object))).toMatchObject({ duplicates: 2 });
});

test('a long delivery sent again with more behind it and one event changed is taken for what is new', async () => {
  const id = await system();
  const sent = (count: number, changed?: number) =>
    Array.from({ length: count }, (_, n) =>
      event(id, `long-${n}`, {
        source: 'worker-long',
        sequence: n,
        values: { score: n === changed ? -1 : n, label: 'a\\b\n' },
      }),
    );
  expect(await send(lines(...sent(9_000)))).toMatchObject({ accepted: 9_000, duplicates: 0, outOfOrder: 0 });
  const again = await send(lines(...sent(13_500, 8_500)));
  expect(again).toMatchObject({ received: 13_500, accepted: 4_500, duplicates: 8_999, rejected: 1 });
  expect(again.rejections.map(({ line, id, code }) => [line, id, code])).toEqual([
    [8_501, 'long-8500', 'other_content'],
  ]);
});

test('what is wrong is told with line and field, and costs only itself', async () => {
  const id = await system();
  const bad = [
    '{"id":"b1"',
    '[1]',
    JSON.stringify(event(id, 'b3', { kind: 'guess' })),
    JSON.stringify(event(id, 'b4', { occurredAt: '2026-10-25T02:30:00' })),
    JSON.stringify(event(id, 'b5', { occurredAt: 1_763_888_000 })),
    JSON.stringify(event(id, 'b6', { occurredAt: '2030-01-01T00:00:00Z' })),
    JSON.stringify(event('sys_none', 'b7')),
    JSON.stringify(event(id, 'b8', { occured: 1 })),
    JSON.stringify(event(id, 'b9', { values: { score: { a: 1 } } })),
    JSON.stringify(event(id, 'b10', { occurredAt: '2026-02-30T00:00:00Z' })),
    JSON.stringify(event(id, 'b11', { sequence: -1 })),
    JSON.stringify({ ...event(id, 'b12'), values: { text: 'x'.repeat(70_000) } }),
    JSON.stringify(event(id, 'good')),
  ];
  const result = await send(`\n${bad.join('\n')}\n`);
  expect(result).toMatchObject({ received: 13, accepted: 1, rejected: 12, complete: true });
  expect(result.rejections.map(({ line, field, code }) => [line, field, code])).toEqual([
    [2, null, 'not_json'],
    [3, null, 'not_an_object'],
    [4, 'kind', 'out_of_range'],
    [5, 'occurredAt', 'bad_time'],
    [6, 'occurredAt', 'bad_time'],
    [7, 'occurredAt', 'far_future'],
    [8, 'systemId', 'unknown_system'],
    [9, 'occured', 'unknown_field'],
    [10, 'values.score', 'wrong_type'],
    [11, 'occurredAt', 'bad_time'],
    [12, 'sequence', 'out_of_range'],
    [13, null, 'too_large'],
  ]);
  const again = await send(lines(event(id, 'good', { values: { score: 0.9 } })));
  expect(again.rejections).toMatchObject([{ line: 1, field: 'id', code: 'other_content' }]);
});

test('values that no JSON number can be are kept as what they are, and odd names are only names', async () => {
  const id = await system();
  const text = `{"id":"c1","source":"s","occurredAt":"${at}","systemId":"${id}","kind":"score","values":{"a":NaN,"b":-Infinity,"c":1e999,"d":"NaN","__proto__":7,"tiny":5e-324,"huge":1e300,"\u00e9":1,"e\u0301":2}}`;
  expect(await send(text)).toMatchObject({ accepted: 1 });
  const { call, people } = product.current;
  const query = `events?systemId=${id}&from=2026-11-23T08:00:00Z&to=2026-11-23T09:00:00Z`;
  const page = (await call('GET', query, { cookie: people.auditor.cookie })).body;
  const { values } = JSON.parse(page).items[0];
  expect(values.map((one: { name: string; value: unknown }) => [one.name, one.value])).toEqual([
    ['a', 'NaN'],
    ['b', '-Infinity'],
    ['c', 'Infinity'],
    ['d', 'NaN'],
    ['__proto__', 7],
    ['tiny', 5e-324],
    ['huge', 1e300],
    ['\u00e9', 1],
    ['e\u0301', 2],
  ]);
});

test('late, early and disordered events are taken and counted, and gaps are ranges', async () => {
  const id = await system();
  closed.set(id, Date.parse('2026-11-23T08:00:00Z'));
  const of = (name: string, more: object) => event(id, name, { source: 'counted', ...more });
  const result = await send(
    lines(
      of('d1', { sequence: 1 }),
      of('d2', { sequence: 5 }),
      of('d3', { sequence: 4 }),
      of('d4', { sequence: 9, occurredAt: '2026-11-23T07:00:00Z' }),
      of('d5', { sequence: 10, occurredAt: '2026-11-23T09:30:00Z' }),
    ),
  );
  expect(result).toMatchObject({ accepted: 5, late: 1, outOfOrder: 1, skewed: 1 });
  const { call, people } = product.current;
  const path = 'events/sources?from=2026-11-23T08:00:00Z&to=2026-11-23T10:00:00Z';
  const sources: EventSource[] = (await call('GET', path, { cookie: people.auditor.cookie })).json().items;
  const counted = sources.find(({ name }) => name === 'counted');
  expect(counted).toMatchObject({ accepted: 5, late: 1, outOfOrder: 1, skewed: 1 });
  expect(counted?.sequence).toMatchObject({ first: 10, last: 10, unique: 1, missing: 0 });
  const wide = (
    await call('GET', 'events/sources?from=2026-11-23T00:00:00Z', { cookie: people.auditor.cookie })
  ).json();
  expect(wide.items.find(({ name }: EventSource) => name === 'counted').sequence).toMatchObject({
    gaps: [
      [2, 3],
      [6, 8],
    ],
    missing: 5,
  });
});

test('a delivery that breaks off keeps what came before, and says so', async () => {
  const id = await system();
  const whole = JSON.stringify([event(id, 'e1'), event(id, 'e2')]);
  expect(await send(whole.slice(0, -1), 'application/json')).toMatchObject({ accepted: 2, complete: false });
  const cut = await send(whole.slice(0, -20), 'application/json');
  expect(cut).toMatchObject({ duplicates: 1, complete: false, rejections: [{ code: 'broken_batch' }] });
  expect(await send('[1,,2]', 'application/json')).toMatchObject({ received: 1, rejected: 1, complete: false });
  expect(await send('[]', 'application/json')).toMatchObject({ received: 0, complete: true });
  const { call, people } = product.current;
  const batches = (await call('GET', 'events/batches', { cookie: people.auditor.cookie })).json().items;
  expect(batches.filter(({ complete }: BatchResult) => !complete).length).toBe(3);
});

test('a viewer sends nothing', async () => {
  const { call, people } = product.current;
  const answer = await call('POST', 'events', {
    cookie: people.viewer.cookie,
    body: '[]',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.statusCode).toBe(403);
});

const attribute = (key: string, value: object) => ({ key, value });
const span = (name: string, more: object = {}) => ({
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: `eee19b7ec3c1b17${name.length % 10}`,
  name,
  startTimeUnixNano: '1795422600000000000',
  endTimeUnixNano: '1795422601500000000',
  attributes: [
    attribute('gen_ai.operation.name', { stringValue: 'chat' }),
    attribute('gen_ai.response.model', { stringValue: 'model-2026-01' }),
    attribute('gen_ai.usage.input_tokens', { intValue: '120' }),
    attribute('gen_ai.response.finish_reasons', { arrayValue: { values: [{ stringValue: 'stop' }] } }),
    attribute('gen_ai.input.messages', { stringValue: 'what a person asked' }),
  ],
  ...more,
});
const traces = (service: string, ...spans: object[]) => ({
  resourceSpans: [
    { resource: { attributes: [attribute('service.name', { stringValue: service })] }, scopeSpans: [{ spans }] },
  ],
});

test('spans of generative AI become operations of the service with their name, without any text of a call', async () => {
  const { call, people } = product.current;
  const id = await system();
  const { name } = (await call('GET', `inventory/systems/${id}`, { cookie: people.auditor.cookie })).json();
  const failed = span('failed chat', { status: { code: 2 } });
  const body = traces(name, span('chat'), failed, span('http get', { attributes: [] }));
  const cookie = people.engineer.cookie;
  const answer = await call('POST', 'otlp/v1/traces', { cookie, body });
  expect(answer.json()).toMatchObject({ accepted: 2, duplicates: 0, ignored: 1 });
  const query = `events?systemId=${id}&from=2026-11-23T08:00:00Z&to=2026-11-23T09:00:00Z`;
  const page = await call('GET', query, { cookie: people.auditor.cookie });
  expect(page.body).not.toContain('what a person asked');
  const first = page
    .json()
    .items.find((one: { values: { name: string; value: unknown }[] }) =>
      one.values.some(({ name: what, value }) => what === 'error' && value === false),
    );
  const values = Object.fromEntries(first.values.map((one: { name: string; value: unknown }) => [one.name, one.value]));
  expect(values).toEqual({ latencyMs: 1_500, error: false, operation: 'chat', inputTokens: 120, finishReason: 'stop' });
  expect(first).toMatchObject({ modelVersion: 'model-2026-01', source: `otel:${name}` });
  const unknown = await call('POST', 'otlp/v1/traces', { cookie, body: traces('nobody knows', span('chat!!')) });
  expect(unknown.json().partialSuccess).toMatchObject({
    rejectedSpans: '1',
    errorMessage: expect.stringContaining('nobody knows'),
  });
});

test('more deliveries at once than are read are told to come again, and nothing of them is taken', async () => {
  const { call, people, failing } = product.current;
  const id = await system();
  const { name } = (await call('GET', `inventory/systems/${id}`, { cookie: people.auditor.cookie })).json();
  const cookie = people.engineer.cookie;
  failing.record = true;
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      call('POST', 'otlp/v1/traces', { cookie, body: traces(name, span(`at once ${i}`)) }),
    ),
  );
  failing.record = false;
  const taken = answers.filter(({ statusCode }) => statusCode === 200);
  const later = answers.filter(({ statusCode }) => statusCode === 503);
  expect(taken.length + later.length).toBe(60);
  expect(taken.length).toBeGreaterThanOrEqual(8);
  expect(later.length).toBeGreaterThan(0);
  expect(later.every(({ headers }) => headers['retry-after'] === '1')).toBe(true);
  const again = await call('POST', 'otlp/v1/traces', { cookie, body: traces(name, span('afterwards')) });
  expect(again.statusCode).toBe(200);
});

test('the protobuf form says the same, and bytes that are none are refused', async () => {
  const { call, people } = product.current;
  const id = await system();
  const { name } = (await call('GET', `inventory/systems/${id}`, { cookie: people.auditor.cookie })).json();
  const cookie = people.engineer.cookie;
  const headers = { 'content-type': 'application/x-protobuf' };
  const answer = await call('POST', 'otlp/v1/traces', { cookie, body: protobufTrace(name), headers });
  expect(answer.json()).toMatchObject({ accepted: 1, ignored: 0 });
  for (const bytes of [Buffer.from([0xff, 0xff, 0xff]), protobufTrace(name).subarray(0, 40)]) {
    const refused = await call('POST', 'otlp/v1/traces', { cookie, body: bytes, headers });
    expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('no protobuf')]);
  }
  const other = await call('POST', 'otlp/v1/traces', { cookie, body: 'x', headers: { 'content-type': 'text/plain' } });
  expect(other.statusCode).toBe(415);
});

/** A request with one span, written by hand as the wire format says. */
function protobufTrace(service: string): Buffer {
  const bytes = (number: number, content: Buffer | string) => {
    const held = Buffer.from(content);
    return Buffer.concat([Buffer.from([number * 8 + 2]), varint(held.length), held]);
  };
  const varint = (value: number): Buffer => {
    const out: number[] = [];
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) return Buffer.from([...out, rest]);
      out.push((rest % 128) + 128);
    }
  };
  const fixed = (number: number, value: bigint) => {
    const held = Buffer.alloc(8);
    held.writeBigUInt64LE(value);
    return Buffer.concat([Buffer.from([number * 8 + 1]), held]);
  };
  const text = (key: string, value: string) => Buffer.concat([bytes(1, key), bytes(2, bytes(1, value))]);
  const tokens = Buffer.concat([
    bytes(1, 'gen_ai.usage.output_tokens'),
    bytes(2, Buffer.concat([Buffer.from([3 * 8]), varint(300)])),
  ]);
  const one = Buffer.concat([
    bytes(1, Buffer.alloc(16, 7)),
    bytes(2, Buffer.alloc(8, 9)),
    bytes(5, 'chat'),
    fixed(7, 1_795_422_600_000_000_000n),
    fixed(8, 1_795_422_600_250_000_000n),
    bytes(9, text('gen_ai.request.model', 'model-a')),
    bytes(9, tokens),
  ]);
  return bytes(1, Buffer.concat([bytes(1, bytes(1, text('service.name', service))), bytes(2, bytes(2, one))]));
}

test('a route of the gateway is assigned to a system, each change with its entry in the ledger', async () => {
  const { call, people, services } = product.current;
  const id = await system();
  const cookie = people.engineer.cookie;
  expect((await call('PUT', 'events/routes/rte_1', { cookie, body: { systemId: 'sys_none' } })).statusCode).toBe(400);
  const set = await call('PUT', 'events/routes/rte_1', { cookie, body: { systemId: id } });
  expect(set.json().items).toMatchObject([{ routeId: 'rte_1', systemId: id }]);
  await call('PUT', 'events/routes/rte_1', { cookie, body: { systemId: id } });
  expect((await call('PUT', 'events/routes/rte_1', { cookie, body: { systemId: null } })).json().items).toEqual([]);
  await services.ledger.integrate();
  const { items } = await services.ledger.entries({ limit: 10, type: 'gateway.route-changed' });
  const bodies = items.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')).body);
  expect(bodies).toHaveLength(2);
  expect(bodies).toEqual(
    expect.arrayContaining([
      { change: 'assigned', from: null, to: id },
      { change: 'assigned', from: id, to: null },
    ]),
  );
});
