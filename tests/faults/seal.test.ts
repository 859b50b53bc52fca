import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toBase64 } from '#src/ledger/log/bytes.ts';
import { keyPath } from '#src/ledger/store/keys.ts';
import type { SealReason } from '#src/ledger/store/seal.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { logIdOf } from '#src/ledger/store/store-log.ts';
import { testDatabase } from '../support/database.ts';
import { type Answer, buildProgram, FaultProcess, killProcesses, placesOf } from './fault-process.ts';
import { FAULTS_TIMEOUT_MS, SEED, someOf } from './some-of.ts';
import { straceMissing, traceProcess } from './strace.ts';
import { expectWhole, readNote } from './whole-ledger.ts';

const missing = process.platform === 'linux' ? straceMissing() : 'there is no strace on this system';
if (missing) console.warn(`Sealing and publishing on a failing disk are not tested: ${missing}.`);

const parent = mkdtempSync(join(tmpdir(), 'assay-seal-faults-'));
const program = join(parent, 'ledger-process.mjs');
const CALLS = ['openat', 'read', 'pwrite64', 'fsync', 'rename', 'unlink'] as const;
const FAULTS = ['error=EIO', 'error=ENOSPC', 'signal=KILL'] as const;

beforeAll(() => buildProgram('tests/faults/ledger-process.ts', program));
afterEach(killProcesses);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe.skipIf(missing !== null)(`on a disk that fails (seed ${SEED})`, { timeout: FAULTS_TIMEOUT_MS }, () => {
  const database = testDatabase();
  const dataDir = join(parent, 'data');
  let running: FaultProcess;

  const start = async () => {
    await running?.kill();
    running = await FaultProcess.start(program, [database.url, dataDir]);
  };
  const open = async () => {
    await start();
    expect(await running.tell('open')).toHaveProperty('done');
  };
  const traced = async (what: string, more: object, inject?: string) => {
    const options = { calls: [...CALLS], log: join(parent, 'strace'), ...(inject !== undefined && { inject }) };
    const trace = await traceProcess(running.pid, options);
    const answer = await running.tell(what, more);
    return { answer, lines: await trace.detach() };
  };

  /**
   * Lets `what` fail, or be killed, at each of its calls on files of the data folder: names of keys are made by chance, so the
   * calls are found by counting those of a run that is left alone. `prepare` starts a process of its own each time.
   */
  async function failEverywhere(
    what: string,
    prepare: () => Promise<object>,
    expectAfter: (answer: Answer, where: string) => Promise<void>,
  ): Promise<number> {
    const more = await prepare();
    const whole = await traced(what, more);
    expect(whole.answer).toHaveProperty('done');
    const all = CALLS.flatMap((call) =>
      placesOf(whole.lines, { pid: running.pid, call, on: dataDir }).flatMap((place) =>
        FAULTS.map((fault) => `${call}:${fault}:when=${place}`),
      ),
    );
    await expectAfter(whole.answer, 'left alone');
    let met = 0;
    for (const inject of someOf(all)) {
      const given = await prepare();
      const { answer, lines } = await traced(what, given, inject);
      const told = lines.find((line) => line.includes('(INJECTED)') || line.includes('killed by SIGKILL'));
      if (told !== undefined) met++;
      const where = `${inject}: ${told}`;
      // What it says is one sentence of ours, or it is over.
      if (answer.failed !== undefined)
        expect(['AppError', 'ended'], `${where}\n${answer.failed}`).toContain(answer.name);
      await expectAfter(answer, where);
    }
    return met;
  }

  const notes: string[] = [];
  const acknowledged: string[] = [];
  let appended = 0;

  /** Whatever was acknowledged and signed, in whichever log, is there, once; and each log but one is sealed and continued. */
  async function expectOneHistory(reason: SealReason, where: string): Promise<Ledger> {
    const own = (note: string) => readNote(note).origin;
    const { rows: present } = await database.current.pool.query(
      'select origin from ledger_log where sealed_at is null',
    );
    expect(present, where).toHaveLength(1);
    const heard = notes.filter((note) => own(note) === present[0].origin);
    const ledger = await expectWhole(database.current, dataDir, { acknowledged, notes: heard });
    const { rows: twice } = await database.current.pool.query(
      'select pending_id from ledger_entry group by pending_id having count(*) > 1',
    );
    expect(twice, where).toEqual([]);
    const [latest] = await ledger.formerLogs();
    expect(latest, where).toMatchObject({ reason, continuedBy: ledger.origin, lostFrom: null });
    const { head, size = 0, origin = '', id = '' } = latest ?? {};
    const first = JSON.parse(Buffer.from((await ledger.entryAt(0))?.bytes ?? '{}').toString('utf8'));
    expect(first.body.previous, where).toMatchObject({
      origin,
      size: head?.size,
      root: toBase64(head?.root as Uint8Array),
    });
    const former = await ledger.formerLog(id);
    for (const note of notes.filter((one) => own(one) === origin)) {
      const { size: at, root } = readNote(note);
      expect(Buffer.compare((await former?.reader.tree.root(at)) as Uint8Array, root), where).toBe(0);
    }
    if (reason === 'ended') {
      expect(head?.size, where).toBe(size);
      expect((await former?.reader.entryAt(size - 1))?.type, where).toBe('log.sealed');
    }
    // The head files of both are where they belong.
    expect(readNote(readFileSync(join(dataDir, 'ledger-head'), 'utf8')).origin, where).toBe(ledger.origin);
    expect(readNote(readFileSync(join(dataDir, `ledger-head.${id}`), 'utf8')).origin, where).toBe(origin);
    expect(
      readdirSync(join(dataDir, 'keys')).filter((name) => name.endsWith('.tmp')),
      where,
    ).toEqual([]);
    return ledger;
  }

  async function appendOne(): Promise<void> {
    const key = `sealed-${appended++}`;
    expect(await running.tell('append', { keys: [key] })).toHaveProperty('done');
    acknowledged.push(key);
  }

  async function integrate(): Promise<void> {
    const { done } = (await running.tell('integrate')) as { done: { note: string } };
    notes.push(done.note);
  }

  const presentOrigin = async () => {
    const { rows } = await database.current.pool.query('select origin from ledger_log where sealed_at is null');
    return rows[0]?.origin as string | undefined;
  };

  test('a ledger that is sealed ends once and is continued by one other, at any call', async () => {
    let sealing: string | undefined;
    const prepare = async () => {
      await open();
      await appendOne();
      await integrate();
      // One that waits while it is sealed is in one of the two.
      await appendOne();
      sealing = await presentOrigin();
      return { reason: 'ended' };
    };
    const met = await failEverywhere('seal', prepare, async (_, where) => {
      await open();
      if ((await presentOrigin()) === sealing) {
        // Nothing had happened; asked again, it does.
        expect(await running.tell('seal', { reason: 'ended' }), where).toHaveProperty('done');
        await open();
      }
      await integrate();
      const ledger = await expectOneHistory('ended', where);
      expect((await ledger.formerLogs())[0]?.origin, where).toBe(sealing);
    });
    expect(met).toBeGreaterThan(0);
  });

  test('a ledger whose key is lost is abandoned for one other, at any call', async () => {
    let sealing = '';
    const prepare = async () => {
      await open();
      await appendOne();
      await integrate();
      await appendOne();
      sealing = (await presentOrigin()) ?? '';
      rmSync(keyPath(dataDir, logIdOf(sealing), 'log'));
      await start();
      return { reason: 'key-lost' };
    };
    const met = await failEverywhere('seal', prepare, async (_, where) => {
      await start();
      if ((await presentOrigin()) === sealing)
        expect(await running.tell('seal', { reason: 'key-lost' }), where).toHaveProperty('done');
      await open();
      await integrate();
      const ledger = await expectOneHistory('key-lost', where);
      expect((await ledger.formerLogs())[0]?.origin, where).toBe(sealing);
    });
    expect(met).toBeGreaterThan(0);
  });

  test('a folder that shows a head is remembered, whatever fails while it is published', async () => {
    const places = join(dataDir, 'ledger-places.json');
    const remembered = () => (existsSync(places) ? JSON.parse(readFileSync(places, 'utf8')).published : []) as string[];
    let folders = 0;
    let out = '';
    const prepare = async () => {
      await open();
      await appendOne();
      await integrate();
      out = join(parent, `published-${folders++}`);
      return { out };
    };
    const met = await failEverywhere('publish', prepare, async (answer, where) => {
      if (existsSync(join(out, 'checkpoint'))) expect(remembered(), where).toContain(out);
      if (answer.done !== undefined) expect(remembered(), where).toContain(out);
      // None that was remembered is forgotten, and the next run completes this one.
      await open();
      expect(await running.tell('publish', { out }), where).toHaveProperty('done');
      expect(remembered(), where).toEqual(Array.from({ length: folders }, (_, i) => join(parent, `published-${i}`)));
    });
    expect(met).toBeGreaterThan(0);
  });
});
