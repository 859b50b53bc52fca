import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '#src/kernel/errors.ts';
import { testDatabase } from '../../../tests/support/database.ts';
import { makeAuthority, missingOpenssl, serveAuthority } from '../../../tests/support/time-stamp-authority.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { formatCheckpoint } from '../log/checkpoint.ts';
import { signNote } from '../log/note.ts';
import { appendEntry } from '../store/append.ts';
import { publishLedger } from '../store/publish.ts';
import type { KnownHead } from '../store/signer.ts';
import { type Ledger, openLedger } from '../store/store.ts';
import { lastTimestamp, stampNewestHead, timestampsOf } from '../store/store-timestamps.ts';
import { verifyTimestamp } from '../timestamp/timestamp-verify.ts';
import { openFolderMirror } from './mirror-folder.ts';
import { compareHead, type HeadPlace, largestHead, watchHeads } from './mirror-heads.ts';
import { mirrorNewestHead, runMirrors } from './mirror-run.ts';

const database = testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'assay-heads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const blobs = { has: async () => false, stream: async function* () {} };
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger({
    database: database.current,
    blobs,
    dataDir: join(folder, 'data'),
    clock: Date.now,
    log: silent,
  });
});
const keys = () => [ledger.keys.log.key];
let appended = 0;
async function append(): Promise<number> {
  await appendEntry(
    database.current.drizzle,
    {
      type: 'evidence.collected',
      actor: { kind: 'service', id: 'test' },
      subject: { kind: 'evidence', id: 'x' },
      body: {},
      dedupeKey: `heads-${appended++}`,
    },
    Date.now,
  );
  await ledger.integrate();
  return (await ledger.checkpoint()).size;
}
const knownHead = (size: number, root: Uint8Array, origin = ledger.origin): KnownHead => ({
  checkpoint: { origin, size, root, extensions: [] },
  where: 'the mirror of the auditor',
});

test('every mirror gets the newest head; one that fails does not keep it from the others', async () => {
  const size = await append();
  const good = openFolderMirror({ folder: join(folder, 'good'), keys });
  const whole = openFolderMirror({
    folder: join(folder, 'whole'),
    keys,
    publishTiles: (at) => publishLedger(ledger, at),
  });
  const foreign = openFolderMirror({ folder: join(folder, 'foreign'), keys: () => [] });
  const outcomes = await mirrorNewestHead(database.current, [foreign, good, whole]);
  expect(outcomes.map(({ problem }) => problem === null)).toEqual([false, true, true]);
  expect(await good.noteOf(size)).toBe((await ledger.checkpoint()).note);
  expect(readFileSync(join(folder, 'whole', 'checkpoint'), 'utf8')).toBe((await ledger.checkpoint()).note);
  expect(largestHead([...(await good.knownHeads()), ...(await whole.knownHeads())])?.size).toBe(size);
});

test('the loop mirrors new heads until it is stopped', async () => {
  const mirror = openFolderMirror({ folder: join(folder, 'loop'), keys });
  const stop = new AbortController();
  const running = runMirrors({ database: database.current, mirrors: [mirror], log: silent, everyMs: 5 }, stop.signal);
  const size = await append();
  await expect.poll(() => mirror.noteOf(size)).not.toBe(null);
  stop.abort();
  await running;
});

test('heads that fit are not handed on; those that do not are, at every look', async () => {
  const size = await append();
  const root = await ledger.reader.tree.root(size - 1);
  let asked = 0;
  let heads = [knownHead(size - 1, root)];
  const place: HeadPlace = {
    name: 'p',
    knownHeads: async () => {
      asked++;
      return heads;
    },
  };
  let now = 0;
  const source = watchHeads({ database: database.current, places: [place], askEveryMs: 100, now: () => now });
  expect([await source(), await source(), asked]).toEqual([[], [], 1]);
  heads = [knownHead(size + 7, root), knownHead(size - 1, root)];
  now = 100;
  await source();
  expect((await source()).map(({ checkpoint }) => checkpoint.size)).toEqual([size + 7]);
  expect((await source()).map(({ checkpoint }) => checkpoint.size)).toEqual([size + 7]);
  expect(asked).toBe(2);
});

test('a place that cannot be asked holds up nothing; one that holds something wrong does, until it is put right', async () => {
  let failure: AppError | null = new AppError('unavailable', 'the disk is not there');
  const place: HeadPlace = {
    name: 'p',
    knownHeads: async () => {
      if (failure) throw failure;
      return [];
    },
  };
  expect(await watchHeads({ database: database.current, places: [place] })()).toEqual([]);
  failure = new AppError('conflict', 'a strange file');
  const source = watchHeads({ database: database.current, places: [place] });
  await expect(source()).rejects.toThrow('a strange file');
  await expect(source()).rejects.toThrow('a strange file');
  failure = null;
  expect(await source()).toEqual([]);
});

test('a head outside is compared with our own in one sentence', async () => {
  const size = await append();
  const own = { origin: ledger.origin, size, rootAt: (at: number) => ledger.reader.tree.root(at) };
  const root = await own.rootAt(size);
  expect(await compareHead(own, knownHead(size, root))).toEqual({ kind: 'continues' });
  const behind = await compareHead(own, knownHead(size + 3, root));
  expect(behind).toEqual({
    kind: 'behind',
    sentence: `the mirror of the auditor holds a signed head of ${size + 3} entries, and this ledger has ${size}: 3 are missing. It looks like an older backup was restored.`,
  });
  expect(await compareHead(own, knownHead(size, new Uint8Array(32)))).toMatchObject({ kind: 'forked' });
  expect(await compareHead(own, knownHead(size, root, 'other/ledger'))).toMatchObject({ kind: 'forked' });
});

test('what a mirror remembers stops a ledger that is behind it', async () => {
  const size = await append();
  const path = join(folder, 'ahead');
  const mirror = openFolderMirror({ folder: path, keys });
  const future = signNote(formatCheckpoint(ledger.origin, size + 2, new Uint8Array(32).fill(1)), [ledger.keys.log]);
  await mirror.add({ size: size + 2, note: future, signedAt: new Date() });
  const source = watchHeads({ database: database.current, places: [mirror] });
  const watched = await openLedger({
    database: database.current,
    blobs,
    dataDir: join(folder, 'data'),
    clock: Date.now,
    log: silent,
    headSources: [source],
  });
  await expect(watched.integrate()).rejects.toThrow(/checkpoints.*holds a signed head of .*older backup was restored/);
});

const missing = missingOpenssl();
test.skipIf(missing !== null)(
  `the newest head is stamped once a day, and the stamp is kept as it came${missing ? ` (${missing})` : ''}`,
  async () => {
    const made = await makeAuthority(join(folder, 'tsa'));
    const server = await serveAuthority(async (request) => ({ body: await made.reply(request) }));
    const authority = { name: 'test', url: server.url, trusted: made.root };
    const stamp = (more: Partial<Parameters<typeof stampNewestHead>[0]> = {}) =>
      stampNewestHead({ database: database.current, authority, fetch, clock: Date.now, ...more });
    try {
      const size = await append();
      expect(await stamp()).toBe(size);
      expect(await stamp({ everyMs: 0 })).toBe(null);
      const next = await append();
      expect(await stamp()).toBe(null);
      expect(await stamp({ everyMs: 0 })).toBe(next);
      expect((await lastTimestamp(database.current, ledger.origin, 'test'))?.size).toBe(next);
      const [kept] = await timestampsOf(database.current, ledger.origin, size);
      const message = utf8Bytes(formatCheckpoint(ledger.origin, size, await ledger.reader.tree.root(size)));
      const said = await verifyTimestamp(kept?.response ?? new Uint8Array(), { message, trusted: made.root });
      expect(said.stampedAtMs).toBe(kept?.stampedAt.getTime());
    } finally {
      await server.close();
    }
    for (const statement of [
      'update ledger_timestamp set size = 1',
      'delete from ledger_timestamp',
      'truncate ledger_timestamp',
    ])
      await expect(database.current.pool.query(statement), statement).rejects.toThrow(/append-only/);
  },
);
