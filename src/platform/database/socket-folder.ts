import { chownSync, lstatSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { RunAs } from './run-as.ts';

// The path of a unix socket ends at 107 bytes on Linux and 103 on macOS. Source: unix(7), sys/un.h.
const SOCKET_PATH_MAX_BYTES = process.platform === 'linux' ? 107 : 103;
const SOCKET_NAME = '.s.PGSQL.5432';

/**
 * A folder for the database's socket that only its user and ours may enter: `run` beside the cluster, or, where that
 * path is too long for a socket, `previous` (which running clients know) or a new one in the system's runtime folder.
 */
export function openSocketFolder(beside: string, runAs: RunAs, previous: string | undefined): string {
  const near = join(beside, 'run');
  if (fits(near)) {
    mkdirSync(near, { recursive: true, mode: 0o700 });
    chownSync(near, runAs.uid, runAs.gid);
    requirePrivate(near, runAs.uid);
    return near;
  }
  if (previous !== undefined && isPrivate(previous, runAs.uid)) return previous;
  const parent = runtimeParents().find((path) => fits(join(path, 'assay-XXXXXX')) && isFolder(path));
  if (parent === undefined)
    throw new AppError(
      'unavailable',
      `No folder has a path short enough for the database's socket. Set TMPDIR to a short one, such as /tmp.`,
    );
  // A name nobody can foresee: in a folder others may write to, a fixed one could be taken before us.
  const folder = mkdtempSync(join(parent, 'assay-'));
  chownSync(folder, runAs.uid, runAs.gid);
  return folder;
}

function runtimeParents(): string[] {
  if (process.getuid?.() === 0) return ['/run', '/tmp'];
  const session = process.env.XDG_RUNTIME_DIR;
  const own = session !== undefined && isPrivate(session, process.getuid?.() ?? -1) ? [session] : [];
  return [...own, tmpdir(), '/tmp'];
}

/** Removes what a killed server left: its number may belong to a stranger now, which Postgres would take for a server. */
export function clearSocket(folder: string): void {
  for (const name of [SOCKET_NAME, `${SOCKET_NAME}.lock`]) rmSync(join(folder, name), { force: true });
}

/** Removes what `openSocketFolder` made outside the data folder. */
export function removeSocketFolder(folder: string, beside: string): void {
  if (folder === join(beside, 'run')) return;
  try {
    rmdirSync(folder);
  } catch (error) {
    // Gone already, or still holding a file the system removes at the next boot: neither is in the way.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** Refuses to talk through a folder in which somebody else could have put a socket. */
export function requirePrivate(folder: string, owner: number): void {
  if (isPrivate(folder, owner)) return;
  throw new AppError(
    'forbidden',
    `The folder of the database's socket, ${folder}, is not private to user ${owner}. Somebody may have made it in our place: look at it, remove it and try again.`,
  );
}

function isPrivate(folder: string, owner: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === owner && (found.mode & 0o077) === 0;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, SOCKET_NAME)) <= SOCKET_PATH_MAX_BYTES;
}
