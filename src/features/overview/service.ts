import type { Catalog } from '#src/catalog/model.ts';
import type { ControlsService, ControlView, Failure, TestView } from '#src/features/controls/index.ts';
import { countStates } from '#src/features/controls/model.ts';
import { attestationsWaiting } from '#src/features/evidence/index.ts';
import { listSources, type SourceState } from '#src/features/facts/index.ts';
import { inventoryCounts, systemCounts } from '#src/features/inventory/index.ts';
import { controlsInScope, readProfile } from '#src/features/organization/index.ts';
import { type Clock, DAY_MS, toInstant } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Overview, TestChange } from './model.ts';
import { nextSteps, SEVERITIES } from './next-steps.ts';
import { describeScope } from './scope.ts';
import { verdictOf } from './verdict.ts';

export type OverviewServices = {
  database: Database;
  clock: Clock;
  catalog: Catalog;
  controls: Pick<ControlsService, 'controlStates' | 'testViews' | 'recentFailures' | 'framework'>;
};

/** How far back a change counts as news. */
const NEWS_DAYS = 14;
// The longest time for which most control tests let a reading count.
const FRESH_DAYS = 7;

/** The first page: read from the other features, nothing kept. */
export async function overview(services: OverviewServices): Promise<Overview> {
  const { database, catalog, controls } = services;
  const nowMs = services.clock();
  const executor = database.drizzle;
  const profile = await readProfile(executor);
  const inScope = controlsInScope(catalog, profile);
  const states = (await controls.controlStates()).filter(({ control }) => inScope.has(control.id));
  const counts = countStates(states.map(({ standing }) => standing.state));
  const views = (await controls.testViews()).filter((view) => view.test.controls.some((id) => inScope.has(id)));
  const failures = await controls.recentFailures(NEWS_DAYS);
  const collectors = (await listSources(executor))
    .filter((source) => source.kind === 'repository')
    .map((source) => collectorOf(source, nowMs));
  const { proposed: _proposed, ...systems } = await systemCounts(executor, nowMs);
  const inventory = await inventoryCounts(executor);
  const waiting = await attestationsWaiting(executor, nowMs);
  const scope = describeScope(catalog, profile, systems, nowMs);
  const changes = changesOf(failures, views, states);
  const nothingRead = collectors.length === 0;
  return {
    asOf: toInstant(nowMs),
    scope,
    verdict: verdictOf(counts, { nothingRead, daysLeft: scope.daysLeft }),
    counts,
    regressions: changes.filter(({ kind }) => kind === 'regression').map(({ change }) => change),
    newFailures: changes
      .filter(({ kind }) => kind === 'new')
      .map(({ change }) => change)
      .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    doNext: nextSteps({
      failing: nothingRead ? [] : views.filter((view) => view.result === 'fail'),
      regressions: new Set(failures.filter(({ kind }) => kind === 'regression').map(({ testId }) => testId)),
      inventory,
      attestationsWaiting: waiting,
      collectors,
      organization: scope.organization,
    }),
    collectors,
    systems,
    inventory,
    attestationsWaiting: waiting,
    criteria: await criteriaOf(services, profile.categories),
    empty: nothingRead
      ? {
          title: 'Nothing has been read yet',
          why: 'Assay finds the AI systems in your code, and tests controls against what it finds. Point it at a repository.',
          command: 'bin/assay scan . --record',
        }
      : null,
  };
}

function changesOf(
  failures: readonly Failure[],
  views: readonly TestView[],
  states: readonly ControlView[],
): { kind: Failure['kind']; change: TestChange }[] {
  const titles = new Map(states.map(({ control }) => [control.id, control.title]));
  return failures.flatMap((failure) => {
    const view = views.find(({ test }) => test.id === failure.testId);
    if (!view) return [];
    const { test } = view;
    const controls = test.controls.flatMap((id) => {
      const title = titles.get(id);
      return title === undefined ? [] : [{ id, title }];
    });
    const change: TestChange = {
      testId: test.id,
      testTitle: test.title,
      severity: test.severity,
      controls,
      from: failure.from,
      to: 'fail',
      at: failure.at,
      failing: failure.failing,
      href: `/controls/tests/${test.id}?result=fail`,
    };
    return [{ kind: failure.kind, change }];
  });
}

function collectorOf(source: SourceState, nowMs: number): Overview['collectors'][number] {
  const last = [...source.kinds.values()].map((kind) => kind.last).sort((a, b) => b.number - a.number)[0];
  return {
    key: source.key,
    title: source.title,
    kind: source.kind,
    lastReadAt: last?.finishedAt ?? null,
    complete: last?.complete ?? false,
    stale: !last || Date.parse(last.finishedAt) < nowMs - FRESH_DAYS * DAY_MS,
    note: last?.note ?? null,
  };
}

/** The criteria of SOC 2 in scope, each with the worst state among its controls. */
async function criteriaOf(services: OverviewServices, categories: readonly string[]): Promise<Overview['criteria']> {
  const soc2 = await services.controls.framework('soc2');
  return (soc2?.groups ?? [])
    .filter((group) => group.category !== null && categories.includes(group.category))
    .flatMap((group) =>
      group.requirements.map((requirement) => ({
        id: requirement.id,
        title: requirement.title,
        category: group.category ?? '',
        state: requirement.state ?? 'no_data',
        controls: requirement.controls.length,
      })),
    );
}
