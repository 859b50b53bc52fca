// The gateway under a steady load for long: does its memory stay where it is, and is every call recorded once? Prints a line a
// minute. `--minutes 30`, `--rate 200` (calls a second), `--short` for one minute.
import { Pool } from 'undici';
import { prompt } from './gateway-parts/prompts.ts';
import { ask, bundlePrograms, startProgram, usageOf } from './programs/programs.ts';

const KEY = 'agk_bench_0123456789abcdef';
const option = (name: string, otherwise: number) => {
  const at = process.argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const value = at < 0 ? Number.NaN : Number(process.argv[at]?.split('=')[1] ?? process.argv[at + 1]);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
};
const minutes = option('minutes', process.argv.includes('--short') ? 1 : 30);
const rate = option('rate', 200);
const TICK_MS = 50;
const CONNECTIONS = 64;

type Kind = 'whole' | 'stream' | 'long' | 'personal' | 'left' | 'refused';
/** Of twenty calls: mostly ordinary ones, some with data in them, some whose caller leaves or is not known. */
const KINDS: readonly Kind[] = [
  ...Array<Kind>(8).fill('whole'),
  ...Array<Kind>(7).fill('stream'),
  'long',
  'personal',
  'personal',
  'left',
  'refused',
];

const sent: Record<Kind, number> = { whole: 0, stream: 0, long: 0, personal: 0, left: 0, refused: 0 };
let right = 0;
let wrong = 0;

function bodyOf(kind: Kind, number: number): string {
  const body = prompt(kind === 'long' ? 36_864 : 2_048, kind === 'stream' || kind === 'left', number, number % 5 === 0);
  return kind === 'personal' ? body.replace(/\?"}]}$/, ' Write to anna.kovacs@northwind-mail.net?"}]}') : body;
}

function call(pool: Pool, kind: Kind, number: number): Promise<void> {
  sent[kind]++;
  let status = 0;
  let tail = '';
  return new Promise((resolve) => {
    const end = (isRight: boolean) => {
      if (isRight) right++;
      else wrong++;
      resolve();
    };
    pool.dispatch(
      {
        path: '/v1/chat/completions',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${kind === 'refused' ? 'agk_nobody' : KEY}`,
        },
        body: bodyOf(kind, number),
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (controller, code) => {
          status = code;
          // The caller leaves when it has seen the head.
          if (kind === 'left') controller.abort(new Error('left'));
        },
        onResponseData: (_controller, chunk) => {
          tail = (tail + chunk.toString('latin1')).slice(-60);
        },
        onResponseEnd: () =>
          end(
            kind === 'refused'
              ? status === 401
              : status === 200 && (kind === 'stream' ? tail.includes('[DONE]') : tail.endsWith('}')),
          ),
        onResponseError: () => end(kind === 'left' && status === 200),
      },
    );
  });
}

type Listening = { port: number };
await bundlePrograms(['gateway-parts/provider', 'gateway-parts/assay']);
const provider = await startProgram<Listening>('gateway-parts/provider', []);
const assay = await startProgram<Listening>('gateway-parts/assay', [`http://127.0.0.1:${provider.port}`, KEY]);
const pool = new Pool(`http://127.0.0.1:${assay.port}`, { connections: CONNECTIONS, pipelining: 1 });
const startedMs = performance.now();
const underWay = new Set<Promise<void>>();
const memory: number[] = [];
let number = 0;
let before = { cpuUs: 0, number: 0 };

console.log('| minute | sent | right | wrong | under way | CPU µs a call | resident MiB | heap MiB | external MiB |');
console.log('|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
for (let minute = 1; minute <= minutes; minute++) {
  const untilMs = startedMs + minute * 60_000;
  while (performance.now() < untilMs) {
    const dueCalls = ((performance.now() - startedMs) * rate) / 1_000;
    // A machine that cannot keep up is not asked for ever more.
    while (number < dueCalls && underWay.size < CONNECTIONS * 4) {
      number++;
      const one = call(pool, KINDS[number % KINDS.length] as Kind, number).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const { cpuUs, rssBytes, heapBytes, externalBytes } = await usageOf(assay.child);
  const mib = (bytes: number) => (bytes / 1_048_576).toFixed(0);
  const cpu = (cpuUs - before.cpuUs) / Math.max(1, number - before.number);
  before = { cpuUs, number };
  memory.push(rssBytes);
  console.log(
    `| ${minute} | ${number} | ${right} | ${wrong} | ${underWay.size} | ${cpu.toFixed(0)} | ${mib(rssBytes)} | ${mib(heapBytes)} | ${mib(externalBytes)} |`,
  );
}
await Promise.all(underWay);
await pool.close();
// A caller who has left is recorded when the gateway notices.
await new Promise((resolve) => setTimeout(resolve, 1_000));
type Recorded = { count: number; repeated: number; last: number; notCalls: number };
const { count, repeated, last, notCalls } = await ask<Recorded>(assay.child, 'recorded');
// Memory goes up and down with the collector: a third of the minutes is compared with the third before it.
const third = Math.max(1, Math.floor(memory.length / 3));
const growth = (medianOf(memory.slice(-third)) / medianOf(memory.slice(-2 * third, -third)) - 1) * 100;
console.log(
  `\nsent ${number} (${Object.entries(sent)
    .map(([kind, many]) => `${kind} ${many}`)
    .join(', ')})`,
);
const calls = count - notCalls;
console.log(
  `recorded ${calls}, and ${notCalls} connections on which nothing was asked; numbers to ${last}, repeated ${repeated}, lost ${number - calls}`,
);
console.log(
  Number.isFinite(growth)
    ? `resident memory, median of the last third against the one before: ${growth.toFixed(1)} %`
    : 'too short to tell whether memory grows',
);
for (const { child } of [provider, assay]) {
  child.removeAllListeners('exit');
  child.disconnect();
}
process.exitCode = calls === number && last === count && repeated === 0 && wrong === 0 ? 0 : 1;

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
