import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScanOptions } from '#src/connectors/source-tree/model.ts';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import { addJob } from '#src/platform/jobs.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { scanResult } from '../../../tests/support/scan-result.ts';
import {
  failingScans,
  type RunScanServices,
  recoverScans,
  requestDueScans,
  runScan,
  type ScanQueue,
  type ScanTree,
  scanRoutes,
} from './index.ts';
import type { Scan } from './model.ts';
import { showAlive } from './scan-liveness.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-scans-'));
const root = join(folder, 'code');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const database = testDatabase();
let queue: ScanQueue;
const started = testProduct(database, ({ services, users }) => {
  queue = { database: database.current, clock: services.clock, addJob, scanRoots: [root] };
  return [scanRoutes({ queue, namesOf: users.namesOf })];
});
let product: Product;

beforeAll(() => {
  product = started.current;
  mkdirSync(root);
});

let folders = 0;
/** A folder to scan that no other test uses. */
function place(): string {
  const path = join(root, `service-${folders++}`);
  mkdirSync(path);
  return path;
}
const call = (method: string, path: string, body?: unknown) =>
  product.call(method, path, { cookie: product.people.engineer.cookie, body });
const request = async (path = place()): Promise<Scan> => {
  const answer = await call('POST', 'scans', { path });
  expect(answer.statusCode).toBe(202);
  return answer.json();
};
const state = async (id: string): Promise<Scan> => (await call('GET', `scans/${id}`)).json();

/** Reads nothing; says what a scan of that folder says. */
const read: ScanTree = async (path, { onProgress, now }) => {
  const half = { filesDone: 6, filesTotal: 12, bytesRead: 1700, detections: 1 };
  onProgress?.({ phase: 'reading', current: 'app/chat.py', ...half });
  return scanResult(now(), { source: { key: `folder:${path}`, title: path } });
};
const run = (id: string, scanTree: ScanTree = read, shutdown?: AbortSignal) => {
  const { records, blobs } = product.services;
  const services: RunScanServices = { records, blobs, tests: CONTROL_TESTS, log: pino({ level: 'silent' }), scanTree };
  return runScan(services, id, shutdown);
};
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
/** A scan that goes on until it is told to stop. */
const endless = (begun: () => void): ScanTree => {
  return (_path: string, { signal }: ScanOptions) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      begun();
    });
};
const jobsOf = async (id: string) =>
  (await database.current.pool.query('select key from graphile_worker.jobs where key = $1', [`scan:${id}`])).rows;

test.each([
  ['GET', 'scans', undefined],
  ['GET', 'scans/roots', undefined],
  ['GET', 'scans/scn_x', undefined],
  ['POST', 'scans', { path: root }],
  ['POST', 'scans/scn_x/cancel', undefined],
])('%s %s is closed to viewers and strangers, and an auditor only reads', async (method, path, body) => {
  const as = (cookie: string) => product.call(method, path, { cookie, body });
  expect((await as(product.people.viewer.cookie)).statusCode).toBe(403);
  expect((await product.call(method, path, { body })).statusCode).toBe(401);
  const auditor = (await as(product.people.auditor.cookie)).statusCode;
  expect(auditor).toBe(method === 'POST' ? 403 : path === 'scans/scn_x' ? 404 : 200);
});

test('a scan is queued with its job, runs, and ends recorded with what it found', async () => {
  const path = place();
  const asked = await request(path);
  expect(asked).toMatchObject({ state: 'queued', path, requestedBy: { id: product.people.engineer.id } });
  expect(await jobsOf(asked.id)).toHaveLength(1);
  await run(asked.id);
  expect(await state(asked.id)).toMatchObject({
    state: 'recorded',
    progress: { phase: 'done', files: 12, bytes: 3400, detections: 2 },
    source: { title: path },
    error: null,
    summary: { unchanged: false, items: { proposed: 2 }, complete: true },
    evidenceId: expect.stringMatching(/^evd_/),
  });
  await run(asked.id);
  const list = (await call('GET', 'scans?limit=1')).json();
  expect(list).toMatchObject({ items: [{ id: asked.id }] });
});

test('the second scan of a folder that waits or runs is refused, and free again afterwards', async () => {
  const path = place();
  const first = await request(path);
  const second = await call('POST', 'scans', { path: `${path}/` });
  expect(second.json()).toMatchObject({ status: 409, message: expect.stringContaining('waiting or running') });
  await run(first.id);
  expect(await request(path)).toMatchObject({ state: 'queued' });
});

test('a waiting scan is canceled at once', async () => {
  const { id } = await request();
  expect((await call('POST', `scans/${id}/cancel`)).json()).toMatchObject({ state: 'canceled' });
  await run(id);
  expect((await state(id)).state).toBe('canceled');
  expect((await call('POST', `scans/${id}/cancel`)).statusCode).toBe(409);
});

test('a running scan shows its progress, and ends when it is canceled', async () => {
  const { id } = await request();
  const begun = gate();
  const running = run(id, endless(begun.open));
  await begun.opened;
  expect(await state(id)).toMatchObject({ state: 'running', progress: { phase: 'listing' } });
  expect((await call('POST', `scans/${id}/cancel`)).json()).toMatchObject({ state: 'running', cancelRequested: true });
  await running;
  expect(await state(id)).toMatchObject({ state: 'canceled', summary: null, evidenceId: null });
});

test('a cancel that comes while the result is stored stores nothing', async () => {
  const { id } = await request();
  await run(id, async (path, options) => {
    await call('POST', `scans/${id}/cancel`);
    return read(path, options);
  });
  expect(await state(id)).toMatchObject({ state: 'canceled', evidenceId: null });
});

test('a scan that fails says why and what to do', async () => {
  const { id } = await request();
  await run(id, async () => {
    throw new AppError('invalid_input', 'The folder vanished. Check the path and scan again.');
  });
  expect(await state(id)).toMatchObject({
    state: 'failed',
    error: 'The folder vanished. Check the path and scan again. Nothing was recorded.',
  });
  const unexpected = await request();
  await run(unexpected.id, async () => {
    throw new Error('internal detail');
  });
  const failed = await state(unexpected.id);
  expect(failed.state).toBe('failed');
  expect(failed.error).not.toContain('internal detail');
});

test('the last scan of a folder is a condition while it failed, and none once the next one is done', async () => {
  const path = place();
  const of = async () =>
    (await failingScans(database.current.drizzle)).filter(({ title }) => title.includes(path.split('/').at(-1) ?? ''));
  const { id } = await request(path);
  expect(await of()).toEqual([]);
  await run(id, async () => {
    throw new AppError('invalid_input', 'The folder vanished.');
  });
  const [first, ...others] = await of();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ link: `/inventory/scans/${id}`, reasons: [expect.stringContaining('vanished')] });
  expect(first?.subject.id).not.toContain('/');
  product.clock.nowMs += 60_000;
  const again = await request(path);
  await run(again.id, async () => {
    throw new AppError('invalid_input', 'The folder vanished.');
  });
  expect(await of()).toMatchObject([{ subject: first?.subject, since: first?.since }]);
  product.clock.nowMs += 60_000;
  const good = await request(path);
  await run(good.id);
  expect(await state(good.id)).toMatchObject({ state: 'recorded' });
  expect(await of()).toEqual([]);
});

test('a stop of the server puts the scan back into the queue, without counting the attempt', async () => {
  const { id } = await request();
  const begun = gate();
  const stopping = new AbortController();
  const running = run(id, endless(begun.open), stopping.signal);
  await begun.opened;
  stopping.abort();
  await running;
  expect(await state(id)).toMatchObject({ state: 'queued' });
  await run(id);
  expect((await state(id)).state).toBe('recorded');
});

test('a scan whose process died is taken up once, and fails after the second time', async () => {
  const { id } = await request();
  const die = async () => {
    await database.current.pool.query('delete from graphile_worker._private_jobs');
    await database.current.pool.query("update scan set state = 'running', attempts = attempts + 1 where id = $1", [id]);
  };
  await die();
  expect(await recoverScans(queue)).toMatchObject({ requeued: 1 });
  expect(await state(id)).toMatchObject({ state: 'queued' });
  expect(await jobsOf(id)).toHaveLength(1);
  await die();
  expect(await recoverScans(queue)).toMatchObject({ requeued: 0, failed: 1 });
  expect(await state(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('stopped twice') });
});

test('a scan that is still alive elsewhere is left alone, and not run twice', async () => {
  const { id } = await request();
  await database.current.pool.query("update scan set state = 'running' where id = $1", [id]);
  const elsewhere = await showAlive(database.current, id);
  expect(await recoverScans(queue)).toEqual({ requeued: 0, failed: 0 });
  await run(id);
  expect((await state(id)).state).toBe('running');
  await elsewhere?.end();
  expect(await recoverScans(queue)).toEqual({ requeued: 1, failed: 0 });
});

test.each([
  ['relative/path', 400, 'absolute path'],
  ['/etc', 403, 'ASSAY_SCAN_ROOTS'],
  ['/root/nothing-here', 403, 'ASSAY_SCAN_ROOTS'],
  [`${root}/../../../etc`, 403, 'ASSAY_SCAN_ROOTS'],
  [`${root}/none`, 400, 'no folder'],
  ['', 400, 'path'],
  ['/a\u0000b', 400, 'absolute path'],
])('the path %j is refused in words', async (path, status, words) => {
  const answer = await call('POST', 'scans', { path });
  expect(answer.json()).toMatchObject({ status, message: expect.stringContaining(words) });
});

test('a file is no folder, and a link out of the roots leads nowhere', async () => {
  writeFileSync(join(root, 'file.txt'), 'x');
  symlinkSync('/etc', join(root, 'link'));
  expect((await call('POST', 'scans', { path: join(root, 'file.txt') })).json().message).toContain('is not a folder');
  expect((await call('POST', 'scans', { path: join(root, 'link') })).statusCode).toBe(403);
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be read is refused', async () => {
  const path = place();
  chmodSync(path, 0o000);
  expect((await call('POST', 'scans', { path })).json().message).toContain('may not read');
  chmodSync(path, 0o700);
});

test('the roots are told to whoever may scan', async () => {
  expect((await call('GET', 'scans/roots')).json()).toEqual({ roots: [root] });
});

test('a scan that is not there is not found, and an unknown field is named', async () => {
  expect((await call('GET', 'scans/scn_none')).statusCode).toBe(404);
  expect((await call('POST', 'scans/scn_none/cancel')).statusCode).toBe(404);
  expect((await call('POST', 'scans', { path: root, deep: true })).json().message).toContain('deep');
  expect((await call('GET', 'scans?cursor=zz')).statusCode).toBe(400);
});

test('a folder on a schedule is scanned when it is due, and once for what was missed', async () => {
  const path = place();
  const set = await call('PUT', 'scans/schedules', { path, everyHours: 1 });
  expect(set.json().items).toMatchObject([{ path, everyHours: 1, setBy: { kind: 'user' } }]);
  expect(await requestDueScans(queue)).toBe(1);
  // A second process in the same minute finds nothing due.
  expect(await requestDueScans(queue)).toBe(0);
  // Sessions end before the hours below are over: what is stored is read as it is.
  const scansOf = async (): Promise<{ id: string; state: string; requested_by: string; error: string | null }[]> =>
    (await database.current.pool.query('select * from scan where path = $1 order by requested_at', [path])).rows;
  const startMs = product.clock.nowMs;
  const [first] = await scansOf();
  expect(first).toMatchObject({ state: 'queued', requested_by: 'service:assay' });
  await run(first?.id ?? '');
  // Three hours without a server: one scan, and the next an hour from now.
  product.clock.nowMs += 3 * HOUR_MS;
  expect(await requestDueScans(queue)).toBe(1);
  expect((await scansOf()).filter(({ state }) => state === 'queued')).toHaveLength(1);
  const { rows } = await database.current.pool.query('select next_at from scan_schedule where path = $1', [path]);
  expect(rows[0].next_at.getTime()).toBe(product.clock.nowMs + HOUR_MS);

  // A folder that is gone leaves a failed scan, which opens an alert.
  await run((await scansOf()).find(({ state }) => state === 'queued')?.id ?? '');
  rmSync(path, { recursive: true });
  product.clock.nowMs += HOUR_MS;
  expect(await requestDueScans(queue)).toBe(0);
  expect((await scansOf()).find(({ state }) => state === 'failed')?.error).toMatch(/no folder/);
  expect((await failingScans(database.current.drizzle)).some(({ link }) => link.includes('/inventory/scans/'))).toBe(
    true,
  );
  product.clock.nowMs = startMs;
  expect((await call('PUT', 'scans/schedules', { path, everyHours: null })).json().items).toEqual([]);
  expect(await requestDueScans(queue)).toBe(0);

  expect((await call('PUT', 'scans/schedules', { path: '/etc', everyHours: 1 })).statusCode).toBe(403);
  expect((await call('PUT', 'scans/schedules', { path: root, everyHours: 0 })).statusCode).toBe(400);
  const { cookie } = product.people.auditor;
  const refused = await product.call('PUT', 'scans/schedules', { cookie, body: { path: root, everyHours: 1 } });
  expect(refused.statusCode).toBe(403);
});
