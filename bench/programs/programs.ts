// Starts the programs under measurement as they run in production: bundled by esbuild with the settings of `scripts/build.mjs`.
// Run from source by tsx, each function that is made while a call is served costs a name as well.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
/** Beside `node_modules`, where the bundles find their packages. */
const bundles = join(root, 'dist/bench');
export const PRELOAD = join(here, 'report-usage.mjs');

export type Program<Said extends object> = Said & { child: ChildProcess };

/** Bundles programs, named by their paths in `bench/` without ending. */
export async function bundlePrograms(names: readonly string[]): Promise<void> {
  mkdirSync(bundles, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => join(root, `bench/${name}.ts`)),
    entryNames: '[dir]/[name]',
    outbase: join(root, 'bench'),
    outdir: bundles,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'error',
  });
}

/** Starts a bundled program; resolves with the first that it says. */
export function startProgram<Said extends object>(name: string, args: readonly string[]): Promise<Program<Said>> {
  return new Promise((resolve, reject) => {
    const child = fork(join(bundles, `${name}.js`), args, {
      execArgv: ['--enable-source-maps', '--import', PRELOAD],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    child.once('message', (message) => resolve({ ...(message as Said), child }));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

export type ProgramUsage = { cpuUs: number; rssBytes: number; heapBytes: number; externalBytes: number };

export function usageOf(child: ChildProcess): Promise<ProgramUsage> {
  return ask(child, 'usage');
}

/** Asks a program; it answers questions one after the other. */
export function ask<T>(child: ChildProcess, question: string): Promise<T> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as T));
    child.send(question);
  });
}
