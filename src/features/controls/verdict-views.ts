import { type SQL, sql } from 'drizzle-orm';
import type { ControlTest } from '#src/control-tests/define.ts';
import { instantOf, listSources, type SourceState } from '#src/features/facts/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import type { Instant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { noResults, type ResultCounts, type TestResult } from './control-state.ts';
import { neverRead, type Readiness, readinessOf } from './freshness.ts';
import { addCounts, resultOf } from './judge.ts';
import { summarySentence } from './summary.ts';
import { countsOf, type StandingSource } from './verdict-store.ts';

/*
 * What the verdicts were at an instant: what the last run before it said, with the age of the readings at that instant laid
 * over it. A run that never came does not keep a verdict fresh.
 */

export type SourceView = StandingSource & { source: SourceState; readiness: Readiness };

export type TestView = {
  test: ControlTest;
  /** The rule that gave the verdicts; null where the test was not judged by then. */
  rule: { version: number; digest: string } | null;
  result: TestResult;
  because: string;
  counts: ResultCounts;
  since: Instant | null;
  judgedAt: Instant | null;
  /** Since when something it uses is too old; null where all of it is fresh. */
  staleSince: Instant | null;
  /** Age is all that keeps it from having data. */
  onlyStale: boolean;
  sources: SourceView[];
};

/**
 * When something is asked about. `live`: now, whatever the clocks of other machines said; a run or a reading that seems to
 * come from the future counts. Not `live`: the past as it was known then.
 */
export type Moment = { at: Instant; live: boolean };

/** The run whose verdicts hold at the moment, and when it was. Null before the first run. */
export async function runAt(executor: Executor, { at, live }: Moment): Promise<{ number: number; at: Instant } | null> {
  const { rows } = await executor.execute<{ number: number; at: string }>(sql`
    select number, at from judge_run where ${live} or at <= ${at}::timestamptz order by number desc limit 1`);
  const [row] = rows;
  return row ? { number: row.number, at: instantOf(row.at) } : null;
}

/** Rows of a table of spans that hold in run `run`. */
export function heldIn(run: number): SQL {
  return sql`from_run <= ${run} and (to_run is null or to_run > ${run})`;
}

type Columns = { pass: number; fail: number; no_data: number; not_applicable: number; error: number };
type TestRow = Columns & {
  test_id: string;
  version: number;
  rule_digest: string;
  result: TestResult;
  because: string;
  since: string;
};
type SourceRow = Columns & {
  test_id: string;
  source_id: string;
  status: StandingSource['status'];
  counted: boolean;
  because: string;
  population: number;
};

/** How every one of `tests` stood at the moment. */
export async function viewTests(
  executor: Executor,
  tests: readonly ControlTest[],
  moment: Moment,
): Promise<TestView[]> {
  const { at } = moment;
  const sources = await listSources(executor, moment.live ? {} : { at });
  const run = await runAt(executor, moment);
  if (!run) return tests.map((test) => notJudged(test, sources));
  const ids = sql.param(tests.map((test) => test.id));
  const testRows = await executor.execute<TestRow>(sql`
    select span.*, begun.at as since from test_span span
    join judge_run begun on begun.number = (
      select min(same.from_run) from test_span same
      where same.test_id = span.test_id and same.from_run <= span.from_run and same.from_run > coalesce((
        select max(other.from_run) from test_span other
        where other.test_id = span.test_id and other.from_run <= span.from_run and other.result <> span.result), 0))
    where span.test_id = any(${ids}::text[]) and ${heldIn(run.number)}`);
  const sourceRows = await executor.execute<SourceRow>(sql`
    select * from test_source_span where test_id = any(${ids}::text[]) and ${heldIn(run.number)} order by source_id`);
  const byTest = new Map(testRows.rows.map((row) => [row.test_id, row]));
  const sourcesOf = new Map<string, SourceRow[]>();
  for (const row of sourceRows.rows) {
    const list = sourcesOf.get(row.test_id);
    if (list) list.push(row);
    else sourcesOf.set(row.test_id, [row]);
  }
  return tests.map((test) => {
    const row = byTest.get(test.id);
    return row ? viewOf(test, row, sourcesOf.get(test.id) ?? [], sources, run.at, at) : notJudged(test, sources);
  });
}

function viewOf(
  test: ControlTest,
  row: TestRow,
  sourceRows: readonly SourceRow[],
  sources: readonly SourceState[],
  judgedAt: Instant,
  at: Instant,
): TestView {
  const byId = new Map(sources.map((source) => [source.id, source]));
  const views = sourceRows.flatMap((sourceRow) => {
    const source = byId.get(sourceRow.source_id);
    return source ? [sourceView(test, sourceRow, source, sources, at)] : [];
  });
  const counts = noResults();
  for (const view of views) addCounts(counts, view.counts);
  const asJudged = canonicalJson(counts) === canonicalJson(countsOf(row));
  const result = views.length === 0 ? row.result : resultOf(counts);
  const stale = views.flatMap(({ status, readiness }) =>
    status === 'stale' ? [readiness.freshUntil ?? judgedAt] : [],
  );
  const staleSince = stale.sort()[0] ?? null;
  return {
    test,
    rule: { version: row.version, digest: row.rule_digest },
    result,
    because: asJudged || views.length === 0 ? row.because : summarySentence(test, result, counts, views),
    counts,
    since: result === row.result ? instantOf(row.since) : (staleSince ?? instantOf(row.since)),
    judgedAt,
    staleSince,
    onlyStale: result === 'no_data' && stale.length > 0 && stale.length === counts.noData,
    sources: views,
  };
}

function sourceView(
  test: ControlTest,
  row: SourceRow,
  source: SourceState,
  sources: readonly SourceState[],
  at: Instant,
): SourceView {
  const readiness = readinessOf(test, source, sources, at);
  if (readiness.status === 'stale' && row.status !== 'stale') {
    const counts = { ...noResults(), noData: 1 };
    return { source, readiness, status: 'stale', counted: false, because: readiness.because, population: 0, counts };
  }
  const { status, counted, because, population } = row;
  return { source, readiness, status, counted, because, population, counts: countsOf(row) };
}

function notJudged(test: ControlTest, sources: readonly SourceState[]): TestView {
  const stated = new Set(sources.flatMap((source) => [...source.kinds.keys()]));
  const unread = test.uses.filter((kind) => !stated.has(kind));
  return {
    test,
    rule: null,
    result: 'no_data',
    because: unread.length > 0 ? neverRead(unread) : 'Not judged yet. Run the tests.',
    counts: noResults(),
    since: null,
    judgedAt: null,
    staleSince: null,
    onlyStale: false,
    sources: [],
  };
}
