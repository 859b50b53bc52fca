import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { parseCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { parseNote, verifyNote } from '#src/ledger/log/note.ts';
import { formatVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { openWitnessKey } from '#src/ledger/witness/witness-key.ts';
import { originHash, parseCosignatures } from '#src/ledger/witness/witness-protocol.ts';
import { smallLog } from '../support/small-log.ts';
import { buildProgram } from './fault-process.ts';
import { SEED, someOf } from './some-of.ts';
import { straceMissing, traceProcess } from './strace.ts';

const log = smallLog('log.example/1', 200);
const parent = mkdtempSync(join(tmpdir(), 'assay-witness-faults-'));
const program = join(parent, 'witness.mjs');
const processes: ChildProcess[] = [];
beforeAll(() => buildProgram('tests/faults/killed-witness.ts', program));
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const missing = process.platform === 'linux' ? straceMissing() : 'there is no strace on this system';
if (missing) console.warn(`A witness on a failing disk is not tested: ${missing}.`);

type Running = { child: ChildProcess; url: string; ended: Promise<unknown[]> };

async function startWitness(folder: string): Promise<Running> {
  const child = spawn(process.execPath, [program, folder, formatVerifierKey(log.key)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  processes.push(child);
  const ended = once(child, 'exit');
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: url.toString().trim(), ended };
}

const CALLS = ['openat', 'pwrite64', 'fsync', 'rename'] as const;
const FAULTS = ['error=EIO', 'error=ENOSPC', 'signal=KILL'] as const;

describe.skipIf(missing !== null)('a witness on a disk that fails', { timeout: 600_000 }, () => {
  test('by any call on its memory promises nothing it may forget, and goes on when the disk is well', async () => {
    const folder = mkdtempSync(join(parent, 'memory-'));
    const { key } = openWitnessKey(join(folder, 'witness.key'), 'witness.example/w1');
    const logs = join(folder, 'logs');
    const state = join(logs, `${originHash(log.origin)}.checkpoint`);
    const storedSize = () => parseCheckpoint(parseNote(readFileSync(state)).text).size;
    let running = await startWitness(folder);
    let promised = 0;
    const submit = async (size: number) => {
      const oldSize = promised === 0 && !existsSync(state) ? 0 : storedSize();
      const body = log.request(oldSize, size);
      const answer = await fetch(`${running.url}/add-checkpoint`, { method: 'POST', body }).catch(() => null);
      if (answer?.status === 200) {
        // What is promised is a cosignature that holds, of this head.
        const signatures = parseCosignatures(new Uint8Array(await answer.arrayBuffer()));
        expect(verifyNote({ text: parseNote(utf8Bytes(log.note(size))).text, signatures }, [key])).toHaveLength(1);
        promised = size;
      }
      return answer?.status ?? null;
    };
    expect(await submit(1)).toBe(200);
    let size = 1;
    const met: Record<string, number> = {};
    for (const call of CALLS)
      for (const fault of FAULTS)
        for (let nth = 1; ; nth++) {
          const before = storedSize();
          const { pid = 0 } = running.child;
          const traced = await traceProcess(pid, {
            calls: [call],
            paths: [logs, state, `${state}.${pid}.tmp`],
            inject: `${call}:${fault}:when=${nth}`,
            log: join(parent, 'strace'),
          });
          size++;
          const status = await submit(size);
          const lines = await traced.detach();
          const told = lines.find((line) => line.includes('(INJECTED)') || line.includes('killed by SIGKILL'));
          if (told === undefined) {
            expect(status).toBe(200);
            break;
          }
          met[call] = Math.max(met[call] ?? 0, nth);
          expect(status, told).toBe(fault === 'signal=KILL' ? null : 500);
          // Until it is renamed the old head is what is remembered; after that the new one, which was promised to nobody.
          expect([before, size], told).toContain(storedSize());
          if (fault !== 'signal=KILL') {
            // Its own reading and writing come first, then the folder is opened to be synced, then it looks at its clock.
            const isUnconfirmed = call === 'fsync' || (call === 'openat' && nth === 3);
            const isReplaced = (call === 'fsync' && nth === 2) || (call === 'openat' && nth > 2);
            expect(storedSize(), told).toBe(isReplaced ? size : before);
            // After what was not confirmed it ends: its operator looks at the disk, and the next start syncs.
            if (isUnconfirmed) expect(await running.ended, told).toEqual([3, null]);
          }
          if (running.child.exitCode !== null || running.child.signalCode !== null)
            running = await startWitness(folder);
          expect(storedSize()).toBeGreaterThanOrEqual(promised);
          expect(await submit(size), told).toBe(200);
          expect(storedSize()).toBe(size);
        }
    // Read; written beside its place, synced, renamed; the folder opened and synced; read to tell a clock that is behind.
    expect(met).toEqual({ openat: 4, pwrite64: 1, fsync: 2, rename: 1 });
  });

  test(`by any call while it starts for the first time leaves no half of a key (seed ${SEED})`, async () => {
    const start = (folder: string, inject?: string) => {
      const trace = ['-f', '-y', '-e', `trace=${[...CALLS, 'mkdir'].join(',')}`];
      const args = [
        ...trace,
        ...(inject === undefined ? [] : ['-e', `inject=${inject}`]),
        '-o',
        join(parent, 'strace'),
      ];
      const command = `"${process.execPath}" "${program}" "${folder}" "${formatVerifierKey(log.key)}"`;
      // It serves until it is told to end: right after it has said where.
      return spawnSync('strace', [...args, 'timeout', '-s', 'KILL', '20', 'sh', '-c', `exec ${command} end`], {
        encoding: 'utf8',
        timeout: 60_000,
      });
    };
    const whole = mkdtempSync(join(parent, 'start-'));
    expect(start(whole).stdout).toMatch(/^http:/);
    // Counted in each process by itself, and the witness is the one that has to do with the folder.
    const lines = readFileSync(join(parent, 'strace'), 'utf8').split('\n');
    const places = [...CALLS, 'mkdir'].flatMap((call) => {
      const counts = new Map<string, number>();
      return lines.flatMap((line) => {
        if (!line.includes(` ${call}(`)) return [];
        const pid = line.split(' ')[0] ?? '';
        counts.set(pid, (counts.get(pid) ?? 0) + 1);
        return line.includes(whole) ? FAULTS.map((fault) => `${call}:${fault}:when=${counts.get(pid)}`) : [];
      });
    });
    expect(places.length).toBeGreaterThan(10);
    for (const inject of someOf(places)) {
      const folder = mkdtempSync(join(parent, 'start-'));
      start(folder, inject);
      const path = join(folder, 'witness.key');
      // Whole or not there: a key that is there is read.
      const made = existsSync(path) ? formatVerifierKey(openWitnessKey(path, undefined).key) : null;
      expect(start(folder).stdout, inject).toMatch(/^http:/);
      if (made !== null) expect(formatVerifierKey(openWitnessKey(path, undefined).key), inject).toBe(made);
      expect(readdirSync(folder)).toContain('logs');
    }
  });
});
