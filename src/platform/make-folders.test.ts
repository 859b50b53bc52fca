import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolders } from './make-folders.ts';

test('missing folders are made, and only the last one gets the mode', () => {
  const base = mkdtempSync(join(tmpdir(), 'assay-folders-'));
  try {
    makeFolders(join(base, 'a/b/c'), 0o700);
    makeFolders(join(base, 'a/b/c'), 0o700);
    expect(statSync(join(base, 'a/b/c')).mode & 0o777).toBe(0o700);
    expect(statSync(join(base, 'a/b')).mode & 0o777).not.toBe(0o700);
  } finally {
    rmSync(base, { recursive: true });
  }
});

test.skipIf(process.platform !== 'linux')(
  'a file system that takes no folders gives an error instead of an endless loop',
  () => {
    expect(() => makeFolders('/proc/assay/data')).toThrow(/ENOENT/);
  },
);
