import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertRoutes, alertSettingsRoutes, type NewAlert } from '#src/features/alerts/index.ts';
import type { AlertDetail } from '#src/features/alerts/model.ts';
import { DEFAULT_SETTINGS } from '#src/features/alerts/settings-model.ts';
import { eventRoutes, importFile, ingest, systemFinder } from '#src/features/events/index.ts';
import type { BatchResult, EventSource } from '#src/features/events/model.ts';
import { inventoryRoutes } from '#src/features/inventory/index.ts';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import {
  ABSENT,
  monitoringCases,
  monitoringCasesPresent,
  monitoringFile,
} from '../../../tests/support/monitoring-cases.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';

/*
 * Each file of the monitoring cases, and the door it goes through: HTTP, or the import of `assay monitor import`, here or in
 * the test that is named. Statistics have no door of their own but `src/statistics`.
 */
const HERE = 'src/apps/server/monitoring-cases.test.ts';
const DOORS: Record<string, { door: string; test: string }> = {
  'cases/alert_sla.jsonl': { door: 'POST /alerts/acknowledge, GET /alerts/:id', test: HERE },
  'cases/completeness.jsonl': { door: 'POST /events (NDJSON), GET /events/sources', test: HERE },
  'cases/windows.jsonl': {
    door: 'POST /events, the runner, GET /monitors/:id',
    test: 'src/features/monitors/window-cases.test.ts',
  },
  'datasets/events_day.jsonl': { door: 'monitor import, JSON Lines', test: HERE },
  'datasets/events_dst_week.jsonl': { door: 'monitor import, JSON Lines', test: HERE },
  'datasets/events_sparse.jsonl': { door: 'monitor import, JSON Lines', test: HERE },
  'datasets/adults_30k.csv.gz': { door: 'monitor import, CSV', test: HERE },
  'datasets/ma_reference.csv.gz': { door: 'monitor import, CSV', test: HERE },
  'datasets/ma_analysis.csv.gz': { door: 'src/statistics', test: 'src/statistics/nannyml.test.ts' },
  'cases/nannyml_ma.json': { door: 'src/statistics', test: 'src/statistics/nannyml.test.ts' },
  'cases/calibration.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
  'cases/categorical_drift.jsonl': { door: 'src/statistics', test: 'src/statistics/categorical-drift.test.ts' },
  'cases/eval_stats.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
  'cases/isotonic.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
  'cases/judge_stats.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
  'cases/large_generated.jsonl': { door: 'src/statistics', test: 'src/statistics/numeric-drift.test.ts' },
  'cases/multiple_testing.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
  'cases/numeric_drift.jsonl': { door: 'src/statistics', test: 'src/statistics/numeric-drift.test.ts' },
  'cases/proportion_ci.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
  'cases/special_functions.jsonl': { door: 'src/statistics', test: 'src/statistics/special-functions.test.ts' },
  'cases/streaming.jsonl': { door: 'src/statistics', test: 'src/statistics/stream-detectors.test.ts' },
  'cases/two_proportions.jsonl': { door: 'src/statistics', test: 'src/statistics/rates-and-scores.test.ts' },
};

type Completeness = {
  id: string;
  source: string;
  declared_first: number;
  declared_last: number;
  received_sequence: number[];
  expected: {
    unique: number;
    duplicates: number;
    missing: number;
    gap_ranges: [number, number][];
    completeness: number;
  };
};
type Severity = 'critical' | 'high' | 'medium' | 'low';
type Sla = {
  id: string;
  sla_minutes: Record<string, number>;
  alerts: { id: string; severity: Severity; fired_at: number; ack_at: number | null }[];
  expected: Record<string, { fired: number; within_sla: number; never_acked: number }>;
};
type Windows = {
  id: string;
  file: string;
  expected: { rows_in_file: number; unique_events: number; duplicates: number };
};

describe.skipIf(!monitoringCasesPresent)(`monitoring cases (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  const database = testDatabase();
  const started = testProduct(database, ({ services, users }) => {
    const { records, blobs, secrets, log } = services;
    const { namesOf } = users;
    return [
      ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
      ...eventRoutes({ ...services, closedUntil: async () => new Map(), append: records.append }),
      alertRoutes({ records, namesOf }),
      alertSettingsRoutes({ records, namesOf, secrets, baseUrl: () => 'https://assay.example', log }),
    ];
  });
  let product: Product;
  let systemId: string;
  let key: string;
  const folder = mkdtempSync(join(tmpdir(), 'monitoring-cases-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  async function ask(method: string, path: string, body?: object | string): Promise<any> {
    const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
    const answer = await product.call(method, path, { key, body, headers });
    expect(answer.statusCode, `${method} ${path}: ${answer.body}`).toBeLessThan(300);
    return answer.json();
  }

  beforeAll(async () => {
    product = started.current;
    const body = { name: 'cases', role: 'compliance', expiresOn: '2027-02-28' };
    const made = await product.call('POST', 'keys', { cookie: product.people.compliance.cookie, body });
    key = made.json().secret;
    const system = { cookie: product.people.engineer.cookie, body: { name: 'Cases' } };
    systemId = (await product.call('POST', 'inventory/systems', system)).json().id;
  });

  test('each file has a door, and the test that takes it through', () => {
    const root = join(process.cwd(), '../shared/data/monitoring');
    const files = ['cases', 'datasets'].flatMap((part) =>
      readdirSync(join(root, part)).map((name) => `${part}/${name}`),
    );
    expect(Object.keys(DOORS).sort()).toEqual(files.sort());
    for (const [file, { test: path }] of Object.entries(DOORS)) {
      expect(existsSync(path), path).toBe(true);
      const bare = file.replace(/^\w+\//, '').replace(/\.(jsonl|json|csv\.gz)$/, '');
      expect(readFileSync(path, 'utf8').includes(bare), `${path} has to read ${file}`).toBe(true);
    }
  });

  test.each(
    monitoringCases<Completeness>('completeness.jsonl').map((one) => [one.id, one] as const),
  )('%s: numbers that came in any order, twice or never', async (id, {
    source,
    declared_first,
    declared_last,
    received_sequence,
    expected,
  }) => {
    const at = product.clock.nowMs - HOUR_MS;
    const text = received_sequence
      .map((sequence) =>
        JSON.stringify({
          id: `${id}:${sequence}`,
          source: `${id}:${source}`,
          sequence,
          occurredAt: at + sequence,
          systemId,
          kind: 'operation',
        }),
      )
      .join('\n');
    const result: BatchResult = await ask('POST', 'events', text);
    expect(result).toMatchObject({ accepted: expected.unique, duplicates: expected.duplicates, rejected: 0 });
    const range = `from=${toInstant(at)}&to=${toInstant(product.clock.nowMs)}`;
    const { items } = (await ask('GET', `events/sources?${range}`)) as { items: EventSource[] };
    const found = items.find(({ name }) => name === `${id}:${source}`);
    expect(found).toMatchObject({ accepted: expected.unique, duplicates: expected.duplicates });
    expect(found?.sequence).toMatchObject({
      first: declared_first,
      last: declared_last,
      unique: expected.unique,
      missing: expected.missing,
      gaps: expected.gap_ranges,
      gapCount: expected.gap_ranges.length,
    });
    expect(found?.sequence?.share).toBeCloseTo(expected.completeness, 12);
  });

  test.each(
    monitoringCases<Sla>('alert_sla.jsonl').map((one) => [one.id, one] as const),
  )('%s: alerts that were acknowledged in time, too late or never', async (_id, { sla_minutes, alerts, expected }) => {
    const clocks = { ...DEFAULT_SETTINGS.clocks };
    for (const [severity, minutes] of Object.entries(sla_minutes))
      clocks[severity as Severity] = { ...clocks[severity as Severity], acknowledgeMinutes: minutes, clock: 'always' };
    // Each thing happens when it did, counted from now on: a clock that goes back is refused.
    const happenings = alerts.flatMap(({ id, severity, fired_at, ack_at }) => [
      { at: fired_at, id, severity, is: 'fired' as const },
      ...(ack_at === null ? [] : [{ at: ack_at, id, severity, is: 'acknowledged' as const }]),
    ]);
    happenings.sort((a, b) => a.at - b.at);
    const shiftMs = product.clock.nowMs + HOUR_MS - (happenings[0]?.at ?? 0);
    const { version } = await ask('GET', 'alerts/settings');
    await ask('PUT', 'alerts/settings', {
      settings: { ...DEFAULT_SETTINGS, clocks },
      version,
      reason: 'The clocks of the case.',
    });
    const ids = new Map<string, string>();
    for (const { at, id, severity, is } of happenings) {
      product.clock.nowMs = at + shiftMs;
      if (is === 'fired') {
        const alert: NewAlert = {
          source: 'monitor',
          sourceId: 'mon_cases',
          subject: { kind: 'ai-system', id: systemId, title: 'Cases' },
          severity,
          title: id,
          reasons: ['As in the case.'],
          dedupeKey: `${_id}:${id}`,
          occurredAt: toInstant(at + shiftMs),
        };
        const { alertId } = await database.current.transaction((tx) => product.services.alerts.openAlert(tx, alert));
        ids.set(id, alertId);
      } else await ask('POST', 'alerts/acknowledge', { ids: [ids.get(id)] });
    }
    product.clock.nowMs += 2 * DAY_MS;
    const counted: Sla['expected'] = {};
    for (const { id, severity } of alerts) {
      const { alert } = (await ask('GET', `alerts/${ids.get(id)}`)) as AlertDetail;
      counted[severity] ??= { fired: 0, within_sla: 0, never_acked: 0 };
      const count = counted[severity];
      count.fired++;
      if (alert.acknowledge.clock === 'met') count.within_sla++;
      if (alert.acknowledge.at === null) {
        count.never_acked++;
        expect(alert.acknowledge.clock).toBe('breached');
      }
    }
    expect(counted).toEqual(expected);
  });

  async function imported(
    name: string,
    mapping: { at: string; id: string; segments: string[] },
  ): Promise<BatchResult & { drift: number }> {
    const path = join(folder, name);
    const { database: db, clock } = product.services;
    const context = { nowMs: clock(), systemOf: await systemFinder(db.drizzle) };
    const { items, drift } = await importFile(path, { system: systemId, kind: 'operation', ...mapping }, context);
    const services = { database: db, clock, closedUntil: async () => new Map<string, number>() };
    const result = await ingest(services, { from: 'cli', form: 'file', items });
    return { ...result, drift: drift().length };
  }

  test.each(monitoringCases<Windows>('windows.jsonl').map((one) => [one.file, one.expected] as const))(
    '%s: each event once, however often and in whatever order it stands in the file',
    async (name, { rows_in_file, unique_events, duplicates }) => {
      product.clock.nowMs = Date.parse('2026-11-23T09:00:00Z');
      const rows = monitoringFile(`datasets/${name}`).replaceAll('{"id": "', `{"id": "${name}:`);
      writeFileSync(join(folder, name), rows);
      const result = await imported(name, { at: 't', id: 'id', segments: ['seg'] });
      expect(result).toMatchObject({
        received: rows_in_file,
        accepted: unique_events,
        duplicates,
        rejected: 0,
        complete: true,
        drift: 0,
      });
    },
    120_000,
  );

  test.each([
    ['ma_reference.csv', ['year', 'SEX']],
    ['adults_30k.csv', ['race']],
  ] as const)(
    '%s: each row of real data, with a time and a number of its own',
    async (name, segments) => {
      product.clock.nowMs = Date.parse('2026-11-23T09:00:00Z');
      const [header, ...rows] = monitoringFile(`datasets/${name}.gz`).trimEnd().split(/\r?\n/);
      const at = (k: number) => product.clock.nowMs - rows.length * 1_000 + k * 1_000;
      writeFileSync(
        join(folder, name),
        [`row,at,${header}`, ...rows.map((row, k) => `${name}:${k},${at(k)},${row}`)].join('\n'),
      );
      const result = await imported(name, { at: 'at', id: 'row', segments: [...segments] });
      expect(result).toMatchObject({
        received: rows.length,
        accepted: rows.length,
        rejected: 0,
        complete: true,
        drift: 0,
      });
      expect((await imported(name, { at: 'at', id: 'row', segments: [...segments] })).duplicates).toBe(rows.length);
    },
    240_000,
  );
});
