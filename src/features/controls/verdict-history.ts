import { sql } from 'drizzle-orm';
import { instantOf } from '#src/features/facts/index.ts';
import { DAY_MS, type Instant, toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { TestResult } from './control-state.ts';
import type { TestSpan } from './model.ts';
import { countsOf } from './verdict-store.ts';
import { type Moment, runAt } from './verdict-views.ts';

/* How verdicts went over time. Spans hold run numbers; what is asked and answered here is instants. */

export type HistorySpan = TestSpan & {
  /** Age of what was read was all that kept it from having data. */
  onlyStale: boolean;
};

/** Spans of each test that lasted at `from` or began later, up to `to`, oldest first, and whether there is more before. */
export async function testSpans(
  executor: Executor,
  testIds: readonly string[],
  range: { from: Instant; to: Instant },
): Promise<{ spans: Map<string, HistorySpan[]>; earlier: boolean }> {
  const { rows } = await executor.execute<{
    test_id: string;
    from_at: string;
    to_at: string | null;
    result: TestResult;
    version: number;
    because: string;
    pass: number;
    fail: number;
    no_data: number;
    not_applicable: number;
    error: number;
    stale: number;
  }>(sql`
    select span.*, opened.at as from_at, closed.at as to_at, (
      select count(*) from test_source_span source
      where source.test_id = span.test_id and source.status = 'stale'
        and source.from_run <= span.from_run and (source.to_run is null or source.to_run > span.from_run)) as stale
    from test_span span
    join judge_run opened on opened.number = span.from_run
    left join judge_run closed on closed.number = span.to_run
    where span.test_id = any(${sql.param(testIds)}::text[]) and opened.at <= ${range.to}::timestamptz
      and (closed.at is null or closed.at > ${range.from}::timestamptz)
    order by span.from_run`);
  const spans = new Map<string, HistorySpan[]>(testIds.map((id) => [id, []]));
  for (const row of rows) {
    spans.get(row.test_id)?.push({
      fromAt: instantOf(row.from_at),
      toAt: row.to_at === null || instantOf(row.to_at) > range.to ? null : instantOf(row.to_at),
      result: row.result,
      version: row.version,
      because: row.because,
      counts: countsOf(row),
      onlyStale: row.result === 'no_data' && row.stale > 0 && row.stale === row.no_data,
    });
  }
  const before = await executor.execute(sql`
    select 1 from test_span span join judge_run closed on closed.number = span.to_run
    where span.test_id = any(${sql.param(testIds)}::text[]) and closed.at <= ${range.from}::timestamptz limit 1`);
  return { spans, earlier: before.rows.length > 0 };
}

/** Tests that failed when last there was data about them, whatever they are now. */
export async function lastFailed(executor: Executor, moment: Moment): Promise<Set<string>> {
  const run = await runAt(executor, moment);
  if (!run) return new Set();
  const { rows } = await executor.execute<{ test_id: string }>(sql`
    select test_id from (
      select distinct on (test_id) test_id, result from test_span
      where result in ('pass', 'fail', 'not_applicable') and from_run <= ${run.number}
      order by test_id, from_run desc) last
    where result = 'fail'`);
  return new Set(rows.map((row) => row.test_id));
}

/** A test that fails now, and what it was before it began to. */
export type Failure = {
  testId: string;
  /** The result just before it began to fail; null where there was none. */
  from: TestResult | null;
  /** When it began to fail, without a break since. */
  at: Instant;
  /** How many subjects fail. */
  failing: number;
  /** `regression`: it passed within the time asked for. `new`: it began to fail within that time. */
  kind: 'regression' | 'new';
};

/**
 * Tests that fail as of the last run and changed within `withinDays` before the moment, newest first: regressions passed
 * at some time in those days, also where they had no data in between; new failures began in them and did not.
 */
export async function recentFailures(executor: Executor, moment: Moment, withinDays: number): Promise<Failure[]> {
  const run = await runAt(executor, moment);
  if (!run) return [];
  const since = toInstant(Date.parse(moment.at) - withinDays * DAY_MS);
  const { rows } = await executor.execute<{
    test_id: string;
    fail: number;
    began_at: string;
    before: TestResult | null;
    passed: boolean;
  }>(sql`
    select failing.test_id, failing.fail, began.at as began_at, last_other.result as before,
      exists (
        select 1 from test_span passing join judge_run ended on ended.number = passing.to_run
        where passing.test_id = failing.test_id and passing.result = 'pass' and passing.to_run <= failing.from_run
          and ended.at >= ${since}::timestamptz) as passed
    from test_span failing
    left join lateral (
      select result, to_run from test_span other
      where other.test_id = failing.test_id and other.from_run < failing.from_run and other.result <> 'fail'
      order by other.from_run desc limit 1
    ) last_other on true
    join judge_run began on began.number = coalesce(last_other.to_run, (
      select min(from_run) from test_span first where first.test_id = failing.test_id))
    where failing.result = 'fail' and failing.from_run <= ${run.number}
      and (failing.to_run is null or failing.to_run > ${run.number})
    order by began.number desc, failing.test_id`);
  return rows.flatMap((row): Failure[] => {
    const began = instantOf(row.began_at);
    if (!row.passed && began < since) return [];
    const kind = row.passed ? 'regression' : 'new';
    return [{ testId: row.test_id, from: row.before, at: began, failing: row.fail, kind }];
  });
}
