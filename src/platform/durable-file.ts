import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a small file so that after a power cut it holds either the old content or all of the new.
 * Only the owner may read it.
 */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const temporary = join(dirname(file), `.new-${randomBytes(6).toString('hex')}`);
  const bytes = Buffer.from(content);
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

/** Makes names created or renamed in `folder` survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
