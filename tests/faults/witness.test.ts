import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { parseNote } from '#src/ledger/log/note.ts';
import { formatVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { originHash } from '#src/ledger/witness/witness-protocol.ts';
import { smallLog } from '../support/small-log.ts';
import { straceMissing } from './strace.ts';

const log = smallLog('log.example/1', 40);
const processes: ChildProcess[] = [];
let folder = '';
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const missing = straceMissing();
if (missing) console.warn(`A witness on a failing disk is not tested: ${missing}.`);

async function startWitness(): Promise<{ child: ChildProcess; url: string; ended: Promise<unknown[]> }> {
  folder = mkdtempSync(join(tmpdir(), 'assay-witness-'));
  const fixture = join(import.meta.dirname, 'killed-witness.ts');
  const args = ['--import', 'tsx', fixture, folder, formatVerifierKey(log.key)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  processes.push(child);
  const ended = once(child, 'exit');
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: url.toString().trim(), ended };
}

/** Lets one system call on the witness's memory fail from now on. */
async function inject(pid: number, fault: string): Promise<void> {
  const logs = join(folder, 'logs');
  const state = join(logs, `${originHash(log.origin)}.checkpoint`);
  const paths = [logs, state, `${state}.${pid}.tmp`].flatMap((path) => ['-P', path]);
  const args = ['-f', '-p', String(pid), '-e', 'trace=fsync,rename,write,openat', ...paths, '-e', `inject=${fault}`];
  const strace = spawn('strace', [...args, '-o', join(folder, 'strace')], { stdio: ['ignore', 'ignore', 'pipe'] });
  processes.push(strace);
  // It says so once it is attached.
  await once(strace.stderr, 'data');
}

const submit = (url: string, oldSize: number, size: number) =>
  fetch(`${url}/add-checkpoint`, { method: 'POST', body: log.request(oldSize, size) });
function storedSize(): number {
  const state = readFileSync(join(folder, 'logs', `${originHash(log.origin)}.checkpoint`));
  return parseCheckpoint(parseNote(state).text).size;
}

describe.skipIf(missing !== null || process.platform !== 'linux')('a witness on a disk that fails', () => {
  test.each([
    'openat:error=EIO:when=2',
    'openat:error=ENOSPC:when=2',
    'write:error=ENOSPC:when=1',
    'write:error=EIO:when=1',
    'rename:error=EIO:when=1',
    'rename:error=ENOSPC:when=1',
  ])('by %s cosigns nothing, keeps what it had, and goes on when the disk is well', async (fault) => {
    const { child, url } = await startWitness();
    expect((await submit(url, 0, 10)).status).toBe(200);
    await inject(child.pid ?? 0, fault);
    expect((await submit(url, 10, 20)).status).toBe(500);
    expect(storedSize()).toBe(10);
    expect((await submit(url, 10, 20)).status).toBe(200);
    expect(storedSize()).toBe(20);
  });

  test.each([
    ['of the file', 1, 10],
    ['of the folder', 2, 20],
  ])('by a sync %s that is not confirmed cosigns nothing and ends', async (_, when, size) => {
    const { child, url, ended } = await startWitness();
    expect((await submit(url, 0, 10)).status).toBe(200);
    await inject(child.pid ?? 0, `fsync:error=EIO:when=${when}`);
    expect((await submit(url, 10, 20)).status).toBe(500);
    expect(await ended).toEqual([3, null]);
    // Either head is right: the newer one was promised to nobody, and continues the older.
    expect(storedSize()).toBe(size);
  });
});
