import { sql } from 'drizzle-orm';
import type { ControlTest } from '#src/control-tests/define.ts';
import type { Condition, Standing } from '#src/features/alerts/model.ts';
import { instantOf } from '#src/features/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { Failure } from './verdict-history.ts';
import type { TestView } from './verdict-views.ts';

const NAMED_MAX = 5;

/** Tests that passed once and fail now, also where there was no data in between. */
export function regressions(failures: readonly Failure[], views: readonly TestView[]): Standing {
  // What became stale after it failed is not well again.
  const unknownIds = views.flatMap(({ test, result }) => (result === 'no_data' || result === 'error' ? [test.id] : []));
  const conditions = failures.flatMap(({ testId, kind, at, failing }): Condition[] => {
    const view = views.find(({ test }) => test.id === testId);
    if (kind !== 'regression' || !view) return [];
    const { test, because } = view;
    return [
      {
        subject: { kind: 'control-test', id: testId, title: test.title.slice(0, 120) },
        severity: test.severity,
        title: `Passed before and fails now: ${test.title}`.slice(0, 200),
        reasons: [because.slice(0, 500), `${failing} fail. Controls: ${test.controls.join(', ')}.`.slice(0, 500)],
        since: new Date(at),
        link: `/controls/tests/${testId}`,
      },
    ];
  });
  return { conditions, unknownIds };
}

/** Sources whose last reading is too old for tests that depend on it. */
export async function overdueSources(executor: Executor, tests: readonly ControlTest[]): Promise<Condition[]> {
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
  return rows.map((row) => {
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
}
