import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { parseNote, verifyNote } from '#src/ledger/log/note.ts';
import { openLedger } from '#src/ledger/store/store.ts';
import { testDatabase } from '../support/database.ts';
import { buildProgram, FaultProcess, killProcesses } from './fault-process.ts';
import { FAULTS_TIMEOUT_MS, SEED, someOf } from './some-of.ts';
import { straceMissing, traceProcess } from './strace.ts';
import { blobs, expectWhole, silent } from './whole-ledger.ts';

const missing = process.platform === 'linux' ? straceMissing() : 'there is no strace on this system';
if (missing) console.warn(`Keys that change on a failing disk are not tested: ${missing}.`);

const parent = mkdtempSync(join(tmpdir(), 'assay-key-faults-'));
const program = join(parent, 'ledger-process.mjs');
const CALLS = ['openat', 'pwrite64', 'fsync', 'rename', 'unlink'] as const;
const FAULTS = ['error=EIO', 'error=ENOSPC', 'signal=KILL'] as const;

beforeAll(() => buildProgram('tests/faults/ledger-process.ts', program));
afterEach(killProcesses);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/**
 * Key files are named by chance, so their calls are found by counting those of a run that is left alone: the places, as
 * strace counts them in the main thread, of the calls on files of the data folder.
 */
function placesIn(lines: readonly string[], pid: number, dataDir: string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const call of CALLS) {
    const own = lines.filter((line) => line.startsWith(`${pid} `) && line.includes(` ${call}(`));
    places.set(
      call,
      own.flatMap((line, i) => (line.includes(dataDir) ? [i + 1] : [])),
    );
  }
  return places;
}

describe.skipIf(missing !== null)(`keys that change (seed ${SEED})`, { timeout: FAULTS_TIMEOUT_MS }, () => {
  const database = testDatabase();
  const dataDir = join(parent, 'data');
  let running: FaultProcess;
  const notes: string[] = [];

  const open = async () => {
    running = await FaultProcess.start(program, [database.url, dataDir]);
    expect(await running.tell('open')).toHaveProperty('done');
  };
  const traced = async (what: string, more: object, inject?: string) => {
    const trace = await traceProcess(running.pid, {
      calls: [...CALLS],
      log: join(parent, 'strace'),
      ...(inject !== undefined && { inject }),
    });
    const answer = await running.tell(what, more);
    return { answer, lines: await trace.detach() };
  };
  const activeKeys = async () => {
    const ledger = await openLedger({ database: database.current, blobs, dataDir, clock: Date.now, log: silent });
    const active = ledger.ring.activeAt('log', Number.MAX_SAFE_INTEGER);
    // Whatever the ledger announces can sign: the file of every key is there and whole.
    for (const key of active) ledger.ring.requireFile(key);
    return { active, retired: ledger.ring.all.filter(({ retiredIndex }) => retiredIndex !== null) };
  };

  /** One key signs before each round. `prepare` brings about what `work` starts from. */
  async function failEverywhere(
    what: 'rotate' | 'retire',
    prepare: () => Promise<object>,
    expectAfter: (answer: { done?: unknown; failed?: string }) => Promise<void>,
  ): Promise<Record<string, number>> {
    await open();
    const whole = await traced(what, await prepare());
    expect(whole.answer).toHaveProperty('done');
    const all = [...placesIn(whole.lines, running.pid, dataDir)].flatMap(([call, places]) =>
      places.flatMap((place) => FAULTS.map((fault) => ({ call, place, fault }))),
    );
    await expectAfter(whole.answer);
    const met: Record<string, number> = {};
    for (const { call, place, fault } of someOf(all)) {
      const more = await prepare();
      // A process of its own each time, as the one of the run that was counted: what it had read already stays unread.
      await running.kill();
      await open();
      const { answer, lines } = await traced(what, more, `${call}:${fault}:when=${place}`);
      const told = lines.find((line) => line.includes('(INJECTED)') || line.includes('killed by SIGKILL'));
      if (told !== undefined) met[call] = (met[call] ?? 0) + 1;
      if (answer.failed !== undefined || told === undefined) await running.kill();
      else expect(answer, told).toHaveProperty('done');
      await expectAfter(answer);
      await open();
      const { done } = (await running.tell('integrate')) as { done: { note: string } };
      notes.push(done.note);
      const { active } = await activeKeys();
      expect(
        verifyNote(
          parseNote(utf8Bytes(done.note)),
          active.map(({ key }) => key),
        ),
      ).toHaveLength(active.length);
      await expectWhole(database.current, dataDir, { notes });
    }
    return met;
  }

  const retireAllButNewest = async () => {
    await running.kill();
    await open();
    const { active } = await activeKeys();
    for (const { vkey } of active.slice(0, -1))
      expect(await running.tell('retire', { wanted: vkey })).toHaveProperty('done');
    return {};
  };

  test('a rotation that fails or is killed at any call announces no key it has not stored', async () => {
    const met = await failEverywhere('rotate', retireAllButNewest, async () => {
      const { active } = await activeKeys();
      expect([1, 2]).toContain(active.length);
    });
    expect(Object.keys(met).length).toBeGreaterThan(0);
  });

  test('a retirement that fails or is killed at any call can be finished, and then the key is gone', async () => {
    let wanted = '';
    const prepare = async () => {
      await retireAllButNewest();
      const { active } = await activeKeys();
      wanted = active[0]?.vkey ?? '';
      expect(await running.tell('rotate')).toHaveProperty('done');
      return { wanted };
    };
    const met = await failEverywhere('retire', prepare, async (answer) => {
      if (answer.done === undefined) {
        await open();
        const again = await running.tell('retire', { wanted });
        if (again.done === undefined) expect(again.failed).toMatch(/was retired by entry \d+ already/);
        await running.kill();
      }
      const { active, retired } = await activeKeys();
      expect(active).toHaveLength(1);
      expect(retired.some(({ vkey }) => vkey === wanted)).toBe(true);
      const held = readdirSync(join(dataDir, 'keys')).map((name) => readFileSync(join(dataDir, 'keys', name), 'utf8'));
      const [, id] = wanted.split('+');
      expect(held.filter((text) => text.includes(`+${id}+`))).toEqual([]);
    });
    expect(Object.keys(met).length).toBeGreaterThan(0);
    expect(existsSync(join(dataDir, 'ledger-head'))).toBe(true);
  });
});
