import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import pg from 'pg';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { writeDurably } from '../durable-file.ts';
import type { Log } from '../log.ts';
import { storageError } from '../storage-error.ts';
import {
  clusterExists,
  clusterMajor,
  createCluster,
  giveCluster,
  SUPERUSER,
  startPostmaster,
  waitReady,
} from './cluster.ts';
import { abortPostmaster, clearDeadPostmaster, findPostmaster, type Postmaster, stopPostmaster } from './postmaster.ts';
import { copyPrograms, findPrograms, openSystemFolder, type Programs } from './programs.ts';
import { chooseRunAs, type RunAs } from './run-as.ts';
import { clearSocket, openSocketFolder, removeSocketFolder, requirePrivate } from './socket-folder.ts';

const APP_ROLE = 'assay';
const APP_DATABASE = 'assay';

/** What a data folder remembers of its database. The file is readable by its owner only. */
const State = z.object({
  /** Absolute here, in the file relative to the data folder where it is inside. */
  clusterDir: z.string(),
  superuserPassword: z.string(),
  appPassword: z.string(),
  /** True once the cluster was complete: if it is not there later, it is lost, not new. */
  created: z.boolean(),
  /** The socket's folder where it is not beside the cluster. */
  socketDir: z.string().optional(),
});
type State = z.infer<typeof State>;

/** The Postgres that belongs to one data folder. Everything but `isRunning` and `abort` is called under the folder lock. */
export type Embedded = {
  /** Starts, joins or repairs the server, and returns the address of the application's database. */
  ensureRunning(alone: boolean): Promise<string>;
  stop(): Promise<void>;
  isRunning(): boolean;
  /** Stops at once and does not wait, for a process that is told to end now. */
  abort(): void;
};

type Folder = { dataDir: string; systemDir: string; log: Log };

export function embeddedDatabase(folder: Folder): Embedded {
  const clusterDir = () => readState(folder.dataDir)?.clusterDir;
  return {
    ensureRunning: async (alone) => {
      try {
        return await ensureRunning(folder, alone);
      } catch (error) {
        throw storageError(error, `The database in ${folder.dataDir} cannot be used`);
      }
    },
    stop: async () => {
      const state = readState(folder.dataDir);
      if (!state) return;
      await stopPostmaster(state.clusterDir, folder.log);
      if (state.socketDir) removeSocketFolder(state.socketDir, dirname(state.clusterDir));
    },
    isRunning: () => {
      const dir = clusterDir();
      return dir !== undefined && findPostmaster(dir) !== null;
    },
    abort: () => {
      const dir = clusterDir();
      if (dir !== undefined) abortPostmaster(dir);
    },
  };
}

async function ensureRunning(folder: Folder, alone: boolean): Promise<string> {
  const known = readState(folder.dataDir);
  const joined = known ? await joinRunning(known, alone, folder.log) : null;
  if (known && joined) {
    requirePrivate(joined.socketDir, statSync(known.clusterDir).uid);
    return provision(joined.socketDir, known);
  }
  const { state, runAs, programs } = prepare(folder, known);
  if (!state.created) {
    await createCluster(programs, runAs, state.clusterDir, state.superuserPassword);
    writeState(folder.dataDir, { ...state, created: true });
  }
  const socketDir = openSocketFolder(dirname(state.clusterDir), runAs, state.socketDir);
  if (socketDir !== state.socketDir) writeState(folder.dataDir, { ...state, created: true, socketDir });
  await clearDeadPostmaster(state.clusterDir);
  clearSocket(socketDir);
  giveCluster(state.clusterDir, runAs);
  const logFile = join(folder.dataDir, 'logs/postgres.log');
  await startPostmaster({ programs, runAs, clusterDir: state.clusterDir, socketDir, logFile, log: folder.log });
  return provision(socketDir, state);
}

/** The server an earlier process left running, or another one uses, once it takes connections. */
async function joinRunning(state: State, alone: boolean, log: Log): Promise<Postmaster | null> {
  const running = findPostmaster(state.clusterDir);
  if (!running) return null;
  if (alone && running.programIsGone) {
    log.info({ pid: running.pid }, 'stopping a database server whose program was replaced');
    await stopPostmaster(state.clusterDir, log);
    return null;
  }
  if (alone) log.info({ pid: running.pid }, 'taking over the database server that an earlier process left running');
  const ready = await waitReady(state.clusterDir, null, log);
  return typeof ready === 'object' ? ready : null;
}

function prepare(folder: Folder, known: State | null): { state: State; runAs: RunAs; programs: Programs } {
  const installed = findPrograms();
  if (known?.created) requireCluster(known, installed, folder.dataDir);
  const parent = known?.created ? dirname(known.clusterDir) : folder.dataDir;
  const { runAs, reach } = chooseRunAs(installed, parent);
  if (!reach.programs || !reach.folder) openSystemFolder(folder.systemDir);
  const programs = reach.programs ? installed : copyPrograms(installed, folder.systemDir);
  if (known?.created && !reach.folder)
    throw new AppError(
      'unavailable',
      `The database in ${parent} cannot run: Postgres does not run as root, and this folder cannot be entered by the user it runs as. Move the data folder out of closed folders and set ASSAY_DATA_DIR, or start Assay as another user.`,
    );
  if (known?.created) return { state: known, runAs, programs };
  const state = newState(reach.folder ? join(folder.dataDir, 'postgres') : outsideFolder(folder));
  // Before the cluster is made: its passwords must never be unknown.
  writeState(folder.dataDir, state);
  return { state, runAs, programs };
}

function outsideFolder(folder: Folder): string {
  const parent = join(folder.systemDir, `data-${randomBytes(8).toString('hex')}`);
  mkdirSync(parent, { mode: 0o755 });
  folder.log.info({ folder: parent }, 'the data folder is closed to the database, which is kept in a system folder');
  return join(parent, 'postgres');
}

function newState(clusterDir: string): State {
  const password = () => randomBytes(24).toString('base64url');
  return { clusterDir, superuserPassword: password(), appPassword: password(), created: false };
}

function requireCluster(state: State, programs: Programs, dataDir: string): void {
  if (!clusterExists(state.clusterDir))
    throw new AppError(
      'unavailable',
      `The database of ${dataDir} was in ${state.clusterDir}, and that folder is gone. Restore it. To start over with nothing, remove ${dataDir}.`,
    );
  const major = clusterMajor(state.clusterDir);
  if (major !== programs.major)
    throw new AppError(
      'conflict',
      `The database in ${state.clusterDir} was made by Postgres ${major}; this version of Assay brings ${programs.major}. Start the version of Assay that made it. Nothing was changed.`,
    );
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'database.json');
}

function readState(dataDir: string): State | null {
  let text: string;
  try {
    text = readFileSync(stateFile(dataDir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = State.safeParse(parse(text));
  if (parsed.success) return { ...parsed.data, clusterDir: resolve(dataDir, parsed.data.clusterDir) };
  throw new AppError('conflict', `${stateFile(dataDir)} is damaged. Restore it from a backup. Nothing was changed.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said to be damaged by the caller, who knows the file.
    return null;
  }
}

function writeState(dataDir: string, state: State): void {
  // Relative where it is inside, so that a data folder can be moved.
  const inside = state.clusterDir.startsWith(`${dataDir}/`);
  const clusterDir = inside ? relative(dataDir, state.clusterDir) : state.clusterDir;
  writeDurably(stateFile(dataDir), JSON.stringify({ ...state, clusterDir }, null, 2));
}

/** Makes the application's role and database if they are not there, and returns the address to use them at. */
async function provision(socketDir: string, state: State): Promise<string> {
  const admin = new pg.Client(databaseUrl(socketDir, SUPERUSER, state.superuserPassword, 'postgres'));
  await admin.connect();
  try {
    const { rows } = await admin.query<{ role: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = '${APP_ROLE}') as role,
              exists (select from pg_database where datname = '${APP_DATABASE}') as database`,
    );
    if (!rows[0]?.role)
      // Row level security binds this role, and it can make no other roles or databases.
      await admin.query(
        `create role ${APP_ROLE} login nosuperuser nobypassrls nocreatedb nocreaterole password ${admin.escapeLiteral(state.appPassword)}`,
      );
    if (!rows[0]?.database) await admin.query(`create database ${APP_DATABASE} owner ${APP_ROLE}`);
  } finally {
    await admin.end();
  }
  return databaseUrl(socketDir, APP_ROLE, state.appPassword, APP_DATABASE);
}

function databaseUrl(socketDir: string, user: string, password: string, database: string): string {
  // Port and sslmode are said outright: PGPORT and PGSSLMODE in our environment mean other servers.
  return `postgres://${user}:${password}@localhost:5432/${database}?host=${encodeURIComponent(socketDir)}&sslmode=disable`;
}
