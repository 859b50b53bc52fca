import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Hex } from '#src/kernel/hash.ts';
import { testDatabase } from '../../tests/support/database.ts';
import { type Blobs, clearUnfinishedBlobs, openBlobs } from './blobs.ts';

const database = testDatabase();
let dataDir = '';
let blobs: Blobs;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'assay-blobs-'));
  blobs = openBlobs(dataDir, database.current, { blobBytes: 100_000, readBytes: 90_000 });
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const fileOf = (sha256: string) => join(dataDir, 'blobs/sha256', sha256.slice(0, 2), sha256);
const unfinished = () => readdirSync(join(dataDir, 'blobs/unfinished'));

async function* inChunks(bytes: Uint8Array, sizeBytes: number) {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

test('what is put comes back, whole or in chunks of any size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), fc.integer({ min: 1, max: 6_000 }), async (bytes, size) => {
      const stored = await blobs.put(inChunks(bytes, size), 'application/octet-stream');
      expect(stored).toEqual({ sha256: sha256Hex(bytes), sizeBytes: bytes.length });
      expect(await blobs.read(stored.sha256)).toEqual(Buffer.from(bytes));
      expect(await buffer(blobs.stream(stored.sha256))).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 15 },
  );
});

test('the same bytes put many times at once are one blob', async () => {
  const bytes = randomBytes(50_000);
  const stored = await Promise.all(Array.from({ length: 20 }, () => blobs.put(inChunks(bytes, 1_000), 'text/plain')));
  expect(new Set(stored.map(({ sha256 }) => sha256)).size).toBe(1);
  expect(await blobs.has(stored[0]?.sha256 ?? '')).toBe(true);
  const { rows } = await database.current.pool.query('select size_bytes, media_type from blob where sha256 = $1', [
    stored[0]?.sha256,
  ]);
  expect(rows).toEqual([{ size_bytes: 50_000, media_type: 'text/plain' }]);
  expect(unfinished()).toEqual([]);
});

test('content past the limit is refused and leaves nothing behind', async () => {
  async function* endless() {
    for (;;) yield new Uint8Array(10_000);
  }
  await expect(blobs.put(endless(), 'x/y')).rejects.toMatchObject({ code: 'too_large' });
  expect(unfinished()).toEqual([]);
});

test('a source that fails half-way leaves nothing behind', async () => {
  async function* failing() {
    yield new Uint8Array(10);
    throw new Error('connection lost');
  }
  await expect(blobs.put(failing(), 'x/y')).rejects.toThrow('connection lost');
  expect(unfinished()).toEqual([]);
});

test('a damaged file is reported, not returned, and healed by putting the bytes again', async () => {
  const bytes = randomBytes(2_000);
  const { sha256 } = await blobs.put(bytes, 'x/y');
  writeFileSync(fileOf(sha256), randomBytes(2_000));
  await expect(blobs.read(sha256)).rejects.toMatchObject({ code: 'internal' });
  await expect(buffer(blobs.stream(sha256))).rejects.toThrow(/is damaged/);
  await blobs.put(bytes, 'x/y');
  expect(await blobs.read(sha256)).toEqual(bytes);
});

test('a blob that is not there is not found, and a name that is no digest reaches no file', async () => {
  const absent = createHash('sha256').update('absent').digest('hex');
  expect(await blobs.has(absent)).toBe(false);
  await expect(blobs.read(absent)).rejects.toMatchObject({ code: 'not_found' });
  await expect(buffer(blobs.stream(absent))).rejects.toMatchObject({ code: 'not_found' });
  await expect(blobs.read('../../format.json')).rejects.toMatchObject({ code: 'invalid_input' });
  expect(() => blobs.stream('../../format.json')).toThrow(/64 lower-case hex/);
});

test('more than one read may hold is streamed only', async () => {
  const { sha256 } = await blobs.put(new Uint8Array(95_000), 'x/y');
  await expect(blobs.read(sha256)).rejects.toMatchObject({ code: 'too_large' });
  expect((await buffer(blobs.stream(sha256))).length).toBe(95_000);
});

test('files left by killed writers are cleared once they are old', async () => {
  const old = join(dataDir, 'blobs/unfinished/old');
  const young = join(dataDir, 'blobs/unfinished/young');
  for (const file of [old, young]) writeFileSync(file, 'x');
  utimesSync(old, 1_000, 1_000);
  expect(await clearUnfinishedBlobs(dataDir, Date.now())).toBe(1);
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  rmSync(young);
});
