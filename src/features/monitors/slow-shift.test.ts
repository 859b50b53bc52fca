import { beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { alertRoutes } from '../alerts/index.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { closedUntil, monitorRoutes, runMonitors } from './index.ts';
import type { MonitorDetail } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users: { namesOf } }) => {
  const { records, blobs } = services;
  const { append } = records;
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ database: services.database, clock: services.clock, append, closedUntil }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    alertRoutes({ records, namesOf }),
  ];
});
let product: Product;
const START = Date.parse('2026-11-01T00:00:00Z');
const EVENTS = 2_000;
const DAYS = 16;

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(method: string, path: string, body?: object | string, as = product.people.engineer): Promise<any> {
  const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
  const answer = await product.call(method, path, { cookie: as.cookie, body, headers });
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}

beforeAll(() => {
  product = started.current;
  product.clock.nowMs = START - HOUR_MS;
});

test('in a slow shift the warning comes days before the failure, and one alert with a clock carries both', async () => {
  const { id: systemId } = await ask('POST', 'inventory/systems', { name: 'Router' });
  const definition = {
    name: 'Wrong route',
    metric: { type: 'rate', eventKind: 'operation', field: 'error', equals: [true], worse: 'higher' },
    window: 'day',
    watermarkMinutes: 0,
    minimumN: 50,
    ownerId: product.people.engineer.id,
    thresholds: { warn: 0.05, fail: 0.1 },
    severity: 'high',
  };
  const { monitor } = await ask('POST', 'monitors', { systemId, definition, reason: 'Promised.' });
  await ask('POST', `monitors/${monitor.id}/review`, { decision: 'approved' }, product.colleague);

  // One percent more wrong each day, from 1 %.
  const seen: { day: number; severity: string }[] = [];
  for (let day = 0; day < DAYS; day++) {
    const share = 0.01 * (day + 1);
    const lines = Array.from({ length: EVENTS }, (_, k) =>
      JSON.stringify({
        id: `d${day}e${k}`,
        system: systemId,
        kind: 'operation',
        occurredAt: toInstant(START + day * DAY_MS + k * 1_000),
        values: { error: k < share * EVENTS },
      }),
    );
    product.clock.nowMs = START + (day + 1) * DAY_MS;
    await ask('POST', 'events', lines.join('\n'));
    product.clock.nowMs += HOUR_MS;
    await runMonitors({ records: product.services.records, ...product.services.alerts });
    const { items } = await ask('GET', 'alerts');
    if (items[0]) seen.push({ day, severity: items[0].severity });
  }
  const detail: MonitorDetail = await ask('GET', `monitors/${monitor.id}?from=${toInstant(START)}`);
  const levels = detail.series[0]?.points.filter(({ state }) => state !== 'pending').map(({ level }) => level) ?? [];
  const firstWarn = levels.indexOf('warn');
  const firstFail = levels.indexOf('fail');
  expect(levels.slice(0, 4)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect(firstWarn).toBeGreaterThan(0);
  expect(firstFail - firstWarn).toBeGreaterThanOrEqual(4);
  // The alert is there from the day of the warning, one step milder, and becomes as grave as the monitor with the failure.
  expect(seen[0]).toEqual({ day: firstWarn, severity: 'medium' });
  expect(seen.find(({ severity }) => severity === 'high')?.day).toBe(firstFail);
  const { items } = await ask('GET', 'alerts');
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    state: 'open',
    subject: { kind: 'ai-system', id: systemId },
    acknowledge: { dueAt: expect.any(String), at: null },
  });
});
