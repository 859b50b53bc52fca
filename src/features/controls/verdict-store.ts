import { sql } from 'drizzle-orm';
import type { Instant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { ResultCounts, TestResult } from './control-state.ts';
import type { VerdictRow } from './judge.ts';
import type { JudgeCause, SourceStatus } from './tables.ts';

/* What the judge reads of its own earlier runs, and writes. Every statement is over sets. */

export type StandingSource = {
  status: SourceStatus;
  counted: boolean;
  because: string;
  population: number;
  counts: ResultCounts;
};

export type StandingTest = {
  version: number;
  ruleDigest: string;
  result: TestResult;
  because: string;
  counts: ResultCounts;
  sources: Map<string, StandingSource>;
};

// Any constant will do, as long as every judge uses the same one.
const JUDGE_LOCK = 7_283_005;
const ROWS_PER_STATEMENT = 10_000;

/** Waits until no other judge is at work and begins a run. Inside a transaction: the wait is for its end. */
export async function beginRun(
  tx: Executor,
  run: { at: Instant; cause: JudgeCause; collectionId: string | null },
): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(${JUDGE_LOCK})`);
  const { rows } = await tx.execute<{ number: number }>(sql`
    insert into judge_run (number, at, cause, collection_id)
    select coalesce(max(number), 0) + 1, ${run.at}::timestamptz, ${run.cause}, ${run.collectionId} from judge_run
    returning number`);
  return rows[0]?.number ?? 0;
}

/** How far each source has been judged: the number of its collection. Sources that never were are left out. */
export async function judgedNumbers(tx: Executor, sourceIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await tx.execute<{ source_id: string; collection_number: number }>(sql`
    select source_id, last.collection_number from unnest(${sql.param(sourceIds)}::text[]) as source_id
    join lateral (
      select collection_number from judged_source where judged_source.source_id = source_id.source_id
      order by run desc limit 1
    ) last on true`);
  return new Map(rows.map((row) => [row.source_id, row.collection_number]));
}

export async function writeJudgedNumbers(
  tx: Executor,
  run: number,
  sources: readonly { id: string; number: number }[],
): Promise<void> {
  if (sources.length === 0) return;
  await tx.execute(sql`
    insert into judged_source (source_id, run, collection_number)
    select source_id, ${run}::int, number from unnest(
      ${sql.param(sources.map((source) => source.id))}::text[],
      ${sql.param(sources.map((source) => source.number))}::int[]) as judged (source_id, number)`);
}

type CountColumns = { pass: number; fail: number; no_data: number; not_applicable: number; error: number };

export function countsOf(row: CountColumns): ResultCounts {
  return { pass: row.pass, fail: row.fail, noData: row.no_data, notApplicable: row.not_applicable, error: row.error };
}

/** The summaries that stand, by test. */
export async function standingTests(tx: Executor): Promise<Map<string, StandingTest>> {
  const tests = await tx.execute<
    { test_id: string; version: number; rule_digest: string; result: TestResult; because: string } & CountColumns
  >(sql`select * from test_span where to_run is null`);
  const sources = await tx.execute<
    {
      test_id: string;
      source_id: string;
      status: SourceStatus;
      counted: boolean;
      because: string;
      population: number;
    } & CountColumns
  >(sql`select * from test_source_span where to_run is null`);
  const standing = new Map<string, StandingTest>();
  for (const row of tests.rows) {
    const { version, result, because } = row;
    const counts = countsOf(row);
    standing.set(row.test_id, { version, ruleDigest: row.rule_digest, result, because, counts, sources: new Map() });
  }
  for (const row of sources.rows) {
    const { status, counted, because, population } = row;
    standing
      .get(row.test_id)
      ?.sources.set(row.source_id, { status, counted, because, population, counts: countsOf(row) });
  }
  return standing;
}

/** Verdict rows that stand for a source, by test; with `factKeys`, only those of these facts. */
export async function standingRows(
  tx: Executor,
  sourceId: string,
  testIds: readonly string[],
  factKeys?: readonly string[],
): Promise<Map<string, VerdictRow[]>> {
  const byTest = new Map<string, VerdictRow[]>(testIds.map((id) => [id, []]));
  if (testIds.length === 0) return byTest;
  const among = factKeys === undefined ? sql`true` : sql`fact_key = any(${sql.param(factKeys)}::text[])`;
  const { rows } = await tx.execute<{ test_id: string; fact_key: string } & Omit<VerdictRow, 'factKey'>>(sql`
    select test_id, fact_key, subject, result, because, observed, expected, path, line from verdict_span
    where source_id = ${sourceId} and test_id = any(${sql.param(testIds)}::text[]) and to_run is null and ${among}`);
  for (const { test_id: testId, fact_key: factKey, ...row } of rows) byTest.get(testId)?.push({ factKey, ...row });
  return byTest;
}

export type OpenVerdict = VerdictRow & { testId: string; sourceId: string };
export type ClosedVerdict = Pick<OpenVerdict, 'testId' | 'sourceId' | 'factKey' | 'subject'>;

export async function closeVerdicts(tx: Executor, run: number, closing: readonly ClosedVerdict[]): Promise<void> {
  for (const part of inParts(closing)) {
    await tx.execute(sql`
      update verdict_span set to_run = ${run}
      from unnest(
        ${column(part, (row) => row.testId)}::text[], ${column(part, (row) => row.sourceId)}::text[],
        ${column(part, (row) => row.factKey)}::text[], ${column(part, (row) => row.subject)}::text[]
      ) as closing (test_id, source_id, fact_key, subject)
      where verdict_span.test_id = closing.test_id and verdict_span.source_id = closing.source_id
        and verdict_span.fact_key = closing.fact_key and verdict_span.subject = closing.subject and to_run is null`);
  }
}

export async function openVerdicts(tx: Executor, run: number, opening: readonly OpenVerdict[]): Promise<void> {
  for (const part of inParts(opening)) {
    await tx.execute(sql`
      insert into verdict_span (test_id, source_id, fact_key, subject, result, because, observed, expected, path, line, from_run)
      select opening.*, ${run}::int from unnest(
        ${column(part, (row) => row.testId)}::text[], ${column(part, (row) => row.sourceId)}::text[],
        ${column(part, (row) => row.factKey)}::text[], ${column(part, (row) => row.subject)}::text[],
        ${column(part, (row) => row.result)}::text[], ${column(part, (row) => row.because)}::text[],
        ${column(part, (row) => row.observed)}::text[], ${column(part, (row) => row.expected)}::text[],
        ${column(part, (row) => row.path)}::text[], ${column(part, (row) => row.line)}::int[]
      ) as opening`);
  }
}

/** Closes every verdict of a test, or of a test in one source. Returns how many there were. */
export async function closeAllVerdicts(tx: Executor, run: number, testId: string, sourceId?: string): Promise<number> {
  const inSource = sourceId === undefined ? sql`true` : sql`source_id = ${sourceId}`;
  const { rowCount } = await tx.execute(
    sql`update verdict_span set to_run = ${run} where test_id = ${testId} and to_run is null and ${inSource}`,
  );
  return rowCount ?? 0;
}

/** Replaces what stands of a test in one source; `next` null ends it. */
export async function replaceTestSources(
  tx: Executor,
  run: number,
  changes: readonly { testId: string; sourceId: string; next: StandingSource | null }[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.execute(sql`
    update test_source_span set to_run = ${run}
    from unnest(${column(changes, (row) => row.testId)}::text[], ${column(changes, (row) => row.sourceId)}::text[])
      as closing (test_id, source_id)
    where test_source_span.test_id = closing.test_id and test_source_span.source_id = closing.source_id
      and to_run is null`);
  const opening = changes.flatMap(({ testId, sourceId, next }) => (next ? [{ testId, sourceId, ...next }] : []));
  await tx.execute(sql`
    insert into test_source_span (test_id, source_id, status, counted, because, population,
      pass, fail, no_data, not_applicable, error, from_run)
    select opening.*, ${run}::int from unnest(
      ${column(opening, (row) => row.testId)}::text[], ${column(opening, (row) => row.sourceId)}::text[],
      ${column(opening, (row) => row.status)}::text[], ${column(opening, (row) => row.counted)}::boolean[],
      ${column(opening, (row) => row.because)}::text[], ${column(opening, (row) => row.population)}::int[],
      ${column(opening, (row) => row.counts.pass)}::int[], ${column(opening, (row) => row.counts.fail)}::int[],
      ${column(opening, (row) => row.counts.noData)}::int[], ${column(opening, (row) => row.counts.notApplicable)}::int[],
      ${column(opening, (row) => row.counts.error)}::int[]) as opening`);
}

/** Replaces what stands of a test; `next` null ends it. */
export async function replaceTests(
  tx: Executor,
  run: number,
  changes: readonly { testId: string; next: Omit<StandingTest, 'sources'> | null }[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.execute(sql`
    update test_span set to_run = ${run}
    where test_id = any(${column(changes, (row) => row.testId)}::text[]) and to_run is null`);
  const opening = changes.flatMap(({ testId, next }) => (next ? [{ testId, ...next }] : []));
  await tx.execute(sql`
    insert into test_span (test_id, version, rule_digest, result, because,
      pass, fail, no_data, not_applicable, error, from_run)
    select opening.*, ${run}::int from unnest(
      ${column(opening, (row) => row.testId)}::text[], ${column(opening, (row) => row.version)}::int[],
      ${column(opening, (row) => row.ruleDigest)}::text[], ${column(opening, (row) => row.result)}::text[],
      ${column(opening, (row) => row.because)}::text[],
      ${column(opening, (row) => row.counts.pass)}::int[], ${column(opening, (row) => row.counts.fail)}::int[],
      ${column(opening, (row) => row.counts.noData)}::int[], ${column(opening, (row) => row.counts.notApplicable)}::int[],
      ${column(opening, (row) => row.counts.error)}::int[]) as opening`);
}

/** One column of many rows, as one parameter. */
function column<Row, Value>(rows: readonly Row[], of: (row: Row) => Value) {
  return sql.param(rows.map(of));
}

function* inParts<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += ROWS_PER_STATEMENT)
    yield items.slice(start, start + ROWS_PER_STATEMENT);
}
