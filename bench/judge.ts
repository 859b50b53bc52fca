// The judge over 100,000 facts and 50 tests: a first run, and runs after 0.1 % of the facts changed. What counts are the
// ratios of rows written and of time. Real embedded Postgres with its normal settings, real readings, real ledger rows left
// out. `--short` uses a tenth of the facts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlTest, defineTest, type Verdict } from '#src/control-tests/define.ts';
import type { FactKindName, KnownFact } from '#src/facts/index.ts';
import { judgeChanges } from '#src/features/controls/index.ts';
import { recordCollection } from '#src/features/facts/index.ts';
import { toInstant } from '#src/kernel/time.ts';
import { readConfig } from '#src/platform/config.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { openDatabase } from '#src/platform/database/supervisor.ts';
import { createLog } from '#src/platform/log.ts';

const SOURCES = 20;
const FACTS = process.argv.includes('--short') ? 10_000 : 100_000;
const KINDS = [
  'dataset-file',
  'model-file',
  'guardrail',
  'eval-suite',
  'agent',
  'training-pipeline',
  'inference-endpoint',
  'container-image',
  'prompt',
  'retrieval-index',
] as const satisfies FactKindName[];
type Kind = (typeof KINDS)[number];
const PER_KIND = FACTS / SOURCES / KINDS.length;

let nowMs = Date.UTC(2026, 10, 23, 9);
const clock = () => nowMs;

/** One fact; `revision` is what changes: with each one a fact turns from good to bad or back. At first one in ten is bad. */
function fact(kind: Kind, n: number, revision: number): KnownFact {
  const place = { path: `services/service-${n % 40}/src/module-${n}.py`, line: 10 + revision };
  const through = `call-${(n % 10 === 0) === (revision % 2 === 0) ? 'bad' : 'good'}-${revision}`;
  const bodies: Record<Kind, unknown> = {
    'dataset-file': { place, format: through, sizeBytes: n, sha256: null, storedAs: 'file', licence: null },
    'model-file': {
      place,
      format: 'gguf',
      sizeBytes: n,
      sha256: null,
      storedAs: 'file',
      canRunCode: false,
      suspiciousImports: [],
      header: { through },
    },
    guardrail: { place, framework: 'guard', through },
    'eval-suite': { place, framework: 'evals', thresholds: 'yes', through },
    agent: { place, framework: 'agents', name: `agent ${n}`, through },
    'training-pipeline': { place, framework: 'torch', through, setsSeed: 'yes', logsRun: 'no' },
    'inference-endpoint': { place, framework: 'http', route: '/v1', authenticated: 'yes', through },
    'container-image': { place, image: `registry.example/${through}`, pin: 'tag', runsAsRoot: 'no' },
    prompt: { place, form: 'file', sha256: null, underVersionControl: 'yes', through },
    'retrieval-index': { place, store: 'index', name: null, through },
  };
  return { kind, key: `${kind}:${place.path}#${n}`, body: bodies[kind] } as KnownFact;
}

function verdictOf(one: KnownFact, extra = ''): Verdict {
  const bad = JSON.stringify(one.body).includes('bad');
  return {
    subject: one.key,
    result: bad ? 'fail' : 'pass',
    because: `${one.key} is ${bad ? 'not ' : ''}as it should be${extra}.`,
    observed: bad ? 'bad' : 'good',
    expected: 'good',
  };
}

const about = {
  title: 'A test',
  asks: 'Is it?',
  why: 'Because.',
  controls: ['AIG-01'],
  severity: 'medium' as const,
  fix: { summary: 'Do.', steps: [] },
};

/** 30 tests look at facts one by one; 15 at two kinds of a source together; 5 also at the records of another source. */
const TESTS: ControlTest[] = [
  ...Array.from({ length: 30 }, (_, n) => {
    const kind = KINDS[n % KINDS.length] ?? 'prompt';
    return defineTest({
      ...about,
      id: `fact-${n}`,
      version: 1,
      uses: [kind],
      population: kind,
      judge: ({ facts }) => (facts[kind] as readonly KnownFact[]).map((one) => verdictOf(one)),
    }) as ControlTest;
  }),
  ...Array.from({ length: 20 }, (_, n) => {
    const kind: FactKindName = KINDS[n % KINDS.length] ?? 'prompt';
    const other: FactKindName = n < 15 ? (KINDS[(n + 3) % KINDS.length] ?? 'agent') : 'inventory-item';
    return defineTest({
      ...about,
      id: `source-${n}`,
      version: 1,
      uses: [kind, other],
      population: kind,
      judge: ({ facts }) => {
        const beside = facts[other].length > 0 ? '' : ', and nothing is beside it';
        return (facts[kind] as readonly KnownFact[]).map((one) => verdictOf(one, beside));
      },
    }) as ControlTest;
  }),
];

/** Revision of every fact: source, kind, number -> revision. */
const revisions = new Map<string, number>();

async function read(database: Database, source: number): Promise<{ rows: number; ms: number }> {
  const facts: KnownFact[] = [];
  for (const kind of KINDS)
    for (let n = 0; n < PER_KIND; n++) facts.push(fact(kind, n, revisions.get(`${source}/${kind}/${n}`) ?? 0));
  nowMs += 1_000;
  const at = toInstant(nowMs);
  const started = performance.now();
  const key = `https://git.example/company/repository-${source}`;
  const recorded = await database.transaction((tx) =>
    recordCollection(
      tx,
      {
        source: { key, kind: 'repository', title: key },
        kinds: KINDS,
        facts,
        startedAt: at,
        finishedAt: at,
        complete: true,
      },
      clock,
    ),
  );
  return { rows: recorded.added + 2 * recorded.changed + recorded.removed, ms: performance.now() - started };
}

async function readAll(database: Database): Promise<{ rows: number; ms: number }> {
  const total = { rows: 0, ms: 0 };
  for (let source = 0; source < SOURCES; source++) {
    const { rows, ms } = await read(database, source);
    total.rows += rows;
    total.ms += ms;
  }
  return total;
}

async function judge(database: Database): Promise<{ rows: number; ms: number; fails: number }> {
  nowMs += 1_000;
  const started = performance.now();
  const run = await judgeChanges(database, { tests: TESTS, at: toInstant(nowMs) });
  const fails = run.tests.reduce((sum, { counts }) => sum + counts.fail, 0);
  return { rows: run.spansWritten, ms: performance.now() - started, fails };
}

/** Changes one fact in a thousand, in `sources` of the repositories. */
function change(sources: number): number {
  const wanted = FACTS / 1000;
  for (let i = 0; i < wanted; i++) {
    const kind = KINDS[i % KINDS.length] ?? 'prompt';
    const n = (i * 7) % PER_KIND;
    const name = `${i % sources}/${kind}/${n}`;
    revisions.set(name, (revisions.get(name) ?? 0) + 1);
  }
  return wanted;
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const config = readConfig({ ASSAY_DATA_DIR: dataDir, ASSAY_LOG_LEVEL: 'silent' }, process.cwd());
  const opened = await openDatabase({ config, log: createLog({ level: 'silent' }), purpose: 'command' });
  try {
    await bench(opened.database);
  } finally {
    await opened.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function bench(database: Database): Promise<void> {
  const item = {
    itemKind: 'model',
    title: 'm',
    state: 'confirmed',
    systemId: null,
    proposedAt: toInstant(nowMs),
    decidedAt: null,
    source: null,
    provider: null,
  };
  await database.transaction((tx) =>
    recordCollection(
      tx,
      {
        source: { key: 'assay:records', kind: 'records', title: 'Records' },
        kinds: ['inventory-item'],
        facts: [{ kind: 'inventory-item', key: 'itm_1', body: item } as KnownFact],
        startedAt: toInstant(nowMs),
        finishedAt: toInstant(nowMs),
        complete: true,
      },
      clock,
    ),
  );
  const runs: { what: string; read: { rows: number; ms: number }; judged: { rows: number; ms: number } }[] = [];
  const once = async (what: string) => {
    const readings = await readAll(database);
    runs.push({ what, read: readings, judged: await judge(database) });
  };
  await once('first run');
  await once('nothing changed');
  for (let round = 1; round <= 3; round++) {
    change(2);
    await once(`0.1 % changed, in 2 of ${SOURCES} sources`);
  }
  for (let round = 1; round <= 3; round++) {
    change(SOURCES);
    await once(`0.1 % changed, over all ${SOURCES} sources`);
  }

  const [first] = runs;
  if (!first) return;
  console.log(
    `${FACTS.toLocaleString('en-US')} facts in ${SOURCES} sources, ${TESTS.length} tests (30 by fact, 20 by source)\n`,
  );
  console.log(
    '| run | fact rows | of first | recording ms | of first | verdict rows | of first | judging ms | of first |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  for (const { what, read: r, judged: j } of runs)
    console.log(
      `| ${what} | ${r.rows} | ${share(r.rows, first.read.rows)} | ${r.ms.toFixed(0)} | ${share(r.ms, first.read.ms)} | ${j.rows} | ${share(j.rows, first.judged.rows)} | ${j.ms.toFixed(0)} | ${share(j.ms, first.judged.ms)} |`,
    );
  console.log('\nGoal: verdict rows at most 5 % and judging time at most 25 % of the first run.');
}

await main();
