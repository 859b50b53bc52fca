// How long `npm start` takes to its first answer: on a new data folder and on one that was used before; and what the
// command adds. Prints milliseconds; the machine and what else runs on it decide them. `npx tsx bench/start.ts`
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const WARM_RUNS = 3;
const GIVE_UP_MS = 120_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function firstAnswer(url: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`npm start ended with ${server.exitCode}`);
    if (performance.now() > deadline) throw new Error(`no answer at ${url} in ${GIVE_UP_MS} ms`);
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Milliseconds from `npm start` to the first answer, and from Ctrl-C to its end. */
async function timeStart(env: NodeJS.ProcessEnv, port: number): Promise<{ startMs: number; stopMs: number }> {
  const startedAt = performance.now();
  const server = spawn('npm', ['start'], { cwd: ROOT, env, stdio: 'ignore', detached: true });
  const ended = once(server, 'exit');
  await firstAnswer(`http://127.0.0.1:${port}/health`, server);
  const startMs = performance.now() - startedAt;
  const stoppedAt = performance.now();
  // To the group, as a terminal does it.
  process.kill(-(server.pid ?? 0), 'SIGINT');
  await ended;
  return { startMs, stopMs: performance.now() - stoppedAt };
}

function timeCommand(env: NodeJS.ProcessEnv, ...args: string[]): number {
  const startedAt = performance.now();
  const { status } = spawnSync(join(ROOT, 'bin/assay'), args, { env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`assay ${args.join(' ')} ended with ${status}`);
  return performance.now() - startedAt;
}

const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
try {
  const port = await freePort();
  const env = {
    ...process.env,
    ASSAY_DATA_DIR: join(folder, 'data'),
    ASSAY_PORT: String(port),
    ASSAY_GATEWAY_PORT: '0',
  };
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(build.stderr);
  console.log(build.stdout.trim());
  const report = (what: string, ms: number) =>
    console.log(`${what.padEnd(44)}${Math.round(ms).toString().padStart(7)} ms`);
  const cold = await timeStart(env, port);
  report('npm start, new data folder, to first answer', cold.startMs);
  for (let run = 1; run <= WARM_RUNS; run++) {
    const warm = await timeStart(env, port);
    report(`npm start, used data folder, run ${run}`, warm.startMs);
    report(`Ctrl-C to the end, run ${run}`, warm.stopMs);
  }
  const bare = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  report('node -e 0', performance.now() - bare);
  report('assay --version', timeCommand(env, '--version'));
  report('assay status, starting the database', timeCommand(env, 'status'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
