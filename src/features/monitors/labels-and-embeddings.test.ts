import { beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { alertRoutes } from '../alerts/index.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { batchesToRecompute, closedUntil, monitorRoutes, recomputeBatch, runMonitors } from './index.ts';
import type { BaselineComparison, Distribution, MonitorDetail, WindowDetail } from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs } = services;
  const { namesOf } = users;
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({ ...services, closedUntil, append: records.append }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    alertRoutes({ records, namesOf }),
  ];
});
let product: Product;
let systemId: string;
const START = Date.parse('2026-11-01T00:00:00Z');
const monitors: Record<string, string> = {};

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(method: string, path: string, body?: object | string, colleague = false): Promise<any> {
  const { cookie } = colleague ? product.colleague : product.people.engineer;
  const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
  const answer = await product.call(method, path, { cookie, body, headers });
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}
const run = () => runMonitors({ records: product.services.records, ...product.services.alerts });

const DEFINITIONS = {
  auc: { metric: { type: 'roc_auc', field: 'p', label: 'y' }, thresholds: { warn: 0.7, fail: 0.65 } },
  brier: { metric: { type: 'brier', field: 'p', label: 'y' }, thresholds: { warn: 0.24, fail: 0.3 } },
  rates: {
    metric: {
      type: 'fairness_outcome',
      among: 'positives',
      field: 'chosen',
      equals: [true],
      label: 'y',
      groupBy: 'group',
      groups: ['a', 'b'],
    },
    thresholds: { warn: 0.1, fail: 0.2 },
  },
  topic: {
    metric: { type: 'embedding_mmd_drift', eventKind: 'prediction', field: 'e', sample: 60 },
    thresholds: { warn: 0.02, fail: 0.05 },
  },
  stream: {
    metric: { type: 'stream_change', eventKind: 'prediction', field: 'failed', equals: [true], detector: 'ddm' },
    thresholds: { warn: 0, fail: 50 },
  },
  quality: {
    metric: { type: 'mean', eventKind: 'score', field: 'q', worse: 'lower' },
    thresholds: { warn: 0.8, fail: 0.7 },
    trend: { windows: 10, horizon: 12 },
  },
};

/** One day of predictions, and labels of the day before: outcomes are known a day late. */
async function day(index: number): Promise<void> {
  const random = seededRandom(100 + index);
  const before = seededRandom(99 + index);
  const lines: object[] = [];
  const at = START + index * DAY_MS;
  const isOdd = index === 11;
  for (let k = 0; k < 400; k++) {
    const p = random();
    const other = isOdd && k % 2 === 0;
    const group = k % 2 ? 'a' : 'b';
    lines.push({
      id: `p-${index}-${k}`,
      source: 'scorer',
      sequence: index * 400 + k,
      occurredAt: at + k * 200_000,
      systemId,
      kind: 'prediction',
      segment: { group },
      values: {
        p,
        chosen: isOdd && group === 'b' ? p > 0.85 : p > 0.5,
        failed: random() < (isOdd && k > 200 ? 0.5 : 0.02),
      },
      vectors: { e: Array.from({ length: 24 }, (_, d) => random() - 0.5 + (other && d < 12 ? 1 : 0)) },
    });
  }
  for (let k = 0; k < 400 && index > 0; k++) {
    const p = before();
    before();
    for (let d = 0; d < 24; d++) before();
    lines.push({
      id: `l-${index - 1}-${k}`,
      source: 'review',
      occurredAt: at + k * 200_000,
      systemId,
      kind: 'label',
      about: `p-${index - 1}-${k}`,
      values: { y: random() < p ? 1 : 0 },
    });
  }
  for (let k = 0; k < 60; k++)
    lines.push({
      id: `s-${index}-${k}`,
      source: 'judge',
      occurredAt: at + k * 1_000_000,
      systemId,
      kind: 'score',
      values: { q: 0.95 - 0.008 * index + (random() - 0.5) * 0.01 },
    });
  // In no order: a detector over the stream must not depend on how events were sent.
  lines.sort(() => random() - 0.5);
  product.clock.nowMs = at + DAY_MS - 1;
  const result = await ask('POST', 'events', lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(result).toMatchObject({ accepted: lines.length, rejected: 0 });
  product.clock.nowMs = at + DAY_MS + HOUR_MS;
  await run();
}

beforeAll(async () => {
  product = started.current;
  product.clock.nowMs = START;
  systemId = (await ask('POST', 'inventory/systems', { name: 'Loan scorer' })).id;
  for (const [name, definition] of Object.entries(DEFINITIONS)) {
    const made = await ask('POST', 'monitors', {
      systemId,
      definition: { ...definition, name, window: 'day', minimumN: 50, ownerId: product.people.engineer.id },
      reason: 'The model card promises it.',
    });
    monitors[name] = made.monitor.id;
    await ask('POST', `monitors/${made.monitor.id}/review`, { decision: 'approved' }, true);
  }
  for (let index = 0; index < 10; index++) await day(index);
  await ask('POST', `monitors/${monitors.topic}/baselines`, {
    periodFrom: toInstant(START),
    periodTo: toInstant(START + 5 * DAY_MS),
    reason: 'Five quiet days.',
  }).then(({ items }) => approve(items[0].id));
  for (let index = 10; index < 13; index++) await day(index);
}, 120_000);

const approve = (id: string) =>
  ask('POST', `monitors/baselines/${id}/review`, { decision: 'approved', comment: 'It will do for a test.' }, true);
const detail = (name: string): Promise<MonitorDetail> =>
  ask('GET', `monitors/${monitors[name]}?from=${toInstant(START)}&to=${toInstant(START + 13 * DAY_MS)}`);
const windowOf = async (name: string, index: number): Promise<WindowDetail> =>
  ask('GET', `monitors/windows/${(await detail(name)).series[0]?.points[index]?.windowId}`);

test('outcomes that come a day late are counted in the window in which they came', async () => {
  const { series } = await detail('auc');
  const states = series[0]?.points.map(({ state, n }) => [state, n]) ?? [];
  expect(states[0]).toEqual(['insufficient_data', 0]);
  expect(states.slice(1)).toEqual(Array.from({ length: 12 }, () => ['ok', 400]));
  const window = await windowOf('auc', 3);
  expect(window.decisions[0]?.value).toBeGreaterThan(0.75);
  const shown: Distribution = await ask('GET', `monitors/${monitors.auc}/distribution?windowId=${window.id}`);
  expect(shown.form).toBe('reliability');
  expect(shown.reliability.reduce((sum, { n }) => sum + n, 0)).toBe(400);
});

test('unequal true positive rates of a day breach the day after, when its outcomes are known', async () => {
  const points = (await detail('rates')).series[0]?.points ?? [];
  expect(points.map(({ level }) => level)).toEqual(['none', ...Array.from({ length: 11 }, () => 'ok'), 'fail']);
  expect(points[12]?.low).toBeGreaterThan(0.2);
});

test('a new topic of half the texts breaches against the frozen sample of vectors', async () => {
  const points = (await detail('topic')).series[0]?.points ?? [];
  expect(points.slice(0, 10).every(({ state }) => state === 'insufficient_data')).toBe(true);
  expect(points.slice(10).map(({ level }) => level)).toEqual(['ok', 'fail', 'ok']);
});

test('a burst of errors is heard within its day, in the order of time and not of sending', async () => {
  const { decisions } = await windowOf('stream', 11);
  expect(decisions[0]).toMatchObject({ level: 'warn', reason: 'beyond_warn' });
  const first = decisions[0]?.more.find(({ name }) => name === 'first_change_at')?.value ?? 0;
  expect(first).toBeGreaterThan(200);
  expect(first).toBeLessThan(240);
});

test('a slow decline opens an alert before any threshold is reached', async () => {
  const points = (await detail('quality')).series[0]?.points ?? [];
  expect(points.every(({ value }) => (value ?? 0) > 0.8)).toBe(true);
  expect(points.slice(0, 7).map(({ level }) => level)).toEqual(Array.from({ length: 7 }, () => 'ok'));
  expect(points[12]?.level).toBe('warn');
  const { items } = await ask('GET', 'alerts');
  const [alert] = items.filter(({ title }: { title: string }) => title.startsWith('quality'));
  expect(alert).toMatchObject({ title: expect.stringContaining('is heading for its warn threshold') });
});

test('everything sealed decides the same again: samples, scores, streams and trends', async () => {
  const { drizzle } = product.services.database;
  const batches = await batchesToRecompute(drizzle, undefined);
  expect(batches.length).toBeGreaterThanOrEqual(13);
  for (const id of batches)
    expect(await recomputeBatch(drizzle, id)).toMatchObject({ outcome: 'same', differences: [] });
});

test('two baselines stand side by side with their sizes, dates and people', async () => {
  const made = await ask('POST', 'monitors', {
    systemId,
    definition: {
      name: 'score drift',
      metric: { type: 'numeric_drift', eventKind: 'prediction', field: 'p' },
      window: 'day',
      thresholds: { warn: 0.1, fail: 0.25 },
      ownerId: product.people.engineer.id,
    },
    reason: 'The model card promises it.',
  });
  const id = made.monitor.id;
  const ids: string[] = [];
  for (const [from, to] of [
    [0, 4],
    [4, 10],
  ] as const) {
    const { items } = await ask('POST', `monitors/${id}/baselines`, {
      periodFrom: toInstant(START + from * DAY_MS),
      periodTo: toInstant(START + to * DAY_MS),
      reason: `Days ${from} to ${to}.`,
    });
    ids.push(items[0].id);
    product.clock.nowMs += HOUR_MS;
    await approve(items[0].id);
  }
  const found: BaselineComparison = await ask(
    'GET',
    `monitors/${id}/baselines/compare?first=${ids[1]}&second=${ids[0]}`,
  );
  expect(found).toMatchObject({ form: 'cumulative', monitorName: 'score drift', series: 'all', allSeries: ['all'] });
  expect([found.first, found.second]).toMatchObject([
    { version: 1, n: 1_600, state: 'superseded', reviewedBy: { name: expect.any(String) } },
    { version: 2, n: 2_400, state: 'in_force', validTo: null },
  ]);
  for (const curve of [found.curves.first, found.curves.second]) {
    expect(curve.at(-1)?.y).toBe(1);
    expect(curve.every(({ y }, k) => k === 0 || y >= (curve[k - 1]?.y ?? 0))).toBe(true);
    expect(curve.find(({ y }) => y >= 0.5)?.x).toBeCloseTo(0.5, 1);
  }
  const { cookie } = product.people.engineer;
  const other = await product.call('GET', `monitors/${id}/baselines/compare?first=${ids[0]}&second=bas_none`, {
    cookie,
  });
  expect(other.statusCode).toBe(404);
});
