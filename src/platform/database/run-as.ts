import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import type { Programs } from './programs.ts';

/** How the database runs: Postgres refuses to run as root. */
export type RunAs = {
  kind: 'self' | 'dropped' | 'namespace';
  /** Who owns the cluster's files, as seen from this process. */
  uid: number;
  gid: number;
  /** For node:child_process. */
  identity: { uid?: number; gid?: number };
  /** Put before the program and its arguments. */
  prefix: readonly string[];
};

// `nobody` and `nogroup`: there on every system, so that no user has to be created.
const NOBODY = 65_534;
const PROBE_TIMEOUT_MS = 15_000;

const SELF: RunAs = {
  kind: 'self',
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  identity: {},
  prefix: [],
};

const DROPPED: RunAs = {
  kind: 'dropped',
  uid: NOBODY,
  gid: NOBODY,
  identity: { uid: NOBODY, gid: NOBODY },
  prefix: [],
};

// Inside the namespace Postgres sees itself as `nobody`; outside it still is root without any capability, so it may
// pass through folders only root may enter.
const NAMESPACE: RunAs = {
  kind: 'namespace',
  uid: 0,
  gid: 0,
  identity: {},
  prefix: ['unshare', '-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'],
};

/** What an identity can reach, found by trying: permissions alone do not tell (ACLs, mounts, security modules). */
export type Reach = { programs: boolean; folder: boolean };

/** The best way to run the programs on `folder`, and whether both can be reached that way. */
export function chooseRunAs(programs: Programs, folder: string): { runAs: RunAs; reach: Reach } {
  if (process.getuid?.() !== 0) return { runAs: SELF, reach: { programs: true, folder: true } };
  openToGroup(folder);
  const dropped = probe(DROPPED, programs, folder);
  if (dropped.programs && dropped.folder) return { runAs: DROPPED, reach: dropped };
  const namespace = probe(NAMESPACE, programs, folder);
  if (namespace.programs && namespace.folder) return { runAs: NAMESPACE, reach: namespace };
  return { runAs: DROPPED, reach: dropped };
}

/** The dropped user passes through the data folder to the cluster, but cannot list it. */
function openToGroup(folder: string): void {
  try {
    chownSync(folder, 0, NOBODY);
    chmodSync(folder, 0o710);
  } catch (error) {
    // Some file systems have no owners. Whether the folder can be entered is found out by trying.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}

function probe(runAs: RunAs, programs: Programs, folder: string): Reach {
  return {
    programs: succeeds(runAs, programs.postgres, ['--version']),
    folder: succeeds(runAs, '/bin/sh', ['-c', 'cd "$1"', 'sh', folder]),
  };
}

function succeeds(runAs: RunAs, program: string, args: readonly string[]): boolean {
  const [file, ...rest] = commandLine(runAs, program, args);
  const { status } = spawnSync(file, rest, {
    ...runAs.identity,
    cwd: '/',
    env: databaseEnvironment(),
    stdio: 'ignore',
    timeout: PROBE_TIMEOUT_MS,
  });
  return status === 0;
}

/** The program to start and its arguments. */
export function commandLine(runAs: RunAs, program: string, args: readonly string[]): [string, ...string[]] {
  const [first, ...prefix] = runAs.prefix;
  return first === undefined ? [program, ...args] : [first, ...prefix, program, ...args];
}

/** Nothing of our environment reaches the database: it may hold secrets, and PG* variables would change what it does. */
export function databaseEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
