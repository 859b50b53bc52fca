import { beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { alertRoutes } from '../alerts/index.ts';
import { eventRoutes } from '../events/index.ts';
import { inventoryRoutes } from '../inventory/index.ts';
import { CANARY_DETECTORS } from './canary-rigs.ts';
import { batchesToRecompute, closedUntil, monitorRoutes, recomputeBatch, runCanaries, runMonitors } from './index.ts';
import type {
  Calendar,
  Canary,
  Change,
  Distribution,
  Evidence,
  MonitorDetail,
  Specification,
  WindowDetail,
} from './model.ts';

const database = testDatabase();
const started = testProduct(database, ({ services, users }) => {
  const { records, blobs } = services;
  const { namesOf } = users;
  return [
    ...inventoryRoutes({ records, blobs, namesOf, version: '0' }),
    ...eventRoutes({
      database: services.database,
      clock: services.clock,
      append: services.records.append,
      closedUntil,
    }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    alertRoutes({ records, namesOf }),
  ];
});
let product: Product;
let systemId: string;
let random: () => number;
const START = Date.parse('2026-11-01T00:00:00Z');

beforeAll(async () => {
  product = started.current;
  product.clock.nowMs = START;
  random = seededRandom(7);
  systemId = (await ask('POST', 'inventory/systems', { name: 'Credit scorer' })).id;
});

type As = 'engineer' | 'colleague' | 'auditor' | 'viewer';
async function raw(method: string, path: string, body?: object | string, as: As = 'engineer') {
  const { cookie } = as === 'colleague' ? product.colleague : product.people[as];
  const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
  return product.call(method, path, { cookie, body, headers });
}
// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function ask(method: string, path: string, body?: object | string, as: As = 'engineer'): Promise<any> {
  const answer = await raw(method, path, body, as);
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.json();
}

const services = () => ({ records: product.services.records, ...product.services.alerts });
const run = () => runMonitors(services());
let sent = 0;

/** Predictions of one day, evenly spread; `shift` moves their score. */
async function day(startMs: number, n: number, { shift = 0, errors = 0.01 } = {}): Promise<void> {
  const lines = Array.from({ length: n }, (_, k) =>
    JSON.stringify({
      id: `p${sent++}`,
      source: 'scorer-1',
      sequence: sent,
      occurredAt: startMs + Math.floor((k * DAY_MS) / n),
      systemId,
      kind: 'prediction',
      modelVersion: 'v1',
      segment: { language: k % 2 ? 'en' : 'de' },
      values: { score: random() + random() + shift, failed: random() < errors, tokens: Math.floor(random() * 900) },
    }),
  );
  const result = await ask('POST', 'events', lines.join('\n'));
  expect(result).toMatchObject({ accepted: n, rejected: 0 });
}

const definition = (more: object = {}) => ({
  name: 'Score drift',
  metric: { type: 'numeric_drift', eventKind: 'prediction', field: 'score' },
  window: 'day',
  segments: [{ key: 'language', values: ['de', 'en'] }],
  thresholds: { warn: 0.1, fail: 0.25 },
  minimumN: 50,
  ownerId: product.people.engineer.id,
  ...more,
});
async function approved(more: object = {}): Promise<string> {
  const { monitor } = await ask('POST', 'monitors', {
    systemId,
    definition: definition(more),
    reason: 'The model card promises it.',
  });
  await ask('POST', `monitors/${monitor.id}/review`, { decision: 'approved' }, 'colleague');
  return monitor.id;
}

let drift: string;
let errors: string;

test('a monitor watches nothing until a second person approves it', async () => {
  const made: MonitorDetail = await ask('POST', 'monitors', {
    systemId,
    definition: definition(),
    reason: 'The model card promises it.',
  });
  expect(made.monitor).toMatchObject({ current: null, baselineNeeded: true, lastState: null });
  drift = made.monitor.id;
  const own = await raw('POST', `monitors/${drift}/review`, { decision: 'approved' });
  expect([own.statusCode, own.json().message ?? own.body]).toEqual([403, expect.stringContaining('another person')]);
  expect((await raw('POST', `monitors/${drift}/review`, { decision: 'refused' }, 'colleague')).statusCode).toBe(400);
  expect(
    (
      await raw('POST', 'monitors', {
        systemId,
        definition: definition({ thresholds: { warn: 0.3, fail: 0.2 } }),
        reason: 'why not',
      })
    ).statusCode,
  ).toBe(400);
  const done: MonitorDetail = await ask('POST', `monitors/${drift}/review`, { decision: 'approved' }, 'colleague');
  expect(done.monitor.current).toMatchObject({ version: 1, state: 'in_force', validFrom: toInstant(START) });
  errors = await approved({
    name: 'Error rate',
    metric: { type: 'rate', eventKind: 'prediction', field: 'failed', equals: [true], worse: 'higher' },
    segments: [],
    thresholds: { warn: 0.03, fail: 0.06 },
  });
  await approved({
    name: 'Completeness',
    metric: { type: 'completeness' },
    segments: [],
    thresholds: { warn: 0.999, fail: 0.99 },
  });
});

test('windows without a baseline say so, and never that nothing drifted', async () => {
  for (const startMs of [START, START + DAY_MS]) {
    product.clock.nowMs = startMs + DAY_MS - 1;
    await day(startMs, 400);
  }
  product.clock.nowMs = START + 2 * DAY_MS + HOUR_MS;
  // The monitor of the first minute of a day governs that day, because it was approved at its start.
  expect(await run()).toMatchObject({ closed: 2, missed: 1, remaining: 0 });
  const detail: MonitorDetail = await ask('GET', `monitors/${drift}`);
  expect(detail.monitor.counts).toMatchObject({ expected: 2, missed: 1, insufficient_data: 1 });
  const window: WindowDetail = await ask('GET', `monitors/windows/${detail.monitor.points[1]?.windowId}`);
  expect(window.decisions.map(({ reason }) => reason)).toEqual(['no_baseline', 'no_baseline', 'no_baseline']);
});

test('a baseline is frozen from a period, approved by a second person, and checked for its size', async () => {
  const period = { periodFrom: toInstant(START), periodTo: toInstant(START + 2 * DAY_MS), reason: 'Two quiet days.' };
  const { items } = await ask('POST', `monitors/${drift}/baselines`, period);
  expect(items[0]).toMatchObject({
    version: 1,
    n: 800,
    state: 'proposed',
    sizeCheck: { verdict: 'thin', windowN: 400 },
  });
  const thin = await raw('POST', `monitors/baselines/${items[0].id}/review`, { decision: 'approved' }, 'colleague');
  expect([thin.statusCode, thin.body]).toEqual([400, expect.stringContaining('2.0 times')]);
  await ask(
    'POST',
    `monitors/baselines/${items[0].id}/review`,
    { decision: 'approved', comment: 'The model is new; a larger one follows.' },
    'colleague',
  );
  const again = await raw('POST', `monitors/${errors}/baselines`, period);
  expect(again.statusCode).toBe(409);
});

test('a quiet day is ok, a shifted day a breach with an alert, and a good day after it is told to the alert', async () => {
  const at = START + 2 * DAY_MS;
  for (const [k, shift] of [0, 0.9, 0].entries()) {
    product.clock.nowMs = at + (k + 1) * DAY_MS - 1;
    await day(at + k * DAY_MS, 400, { shift });
    product.clock.nowMs = at + (k + 1) * DAY_MS + HOUR_MS;
    expect(await run()).toMatchObject({ closed: 1, missed: 0, corrected: 0 });
  }
  const detail: MonitorDetail = await ask('GET', `monitors/${drift}?from=${toInstant(at)}`);
  expect(detail.monitor.points.map(({ state, level }) => [state, level])).toEqual([
    ['ok', 'ok'],
    ['breach', 'fail'],
    ['ok', 'ok'],
    ['pending', 'none'],
  ]);
  const [quiet, shifted] = detail.monitor.points;
  expect(quiet?.noiseFloor).toBeCloseTo(9 * (1 / 800 + 1 / 400), 10);
  expect(shifted?.effect).toBeGreaterThan(0.25);
  expect(detail.series.map(({ series }) => series)).toEqual(['all', 'language=de', 'language=en']);
  const alerts = (await ask('GET', 'alerts')).items;
  const ours = alerts.filter(
    ({ title }: { title: string }) => title.startsWith('Score drift') && title.includes('fail'),
  );
  expect(ours).toHaveLength(1);
  const shown: Distribution = await ask('GET', `monitors/${drift}/distribution?windowId=${shifted?.windowId}`);
  expect(shown).toMatchObject({ form: 'bins', nReference: 800, nCurrent: 400 });
  expect(shown.bars).toHaveLength(10);
  expect(shown.bars.reduce((sum, { current }) => sum + current, 0)).toBeCloseTo(1, 12);
});

test('every stored decision comes out again bit for bit, and a changed row shows', async () => {
  const { drizzle, pool } = product.services.database;
  const batches = await batchesToRecompute(drizzle, undefined);
  for (const id of batches)
    expect(await recomputeBatch(drizzle, id)).toMatchObject({ outcome: 'same', differences: [] });
  const { rows } = await pool.query(`select id, batch_id, content from monitor_window where state = 'breach' limit 1`);
  const [{ id, batch_id, content }] = rows;
  const changed = Buffer.from(content.toString('utf8').replace(/"n":400/, '"n":399'));
  await pool.query('update monitor_window set content = $2 where id = $1', [id, changed]);
  expect((await recomputeBatch(drizzle, batch_id)).outcome).toBe('different');
  await pool.query('update monitor_window set content = $2 where id = $1', [id, content]);
  expect((await recomputeBatch(drizzle, batch_id)).outcome).toBe('same');
});

test('the ledger holds one entry for a window of a system, whatever the number of its monitors', async () => {
  const { ledger } = product.services;
  await ledger.integrate();
  const { items } = await ledger.entries({ limit: 500 });
  const entries = items.map((entry) => JSON.parse(Buffer.from(entry.bytes).toString('utf8')));
  const windows = entries.filter(({ type }) => type === 'monitor.window');
  expect(windows).toHaveLength(6);
  expect(windows.map(({ body }) => body.cause).sort()).toEqual(['due', 'due', 'due', 'due', 'late_run', 'missed']);
});

test('a late event makes a new version beside the old one; one that nobody counts makes none', async () => {
  const at = START + 2 * DAY_MS;
  product.clock.nowMs = START + 5 * DAY_MS + 3 * HOUR_MS;
  const late = {
    id: 'late-1',
    source: 'scorer-1',
    occurredAt: at + HOUR_MS,
    systemId,
    kind: 'prediction',
    values: { score: 1, failed: true },
  };
  expect(await ask('POST', 'events', JSON.stringify(late))).toMatchObject({ accepted: 1, late: 1 });
  expect(await run()).toMatchObject({ corrected: 1 });
  const other = { ...late, id: 'late-2', kind: 'evaluation', values: {} };
  await ask('POST', 'events', JSON.stringify(other));
  // Completeness counts every event, so the window differs only there.
  const detail: MonitorDetail = await ask('GET', `monitors/${errors}?from=${toInstant(at)}`);
  expect(detail.monitor.points[0]).toMatchObject({ versions: 2, n: 401, state: 'ok' });
  const window: WindowDetail = await ask('GET', `monitors/windows/${detail.monitor.points[0]?.windowId}`);
  expect(window.versions.map(({ version }) => version)).toEqual([1, 2]);
  expect(await run()).toMatchObject({ closed: 0 });
});

test('a runner that was down leaves every window missed, and none silently skipped', async () => {
  const from = START + 5 * DAY_MS;
  product.clock.nowMs = from + 4 * DAY_MS + 12 * HOUR_MS;
  const before: Calendar = await ask('GET', `monitors/calendar?from=${toInstant(from)}`);
  // Nobody ran, and the calendar knows.
  for (const { counts } of before.items) expect(counts).toMatchObject({ expected: 4, missed: 4, pending: 1 });
  expect(await run()).toMatchObject({ closed: 4, missed: 4 });
  const after: Calendar = await ask('GET', `monitors/calendar?from=${toInstant(from)}`);
  for (const { counts, windows } of after.items) {
    expect(counts).toMatchObject({ expected: 4, missed: 4, pending: 1 });
    expect(windows[0]).toMatchObject({ state: 'missed', recomputed: 'insufficient_data', corrected: false });
  }
  const all: Calendar = await ask('GET', `monitors/calendar?from=${toInstant(START)}`);
  for (const { counts } of all.items) {
    const { expected, ok, breach, insufficient_data, error, missed } = counts;
    expect(expected).toBe(ok + breach + insufficient_data + error + missed);
  }
});

test('who loosened what, what was in force at a time, and what would have fired, are one question each', async () => {
  const loose = definition({ thresholds: { warn: 30, fail: 50 }, minimumN: 60 });
  await ask('POST', `monitors/${drift}/changes`, { definition: loose, reason: 'Too many alerts.' });
  expect((await raw('POST', `monitors/${drift}/changes`, { definition: loose, reason: 'Again.' })).statusCode).toBe(
    409,
  );
  const changedAt = product.clock.nowMs;
  await ask('POST', `monitors/${drift}/review`, { decision: 'approved', comment: 'Agreed for one week.' }, 'colleague');
  product.clock.nowMs += 1;
  const { items }: { items: Change[] } = await ask('GET', 'monitors/changes?loosening=true', undefined, 'auditor');
  expect(items.map(({ what, by, loosens, from, to }) => [what, by.kind, loosens.length, from?.fail, to?.fail])).toEqual(
    [
      ['approved', 'user', 3, 0.25, 50],
      ['proposed', 'user', 3, 0.25, 50],
    ],
  );
  const then = await ask('GET', `monitors/${drift}/in-force?at=${toInstant(changedAt - 1)}`);
  expect(then.version.definition.thresholds).toEqual({ warn: 0.1, fail: 0.25 });
  const now = await ask('GET', `monitors/${drift}/in-force?at=${toInstant(changedAt)}`);
  expect(now.version.definition.thresholds).toEqual({ warn: 30, fail: 50 });
  const replayed = await ask('POST', `monitors/${drift}/replay`, {
    thresholds: { warn: 30, fail: 50 },
    from: toInstant(START),
    to: toInstant(changedAt),
  });
  expect(replayed).toMatchObject({ fired: 1, wouldFire: 0, differences: [{ was: 'fail' }] });
});

test('a specification ties each promise to an approved monitor and is frozen with it', async () => {
  const clause = (property: string, monitorId: string) => ({
    property,
    statement: 'Scores stay like those of the reference.',
    monitorId,
    ownerId: product.people.engineer.id,
  });
  const content = {
    task: 'Scores applications for credit.',
    clauses: [clause('accurate', drift), clause('valid', errors)],
  };
  const missing = { ...content, clauses: [clause('accurate', 'mon_none')] };
  const refused = await raw('POST', 'monitors/specifications', { systemId, content: missing, reason: 'First one.' });
  expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('clauses[0].monitorId')]);
  const made: Specification = await ask('POST', 'monitors/specifications', { systemId, content, reason: 'First one.' });
  expect((await raw('POST', `monitors/specifications/${made.id}/review`, { decision: 'approved' })).statusCode).toBe(
    403,
  );
  const done: Specification = await ask(
    'POST',
    `monitors/specifications/${made.id}/review`,
    { decision: 'approved' },
    'colleague',
  );
  expect(done).toMatchObject({ state: 'in_force', uncovered: ['complete', 'timely', 'authorized'] });
  expect(done.clauses.map(({ thresholds, asFrozen }) => [thresholds.fail, asFrozen])).toEqual([
    [50, true],
    [0.06, true],
  ]);
});

test('the canaries alarm on what was planted and on nothing else', async () => {
  expect(await runCanaries(services())).toBe(CANARY_DETECTORS.length);
  expect(await runCanaries(services())).toBe(0);
  const { items }: { items: Canary[] } = await ask('GET', 'monitors/canaries', undefined, 'auditor');
  expect(items.filter(({ passed }) => !passed)).toEqual([]);
});

test('one page holds what the auditor asks of a system', async () => {
  const page: Evidence = await ask(
    'GET',
    `monitors/evidence/${systemId}?from=${toInstant(START)}`,
    undefined,
    'auditor',
  );
  expect(page.specification?.clauses).toHaveLength(2);
  expect(page.monitors).toHaveLength(3);
  const { counts, series } = page.monitors.find(({ name }) => name === 'Score drift') as Evidence['monitors'][number];
  expect(counts).toMatchObject({ breach: 1, missed: 5 });
  expect(series.map((one) => one.series)).toEqual(['all', 'language=de', 'language=en']);
  expect(series[0]?.values.filter((value) => value !== null).length).toBe(3);
  expect(page.changes.length).toBeGreaterThan(8);
  expect((await raw('GET', 'monitors/evidence/sys_none')).statusCode).toBe(404);
  const pdf = await raw('GET', `monitors/evidence/${systemId}/pdf?from=${toInstant(START)}`);
  expect(pdf.headers['content-type']).toBe('application/pdf');
  expect(pdf.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.rawPayload.includes('%%EOF')).toBe(true);
  expect((await raw('GET', `monitors/evidence/${systemId}/pdf?from=${toInstant(START)}`)).rawPayload).toEqual(
    pdf.rawPayload,
  );
  expect((await raw('GET', 'monitors/evidence/sys_none/pdf')).statusCode).toBe(404);
});

test('a viewer reads and changes nothing', async () => {
  expect((await raw('GET', 'monitors', undefined, 'viewer')).statusCode).toBe(200);
  expect(
    (await raw('POST', 'monitors', { systemId, definition: definition(), reason: 'why' }, 'viewer')).statusCode,
  ).toBe(403);
  expect((await raw('POST', `monitors/${drift}/review`, { decision: 'approved' }, 'auditor')).statusCode).toBe(403);
});
