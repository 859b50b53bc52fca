import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { storageError } from '#src/platform/storage-error.ts';

/** The disk did not confirm that bytes are stored. What is on it now is unknown, so trying again would prove nothing. */
export class SyncFailed extends Error {
  override name = 'SyncFailed';
}

/** `error` as a sentence about `what` when the disk is the reason; any other error as it is. */
export function diskError(error: unknown, what: string): unknown {
  if (error instanceof SyncFailed) return new AppError('unavailable', `${what}: ${error.message}`, { cause: error });
  return storageError(error, what);
}

/**
 * Replaces or makes the file at `path` so that after a crash it is the old one or the new one, whole: written beside it,
 * synced, renamed, and the folder synced. Any failure is thrown; the caller must not go on as if it were stored. Throws
 * `SyncFailed` when a sync fails: then the process must not write any more.
 */
export function writeFileDurably(path: string, bytes: Uint8Array, mode = 0o644): void {
  writeFileWhole(path, bytes, mode);
  syncFolder(dirname(path));
}

/** As `writeFileDurably`, but the name itself survives a crash only once the caller has synced the folder. */
export function writeFileWhole(path: string, bytes: Uint8Array, mode = 0o644): void {
  const temporary = temporaryPath(path);
  const file = openSync(temporary, 'w', mode);
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
      sync(file, temporary);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

// The process is part of the name, so that two of them never write into one file.
const temporaryPath = (path: string) => `${path}.${process.pid}.tmp`;
const TEMPORARY = /\.(\d+)\.tmp$/;

/** Removes what processes that were killed left behind while they wrote below `folder`. */
export function removeLeftovers(folder: string): void {
  for (const item of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const [, pid] = TEMPORARY.exec(item.name) ?? [];
    if (pid !== undefined && item.isFile() && !isRunning(Number(pid)))
      rmSync(join(item.parentPath, item.name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return pid !== process.pid && process.kill(pid, 0);
  } catch (error) {
    // Of another user, and alive all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Makes names created or changed in `folder` survive a crash. Throws `SyncFailed`, also when it cannot be opened for that. */
export function syncFolder(folder: string): void {
  const handle = openToSync(folder);
  try {
    sync(handle, folder);
  } finally {
    closeSync(handle);
  }
}

function openToSync(folder: string): number {
  try {
    return openSync(folder, 'r');
  } catch (cause) {
    throw new SyncFailed(`The disk did not confirm that what is in ${folder} is stored.`, { cause });
  }
}

function sync(handle: number, path: string): void {
  try {
    fsyncSync(handle);
  } catch (cause) {
    throw new SyncFailed(`The disk did not confirm that ${path} is stored.`, { cause });
  }
}
