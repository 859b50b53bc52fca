import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlobs } from '#src/platform/blobs.ts';
import { testDatabase } from '../support/database.ts';
import { clearUp, makeInstallation, startHolder } from './installation.ts';

const MEBIBYTE = 1_048_576;
const parent = mkdtempSync(join(tmpdir(), 'assay-disk-'));
const mounted: string[] = [];

/** A disk of its own, or null where this user may not mount one. */
function mount(name: string, sizeMiB: number): string | null {
  const folder = join(parent, name);
  mkdirSync(folder);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=755`, 'assay-test', folder]);
  if (status !== 0) return null;
  mounted.push(folder);
  return folder;
}

function fill(folder: string, leaveBytes: number): string {
  const { bavail, bsize } = statfsSync(folder);
  const file = join(folder, 'filler');
  writeFileSync(file, Buffer.alloc(bavail * bsize - leaveBytes));
  return file;
}

const small = mount('small', 30);
const large = mount('large', 320);
afterAll(() => {
  for (const folder of mounted) spawnSync('umount', [folder]);
  rmSync(parent, { recursive: true });
});

describe.skipIf(small === null || large === null)('a disk that is full', { timeout: 60_000 }, () => {
  const database = testDatabase();
  let installation = '';
  beforeAll(async () => {
    installation = await makeInstallation();
  });
  afterAll(() => rmSync(installation, { recursive: true }));

  test('refuses a blob with a plain sentence and keeps no part of it', async () => {
    const dataDir = join(small ?? '', 'blobs-only');
    mkdirSync(dataDir);
    const blobs = openBlobs(dataDir, database.current);
    const filler = fill(small ?? '', 2 * MEBIBYTE);
    await expect(blobs.put(Buffer.alloc(5 * MEBIBYTE, 1), 'x/y')).rejects.toThrow(/the disk is full/);
    expect(readdirSync(join(dataDir, 'blobs/unfinished'))).toEqual([]);
    rmSync(filler);
    expect(await blobs.put(Buffer.alloc(5 * MEBIBYTE, 1), 'x/y')).toMatchObject({ sizeBytes: 5 * MEBIBYTE });
  });

  test('is told before a new database is begun on it', async () => {
    const { error } = await startHolder(installation, join(small ?? '', 'data')).opened;
    expect(String(error)).toMatch(/has \d+ MB free; a new database needs 200 MB/);
    expect(readdirSync(join(small ?? '', 'data')).filter((name) => name.startsWith('postgres'))).toEqual([]);
  });

  test('loses nothing that was stored before, and the database goes on once there is space', async () => {
    const dataDir = join(large ?? '', 'data');
    const holder = startHolder(installation, dataDir);
    expect(await holder.opened).toMatchObject({ opened: true });
    await holder.tell('write');
    const filler = fill(large ?? '', 0);
    const failed = await holder.tell('bulk');
    expect(JSON.stringify(failed)).toContain('failed');
    rmSync(filler);
    await holder.tell('close');
    const again = startHolder(installation, dataDir);
    expect(await again.opened).toMatchObject({ opened: true });
    expect(await again.tell('count')).toMatchObject({ answer: { count: 1 } });
    await again.tell('close');
    clearUp([join(dataDir, 'postgres')], []);
  });
});
