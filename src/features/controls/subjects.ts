import { sql } from 'drizzle-orm';
import type { ControlTest } from '#src/control-tests/define.ts';
import { Place } from '#src/facts/index.ts';
import { instantOf, type StoredFact } from '#src/features/facts/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Instant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { type ResultCounts, TEST_RESULTS, type TestResult } from './control-state.ts';
import { explainPass, MEMBER_OF_RESULT, ruleDigest } from './judge.ts';
import type { Subject, SubjectPage } from './model.ts';
import { heldIn, type Moment, runAt, type SourceView, type TestView, viewTests } from './verdict-views.ts';

/* The items behind the counts of a test, at any time, page by page. */

/** What a reader wants to see first comes first. */
export const RESULT_ORDER: readonly TestResult[] = ['fail', 'error', 'no_data', 'pass', 'not_applicable'];

export type SubjectsWanted = {
  result?: TestResult | undefined;
  /** Id of a source. */
  source?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** The place after which a page begins: a result, a source, and a subject in it; `''` as subject is the source itself. */
type Cursor = { result: TestResult; source: string; subject: string; factKey: string };

/** One page of the subjects of `test` at a moment. `total` is what all pages hold together. */
export async function subjectPage(
  executor: Executor,
  test: ControlTest,
  moment: Moment,
  wanted: SubjectsWanted,
): Promise<SubjectPage> {
  const [view] = await viewTests(executor, [test], moment);
  const run = await runAt(executor, moment);
  if (!view) throw new AppError('internal', `Test ${test.id} has no standing.`);
  const results = wanted.result === undefined ? RESULT_ORDER : [wanted.result];
  const sources = view.sources
    .filter(({ source }) => wanted.source === undefined || source.id === wanted.source)
    .sort((a, b) => (a.source.id < b.source.id ? -1 : 1));
  const after = wanted.cursor === undefined ? null : parseCursor(wanted.cursor);
  const items: Found[] = [];
  // One more than the page holds tells whether there is a next page.
  for (const result of results) {
    if (after && RESULT_ORDER.indexOf(result) < RESULT_ORDER.indexOf(after.result)) continue;
    for (const sourceView of sources) {
      if (items.length > wanted.limit || !run) break;
      const from = after?.result === result ? after : null;
      if (from && sourceView.source.id < from.source) continue;
      const within = from?.source === sourceView.source.id ? from : null;
      const limit = wanted.limit + 1 - items.length;
      items.push(...(await subjectsOfSource(executor, view, sourceView, { result, run, after: within, limit })));
    }
  }
  const page = items.slice(0, wanted.limit);
  const last = page.at(-1);
  return {
    testId: test.id,
    asOf: moment.at,
    items: page.map(({ item }) => item),
    total: sources.reduce((sum, { counts }) => sum + countOf(counts, results), 0),
    counts: view.counts,
    ...(items.length > wanted.limit && last ? { nextCursor: formatCursor(last.cursor) } : {}),
  };
}

function countOf(counts: ResultCounts, results: readonly TestResult[]): number {
  return results.reduce((sum, result) => sum + counts[MEMBER_OF_RESULT[result]], 0);
}

type Found = { item: Subject; cursor: Cursor };
type Wish = { result: TestResult; run: { number: number; at: Instant }; after: Cursor | null; limit: number };

async function subjectsOfSource(
  executor: Executor,
  view: TestView,
  sourceView: SourceView,
  wish: Wish,
): Promise<Found[]> {
  const found: Found[] = [];
  const itself = sourceItself(view, sourceView, wish);
  if (itself && !wish.after) found.push(itself);
  if (!sourceView.counted) return found;
  const limit = wish.limit - found.length;
  if (limit <= 0) return found;
  const stored = await storedSubjects(executor, view.test, sourceView, { ...wish, limit });
  const derived = wish.result === 'pass' ? await passingFacts(executor, view, sourceView, { ...wish, limit }) : [];
  const both = [...stored, ...derived].sort(
    (a, b) => compare(a.cursor.subject, b.cursor.subject) || compare(a.cursor.factKey, b.cursor.factKey),
  );
  return [...found, ...both.slice(0, limit)];
}

/** By UTF-8 bytes, as the database compares. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A source that gives no data, or on which the rule broke, is one subject itself. */
function sourceItself(view: TestView, { source, status, because, counted }: SourceView, wish: Wish): Found | null {
  const itself: TestResult | null =
    status === 'stale' || status === 'incomplete' || status === 'unread'
      ? 'no_data'
      : status === 'error' && !counted
        ? 'error'
        : null;
  if (itself !== wish.result) return null;
  const item: Subject = {
    subject: source.title,
    result: itself,
    because,
    observed: null,
    expected: null,
    path: null,
    line: null,
    source: { id: source.id, title: source.title },
    since: view.since ?? wish.run.at,
    fact: null,
  };
  return { item, cursor: { result: itself, source: source.id, subject: '', factKey: '' } };
}

type FactColumns = { kind: string | null; digest: string | null; body: string | null };

async function storedSubjects(
  executor: Executor,
  test: ControlTest,
  { source }: SourceView,
  { result, run, after, limit }: Wish,
): Promise<Found[]> {
  const { rows } = await executor.execute<
    FactColumns & {
      fact_key: string;
      subject: string;
      because: string;
      observed: string | null;
      expected: string | null;
      path: string | null;
      line: number | null;
      since: string;
    }
  >(sql`
    select verdict.fact_key, subject, because, observed, expected, path, line, begun.at as since, fact.kind, fact.digest, content.body
    from (
      select * from verdict_span
      where test_id = ${test.id} and result = ${result} and source_id = ${source.id} and ${heldIn(run.number)}
        and (subject, fact_key) > (${after?.subject ?? ''}, ${after?.factKey ?? ''})
      order by subject, fact_key limit ${limit}
    ) verdict
    join judge_run begun on begun.number = verdict.from_run
    left join lateral (
      select kind, digest from fact_span
      where source_id = ${source.id} and kind = any(${sql.param(test.uses)}::text[])
        and key = coalesce(nullif(verdict.fact_key, ''), verdict.subject)
        and from_number <= ${judgedNumber(source.id, run.number)}
        and (to_number is null or to_number > ${judgedNumber(source.id, run.number)})
      order by kind = ${test.population} desc limit 1
    ) fact on true
    left join fact_content content on content.digest = fact.digest
    order by subject, fact_key`);
  return rows.map((row) => ({
    item: {
      subject: row.subject,
      result,
      because: row.because,
      observed: row.observed,
      expected: row.expected,
      path: row.path,
      line: row.line,
      source: { id: source.id, title: source.title },
      since: instantOf(row.since),
      fact: factOf(row.fact_key || row.subject, row),
    },
    cursor: { result, source: source.id, subject: row.subject, factKey: row.fact_key },
  }));
}

/** Facts of the population without a row of their own: they pass. */
async function passingFacts(
  executor: Executor,
  { test, rule }: TestView,
  { source }: SourceView,
  { run, after, limit }: Wish,
): Promise<Found[]> {
  const sameRule = rule?.digest === ruleDigest(test);
  const number = judgedNumber(source.id, run.number);
  const { rows } = await executor.execute<{ key: string; since: string; digest: string; body: string }>(sql`
    select fact.key, begun.finished_at as since, fact.digest, content.body
    from (
      select * from fact_span
      where source_id = ${source.id} and kind = ${test.population}
        and key >= ${after?.subject ?? ''} and (key, key) > (${after?.subject ?? ''}, ${after?.factKey ?? ''})
        and from_number <= ${number} and (to_number is null or to_number > ${number})
        and not exists (
          select 1 from verdict_span verdict
          where verdict.test_id = ${test.id} and verdict.source_id = ${source.id} and verdict.fact_key = fact_span.key
            and ${heldIn(run.number)})
      order by key limit ${limit}
    ) fact
    join fact_collection begun on begun.source_id = ${source.id} and begun.number = fact.from_number
    join fact_content content on content.digest = fact.digest
    order by fact.key`);
  return rows.map((row) => {
    const fact = factOf(row.key, { ...row, kind: test.population });
    // The words of a passing verdict are not stored; the rule that gave it says them again, if it is still the same.
    const said = fact && sameRule ? explainPass(test, source.key, fact as StoredFact, run.at) : null;
    const place = Place.safeParse((fact?.body as { place?: unknown } | undefined)?.place);
    return {
      item: {
        subject: row.key,
        result: 'pass',
        because: said?.because ?? 'Meets the rule.',
        observed: said?.observed ?? null,
        expected: said?.expected ?? null,
        path: said?.path ?? (place.success ? place.data.path : null),
        line: said?.line ?? (place.success ? place.data.line : null),
        source: { id: source.id, title: source.title },
        since: instantOf(row.since),
        fact,
      },
      cursor: { result: 'pass', source: source.id, subject: row.key, factKey: row.key },
    };
  });
}

/** Which collection of the source the verdicts of a run are about. */
function judgedNumber(sourceId: string, run: number) {
  return sql`(select collection_number from judged_source
    where judged_source.source_id = ${sourceId} and judged_source.run <= ${run} order by judged_source.run desc limit 1)`;
}

function factOf(key: string, { kind, digest, body }: FactColumns): Subject['fact'] {
  return kind === null || digest === null || body === null ? null : { kind, key, digest, body: JSON.parse(body) };
}

function formatCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.result, cursor.source, cursor.subject, cursor.factKey])).toString(
    'base64url',
  );
}

function parseCursor(text: string): Cursor {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    // What is no cursor of ours is answered below, like every other wrong one.
    parts = null;
  }
  if (Array.isArray(parts) && parts.length === 4 && parts.every((part) => typeof part === 'string')) {
    const [result, source, subject, factKey] = parts as [string, string, string, string];
    const known = TEST_RESULTS.find((name) => name === result);
    if (known && !`${source}${subject}${factKey}`.includes('\u0000'))
      return { result: known, source, subject, factKey };
  }
  throw new AppError('invalid_input', 'The cursor is not one this list gave. Start again without a cursor.');
}
