import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#src/kernel/errors.ts';
import { syncFolder } from '../durable-file.ts';
import type { Log } from '../log.ts';
import { findPostmaster, type Postmaster } from './postmaster.ts';
import type { Programs } from './programs.ts';
import { commandLine, databaseEnvironment, type RunAs } from './run-as.ts';

export const SUPERUSER = 'assay_admin';
const MEBIBYTE = 1_048_576;
// A new cluster takes 40 MiB and its first log segments as much again.
const FREE_FOR_NEW_BYTES = 200 * MEBIBYTE;
const LOG_MAX_BYTES = 5 * MEBIBYTE;
const START_TIMEOUT_MS = 300_000;
const SLOW_START_MS = 3_000;
const POLL_MS = 10;

const SETTINGS: Readonly<Record<string, string>> = {
  // No network: the bundled TLS library is old, and nobody else has business with this database.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: '5432',
  // An acknowledged record survives a power cut.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  max_connections: '200',
  max_wal_size: '512MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements hold values from records; they stay out of the log, errors come to us anyway.
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_min_messages: 'warning',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/** Makes a new cluster at `clusterDir`, complete or not at all. */
export async function createCluster(
  programs: Programs,
  runAs: RunAs,
  clusterDir: string,
  password: string,
): Promise<void> {
  const parent = dirname(clusterDir);
  const free = freeBytes(parent);
  if (free < FREE_FOR_NEW_BYTES)
    throw new AppError(
      'unavailable',
      `${parent} has ${Math.floor(free / MEBIBYTE)} MB free; a new database needs ${FREE_FOR_NEW_BYTES / MEBIBYTE} MB. Free some space, or choose another folder with ASSAY_DATA_DIR.`,
    );
  dropUnfinished(clusterDir);
  const unfinished = `${clusterDir}.new-${randomBytes(4).toString('hex')}`;
  const passwordFile = join(unfinished, 'password');
  const made = join(unfinished, 'cluster');
  for (const folder of [unfinished, made]) {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, runAs.uid, runAs.gid);
  }
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    chownSync(passwordFile, runAs.uid, runAs.gid);
    await runInitdb(programs, runAs, made, passwordFile);
    renameSync(made, clusterDir);
    syncFolder(parent);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function dropUnfinished(clusterDir: string): void {
  const prefix = `${basename(clusterDir)}.new-`;
  for (const name of readdirSync(dirname(clusterDir)))
    if (name.startsWith(prefix)) rmSync(join(dirname(clusterDir), name), { recursive: true, force: true });
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

async function runInitdb(programs: Programs, runAs: RunAs, clusterDir: string, passwordFile: string): Promise<void> {
  const [file, ...args] = commandLine(runAs, programs.initdb, [
    `--pgdata=${clusterDir}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]);
  const child = spawn(file, args, {
    ...runAs.identity,
    cwd: '/',
    env: databaseEnvironment(),
    // Not in the terminal's group: Ctrl-C must reach us alone, and we take the unfinished cluster away.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const ended = await exitOf(child);
  if (ended !== 0)
    throw cannotRun(`The database could not be set up in ${dirname(clusterDir)}`, ended, complaint, clusterDir);
}

function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

function cannotRun(what: string, ended: number | string, complaint: string, folder: string): AppError {
  const lines = complaint.trim().split('\n').filter(Boolean).slice(-4).join('\n  ');
  const free = Math.floor(freeBytes(dirname(folder)) / MEBIBYTE);
  return new AppError(
    'unavailable',
    `${what} (${typeof ended === 'number' ? `exit code ${ended}` : ended}, ${free} MB free on that disk).${lines ? `\n  ${lines}` : ''}\nSet DATABASE_URL to use a Postgres server instead of the embedded one.`,
  );
}

/** Gives the cluster to the user the database runs as, where it ran as another one before. */
export function giveCluster(clusterDir: string, runAs: RunAs): void {
  if (lstatSync(clusterDir).uid === runAs.uid) return;
  const visit = (path: string) => {
    lchownSync(path, runAs.uid, runAs.gid);
    if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
  };
  visit(clusterDir);
}

/** The Postgres major version that made the cluster. */
export function clusterMajor(clusterDir: string): number {
  return Number.parseInt(readFileSync(join(clusterDir, 'PG_VERSION'), 'utf8'), 10);
}

export type StartOptions = {
  programs: Programs;
  runAs: RunAs;
  clusterDir: string;
  socketDir: string;
  logFile: string;
  log: Log;
};

/** Starts the server on its own, apart from this process and its terminal, and waits until it takes connections. */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  const { programs, runAs, clusterDir, socketDir, logFile, log } = options;
  rotate(logFile);
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const output = openSync(logFile, 'a+', 0o600);
  try {
    chmodSync(logFile, 0o600);
    const logFrom = fstatSync(output).size;
    const settings = { ...SETTINGS, unix_socket_directories: socketDir };
    const [file, ...args] = commandLine(runAs, programs.postgres, [
      '-D',
      clusterDir,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    const child = spawn(file, args, {
      ...runAs.identity,
      cwd: '/',
      env: databaseEnvironment(),
      detached: true,
      stdio: ['ignore', output, output],
    });
    child.unref();
    const ended = exitOf(child);
    const ready = await waitReady(clusterDir, ended, log);
    if (typeof ready === 'object') return ready;
    throw cannotRun(`The database in ${clusterDir} did not start`, ready, readFrom(output, logFrom), clusterDir);
  } finally {
    closeSync(output);
  }
}

/** Waits until the server takes connections. Gives what `ended` gives if it ends before, or 'gone' without `ended`. */
export async function waitReady(
  clusterDir: string,
  ended: Promise<number | string> | null,
  log: Log,
): Promise<Postmaster | number | string> {
  let end: number | string | undefined;
  ended?.then((result) => {
    end = result;
  });
  const startedAtMs = performance.now();
  let told = false;
  for (;;) {
    const found = findPostmaster(clusterDir);
    if (found?.ready) return found;
    if (end !== undefined) return end;
    if (!ended && !found) return 'gone';
    const waitedMs = performance.now() - startedAtMs;
    if (waitedMs > START_TIMEOUT_MS) return 'no answer in 5 minutes';
    if (!told && waitedMs > SLOW_START_MS) log.info('the database is recovering; this can take a while');
    told ||= waitedMs > SLOW_START_MS;
    await sleep(POLL_MS);
  }
}

function rotate(logFile: string): void {
  const found = lstatSync(logFile, { throwIfNoEntry: false });
  if (found && found.size > LOG_MAX_BYTES) renameSync(logFile, `${logFile}.1`);
}

function readFrom(handle: number, from: number): string {
  const length = Math.min(fstatSync(handle).size - from, 8_000);
  const bytes = Buffer.alloc(Math.max(length, 0));
  const start = fstatSync(handle).size - bytes.length;
  return bytes.toString('utf8', 0, readSync(handle, bytes, 0, bytes.length, start));
}

/** True when a complete cluster is there. */
export function clusterExists(clusterDir: string): boolean {
  return existsSync(join(clusterDir, 'PG_VERSION'));
}
