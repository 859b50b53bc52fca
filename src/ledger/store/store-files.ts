import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The disk did not confirm that bytes are stored. What is on it now is unknown, so trying again would prove nothing. */
export class SyncFailed extends Error {
  override name = 'SyncFailed';
}

/**
 * Replaces or makes the file at `path` so that after a crash it is the old one or the new one, whole: written beside it,
 * synced, renamed, and the folder synced. Any failure is thrown; the caller must not go on as if it were stored. Throws
 * `SyncFailed` when a sync fails: then the process must not write any more.
 */
export function writeFileDurably(path: string, bytes: Uint8Array, mode = 0o644): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w', mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    sync(file, temporary);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes names created or changed in `folder` survive a crash. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    sync(handle, folder);
  } finally {
    closeSync(handle);
  }
}

function sync(handle: number, path: string): void {
  try {
    fsyncSync(handle);
  } catch (cause) {
    throw new SyncFailed(`The disk did not confirm that ${path} is stored.`, { cause });
  }
}
