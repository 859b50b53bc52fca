// Judging sampled answers by words: how many claims a second, and what it costs the gateway that serves calls meanwhile, with
// judging off, in its thread, and (for comparison only) on the thread of the calls. Loopback only. `--short`: fewer calls.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { checkGroundedness } from '#src/detectors/groundedness/check-groundedness.ts';
import { LexicalThread } from '#src/features/groundedness-checks/lexical-thread.ts';
import type { AnswerJudging } from '#src/gateway/ports.ts';
import { seededRandom } from '#src/statistics/random.ts';
import {
  aPolicy,
  aSnapshot,
  CLEAR_KEY,
  chatAnswer,
  openFakeProvider,
  openTestGateway,
  sendJson,
} from '../tests/support/gateway.ts';

const CALLS = process.argv.includes('--short') ? 300 : 1_500;
const AT_ONCE = 8;
const CLAIMS = 8;
const WORDS = 'warranty battery month return shop order price claim cover ship repair charge store week label'.split(
  ' ',
);

const random = seededRandom(5);
const sentence = () =>
  `The ${Array.from({ length: 9 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')} ${Math.floor(random() * 90)}.`;
function contextOf(characters: number): string {
  let text = '';
  while (text.length < characters) text += `${sentence()} `;
  return text;
}

console.log('| context | claims/s, one thread | ms an answer of 8 claims |\n|---|---|---|');
for (const characters of [2_000, 20_000, 200_000]) {
  const context = contextOf(characters);
  const answer = Array.from({ length: CLAIMS }, sentence).join(' ');
  const times = Math.max(3, Math.floor((process.argv.includes('--short') ? 2e6 : 1e7) / characters / 10));
  checkGroundedness(answer, context);
  const startedMs = performance.now();
  for (let k = 0; k < times; k++) checkGroundedness(answer, context);
  const ms = (performance.now() - startedMs) / times;
  console.log(
    `| ${characters.toLocaleString('en-US')} characters | ${Math.round((CLAIMS * 1_000) / ms).toLocaleString('en-US')} | ${ms.toFixed(2)} |`,
  );
}

const context = contextOf(100_000);
const answer = Array.from({ length: CLAIMS }, sentence).join(' ');
const provider = await openFakeProvider((_request, response) => sendJson(response, chatAnswer(answer)));
const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Which?' }], assay_context: [context] });

type Run = { callsPerSecond: number; p99Ms: number; mostMs: number; judged: number };
async function serve(judging: AnswerJudging | null, judged: () => number): Promise<Run> {
  const gateway = await openTestGateway(aSnapshot(provider, { policies: [aPolicy({ detectors: [] })] }), { judging });
  const call = async () => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLEAR_KEY}`, 'content-type': 'application/json' },
      body,
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
  };
  for (let k = 0; k < 50; k++) await call();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedMs = performance.now();
  let left = CALLS;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await call();
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  delay.disable();
  await gateway.close();
  return {
    callsPerSecond: CALLS / seconds,
    p99Ms: delay.percentile(99) / 1e6,
    mostMs: delay.max / 1e6,
    judged: judged(),
  };
}

/** One in ten calls is judged, as a sample would have it. */
function sampled(judge: (answer: string, context: string) => void): AnswerJudging {
  let calls = 0;
  return {
    mayWant: () => true,
    take: ({ answer: given, context: documents }) => {
      if (calls++ % 10 === 0) judge(given ?? '', documents.join('\n\n'));
    },
  };
}

const off = await serve(null, () => 0);
let inThread = 0;
const thread = new LexicalThread(60_000);
const beside = await serve(
  sampled((given, documents) => {
    thread.check(given, documents).then(
      () => inThread++,
      // What is left when the calls are over is dropped with the thread; the table says how much was judged.
      () => undefined,
    );
  }),
  () => inThread,
);
thread.close();
let inline = 0;
const inTheWay = await serve(
  sampled((given, documents) => {
    checkGroundedness(given, documents);
    inline++;
  }),
  () => inline,
);
await provider.close();

console.log(
  '\n| judging, one call in ten, context of 100,000 characters | calls/s, share of off | event loop p99, longest, ms | judged by the end |\n|---|---|---|---|',
);
for (const [name, run] of [
  ['off', off],
  ['in its thread', beside],
  ['on the thread of the calls (not offered)', inTheWay],
] as const)
  console.log(
    `| ${name} | ${((100 * run.callsPerSecond) / off.callsPerSecond).toFixed(0)} % (${run.callsPerSecond.toFixed(0)}/s) | ${run.p99Ms.toFixed(0)}, ${run.mostMs.toFixed(0)} | ${run.judged} |`,
  );
