import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { parsePolicyText } from '../log/policy.ts';
import { verifyLog } from '../log/verify-log.ts';
import { appendEntries } from './append.ts';
import { publishLedger } from './publish.ts';
import { rememberedPlaces, rememberPublished } from './remembered-places.ts';
import { type Ledger, openLedger } from './store.ts';

const database = testDatabase();
const parent = mkdtempSync(join(tmpdir(), 'assay-publish-'));
const dataDir = join(parent, 'data');
const clock = () => Date.parse('2026-11-23T08:53:33.123Z');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
let ledger: Ledger;
let appended = 0;
let out = '';
let folders = 0;

beforeAll(async () => {
  ledger = await openLedger({ database: database.current, blobs, dataDir, clock, log: silent });
});
beforeEach(() => {
  out = join(parent, `out-${folders++}`);
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** Appends until the log has `size` entries, and signs it. */
async function growTo(size: number): Promise<void> {
  await ledger.integrate();
  const count = size - (await ledger.signedHead()).size;
  const entries = Array.from({ length: count }, () => {
    const key = `p${appended++}`;
    return {
      type: 'evidence.collected',
      actor: { kind: 'service', id: 'test' },
      subject: { kind: 'evidence', id: key },
      body: {},
      dedupeKey: key,
    } as const;
  });
  await database.current.transaction((tx) => appendEntries(tx, entries, clock));
  await ledger.integrate();
  expect((await ledger.signedHead()).size).toBe(size);
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
    .sort();
const holds = (folder: string, checkpoint?: Uint8Array) =>
  verifyLog(
    {
      read: async (path) => {
        if (path === 'checkpoint' && checkpoint) return checkpoint;
        return existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : null;
      },
    },
    parsePolicyText(`log ${ledger.vkey}\nquorum none\n`),
  );

test('partial tiles go once the full one is published, and only those', async () => {
  await growTo(200);
  await publishLedger(ledger, out);
  await growTo(250);
  await publishLedger(ledger, out);
  const before = readFileSync(join(out, 'checkpoint'));
  expect(filesIn(out)).toEqual([
    'checkpoint',
    'tile/0/000.p/200',
    'tile/0/000.p/250',
    'tile/entries/000.p/200',
    'tile/entries/000.p/250',
  ]);
  await growTo(300);
  expect(await publishLedger(ledger, out)).toEqual({ size: 300, written: 6 });
  const after = [
    'checkpoint',
    'tile/0/000',
    'tile/0/001.p/44',
    'tile/1/000.p/1',
    'tile/entries/000',
    'tile/entries/001.p/44',
  ];
  expect(filesIn(out)).toEqual(after);
  expect(existsSync(join(out, 'tile/0/000.p'))).toBe(false);
  await holds(out);
  // A reader who kept the head of before still has all it speaks of: the full tile in place of the partial one.
  expect(before.toString('utf8').split('\n')[1]).toBe('250');
  expect(await publishLedger(ledger, out)).toEqual({ size: 300, written: 0 });
  expect(filesIn(out)).toEqual(after);
});

test('what is not full yet keeps the width of every head that was published', async () => {
  await growTo(310);
  await publishLedger(ledger, out);
  const before = readFileSync(join(out, 'checkpoint'));
  await growTo(320);
  await publishLedger(ledger, out);
  expect(filesIn(join(out, 'tile/0'))).toEqual(['000', '001.p/54', '001.p/64']);
  await holds(out);
  await holds(out, before);
});

test('a run that was stopped before its checkpoint leaves what the one that is there needs', async () => {
  await growTo(400);
  await publishLedger(ledger, out);
  const before = readFileSync(join(out, 'checkpoint'));
  await growTo(520);
  const stopped = publishLedger(ledger, out, () => {
    throw new Error('stopped');
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect(readFileSync(join(out, 'checkpoint'))).toEqual(before);
  await holds(out);
  expect(filesIn(join(out, 'tile/0'))).toEqual(['000', '001', '001.p/144', '002.p/8']);
  await publishLedger(ledger, out);
  expect(filesIn(join(out, 'tile/0'))).toEqual(['000', '001', '002.p/8']);
  await holds(out);
});

test('files of somebody else beside the partial tiles stay', async () => {
  mkdirSync(join(out, 'tile/0/000.p'), { recursive: true });
  writeFileSync(join(out, 'tile/0/000.p/README'), 'mine');
  writeFileSync(join(out, 'tile/0/000.p/9'), '');
  await publishLedger(ledger, out);
  expect(readdirSync(join(out, 'tile/0/000.p'))).toEqual(['README']);
});

test('a folder is remembered before its head can be read, and a memory that is damaged is not passed over', async () => {
  rememberPublished(dataDir, out);
  const known = async () => {
    const places = rememberedPlaces(dataDir, () => ledger.ring.logKeys);
    const heads = await Promise.all(places.map((place) => place.knownHeads()));
    return heads.flat().map(({ checkpoint }) => checkpoint.size);
  };
  expect(await known()).toEqual([]);
  await publishLedger(ledger, out, (folder) => {
    expect(existsSync(join(folder, 'checkpoint'))).toBe(false);
    rememberPublished(dataDir, folder);
  });
  expect(await known()).toEqual([520]);
  const path = join(dataDir, 'ledger-places.json');
  const whole = readFileSync(path);
  for (const damaged of ['', '{', '[]', '{"published":[1]}', whole.subarray(0, 20)]) {
    writeFileSync(path, damaged);
    expect(() => rememberedPlaces(dataDir, () => [])).toThrow(/ledger-places\.json is damaged/);
    expect(() => rememberPublished(dataDir, out)).toThrow(/ledger-places\.json is damaged/);
  }
  writeFileSync(path, whole);
  expect(await known()).toEqual([520]);
});
