import { sql } from 'drizzle-orm';
import type { ControlTest } from '#src/control-tests/define.ts';
import { type Condition, SEVERITIES, type Standing } from '#src/features/alerts/model.ts';
import { instantOf } from '#src/features/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Failure } from './verdict-history.ts';
import type { SourceView, TestView } from './verdict-views.ts';

const NAMED_MAX = 5;
// An alert holds twenty reasons.
const REASONS_MAX = 19;

/** Tests that passed once and fail now, also where there was no data in between, by what they fail for. */
export type Regressions = {
  /** One condition for each source outside, with the tests that fail for what was read there. */
  bySource: Standing;
  /** One for each test that fails for the product's own records: those have a cause of their own each. */
  byTest: Standing;
};

type Failing = { view: TestView; source: SourceView; at: string };

/**
 * Sorts the tests that passed once and fail now. `undecidedIds` are the tests that failed when there last was data: what
 * became stale after it failed is not well again. `sourceIds` are the sources in use.
 */
export function regressions(
  failures: readonly Failure[],
  views: readonly TestView[],
  undecidedIds: ReadonlySet<string>,
  sourceIds: readonly string[],
): Regressions {
  const viewOf = new Map(views.map((view) => [view.test.id, view]));
  const failing = failures.flatMap(({ testId, kind, at }): Failing[] => {
    const view = viewOf.get(testId);
    if (kind !== 'regression' || !view) return [];
    return view.sources.flatMap((source) => (source.counts.fail > 0 ? [{ view, source, at }] : []));
  });
  const undecided = views.filter(({ test, result }) => hasNoData(result) && undecidedIds.has(test.id));
  return {
    bySource: {
      conditions: grouped(failing.filter(({ source }) => isOutside(source))),
      unknownIds: undecided.flatMap((view) =>
        view.sources.flatMap(({ source, counts }) => (counts.noData + counts.error > 0 ? [source.id] : [])),
      ),
      watchedIds: sourceIds,
    },
    byTest: {
      conditions: failing.flatMap((one) => (isOutside(one.source) ? [] : [ofTest(one)])),
      // One that fails for a source is told of there, and has not recovered.
      unknownIds: [
        ...undecided.map(({ test }) => test.id),
        ...failing.flatMap(({ view, source }) => (isOutside(source) ? [view.test.id] : [])),
      ],
      watchedIds: views.map(({ test }) => test.id),
    },
  };
}

function hasNoData(result: TestView['result']): boolean {
  return result === 'no_data' || result === 'error';
}

function isOutside({ source }: SourceView): boolean {
  return source.kind !== 'records';
}

function ofTest({ view: { test, because, counts }, at }: Failing): Condition {
  return {
    subject: { kind: 'control-test', id: test.id, title: test.title.slice(0, 120) },
    severity: test.severity,
    title: `Passed before and fails now: ${test.title}`.slice(0, 200),
    reasons: [because.slice(0, 500), `${counts.fail} fail. Controls: ${test.controls.join(', ')}.`.slice(0, 500)],
    since: new Date(at),
    link: `/controls/tests/${test.id}`,
  };
}

function grouped(failing: readonly Failing[]): Condition[] {
  const groups = new Map<string, Failing[]>();
  for (const one of failing) {
    const group = groups.get(one.source.source.id);
    if (group) group.push(one);
    else groups.set(one.source.source.id, [one]);
  }
  return [...groups.values()].flatMap((group): Condition[] => {
    const sorted = [...group].sort(
      (a, b) =>
        SEVERITIES.indexOf(a.view.test.severity) - SEVERITIES.indexOf(b.view.test.severity) ||
        (a.view.test.id < b.view.test.id ? -1 : 1),
    );
    const [gravest] = sorted;
    if (!gravest) return [];
    const { id, title } = gravest.source.source;
    const { test } = gravest.view;
    const what = sorted.length === 1 ? test.title : `${sorted.length} control tests`;
    const more = sorted.length > REASONS_MAX ? [`And ${sorted.length - REASONS_MAX} more.`] : [];
    return [
      {
        subject: { kind: 'fact-source', id, title: title.slice(0, 120) },
        severity: test.severity,
        title: `Passed before and fails now in ${title}: ${what}`.slice(0, 200),
        reasons: [...sorted.slice(0, REASONS_MAX).map(reasonOf), ...more],
        since: new Date(sorted.reduce((latest, { at }) => (at > latest ? at : latest), '')),
        link: sorted.length === 1 ? `/controls/tests/${test.id}` : '/controls?state=failing',
      },
    ];
  });
}

function reasonOf({ view: { test }, source }: Failing): string {
  const { fail } = source.counts;
  return `${test.title}: ${fail} ${fail === 1 ? 'fails' : 'fail'} (${test.severity}). Controls: ${test.controls.join(', ')}.`.slice(
    0,
    500,
  );
}

export async function sourcesInUse(executor: Executor): Promise<string[]> {
  const { rows } = await executor.execute<{ id: string }>(sql`select id from fact_source where retired_at is null`);
  return rows.map(({ id }) => id);
}

/** Sources whose last reading is too old for tests that depend on it. */
export async function overdueSources(executor: Executor, tests: readonly ControlTest[]): Promise<Standing> {
  const { rows } = await executor.execute<{
    id: string;
    title: string;
    since: string;
    because: string;
    tests: string[];
  }>(sql`
    select source.id, source.title, min(began.at) as since, min(span.because) as because,
      array_agg(span.test_id order by span.test_id) as tests
    from test_source_span span
    join fact_source source on source.id = span.source_id and source.retired_at is null
    join judge_run began on began.number = span.from_run
    where span.status = 'stale' and span.to_run is null
    group by source.id, source.title order by source.id`);
  const conditions = rows.map((row): Condition => {
    const titles = row.tests.map((id) => tests.find((test) => test.id === id)?.title ?? id);
    const more = titles.length > NAMED_MAX ? ` and ${titles.length - NAMED_MAX} more` : '';
    return {
      subject: { kind: 'fact-source', id: row.id, title: row.title.slice(0, 120) },
      severity: 'medium',
      title: `${row.title} is overdue for reading`.slice(0, 200),
      reasons: [
        row.because.slice(0, 500),
        `Without data because of it: ${titles.slice(0, NAMED_MAX).join('; ')}${more}.`.slice(0, 500),
      ],
      since: new Date(instantOf(row.since)),
      link: '/inventory/scans',
    };
  });
  return { conditions, watchedIds: await sourcesInUse(executor) };
}
