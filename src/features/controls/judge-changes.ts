import type { ControlTest } from '#src/control-tests/define.ts';
import type { FactKindName } from '#src/facts/index.ts';
import { changedFacts, listSources, type SourceState, type StoredFact } from '#src/features/facts/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Instant } from '#src/kernel/time.ts';
import type { NewEntry } from '#src/ledger/log/entry.ts';
import type { Database, Transaction } from '#src/platform/database/connect.ts';
import { populationSources } from './freshness.ts';
import { planTest, type Situation, type SourceChanges, type Task } from './judge-plan.ts';
import { type Judged, judgeTasks } from './judge-source.ts';
import type { JudgeRun } from './model.ts';
import { resultEntry } from './result-entry.ts';
import {
  changedResults,
  changedStandings,
  countSpans,
  type Endings,
  isSameSummary,
  type Summary,
  summarize,
  touchedTests,
} from './run-outcome.ts';
import type { JudgeCause } from './tables.ts';
import {
  beginRun,
  closeAllVerdicts,
  judgedNumbers,
  replaceTestSources,
  replaceTests,
  standingTests,
  writeJudgedNumbers,
} from './verdict-store.ts';

export type JudgeOptions = {
  /** All tests there are: one that is missing here is taken to be no more, and its spans end. */
  tests: readonly ControlTest[];
  /** The instant handed to the rules. */
  at: Instant;
  cause?: JudgeCause;
  /** The collection that made this run necessary. */
  collectionId?: string;
  /** Puts an entry into the ledger, in the same transaction. Without it the run is not recorded there. */
  appendEntry?: AppendEntry;
};

/** Puts an entry into the ledger with the change it tells of: both commit, or neither. */
export type AppendEntry = (tx: Transaction, entry: NewEntry) => Promise<unknown>;

/**
 * Brings every verdict up to the facts as they stand: judges the parts whose facts changed since the last run, whole tests
 * whose rule changed or that depend on time, and lays the age and completeness of the readings over all. Writes only what
 * differs. Runs wait for one another. Given a transaction, all of it is part of that; record sources before judging, so
 * that two transactions never wait for each other.
 *
 * Scheduled runs are announced ahead of time by expected-runs.ts, so that one that did not happen shows.
 */
export async function judgeChanges(on: Database | Transaction, options: JudgeOptions): Promise<JudgeRun> {
  checkTests(options.tests);
  return 'pool' in on ? on.transaction((tx) => judgeIn(tx, options)) : judgeIn(on, options);
}

async function judgeIn(tx: Transaction, options: JudgeOptions): Promise<JudgeRun> {
  const { tests, at } = options;
  const run = await beginRun(tx, { at, cause: options.cause ?? 'person', collectionId: options.collectionId ?? null });
  const everySource = await listSources(tx, { withRetired: true });
  const situation = await situationOf(tx, everySource, tests, at);
  const judged = await judgeSources(tx, run, tests, situation);
  const endings = await endWhatIsNoMore(tx, run, tests, situation);
  const sourceChanges = changedStandings(judged);
  await replaceTestSources(tx, run, [...sourceChanges, ...endings.sources]);
  const summaries = summarize(tests, judged, situation);
  const newSummaries = new Map([...summaries].filter(([id, next]) => !isSameSummary(situation.standing.get(id), next)));
  await replaceTests(tx, run, [
    ...[...newSummaries].map(([testId, next]) => ({ testId, next })),
    ...endings.tests.map((testId) => ({ testId, next: null })),
  ]);
  const moved = everySource.filter((source) => source.number > situation.judgedNumber(source.id));
  await writeJudgedNumbers(tx, run, moved);
  const touched = touchedTests(tests, judged, sourceChanges, newSummaries);
  await appendResults(tx, options, run, { touched, summaries, judged });
  return {
    run,
    at,
    tests: [...summaries].map(([id, { result, counts }]) => ({ id, result, counts })),
    judged: touched,
    changedTests: changedResults(newSummaries, endings, situation),
    spansWritten: countSpans(judged, sourceChanges, newSummaries, endings, situation),
  };
}

async function judgeSources(
  tx: Transaction,
  run: number,
  tests: readonly ControlTest[],
  situation: Situation,
): Promise<Judged[]> {
  const { at, sources } = situation;
  const tasks = new Map<string, Task[]>(sources.map((source) => [source.id, []]));
  for (const test of tests) for (const task of planTest(test, situation)) tasks.get(task.source.id)?.push(task);
  const judged: Judged[] = [];
  const shared = new Map<FactKindName, StoredFact[]>();
  for (const source of sources) {
    const own = tasks.get(source.id) ?? [];
    judged.push(...(await judgeTasks(tx, { number: run, at, sources }, source, own, shared)));
  }
  return judged;
}

async function situationOf(
  tx: Transaction,
  everySource: readonly SourceState[],
  tests: readonly ControlTest[],
  at: Instant,
): Promise<Situation> {
  const standing = await standingTests(tx);
  const numbers = await judgedNumbers(
    tx,
    everySource.map((source) => source.id),
  );
  const judgedNumber = (sourceId: string) => numbers.get(sourceId) ?? 0;
  const kinds = [...new Set(tests.flatMap((test) => test.uses))];
  const changes = new Map<string, SourceChanges>();
  for (const source of everySource) {
    const from = judgedNumber(source.id);
    if (source.number === from) continue;
    if (from === 0) {
      if (!source.retired) changes.set(source.id, 'everything');
      continue;
    }
    const byKind = new Map<FactKindName, Awaited<ReturnType<typeof changedFacts>>>();
    for (const change of await changedFacts(tx, source.id, { from, to: source.number }, kinds)) {
      const list = byKind.get(change.kind);
      if (list) list.push(change);
      else byKind.set(change.kind, [change]);
    }
    changes.set(source.id, byKind);
  }
  const sources = everySource.filter((source) => !source.retired);
  return { at, sources, judgedNumber, changes, standing };
}

/** Ends the spans of tests that are no more, and of sources that a test no longer draws from. */
async function endWhatIsNoMore(
  tx: Transaction,
  run: number,
  tests: readonly ControlTest[],
  situation: Situation,
): Promise<Endings> {
  const byId = new Map(tests.map((test) => [test.id, test]));
  const ended: Endings = {
    tests: [],
    sources: [],
    verdicts: 0,
  };
  for (const [testId, standing] of situation.standing) {
    const test = byId.get(testId);
    if (!test) ended.tests.push(testId);
    const stillThere = new Set(test ? populationSources(test, situation.sources).map((source) => source.id) : []);
    for (const sourceId of standing.sources.keys()) {
      if (stillThere.has(sourceId)) continue;
      ended.sources.push({ testId, sourceId, next: null });
      ended.verdicts += await closeAllVerdicts(tx, run, testId, sourceId);
    }
  }
  return ended;
}

async function appendResults(
  tx: Transaction,
  options: JudgeOptions,
  run: number,
  known: { touched: readonly string[]; summaries: ReadonlyMap<string, Summary>; judged: readonly Judged[] },
): Promise<void> {
  const { appendEntry } = options;
  if (!appendEntry) return;
  const byId = new Map(options.tests.map((test) => [test.id, test]));
  for (const id of known.touched) {
    const test = byId.get(id);
    const summary = known.summaries.get(id);
    if (!test || !summary) continue;
    const used = known.judged.filter(({ task }) => task.test.id === id).flatMap(({ task }) => task.readiness.used);
    await appendEntry(tx, resultEntry(test, summary, { run, at: options.at, used }));
  }
}

function checkTests(tests: readonly ControlTest[]): void {
  const seen = new Set<string>();
  for (const test of tests) {
    if (seen.has(test.id)) throw new AppError('internal', `Two control tests have the id ${test.id}.`);
    seen.add(test.id);
  }
}
