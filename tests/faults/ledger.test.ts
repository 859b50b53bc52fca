import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { appendEntries, pendingIdOf } from '#src/ledger/store/append.ts';
import { openLedger } from '#src/ledger/store/store.ts';
import { connectDatabase, type Database } from '#src/platform/database/connect.ts';
import { migrate, readMigrations } from '#src/platform/database/migrate.ts';
import { testDatabase } from '../support/database.ts';
import { databaseUrl, startServer, type TestServer } from '../support/postgres.ts';
import { buildProgram, FaultProcess, failEachCall, killProcesses, placesOf } from './fault-process.ts';
import { REPOSITORY } from './installation.ts';
import { straceMissing, traceProcess } from './strace.ts';
import { blobs, contentsOf, expectPublished, expectWhole, readNote, silent } from './whole-ledger.ts';

const missing = process.platform === 'linux' ? straceMissing() : 'there is no strace on this system';
if (missing) console.warn(`A ledger on a failing disk, and one that is killed anywhere, are not tested: ${missing}.`);
// All places where a process can be killed take minutes; the default takes some, others in each run.
const KILLS = Number(process.env.ASSAY_TEST_KILLS ?? 8);
const SEED = Number(process.env.ASSAY_TEST_SEED ?? Date.now() % 1_000_000);

const parent = mkdtempSync(join(tmpdir(), 'assay-ledger-faults-'));
const program = join(parent, 'ledger-process.mjs');

beforeAll(() => buildProgram('tests/faults/ledger-process.ts', program));
afterEach(killProcesses);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const startLedger = (url: string, dataDir: string) => FaultProcess.start(program, [url, dataDir]);

describe.skipIf(missing !== null)('a ledger on a disk that fails', { timeout: 300_000 }, () => {
  const database = testDatabase();
  const dataDir = join(parent, 'failing');
  let running: FaultProcess;
  let made = 0;

  async function start(): Promise<void> {
    running = await startLedger(database.url, dataDir);
    expect(await running.tell('open')).toHaveProperty('done');
  }

  test('by any call while its keys are made is not started, and is once the disk is well', async () => {
    running = await startLedger(database.url, dataDir);
    const keys = join(dataDir, 'keys');
    const failOpening = async (inject: string, calls: readonly string[]) => {
      const traced = await traceProcess(running.pid, { calls, inject, log: join(parent, 'strace') });
      expect(await running.tell('open'), inject).toHaveProperty('failed');
      const lines = await traced.detach();
      expect((await database.current.pool.query('select from ledger_log')).rowCount).toBe(0);
      expect(existsSync(keys) ? readdirSync(keys).filter((name) => name.endsWith('.tmp')) : []).toEqual([]);
      return lines;
    };
    for (const call of ['mkdir', 'fsync', 'rename']) {
      const lines = await failOpening(`${call}:error=EIO:when=1`, [call]);
      expect(lines.some((line) => line.includes('(INJECTED)'))).toBe(true);
    }
    // Names of keys are made by chance, so the calls on them are found by counting those of a run that comes to the second.
    const seen = await failOpening('rename:error=EIO:when=2', ['openat', 'pwrite64', 'rename']);
    for (const call of ['openat', 'pwrite64']) {
      const places = placesOf(seen, { pid: running.pid, call, on: '/failing/keys' });
      expect(places.length, call).toBeGreaterThan(1);
      for (const nth of places)
        for (const error of ['EIO', 'ENOSPC']) {
          const lines = await failOpening(`${call}:error=${error}:when=${nth}`, [call]);
          expect(lines.find((line) => line.includes('(INJECTED)'))).toContain('/failing/keys');
        }
    }
    expect(await running.tell('open')).toHaveProperty('done');
    await expectWhole(database.current, dataDir, {});
  });

  test('by any call on the head file signs nothing, keeps every entry, and goes on when the disk is well', async () => {
    await start();
    const notes: string[] = [];
    const acknowledged: string[] = [];
    const head = join(dataDir, 'ledger-head');
    const failed = await failEachCall(running, {
      log: join(parent, 'strace'),
      paths: (pid) => [dataDir, head, `${head}.${pid}.tmp`],
      prepare: async () => {
        const key = `head-${made++}`;
        expect(await running.tell('append', { keys: [key] })).toHaveProperty('done');
        acknowledged.push(key);
      },
      work: () => running.tell('integrate'),
      expectAfter: async ({ name }, call) => {
        // After a sync that failed this ledger is used no more: what the disk holds is unknown.
        if (call.includes('fsync(')) expect(name).toBe('SyncFailed');
        expect(existsSync(`${head}.${running.pid}.tmp`)).toBe(false);
        expect(await running.tell('open')).toHaveProperty('done');
        const answer = (await running.tell('integrate')) as { done: { note: string } };
        expect(readNote(readFileSync(head, 'utf8'))).toEqual(readNote(answer.done.note));
        notes.push(answer.done.note);
        expect(new Set(notes.map((note) => readNote(note).size)).size).toBe(notes.length);
      },
    });
    expect(failed).toMatchObject({ pwrite64: 1, rename: 1, fsync: 2 });
    expect(failed.openat).toBeGreaterThan(2);
    await expectWhole(database.current, dataDir, { notes, acknowledged });
  });

  test('by any call while it is published says so, publishes nothing wrong, and the next run completes it', async () => {
    await start();
    const ledger = await expectWhole(database.current, dataDir, {});
    const out = join(parent, 'published');
    expect(await running.tell('publish', { out })).toHaveProperty('done');
    const whole = await expectPublished(ledger, out);
    const folders = [out, ...readdirSync(out, { recursive: true }).map((path) => join(out, String(path)))];
    const failed = await failEachCall(running, {
      log: join(parent, 'strace'),
      paths: (pid) => folders.flatMap((path) => [path, `${path}.${pid}.tmp`]),
      prepare: async () => rmSync(out, { recursive: true }),
      work: () => running.tell('publish', { out }),
      expectAfter: async () => {
        const left = contentsOf(out);
        for (const [path, bytes] of left) expect(whole.get(path), path).toBe(bytes);
        if (left.has('checkpoint')) await expectPublished(ledger, out);
        expect(await running.tell('publish', { out })).toHaveProperty('done');
        expect(contentsOf(out)).toEqual(whole);
      },
    });
    expect(failed.pwrite64).toBe(whole.size);
    expect(failed.rename).toBe(whole.size);
    expect(failed.fsync).toBeGreaterThan(whole.size * 2);
    expect(failed.mkdir).toBeGreaterThan(3);
  });

  test('by any call while partial tiles give way to full ones removes none that is needed', async () => {
    await start();
    const kept = join(parent, 'published-before');
    const out = join(parent, 'published-after');
    const { integrate } = await expectWhole(database.current, dataDir, {});
    const keys = (count: number) => Array.from({ length: count }, () => `tile-${made++}`);
    const publishAfter = async (count: number, folder: string) => {
      await running.tell('append', { keys: keys(count) });
      await integrate();
      expect(await running.tell('publish', { out: folder })).toHaveProperty('done');
    };
    // A partial tile in the first folder, the full one in its place in the second.
    await publishAfter(1, kept);
    await publishAfter(256, out);
    const ledger = await expectWhole(database.current, dataDir, {});
    const whole = contentsOf(out);
    expect([...contentsOf(kept).keys()].some((path) => path.startsWith('tile/0/000.p/'))).toBe(true);
    const partials = ['tile/0/000.p', 'tile/entries/000.p'].map((path) => join(out, path));
    const failed = await failEachCall(running, {
      log: join(parent, 'strace'),
      calls: ['openat', 'unlink', 'rmdir'],
      paths: () => partials.flatMap((path) => [path, ...readdirSync(path).map((name) => join(path, name))]),
      prepare: async () => {
        rmSync(out, { recursive: true });
        cpSync(kept, out, { recursive: true });
      },
      work: () => running.tell('publish', { out }),
      expectAfter: async () => {
        await expectPublished(ledger, out);
        expect(await running.tell('publish', { out })).toHaveProperty('done');
        expect(contentsOf(out)).toEqual(whole);
      },
    });
    expect(failed).toMatchObject({ unlink: 2, rmdir: 2 });
    expect(failed.openat).toBeGreaterThan(1);
  });

  test('by any call while a bundle is exported leaves no bundle, and says so', async () => {
    await start();
    const out = join(parent, 'evidence.zip');
    const failed = await failEachCall(running, {
      log: join(parent, 'strace'),
      paths: () => [parent, out, `${out}.part`],
      prepare: async () => rmSync(out, { force: true }),
      work: () => running.tell('export', { out }),
      expectAfter: async () => {
        expect(existsSync(`${out}.part`)).toBe(false);
        expect(existsSync(out)).toBe(false);
      },
    });
    expect((failed.write ?? 0) + (failed.pwrite64 ?? 0)).toBeGreaterThan(0);
    expect(failed).toMatchObject({ rename: 1, fsync: 2 });
    await expectWhole(database.current, dataDir, {});
  });
});

describe.skipIf(missing !== null)(`a ledger that is killed (seed ${SEED})`, { timeout: 300_000 }, () => {
  const database = testDatabase();
  const dataDir = join(parent, 'killed');
  const out = join(parent, 'killed-published');
  const CALLS_OF_THE_WAY = ['write', 'writev', 'pwrite64', 'fsync', 'rename', 'mkdir', 'openat'];

  test('at any system call has lost nothing it acknowledged, and forked nothing', async () => {
    const heard = { acknowledged: [] as string[], notes: [] as string[] };
    const keysOf = (round: string) => Array.from({ length: 3 }, (_, i) => `${round}-${i}`);
    const run = async (round: string, inject?: string) => {
      const running = await startLedger(database.url, dataDir);
      expect(await running.tell('open')).toHaveProperty('done');
      const traced = await traceProcess(running.pid, {
        calls: CALLS_OF_THE_WAY,
        log: join(parent, 'strace'),
        ...(inject !== undefined && { inject }),
      });
      const answer = await running.tell('way', { keys: keysOf(round), out });
      const lines = await traced.detach();
      await running.kill();
      heard.acknowledged.push(...running.acknowledged);
      heard.notes.push(...running.notes);
      return { answer, calls: lines.filter((line) => line.startsWith(`${running.pid} `)).length };
    };
    const whole = await run('whole');
    expect(whole.answer).toHaveProperty('done');
    expect(heard.acknowledged).toHaveLength(3);
    let random = SEED;
    let killed = 0;
    for (let round = 0; round < KILLS; round++) {
      // A linear congruential generator (Numerical Recipes): any spread will do, and it can be repeated.
      random = (random * 1_664_525 + 1_013_904_223) % 2 ** 32;
      const nth = 1 + Math.floor((random / 2 ** 32) * whole.calls);
      const { answer } = await run(`killed-${round}`, `${CALLS_OF_THE_WAY.join(',')}:signal=KILL:when=${nth}`);
      if (answer.name === 'ended') killed++;
      const ledger = await expectWhole(database.current, dataDir, heard);
      if (existsSync(join(out, 'checkpoint'))) await expectPublished(ledger, out);
    }
    expect(killed).toBeGreaterThan(0);
    // Whatever they left behind, the next run makes it what a first run would have made.
    const last = await startLedger(database.url, dataDir);
    await last.tell('open');
    expect(await last.tell('publish', { out })).toHaveProperty('done');
    const ledger = await expectWhole(database.current, dataDir, heard);
    const published = await expectPublished(ledger, out);
    expect([...published.keys()].filter((path) => path.endsWith('.tmp'))).toEqual([]);
  });
});

describe('two processes that sequence and sign the same ledger', { timeout: 300_000 }, () => {
  const database = testDatabase();

  test.each([
    ['with one data folder', ['shared', 'shared']],
    ['with a data folder each, on two machines', ['first', 'second']],
  ])('%s give every entry one place and every size one root', async (title, folders) => {
    const name = title.length.toString();
    const [one, two] = folders.map((folder) => join(parent, `two-${name}-${folder}`)) as [string, string];
    const keyFolder = join(parent, 'two-keys');
    // The key is the same everywhere; only the folder around it differs.
    const first = await openLedger({
      database: database.current,
      blobs,
      dataDir: keyFolder,
      clock: Date.now,
      log: silent,
    });
    for (const folder of new Set([one, two])) await copyKeys(keyFolder, folder);
    const running = await Promise.all([one, two].map((folder) => startLedger(database.url, folder)));
    for (const each of running) expect(await each.tell('open')).toMatchObject({ done: { origin: first.origin } });
    const keys = Array.from({ length: 150 }, (_, i) => String(i));
    const answers = await Promise.all(running.map((each, i) => each.tell('run', { keys, name: `two-${name}-${i}` })));
    expect(answers).toEqual([{ done: null }, { done: null }]);
    const heard = {
      acknowledged: running.flatMap(({ acknowledged }) => acknowledged),
      notes: running.flatMap(({ notes }) => notes),
    };
    expect(heard.acknowledged).toHaveLength(300);
    await expectWhole(database.current, one, heard);
    await expectWhole(database.current, two, heard);
    const { rows } = await database.current.pool.query('select epoch from ledger_log');
    expect(rows[0].epoch).toBeGreaterThan(1);
  });
});

async function copyKeys(from: string, to: string): Promise<void> {
  const { cp } = await import('node:fs/promises');
  await cp(join(from, 'keys'), join(to, 'keys'), { recursive: true });
}

describe('one entry that is appended ten thousand times at once', { timeout: 120_000 }, () => {
  const database = testDatabase();

  test('is there once, under the index that everybody is told, and every other entry beside it', async () => {
    const dataDir = join(parent, 'duplicates');
    const ledger = await openLedger({ database: database.current, blobs, dataDir, clock: Date.now, log: silent });
    const entryOf = (dedupeKey: string) => ({ ...NEW_ENTRY, dedupeKey, body: { dedupeKey } });
    const append = (keys: readonly string[]) =>
      database.current.transaction((tx) => appendEntries(tx, keys.map(entryOf), Date.now));
    const batches = Array.from({ length: 20 }, (_, i) => [...Array.from({ length: 500 }, () => 'same'), `own-${i}`]);
    // Sequenced in between, so that some meet the entry in line and others in the log.
    await Promise.all([...batches.slice(0, 10).map(append), ledger.integrate()]);
    await Promise.all([...batches.slice(10).map(append), ledger.integrate()]);
    await ledger.integrate();
    const { items } = await ledger.entries({ series: NEW_ENTRY.series, limit: 100 });
    expect(items).toHaveLength(21);
    expect(items.map(({ series }) => series?.seq).reverse()).toEqual(Array.from({ length: 21 }, (_, i) => i));
    await expectWhole(database.current, dataDir, {
      acknowledged: ['same', ...batches.map((keys) => keys.at(-1) as string)],
    });
  });
});

describe('a clock that jumps back', () => {
  const database = testDatabase();

  test('changes the times that are recorded, and neither the order nor what is signed', async () => {
    const dataDir = join(parent, 'clock');
    const time = { ms: Date.parse('2026-11-28T12:00:00Z') };
    const ledger = await openLedger({ database: database.current, blobs, dataDir, clock: () => time.ms, log: silent });
    const keys = ['now', 'an hour before', 'a year before', 'before time began', 'now again'];
    const notes: string[] = [];
    let appended = 0;
    const noon = Date.parse('2026-11-28T12:00:00Z');
    const append = (i: number, backMs: number) => {
      time.ms = noon - backMs;
      return database.current.transaction((tx) =>
        appendEntries(tx, [{ ...NEW_ENTRY, dedupeKey: keys[i] as string, body: { i } }], () => time.ms),
      );
    };
    // The clock goes back between batches, and within one: what waits is taken in the order in which it came.
    for (const batch of [[0], [3_600_000, 31_536_000_000], [noon, 0]]) {
      for (const backMs of batch) await append(appended++, backMs);
      await ledger.integrate();
      notes.push((await ledger.checkpoint()).note);
    }
    expect(notes.map((note) => readNote(note).size)).toEqual([3, 5, 7]);
    const { rows } = await database.current.pool.query(
      'select pending_id from ledger_entry where idx >= 2 order by idx',
    );
    expect(rows.map(({ pending_id }) => pending_id)).toEqual(keys.map(pendingIdOf));
    await expectWhole(database.current, dataDir, { acknowledged: keys, notes });
    const { items } = await ledger.entries({ series: NEW_ENTRY.series, limit: 10 });
    expect(items.map(({ series }) => series?.seq)).toEqual([4, 3, 2, 1, 0]);
    expect(items[1]?.recordedAt.getTime()).toBe(0);
  });
});

const NEW_ENTRY = {
  type: 'evidence.collected',
  actor: { kind: 'service', id: 'test' },
  subject: { kind: 'evidence', id: 'evd_1' },
  series: 'source/clock',
} as const;

describe('a database that is stopped at once while entries are appended', { timeout: 300_000 }, () => {
  let server: TestServer;
  let database: Database;
  const dataDir = join(parent, 'stopped');
  beforeAll(async () => {
    server = await startServer();
    const pool = new pg.Pool({ connectionString: databaseUrl(server.url, 'postgres') });
    await migrate(pool, readMigrations(join(REPOSITORY, 'migrations')));
    await pool.end();
    database = connectDatabase(server.url, { maxConnections: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  test('has all that was acknowledged when it is back, and the same processes go on', async () => {
    const heard = { acknowledged: [] as string[], notes: [] as string[] };
    const running = await startLedger(server.url, dataDir);
    expect(await running.tell('open')).toHaveProperty('done');
    for (let round = 0; round < 3; round++) {
      const from = running.acknowledged.length;
      const keys = Array.from({ length: 2_000 }, (_, i) => String(i));
      const answer = running.tell('run', { keys, name: `round-${round}` });
      while (running.acknowledged.length < from + 40) await new Promise((resolve) => setImmediate(resolve));
      await server.crash();
      expect(await answer).toHaveProperty('failed');
      heard.acknowledged.push(...running.acknowledged.slice(from));
      heard.notes.push(...running.notes);
      await expectWhole(database, dataDir, heard);
    }
    expect(await running.tell('integrate')).toHaveProperty('done');
  });
});
