import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Mirror } from '#src/ledger/mirror/mirror.ts';
import { openFolderMirror } from '#src/ledger/mirror/mirror-folder.ts';
import { smallLog } from '../support/small-log.ts';
import { buildProgram, FaultProcess, failEachCall, killProcesses } from './fault-process.ts';
import { straceMissing } from './strace.ts';

const missing = process.platform === 'linux' ? straceMissing() : 'there is no strace on this system';
if (missing) console.warn(`Mirrors on a failing disk are not tested: ${missing}.`);

const parent = mkdtempSync(join(tmpdir(), 'assay-place-faults-'));
const program = join(parent, 'mirror-process.mjs');
const log = smallLog('log.example/1', 4_000);
const keys = () => [log.key];

beforeAll(() => buildProgram('tests/faults/mirror-process.ts', program));
afterEach(killProcesses);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

/** Every head that was acknowledged is there, as it was given, and no other; the newest known is the last of them or later. */
async function expectKept(mirror: Mirror, acknowledged: readonly number[], tried: number): Promise<void> {
  for (const size of acknowledged) expect(await mirror.noteOf(size), `the head of ${size}`).toBe(log.note(size));
  for (let size = 1; size <= tried; size++) expect([null, log.note(size)]).toContain(await mirror.noteOf(size));
  const known = (await mirror.knownHeads()).map(({ checkpoint }) => checkpoint.size);
  if (acknowledged.length > 0) expect(Math.max(...known)).toBeGreaterThanOrEqual(Math.max(...acknowledged));
  expect(Math.max(0, ...known)).toBeLessThanOrEqual(tried);
}

describe.skipIf(missing !== null)('a mirror on a disk that fails', { timeout: 600_000 }, () => {
  test('in a folder, by any call, keeps what it acknowledged and goes on when the disk is well', async () => {
    const folder = join(parent, 'folder');
    const history = join(folder, 'checkpoints');
    const mirror = openFolderMirror({ folder, keys });
    const running = await FaultProcess.start(program, ['folder', folder]);
    const acknowledged = [1];
    expect(await running.tell('add', { size: 1 })).toEqual({ done: true });
    let size = 1;
    const failed = await failEachCall(running, {
      log: join(parent, 'strace'),
      // A folder that is there already need not be made, so that this fails is no failure.
      calls: ['openat', 'write', 'pwrite64', 'fsync', 'rename', 'link', 'unlink'],
      paths: (pid) => {
        const files = [join(folder, 'checkpoint'), join(history, String(size))];
        return [folder, history, ...files.flatMap((path) => [path, `${path}.${pid}.tmp`, `${path}.${pid}.new`])].concat(
          files.map((path) => `${path}.${pid}.new.${pid}.tmp`),
        );
      },
      prepare: async () => {
        size++;
      },
      work: async () => {
        const answer = await running.tell('add', { size });
        if (answer.done !== undefined) acknowledged.push(size);
        return answer;
      },
      expectAfter: async () => {
        await expectKept(mirror, acknowledged, size);
        expect(await running.tell('add', { size })).toHaveProperty('done');
        acknowledged.push(size);
        await expectKept(mirror, acknowledged, size);
      },
    });
    // Two files, each written beside its place, synced, and brought there; the folders synced after.
    expect(failed.fsync).toBeGreaterThanOrEqual(4);
    expect(failed.openat).toBeGreaterThanOrEqual(4);
    expect(failed).toMatchObject({ pwrite64: 2, link: 1 });
    expect(failed.rename).toBeGreaterThanOrEqual(2);
    // What stays beside them is only what could not be removed, once for each error.
    const beside = readdirSync(history).filter((name) => !/^\d+$/.test(name));
    expect(beside.filter((name) => !name.endsWith('.new'))).toEqual([]);
    expect(beside).toHaveLength(2);
  });
});
