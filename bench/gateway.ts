// The gateway with every control on, beside a raw pass-through and beside Portkey's open gateway with none. Rounds are
// interleaved and the medians compared: absolute figures depend on the machine, ratios hardly. `--short` runs less.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { prompt } from './gateway-parts/prompts.ts';
import { bundlePrograms, PRELOAD, startProgram, usageOf } from './programs/programs.ts';

const short = process.argv.includes('--short');
const SECONDS = short ? 1 : 3;
const ROUNDS = short ? 1 : 3;
const CLIENTS = 32;
const WARM_CALLS = short ? 2_000 : 10_000;
const WARM_MOST_MS = 30_000;
const RATE = 200;
const KEY = 'agk_bench_0123456789abcdef';
const PORTKEY = '1.15.2';

type Target = { name: string; port: number; child: ChildProcess; headers: Record<string, string> };
type Workload = { name: string; size: number; stream: boolean; fresh: boolean };
type Sample = { rate: number; cpuUs: number; p50Ms: number; firstMs: number; bad: number; rssMiB: number };

const WORKLOADS: Workload[] = [
  { name: 'whole answer, 2 KiB prompt', size: 2_048, stream: false, fresh: false },
  { name: 'stream of 43 events', size: 2_048, stream: true, fresh: false },
  { name: 'whole answer, 36 KiB prompt', size: 36_864, stream: false, fresh: false },
  { name: 'whole answer, 2 KiB prompt, no turn seen before', size: 2_048, stream: false, fresh: true },
];

let sent = 0;

/** One call; resolves to the times of its first and last byte after it began, or null when the answer is not right. */
function call(
  pool: Pool,
  target: Target,
  { size, stream, fresh }: Workload,
): Promise<{ firstMs: number; lastMs: number } | null> {
  const body = prompt(size, stream, ++sent, fresh);
  const startedMs = performance.now();
  let firstMs = 0;
  let status = 0;
  let tail = '';
  return new Promise((resolve) => {
    pool.dispatch(
      {
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers },
        body,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          firstMs ||= performance.now() - startedMs;
          tail = (tail + chunk.toString('latin1')).slice(-60);
        },
        onResponseEnd: () => {
          const isRight = status === 200 && (stream ? tail.includes('[DONE]') : tail.endsWith('}'));
          resolve(isRight ? { firstMs, lastMs: performance.now() - startedMs } : null);
        },
        onResponseError: () => resolve(null),
      },
    );
  });
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function closedLoop(target: Target, workload: Workload, clients: number, seconds: number): Promise<Sample> {
  const pool = new Pool(`http://127.0.0.1:${target.port}`, { connections: clients, pipelining: 1 });
  const before = await usageOf(target.child);
  const startedMs = performance.now();
  const lasts: number[] = [];
  const firsts: number[] = [];
  let bad = 0;
  const one = async () => {
    while (performance.now() - startedMs < seconds * 1_000) {
      const times = await call(pool, target, workload);
      if (times === null) bad++;
      else {
        lasts.push(times.lastMs);
        firsts.push(times.firstMs);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  const tookMs = performance.now() - startedMs;
  const after = await usageOf(target.child);
  await pool.destroy();
  return {
    rate: (lasts.length * 1_000) / tookMs,
    cpuUs: (after.cpuUs - before.cpuUs) / Math.max(1, lasts.length),
    p50Ms: median(lasts),
    firstMs: median(firsts),
    bad,
    rssMiB: after.rssBytes / 1_048_576,
  };
}

/** Runs until the engine has compiled what it will: until then a call costs several times what it costs later. */
async function warmUp(target: Target, workload: Workload): Promise<void> {
  const startedMs = performance.now();
  let done = 0;
  while (done < WARM_CALLS && performance.now() - startedMs < WARM_MOST_MS) {
    const { rate } = await closedLoop(target, workload, CLIENTS, 1);
    done += rate;
  }
}

/** Latency at a fixed rate, counted from when each call was due. */
async function openLoop(
  target: Target,
  workload: Workload,
  seconds: number,
): Promise<{ p50Ms: number; firstMs: number }> {
  const pool = new Pool(`http://127.0.0.1:${target.port}`, { connections: 64, pipelining: 1 });
  const lasts: number[] = [];
  const firsts: number[] = [];
  const calls: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let i = 0; i < seconds * RATE; i++) {
    const dueMs = startedMs + (i * 1_000) / RATE;
    while (performance.now() < dueMs)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const lateMs = performance.now() - dueMs;
    calls.push(
      call(pool, target, workload).then((times) => {
        if (times === null) return;
        lasts.push(times.lastMs + lateMs);
        firsts.push(times.firstMs + lateMs);
      }),
    );
  }
  await Promise.all(calls);
  await pool.destroy();
  return { p50Ms: median(lasts), firstMs: median(firsts) };
}

/** Portkey with the dependency versions of its own lock file: with current ones it cannot stream. */
function installPortkey(): string | null {
  const folder = join(tmpdir(), `assay-bench-portkey-${PORTKEY}`);
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (existsSync(entry)) return entry;
  mkdirSync(folder, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { '@portkey-ai/gateway': PORTKEY },
    overrides: { '@hono/node-server': '1.3.3', hono: '4.6.3', '@hono/node-ws': '1.0.4' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  try {
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
    });
  } catch {
    console.log(`@portkey-ai/gateway@${PORTKEY} could not be installed (no registry?): it is left out.`);
    return null;
  }
  return existsSync(entry) ? entry : null;
}

async function startPortkey(providerUrl: string): Promise<Target | null> {
  const entry = installPortkey();
  if (entry === null) return null;
  const port = 20_000 + (process.pid % 20_000);
  const child = fork(entry, ['--headless', `--port=${port}`], {
    execArgv: ['--import', PRELOAD],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: 'localhost,127.0.0.1' },
  });
  const target: Target = {
    name: `Portkey ${PORTKEY}, no controls`,
    port,
    child,
    headers: {
      authorization: 'Bearer sk-bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${providerUrl}/v1`,
    },
  };
  for (let i = 0; i < 100; i++) {
    const pool = new Pool(`http://127.0.0.1:${port}`);
    const answered = await call(pool, target, WORKLOADS[0] as Workload);
    await pool.destroy();
    if (answered) return target;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  console.log('Portkey was installed and does not answer: it is left out.');
  child.kill();
  return null;
}

type Listening = { port: number };
await bundlePrograms(['gateway-parts/provider', 'gateway-parts/raw-proxy', 'gateway-parts/assay']);
const provider = await startProgram<Listening>('gateway-parts/provider', []);
const providerUrl = `http://127.0.0.1:${provider.port}`;
const raw = await startProgram<Listening>('gateway-parts/raw-proxy', [providerUrl]);
const assay = await startProgram<Listening>('gateway-parts/assay', [providerUrl, KEY]);
const direct: Target = { name: 'direct', port: provider.port, child: provider.child, headers: {} };
const rawTarget: Target = { name: 'raw node:http + undici dispatch', ...raw, headers: {} };
const assayTarget: Target = { name: 'Assay, all controls', ...assay, headers: { authorization: `Bearer ${KEY}` } };
const portkey = process.argv.includes('--no-portkey') ? null : await startPortkey(providerUrl);
const targets = [rawTarget, assayTarget, ...(portkey ? [portkey] : [])];

for (const workload of WORKLOADS) {
  const samples = new Map<Target, Sample[]>(targets.map((target) => [target, []]));
  for (const target of targets) await warmUp(target, workload);
  for (let round = 0; round < ROUNDS; round++)
    for (let i = 0; i < targets.length; i++) {
      const target = targets[(i + round) % targets.length] as Target;
      samples.get(target)?.push(await closedLoop(target, workload, CLIENTS, SECONDS));
    }
  console.log(`\n${workload.name}, ${CLIENTS} clients\n`);
  console.log(
    '| | requests/s | p50 ms | first byte ms | CPU µs a request | requests per CPU second, × raw | × Portkey | bad |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
  const cpuOf = (target: Target | null) =>
    target ? median((samples.get(target) ?? []).map((one) => one.cpuUs)) : Number.NaN;
  for (const target of targets) {
    const list = samples.get(target) ?? [];
    const cpuUs = cpuOf(target);
    const row = [
      median(list.map((one) => one.rate)).toFixed(0),
      median(list.map((one) => one.p50Ms)).toFixed(2),
      median(list.map((one) => one.firstMs)).toFixed(2),
      cpuUs.toFixed(0),
      (cpuOf(rawTarget) / cpuUs).toFixed(2),
      portkey ? (cpuOf(portkey) / cpuUs).toFixed(1) : '–',
      String(list.reduce((sum, one) => sum + one.bad, 0)),
    ];
    console.log(`| ${target.name} | ${row.join(' | ')} |`);
  }
}

console.log(`\nAt ${RATE} requests a second\n`);
console.log('| | whole: added p50 ms | stream: added p50 of the first byte ms |');
console.log('|---|---:|---:|');
const [whole, stream] = WORKLOADS as [Workload, Workload];
const base = { whole: await openLoop(direct, whole, SECONDS), stream: await openLoop(direct, stream, SECONDS) };
for (const target of targets) {
  const added = (await openLoop(target, whole, SECONDS)).p50Ms - base.whole.p50Ms;
  const addedFirst = (await openLoop(target, stream, SECONDS)).firstMs - base.stream.firstMs;
  console.log(`| ${target.name} | ${added.toFixed(2)} | ${addedFirst.toFixed(2)} |`);
}

console.log('\nMemory at 128 clients, streams\n');
for (const target of targets)
  console.log(`${target.name}: ${(await closedLoop(target, stream, 128, SECONDS)).rssMiB.toFixed(0)} MiB`);

for (const { child } of [provider, ...targets]) child.disconnect();
