import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFolderLock } from './folder-lock.ts';
import { liveLeases, takeLease } from './leases.ts';
import { isAlive, ownIdentity, SIGN_OF_LIFE_MAX_AGE_MS, startOf } from './process-identity.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The identity of a process that ran on this machine and ended. */
async function endedProcess() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid ?? 0;
  const identity = { pid, started: startOf(pid) ?? '', space: ownIdentity().space };
  expect(isAlive(identity, 0, Date.now())).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity;
}

test('many takers at once run one after the other', async () => {
  let inside = 0;
  let most = 0;
  let runs = 0;
  const taker = () =>
    withFolderLock(folder, { timeoutMs: 20_000 }, async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      runs++;
    });
  await Promise.all(Array.from({ length: 25 }, taker));
  expect({ most, runs }).toEqual({ most: 1, runs: 25 });
  expect(readdirSync(folder)).toHaveLength(1);
});

test('the lock of a process that ended is taken over', async () => {
  writeFileSync(join(folder, '7'), JSON.stringify({ holder: await endedProcess() }));
  expect(await withFolderLock(folder, { timeoutMs: 0 }, async () => readdirSync(folder))).toEqual(['8']);
});

test('a lock file emptied by a power cut is taken over', async () => {
  writeFileSync(join(folder, '3'), '');
  expect(await withFolderLock(folder, { timeoutMs: 0 }, async () => 'ran')).toBe('ran');
});

test('a process with a recycled number does not hold the lock of the one before', async () => {
  writeFileSync(join(folder, '1'), JSON.stringify({ holder: { ...ownIdentity(), started: '1' } }));
  expect(await withFolderLock(folder, { timeoutMs: 0 }, async () => 'ran')).toBe('ran');
});

test('waiting ends with the number of the process that holds the lock', async () => {
  writeFileSync(join(folder, '1'), JSON.stringify({ holder: ownIdentity() }));
  const waiting: number[] = [];
  const attempt = withFolderLock(folder, { timeoutMs: 0, onWait: (pid) => waiting.push(pid) }, async () => 'ran');
  await expect(attempt).rejects.toThrow(`Process ${process.pid} has been starting`);
  expect(waiting).toEqual([process.pid]);
});

test('work that fails gives the lock back', async () => {
  const failing = withFolderLock(folder, { timeoutMs: 0 }, async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await withFolderLock(folder, { timeoutMs: 0 }, async () => 'ran')).toBe('ran');
});

test('a process of another container counts as alive until its signs of life stop', () => {
  const elsewhere = { pid: 1, started: '1', space: 'another boot, another namespace' };
  expect(isAlive(elsewhere, 1_000, 1_000 + SIGN_OF_LIFE_MAX_AGE_MS - 1)).toBe(true);
  expect(isAlive(elsewhere, 1_000, 1_000 + SIGN_OF_LIFE_MAX_AGE_MS)).toBe(false);
});

test('leases count the living and forget the dead', async () => {
  const server = takeLease(folder, 'server', 0);
  const command = takeLease(folder, 'command', 0);
  writeFileSync(
    join(folder, 'dead.json'),
    JSON.stringify({ holder: await endedProcess(), purpose: 'server', since: new Date(0).toISOString() }),
  );
  writeFileSync(join(folder, 'cut.json'), '{"holder":');
  server.announce('http://127.0.0.1:4400');
  expect(liveLeases(folder).map(({ purpose, url }) => [purpose, url])).toEqual(
    expect.arrayContaining([
      ['server', 'http://127.0.0.1:4400'],
      ['command', undefined],
    ]),
  );
  expect(readdirSync(folder)).toHaveLength(2);
  command.giveUp();
  server.giveUp();
  expect(liveLeases(folder)).toEqual([]);
});
