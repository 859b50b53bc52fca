import { beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { closedUntil, monitorRoutes, runMonitors } from '../monitors/index.ts';
import { retentionRoutes, runEventRetention } from './index.ts';
import type { Retention } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs } = services;
  const { namesOf } = users;
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ ...services, closedUntil, append: records.append }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    retentionRoutes({ records, namesOf, isPerson: async () => false }),
  ];
});
let product: Product;
const START = Date.parse('2026-01-01T00:00:00Z');
const systems: Record<string, string> = {};
let volume: string;

async function call(method: string, path: string, body?: object | string, cookie = product.people.owner.cookie) {
  const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
  return product.call(method, path, { cookie, body, headers });
}
const eventRule = async (): Promise<Retention['rules'][number] | undefined> =>
  (await call('GET', 'retention')).json().rules.find((rule: { class: string }) => rule.class === 'event');
const left = async (system: string) => {
  const { rows } = await product.services.database.pool.query(
    'select count(*)::int as n from event where system_id = $1',
    [systems[system]],
  );
  return rows[0].n;
};

beforeAll(async () => {
  product = started.current;
  product.clock.nowMs = START;
  for (const name of ['Scorer', 'Disputed'])
    systems[name] = (await call('POST', 'inventory/systems', { name }, product.people.engineer.cookie)).json().id;
  const definition = {
    name: 'Volume',
    metric: { type: 'volume', eventKind: 'prediction' },
    window: 'day',
    thresholds: { warn: 1, fail: 0 },
    ownerId: product.people.engineer.id,
  };
  const made = await call(
    'POST',
    'monitors',
    { systemId: systems.Scorer, definition, reason: 'It must be used.' },
    product.people.engineer.cookie,
  );
  volume = made.json().monitor.id;
  await call('POST', `monitors/${volume}/review`, { decision: 'approved' }, product.colleague.cookie);
  for (let day = 0; day < 4; day++) {
    product.clock.nowMs = START + day * DAY_MS + 23 * HOUR_MS;
    const lines = Object.values(systems).flatMap((systemId) =>
      Array.from({ length: 20 }, (_, k) =>
        JSON.stringify({
          id: `${systemId}-${day}-${k}`,
          source: 's',
          occurredAt: START + day * DAY_MS + k * HOUR_MS,
          systemId,
          kind: 'prediction',
          values: {},
        }),
      ),
    );
    await call('POST', 'events', lines.join('\n'), product.people.engineer.cookie);
    product.clock.nowMs = START + (day + 1) * DAY_MS + HOUR_MS;
    await runMonitors({ records: product.services.records, ...product.services.alerts });
  }
});

test('events are kept without end until somebody says otherwise, and never so short that a window could not close', async () => {
  expect(await eventRule()).toMatchObject({ keepDays: null, items: 160, due: 0 });
  expect(await runEventRetention(product.services.records)).toBe(0);
  const short = await call('PUT', 'retention/rules/event', { keepDays: 30 });
  expect([short.statusCode, short.body]).toEqual([400, expect.stringContaining('62 days')]);
  expect((await call('PUT', 'retention/rules/event', { keepDays: 62 })).statusCode).toBe(200);
});

test('whole days whose time is over are erased, but for systems under a hold, each day with its entry in the ledger', async () => {
  const hold = await call('POST', 'retention/holds', {
    subject: { kind: 'ai-system', id: systems.Disputed },
    reason: 'Claim 17',
  });
  expect(hold.statusCode).toBe(201);
  const nobody = await call('POST', 'retention/holds', { subject: { kind: 'ai-system', id: 'sys_none' }, reason: 'x' });
  expect(nobody.statusCode).toBe(404);
  // Two days and a half are older than 62 days.
  product.clock.nowMs = START + (62 + 2.5) * DAY_MS;
  expect(await eventRule()).toMatchObject({ due: 80, held: 40 });
  expect(await runEventRetention(product.services.records)).toBe(40);
  expect([await left('Scorer'), await left('Disputed')]).toEqual([40, 80]);
  expect(await runEventRetention(product.services.records)).toBe(0);
  await product.services.ledger.integrate();
  const { items } = await product.services.ledger.entries({ limit: 10, type: 'event.erased' });
  const bodies = items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')).body);
  expect(bodies.map(({ day, events }) => [day, events]).sort()).toEqual([
    ['2026-01-01', 20],
    ['2026-01-02', 20],
  ]);
  expect((await call('POST', `retention/holds/${hold.json().id}/release`, { reason: 'Settled' })).statusCode).toBe(200);
  expect(await runEventRetention(product.services.records)).toBe(40);
  expect([await left('Scorer'), await left('Disputed')]).toEqual([40, 40]);
});

test('a window whose events were erased keeps what was sealed, whatever comes late, and no baseline is made of the rest', async () => {
  const late = {
    id: 'late',
    source: 's',
    occurredAt: toInstant(START + HOUR_MS),
    systemId: systems.Scorer,
    kind: 'prediction',
  };
  const sent = await call('POST', 'events', JSON.stringify(late), product.people.engineer.cookie);
  expect(sent.json()).toMatchObject({ accepted: 1, late: 1 });
  await runMonitors({ records: product.services.records, ...product.services.alerts });
  const period = `from=${toInstant(START)}&to=${toInstant(START + 4 * DAY_MS)}`;
  const detail = (await call('GET', `monitors/${volume}?${period}`)).json();
  const [first] = detail.series[0].points;
  expect(first).toMatchObject({ n: 20, versions: 1 });
  const drift = await call(
    'POST',
    'monitors',
    {
      systemId: systems.Scorer,
      definition: {
        name: 'Drift',
        metric: { type: 'numeric_drift', eventKind: 'prediction', field: 'x' },
        window: 'day',
        thresholds: { warn: 0.1, fail: 0.2 },
        ownerId: product.people.engineer.id,
      },
      reason: 'why not',
    },
    product.people.engineer.cookie,
  );
  const baseline = await call(
    'POST',
    `monitors/${drift.json().monitor.id}/baselines`,
    { periodFrom: toInstant(START), periodTo: toInstant(START + 4 * DAY_MS), reason: 'The first days.' },
    product.people.engineer.cookie,
  );
  expect([baseline.statusCode, baseline.body]).toEqual([400, expect.stringContaining('retention has erased')]);
});
