import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#src/kernel/errors.ts';
import type { Log } from '../log.ts';
import { startOf } from './process-identity.ts';

/** A running database server, as its `postmaster.pid` tells. Source: PostgreSQL, "Database File Layout" and miscadmin.h. */
export type Postmaster = { pid: number; socketDir: string; ready: boolean; programIsGone: boolean };

const POLL_MS = 10;
const STOP_TIMEOUT_MS = 30_000;
const LINGER_TIMEOUT_MS = 15_000;

/** The server that runs on `clusterDir`, or null. A file left by one that was killed does not count. */
export function findPostmaster(clusterDir: string): Postmaster | null {
  const lines = readPidFile(clusterDir);
  const pid = Number(lines?.[0]);
  if (!lines || !Number.isSafeInteger(pid) || pid <= 1 || !worksIn(pid, clusterDir)) return null;
  return { pid, socketDir: lines[4] ?? '', ready: lines[7]?.trim() === 'ready', programIsGone: programIsGone(pid) };
}

function readPidFile(clusterDir: string): string[] | null {
  try {
    return readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

/** Every process of a cluster has it as its working folder; a stranger with a recycled number does not. */
function worksIn(pid: number, clusterDir: string): boolean {
  if (startOf(pid) === undefined) return false;
  if (process.platform === 'linux') return readLink(`/proc/${pid}/cwd`) === clusterDir;
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(clusterDir);
  } catch {
    // ps exits with 1 when the process has ended meanwhile.
    return false;
  }
}

/** True when the program file was replaced since: such a server can no longer load its own libraries. */
function programIsGone(pid: number): boolean {
  return process.platform === 'linux' && (readLink(`/proc/${pid}/exe`)?.endsWith(' (deleted)') ?? false);
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // The process has ended, or belongs to somebody else and so is none of ours.
    return undefined;
  }
}

/**
 * Makes a cluster startable whose server was killed: waits for its last processes, which still hold its memory, and
 * removes a pid file whose number is still taken, which Postgres would take for a running server: by a stranger that
 * got the number, or by the dead server itself where no init process collects it, as in a container.
 */
export async function clearDeadPostmaster(clusterDir: string): Promise<void> {
  const lines = readPidFile(clusterDir);
  if (!lines) return;
  const deadline = performance.now() + LINGER_TIMEOUT_MS;
  while (lingering(clusterDir).length > 0) {
    if (performance.now() > deadline)
      throw new AppError(
        'unavailable',
        `The database server was killed, but process ${lingering(clusterDir)[0]} of it still runs. End it and try again.`,
      );
    await sleep(POLL_MS);
  }
  const pid = Number(lines[0]);
  if (Number.isSafeInteger(pid) && pid > 1 && isTaken(pid)) rmSync(join(clusterDir, 'postmaster.pid'));
}

/** As Postgres asks it, which does not tell the dead from the living. */
function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function lingering(clusterDir: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, clusterDir));
}

/** Ends the server: open transactions are rolled back, everything committed is on disk. */
export async function stopPostmaster(clusterDir: string, log: Log): Promise<void> {
  const running = findPostmaster(clusterDir);
  if (!running) return;
  signal(running.pid, 'SIGINT');
  if (await hasEnded(running.pid, STOP_TIMEOUT_MS)) return;
  log.warn(
    { pid: running.pid },
    'the database did not stop in time and is stopped at once; it recovers at the next start',
  );
  signal(running.pid, 'SIGQUIT');
  if (await hasEnded(running.pid, STOP_TIMEOUT_MS)) return;
  throw new AppError('unavailable', `The database server (process ${running.pid}) does not stop. End it by hand.`);
}

/** Ends the server at once, without waiting. Committed work is safe: the next start replays it from the write-ahead log. */
export function abortPostmaster(clusterDir: string): void {
  const running = findPostmaster(clusterDir);
  if (running) signal(running.pid, 'SIGQUIT');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function hasEnded(pid: number, timeoutMs: number): Promise<boolean> {
  const started = startOf(pid);
  const deadline = performance.now() + timeoutMs;
  while (started !== undefined && startOf(pid) === started) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
