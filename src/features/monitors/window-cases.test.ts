import { beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import {
  ABSENT,
  monitoringCases,
  monitoringCasesPresent,
  monitoringFile,
} from '../../../tests/support/monitoring-cases.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { batchesToRecompute, closedUntil, monitorRoutes, recomputeBatch, runMonitors } from './index.ts';
import type { MonitorDetail } from './model.ts';

/*
 * Published windows of shuffled files with duplicates, run through the doors that real events take: HTTP in, windows closed on
 * time by the runner, points out.
 */

type Case = {
  id: string;
  file: string;
  start: number;
  hours: number;
  expected: {
    unique_events: number;
    duplicates: number;
    empty_windows: number[];
    windows: {
      hour: number;
      count: number;
      errors: number;
      mean: number | null;
      p50_nearest: number | null;
      p95_nearest: number | null;
    }[];
    segments: Record<string, { count: number; errors: number }>;
  };
};
type Row = { id: string; t: number; v: number; seg: string; err: number };

const CASES = monitoringCases<Case>('windows.jsonl');
const BASE = { window: 'hour', minimumN: 1 };
const METRICS = {
  volume: { metric: { type: 'volume', eventKind: 'operation' }, thresholds: { warn: -1, fail: -1 } },
  errors: {
    metric: { type: 'rate', eventKind: 'operation', field: 'err', equals: [1], worse: 'higher' },
    thresholds: { warn: 0.9, fail: 0.95 },
    segments: [{ key: 'seg', values: ['eu', 'us', 'apac'] }],
  },
  mean: {
    metric: { type: 'mean', eventKind: 'operation', field: 'v', worse: 'higher' },
    thresholds: { warn: 1e6, fail: 1e7 },
    minimumN: 2,
  },
  p50: {
    metric: { type: 'percentile', eventKind: 'operation', field: 'v', percent: 50 },
    thresholds: { warn: 1e6, fail: 1e7 },
  },
  p95: {
    metric: { type: 'percentile', eventKind: 'operation', field: 'v', percent: 95 },
    thresholds: { warn: 1e6, fail: 1e7 },
  },
} as const;
type MetricName = keyof typeof METRICS;

describe.skipIf(!monitoringCasesPresent)(`published windows (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  const database = testDatabase();
  const started = testProduct(database, ({ services, users }) => {
    const { records, blobs } = services;
    const { namesOf } = users;
    return [
      ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
      ...eventRoutes({ ...services, closedUntil, append: records.append }),
      ...monitorRoutes({ records, namesOf, ...services.alerts }),
    ];
  });
  let product: Product;
  const details = new Map<string, Record<MetricName, MonitorDetail>>();
  const taken = new Map<string, { accepted: number; duplicates: number; rejected: number; late: number }>();

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  async function ask(method: string, path: string, body?: object | string, colleague = false): Promise<any> {
    const { cookie } = colleague ? product.colleague : product.people.engineer;
    const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
    const answer = await product.call(method, path, { cookie, body, headers });
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
    return answer.json();
  }

  beforeAll(async () => {
    product = started.current;
    const start = CASES[0]?.start ?? 0;
    product.clock.nowMs = start;
    const monitors = new Map<string, Record<string, string>>();
    const rows = new Map<string, Row[]>();
    for (const { id, file } of CASES) {
      const systemId = (await ask('POST', 'inventory/systems', { name: id })).id;
      const ids: Record<string, string> = { systemId };
      for (const [name, definition] of Object.entries(METRICS)) {
        const made = await ask('POST', 'monitors', {
          systemId,
          definition: { ...BASE, ...definition, name, ownerId: product.people.engineer.id },
          reason: 'A published case.',
        });
        ids[name] = made.monitor.id;
        await ask('POST', `monitors/${made.monitor.id}/review`, { decision: 'approved' }, true);
      }
      monitors.set(id, ids);
      rows.set(
        id,
        monitoringFile(`datasets/${file}`)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
      taken.set(id, { accepted: 0, duplicates: 0, rejected: 0, late: 0 });
    }
    const hours = Math.max(...CASES.map((one) => one.hours));
    for (let hour = 0; hour < hours; hour++) {
      const at = start + hour * HOUR_MS;
      // The events of a day come at its first minute: ahead of the clock, and still in the window of their own time.
      if (hour % 24 === 0)
        for (const { id } of CASES) {
          product.clock.nowMs = at;
          const lines = (rows.get(id) ?? [])
            .filter(({ t }) => t >= at && t < at + DAY_MS)
            .map((row) =>
              JSON.stringify({
                id: `${id}:${row.id}`,
                source: id,
                occurredAt: row.t,
                systemId: monitors.get(id)?.systemId,
                kind: 'operation',
                segment: { seg: row.seg },
                values: { v: row.v, err: row.err },
              }),
            );
          if (lines.length === 0) continue;
          const result = await ask('POST', 'events', lines.join('\n'));
          const sum = taken.get(id);
          if (sum) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += result[key];
        }
      product.clock.nowMs = at + HOUR_MS + 16 * 60_000;
      await runMonitors({ records: product.services.records, ...product.services.alerts });
    }
    for (const { id, hours: asked } of CASES) {
      const found = {} as Record<MetricName, MonitorDetail>;
      for (const name of Object.keys(METRICS) as MetricName[])
        found[name] = await ask(
          'GET',
          `monitors/${monitors.get(id)?.[name]}?from=${toInstant(start)}&to=${toInstant(start + asked * HOUR_MS)}`,
        );
      details.set(id, found);
    }
  }, 240_000);

  test.each(CASES.map((one) => [one.id, one] as const))('%s', (id, { expected, hours }) => {
    expect(taken.get(id)).toMatchObject({
      accepted: expected.unique_events,
      duplicates: expected.duplicates,
      rejected: 0,
      late: 0,
    });
    const found = details.get(id) as Record<MetricName, MonitorDetail>;
    const point = (name: MetricName, hour: number) => found[name].series[0]?.points[hour];
    expect(found.volume.monitor.counts).toMatchObject({ expected: hours, missed: 0, error: 0 });
    const empty = (found.volume.series[0]?.points ?? []).flatMap(({ n }, hour) => (n === 0 ? [hour] : []));
    expect(empty).toEqual(expected.empty_windows);
    for (const window of expected.windows) {
      const { hour, count } = window;
      expect(point('volume', hour)?.n, `hour ${hour}`).toBe(count);
      if (count === 0) {
        for (const name of ['errors', 'mean', 'p50', 'p95'] as const)
          expect(point(name, hour)?.state, `${name} of hour ${hour}`).toBe('insufficient_data');
        continue;
      }
      expect(Math.round((point('errors', hour)?.value ?? -1) * count), `errors of hour ${hour}`).toBe(window.errors);
      if (count > 1) expect(point('mean', hour)?.value).toBeCloseTo(window.mean ?? 0, 8);
      for (const [name, truth] of [
        ['p50', window.p50_nearest],
        ['p95', window.p95_nearest],
      ] as const)
        expect(Math.abs((point(name, hour)?.value ?? 0) / (truth ?? 1) - 1), `${name} of ${hour}`).toBeLessThan(0.0101);
    }
    for (const [segment, { count, errors }] of Object.entries(expected.segments)) {
      const series = found.errors.series.find((one) => one.series === `seg=${segment}`);
      const sum = (read: (one: { n: number; value: number | null }) => number) =>
        series?.points.reduce((total, one) => total + read(one), 0);
      expect(sum(({ n }) => n)).toBe(count);
      expect(Math.round(sum(({ n, value }) => n * (value ?? 0)) ?? -1)).toBe(errors);
    }
  });

  test('and every one of them comes out again from what was sealed', async () => {
    const { drizzle } = product.services.database;
    const batches = await batchesToRecompute(drizzle, undefined);
    expect(batches).toHaveLength(CASES.length * Math.max(...CASES.map((one) => one.hours)));
    for (const batchId of batches.slice(0, 60))
      expect(await recomputeBatch(drizzle, batchId)).toMatchObject({ outcome: 'same' });
  });
});
