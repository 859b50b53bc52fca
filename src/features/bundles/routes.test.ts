import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { COMMAND_LINE } from '#src/features/records/index.ts';
import { recordScan } from '#src/features/scans/index.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { addJob } from '#src/platform/jobs.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { scanResult } from '../../../tests/support/scan-result.ts';
import {
  bundlePath,
  bundleRoutes,
  clearUnfinishedBundles,
  type ExportQueue,
  recoverBundles,
  runExport,
} from './index.ts';
import type { Bundle } from './model.ts';

const database = testDatabase();
let queue: ExportQueue;
const started = testProduct(database, ({ services, users }) => {
  const { clock, ledger, dataDir } = services;
  const ledgerSize = async () => (await ledger.checkpoint()).size;
  queue = { database: database.current, clock, addJob, ledgerSize };
  return [bundleRoutes({ queue, namesOf: users.namesOf, dataDir })];
});
let product: Product;

beforeAll(async () => {
  product = started.current;
  const { records, blobs, ledger } = product.services;
  await recordScan({ records, blobs, tests: CONTROL_TESTS }, scanResult(product.clock.nowMs), COMMAND_LINE);
  await ledger.integrate();
});

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  product.call(method, path, { cookie: product.people.compliance.cookie, body, ...(headers && { headers }) });
const run = (id: string, change: Partial<Parameters<typeof runExport>[0]> = {}, shutdown?: AbortSignal) => {
  const { clock, dataDir, ledger, log } = product.services;
  const { exportBundle } = ledger;
  return runExport({ database: database.current, clock, dataDir, exportBundle, log, ...change }, id, shutdown);
};
const exported = async (body: object = {}): Promise<Bundle> => {
  const asked = await call('POST', 'bundles', body);
  expect(asked.json()).toMatchObject({ state: 'queued' });
  await run(asked.json().id);
  return (await call('GET', `bundles/${asked.json().id}`)).json();
};

test.each([
  ['GET', 'bundles', undefined, 'auditor', 200],
  ['GET', 'bundles', undefined, 'viewer', 403],
  ['GET', 'bundles/bnd_x', undefined, 'viewer', 403],
  ['GET', 'bundles/bnd_x/download', undefined, 'viewer', 403],
  ['POST', 'bundles', {}, 'engineer', 403],
  ['POST', 'bundles', {}, 'auditor', 403],
] as const)('%s %s answers the %s with its due', async (method, path, body, role, status) => {
  const { cookie } = product.people[role === 'auditor' ? 'auditor' : role === 'viewer' ? 'viewer' : 'engineer'];
  expect((await product.call(method, path, { cookie, body })).statusCode).toBe(
    body && role === 'auditor' ? 403 : status,
  );
  expect((await product.call(method, path, { body })).statusCode).toBe(401);
});

test.each([
  'bundles/bnd_none',
  'bundles/bnd_none/download',
])('GET %s says that there is no such bundle', async (path) => {
  expect((await call('GET', path)).json()).toMatchObject({ status: 404, code: 'not_found' });
});

test.each([
  [{ from: 5, to: 3 }, 'before it begins'],
  [{ to: 1_000_000 }, 'newest entry'],
  [{ from: -1 }, 'from'],
  [{ size: 3 }, 'size'],
])('a range %j is refused', async (body, words) => {
  const answer = await call('POST', 'bundles', body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().message).toContain(words);
});

test('an export verifies, holds the evidence, and one flipped byte anywhere in it fails', async () => {
  const bundle = await exported();
  expect(bundle).toMatchObject({
    state: 'ready',
    from: null,
    requestedBy: { id: product.people.compliance.id },
    error: null,
  });
  const bytes = new Uint8Array(readFileSync(bundlePath(product.dataDir, bundle.id)));
  expect(bundle).toMatchObject({ sizeBytes: bytes.length, sha256: sha256Hex(bytes), writtenBytes: bytes.length });
  const report = await verifyBundle(bytes);
  expect(report).toMatchObject({ ok: true, firstProblem: null });
  expect(report.facts).toMatchObject({ origin: product.services.ledger.origin });
  // A byte in every stretch of the file, its tables included.
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 61)) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    const wrong = await verifyBundle(flipped);
    expect([at, wrong.ok, wrong.firstProblem !== null]).toEqual([at, false, true]);
  }
});

test('a range is exported alone, its ends included', async () => {
  const bundle = await exported({ from: 1, to: 2 });
  expect(bundle).toMatchObject({ state: 'ready', from: 1, to: 2 });
  const report = await verifyBundle(new Uint8Array(readFileSync(bundlePath(product.dataDir, bundle.id))));
  expect(report).toMatchObject({ ok: true, facts: { from: 1 } });
});

test('who exported what is an entry of the ledger', async () => {
  const bundle = await exported();
  const { items } = await product.services.ledger.entries({ limit: 5, type: 'bundle.exported' });
  const leaf = JSON.parse(Buffer.from(items[0]?.bytes ?? []).toString('utf8'));
  expect(leaf).toMatchObject({
    actor: { kind: 'user', id: product.people.compliance.id },
    subject: { kind: 'bundle', id: bundle.id },
  });
});

test('a download comes whole or in parts, and is counted once', async () => {
  const bundle = await exported();
  const bytes = readFileSync(bundlePath(product.dataDir, bundle.id));
  const path = `bundles/${bundle.id}/download`;
  const whole = await call('GET', path);
  expect(whole.statusCode).toBe(200);
  expect(whole.rawPayload.equals(bytes)).toBe(true);
  expect(whole.headers).toMatchObject({
    'content-type': 'application/zip',
    'accept-ranges': 'bytes',
    'content-disposition': `attachment; filename="${bundle.fileName}"`,
  });
  const part = await call('GET', path, undefined, { range: 'bytes=100-199' });
  expect(part.statusCode).toBe(206);
  expect(part.headers['content-range']).toBe(`bytes 100-199/${bytes.length}`);
  expect(part.rawPayload.equals(bytes.subarray(100, 200))).toBe(true);
  const beyond = await call('GET', path, undefined, { range: `bytes=${bytes.length}-` });
  expect(beyond.statusCode).toBe(416);
  expect((await call('GET', `bundles/${bundle.id}`)).json()).toMatchObject({
    downloads: 1,
    lastDownloadBy: { id: product.people.compliance.id },
  });
});

test('what is not ready cannot be fetched, and a file that is gone is said to be gone', async () => {
  const asked = (await call('POST', 'bundles', {})).json();
  expect((await call('GET', `bundles/${asked.id}/download`)).statusCode).toBe(409);
  await database.current.pool.query("update bundle set state = 'ready' where id = $1", [asked.id]);
  product.failing.record = true;
  expect((await call('GET', `bundles/${asked.id}/download`)).json()).toMatchObject({
    status: 503,
    code: 'unavailable',
  });
  product.failing.record = false;
});

test('an export that a stopped server left behind is taken up again and leaves no half file', async () => {
  const { id } = (await call('POST', 'bundles', {})).json();
  const stopping = new AbortController();
  const stopped: Parameters<typeof runExport>[0]['exportBundle'] = async ({ out }) => {
    out.write(Buffer.alloc(1000));
    stopping.abort();
    throw new Error('the output was closed');
  };
  await run(id, { exportBundle: stopped }, stopping.signal);
  expect((await call('GET', `bundles/${id}`)).json()).toMatchObject({ state: 'queued' });
  // As after a kill: still marked as running, with the job lost.
  await database.current.pool.query("update bundle set state = 'running' where id = $1", [id]);
  expect(await recoverBundles(queue)).toBeGreaterThan(0);
  await run(id);
  expect((await call('GET', `bundles/${id}`)).json()).toMatchObject({ state: 'ready' });
  const unfinished = () => readdirSync(join(product.dataDir, 'bundles')).filter((name) => name.endsWith('.part'));
  expect(unfinished()).toEqual([]);
  writeFileSync(join(product.dataDir, 'bundles/bnd_killed.zip.0a.part'), 'half');
  expect(await clearUnfinishedBundles(product.dataDir)).toBe(1);
  expect(unfinished()).toEqual([]);
});

test('an export without room on the disk fails with the reason, and says what to do', async () => {
  const { id } = (await call('POST', 'bundles', {})).json();
  const full = async () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  await run(id, { exportBundle: full });
  expect((await call('GET', `bundles/${id}`)).json()).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('disk is full'),
  });
});

test('an export whose evidence file is gone fails naming the file', async () => {
  const { rows } = await database.current.pool.query('select sha256 from evidence_item limit 1');
  const sha256: string = rows[0].sha256;
  const file = join(product.dataDir, 'blobs/sha256', sha256.slice(0, 2), sha256);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(1));
  const { id } = (await call('POST', 'bundles', {})).json();
  await run(id);
  expect((await call('GET', `bundles/${id}`)).json()).toMatchObject({
    state: 'failed',
    error: expect.stringContaining(sha256),
  });
  writeFileSync(file, bytes);
});
