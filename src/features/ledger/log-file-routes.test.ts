import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePolicyText } from '#src/ledger/log/policy.ts';
import { tilesOf } from '#src/ledger/log/tiles.ts';
import { verifyLog } from '#src/ledger/log/verify-log.ts';
import { appendEntries } from '#src/ledger/store/append.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Product, testProduct } from '../../../tests/support/product.ts';
import { logFileRoutes } from './index.ts';

const database = testDatabase();
const started = testProduct(database, () => [], {
  mountAt: ({ ledger }) => ({
    '/ledger': logFileRoutes(ledger, { isPublic: true }),
    '/closed': logFileRoutes(ledger, { isPublic: false }),
  }),
});
let product: Product;
let size = 0;

const read = (path: string, headers: Record<string, string> = {}) =>
  product.call('GET', `/ledger/${path}`, { headers });
const append = (from: number, count: number) =>
  database.current.transaction((tx) =>
    appendEntries(
      tx,
      Array.from({ length: count }, (_, i) => ({
        type: 'evidence.collected' as const,
        actor: { kind: 'service' as const, id: 'test' },
        subject: { kind: 'evidence', id: `evd_${from + i}` },
        body: { n: from + i },
        dedupeKey: `n${from + i}`,
      })),
      product.services.clock,
    ),
  );

beforeAll(async () => {
  product = started.current;
  await append(0, 298);
  await product.services.ledger.integrate();
  ({ size } = await product.services.ledger.checkpoint());
});

test('a stranger verifies the whole log from its files, below both addresses', async () => {
  expect(size).toBeGreaterThanOrEqual(300);
  const policy = parsePolicyText(`log ${product.services.ledger.vkey}\nquorum none\n`);
  const id = product.services.ledger.origin.split('/').at(-1);
  for (const prefix of ['', `${id}/`]) {
    const files = {
      read: async (path: string) => {
        const answer = await read(prefix + path);
        return answer.statusCode === 200 ? answer.rawPayload : null;
      },
    };
    const { checkpoint } = await verifyLog(files, policy);
    expect(checkpoint.size).toBe(size);
  }
});

test('types and caching are those of tlog-tiles', async () => {
  const checkpoint = await read('checkpoint');
  expect(checkpoint.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'public, max-age=2',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  for (const path of ['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/3'])
    expect((await read(path)).headers, path).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000',
    });
});

test('a full tile is 8,192 bytes, a partial one its beginning, at any width there is', async () => {
  const full = (await read('tile/0/000')).rawPayload;
  expect(full).toHaveLength(8_192);
  for (const width of [1, 17, 255]) {
    const partial = (await read(`tile/0/000.p/${width}`)).rawPayload;
    expect(Buffer.compare(partial, full.subarray(0, width * 32))).toBe(0);
  }
  const first = (await read('tile/entries/000.p/1')).rawPayload;
  const leaf = first.subarray(2);
  expect(first.readUInt16BE(0)).toBe(leaf.length);
  const hash = createHash('sha256')
    .update(Buffer.concat([Buffer.of(0), leaf]))
    .digest();
  expect(Buffer.compare(hash, full.subarray(0, 32))).toBe(0);
});

test('entry bundles are compressed for whom it suits', async () => {
  const plain = await read('tile/entries/000');
  expect(plain.headers).toMatchObject({ vary: 'accept-encoding' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  for (const header of ['gzip', 'br, gzip;q=0.5', 'identity, GZIP ; q=1.0']) {
    const answer = await read('tile/entries/000', { 'accept-encoding': header });
    expect(answer.headers['content-encoding'], header).toBe('gzip');
    expect(Buffer.compare(gunzipSync(answer.rawPayload), plain.rawPayload)).toBe(0);
  }
  for (const header of ['identity', 'gzip;q=0', 'gzip;q=0.0', 'br', 'x-gzip2'])
    expect((await read('tile/entries/000', { 'accept-encoding': header })).headers['content-encoding']).toBeUndefined();
});

test('what is not signed yet is not served', async () => {
  await append(1_000, 3);
  const rest = size % 256;
  expect((await read(`tile/0/001.p/${rest}`)).statusCode).toBe(200);
  expect((await read(`tile/0/001.p/${rest + 1}`)).statusCode).toBe(404);
  await product.services.ledger.integrate();
  expect((await read(`tile/0/001.p/${rest + 1}`)).statusCode).toBe(200);
  // Of a head that was given out, the partial file stays.
  expect((await read(`tile/entries/001.p/${rest}`)).statusCode).toBe(200);
});

test.each([
  '',
  'tile',
  'tile/',
  'tile/0/',
  'tile/0/000/',
  'tile/0/000.p',
  'tile/0/000.p/',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/00/000',
  'tile/64/000',
  'tile/1/000',
  'tile/0/0',
  'tile/0/002',
  'tile/0/x000/000',
  'tile/0/x999/x999/x999/x999/x999/999',
  'tile/entries',
  'tile/entries/002',
  'tile/entries/-01',
  'tile/63/000.p/1',
  '%2e%2e%2fcheckpoint',
  'checkpoint/',
  'Checkpoint',
  'checkpoint.txt',
  'index.html',
  'f'.repeat(150),
])('there is no file "%s"', async (path) => {
  const answer = await read(path);
  expect(answer.statusCode).toBe(404);
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('nothing can be written to it', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await product.call(method, '/ledger/checkpoint')).statusCode).toBe(404);
});

describe('closed, as the settings say', () => {
  const closed = (cookie?: string) => product.call('GET', '/closed/checkpoint', cookie ? { cookie } : {});
  test('it takes a sign-in with the permission to read the ledger, and no shared cache keeps it', async () => {
    expect((await closed()).statusCode).toBe(401);
    expect((await closed(product.people.viewer.cookie)).statusCode).toBe(403);
    const answer = await closed(product.people.auditor.cookie);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(product.services.ledger.origin);
    expect(answer.headers['cache-control']).toBe('private, max-age=2');
  });
});

test('the paths that are read are those that are written', async () => {
  const { parseLogPath, tilePath, entryBundlePath } = await import('#src/ledger/log/tiles.ts');
  for (const tile of [...tilesOf(70_000), { level: 3, index: 1_234_067, width: 5 }]) {
    expect(parseLogPath(tilePath(tile))).toEqual({ kind: 'tile', ...tile });
    const { index, width } = tile;
    expect(parseLogPath(entryBundlePath(index, width))).toEqual({ kind: 'entries', index, width });
  }
});
