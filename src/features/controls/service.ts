import type { Control } from '#src/catalog/model.ts';
import type { Condition, Standing } from '#src/features/alerts/model.ts';
import { controlsInScope, readProfile } from '#src/features/organization/index.ts';
import { type Instant, toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { type CalendarReading, overdueControls, periodicControls } from './calendar.ts';
import { overdueSources, type Regressions, regressions, sourcesInUse } from './conditions.ts';
import { describeControl, tellHistory } from './control-detail.ts';
import { countStates } from './control-state.ts';
import { type ControlsDependencies, openViews, type Views } from './control-views.ts';
import { announceRuns } from './expected-runs.ts';
import { judgeChanges } from './judge-changes.ts';
import type {
  ControlCalendar,
  ControlDetail,
  ControlHistory,
  ControlPage,
  ControlQuery,
  ControlRow,
  FrameworkPage,
  FrameworkStatus,
  HistoryQuery,
  JudgeRun,
  SubjectPage,
  SubjectQuery,
  TestPage,
} from './model.ts';
import { type ControlView, presentControl, presentFramework, presentTest } from './present.ts';
import { subjectPage } from './subjects.ts';
import type { JudgeCause } from './tables.ts';
import { type Failure, lastFailed, recentFailures } from './verdict-history.ts';
import { type TestView, viewTests } from './verdict-views.ts';

const EVER_DAYS = 36_500;

export type ControlsService = {
  /** Judges inside the caller's transaction what its changes made necessary. */
  judge(tx: Transaction, cause?: { cause?: JudgeCause; collectionId?: string }): Promise<JudgeRun>;
  /** Judges now, in a transaction of its own. */
  judgeNow(cause?: JudgeCause): Promise<JudgeRun>;
  /** Announces the runs to come and tells which of the past took place. After each scheduled run, in its transaction. */
  announceRuns(tx: Transaction): Promise<void>;
  /** Every control with its state, now or as it was at `at`. */
  controlStates(at?: Instant): Promise<ControlView[]>;
  /** Every test as it stands now. */
  testViews(): Promise<TestView[]>;
  /** Tests that fail now and began to within the days before: regressions and new failures. */
  recentFailures(withinDays: number): Promise<Failure[]>;
  /** Tests that passed once and fail now, and sources whose reading is overdue: what opens alerts. */
  regressions(): Promise<Regressions>;
  overdueSources(): Promise<Standing>;
  /** Every periodic control in scope with its occurrences of a year, and those that are overdue: what opens alerts. */
  calendar(year: number): Promise<ControlCalendar>;
  overdueControls(): Promise<Condition[]>;
  frameworks(): Promise<FrameworkPage>;
  framework(id: string): Promise<FrameworkStatus | null>;
  controls(query: ControlQuery): Promise<ControlPage>;
  control(id: string): Promise<ControlDetail>;
  history(id: string, query: HistoryQuery): Promise<ControlHistory>;
  tests(): Promise<TestPage>;
  subjects(testId: string, query: SubjectQuery): Promise<SubjectPage>;
};

export function createControlsService(dependencies: ControlsDependencies): ControlsService {
  const { database, tests } = dependencies;
  const views = openViews(dependencies);
  const rowOf = rowMaker(dependencies);
  const testViews = () => viewTests(database.drizzle, tests, views.now());
  return {
    judge: (tx, { cause = 'records', collectionId } = {}) =>
      judgeChanges(tx, { ...judgeOptions(dependencies, cause), ...(collectionId !== undefined && { collectionId }) }),
    judgeNow: (cause = 'person') => judgeChanges(database, judgeOptions(dependencies, cause)),
    announceRuns: async (tx) => {
      if (dependencies.appendEntry)
        await announceRuns(tx, { tests, nowMs: dependencies.clock(), appendEntry: dependencies.appendEntry });
    },
    controlStates: (at) => views.controls(views.momentOf(at)),
    testViews,
    recentFailures: (withinDays) => failuresOf(dependencies, views, withinDays),
    regressions: async () =>
      regressions(
        await failuresOf(dependencies, views, EVER_DAYS),
        await testViews(),
        await lastFailed(database.drizzle, views.now()),
        await sourcesInUse(database.drizzle),
      ),
    overdueSources: () => overdueSources(database.drizzle, tests),
    calendar: async (year) => ({
      year,
      items: await periodicControls(await calendarReading(dependencies), yearOf(year)),
    }),
    overdueControls: async () => overdueControls(await calendarReading(dependencies)),
    async frameworks() {
      const items = await frameworksOf(dependencies, views);
      return { items, total: items.length };
    },
    framework: async (id) => (await frameworksOf(dependencies, views)).find((framework) => framework.id === id) ?? null,
    async controls(query) {
      const inScope =
        query.scope === 'in' ? controlsInScope(dependencies.catalog, await readProfile(database.drizzle)) : null;
      const wanted = (await views.controls(views.now())).filter(
        ({ control }) => fits(control, query) && (inScope === null || inScope.has(control.id)),
      );
      const items = wanted.filter(({ standing }) => query.state === undefined || standing.state === query.state);
      const counts = countStates(wanted.map(({ standing }) => standing.state));
      return { items: items.map(rowOf), total: items.length, counts };
    },
    control: (id) => describeControl(dependencies, views, id, rowOf),
    history: (id, query) => tellHistory(dependencies, views, id, query),
    async tests() {
      const items = (await testViews()).map(presentTest);
      return { items, total: items.length };
    },
    subjects: async (testId, { at, ...wanted }) =>
      subjectPage(database.drizzle, views.test(testId), views.momentOf(at), wanted),
  };
}

function yearOf(year: number): { fromMs: number; toMs: number } {
  return { fromMs: Date.UTC(year, 0, 1), toMs: Date.UTC(year + 1, 0, 1) - 1 };
}

async function calendarReading({ database, catalog, clock }: ControlsDependencies): Promise<CalendarReading> {
  const inScope = controlsInScope(catalog, await readProfile(database.drizzle));
  const controls = catalog.controls.filter(({ id }) => inScope.has(id));
  return { executor: database.drizzle, controls, nowMs: clock() };
}

function judgeOptions({ tests, clock, appendEntry }: ControlsDependencies, cause: JudgeCause) {
  return { tests, at: toInstant(clock()), cause, ...(appendEntry && { appendEntry }) };
}

function rowMaker({ catalog }: ControlsDependencies): (view: ControlView) => ControlRow {
  const titles = new Map(catalog.vocabulary.controlCategories.map(({ id, title }) => [id, title]));
  return (view) => presentControl(view, titles.get(view.control.category) ?? view.control.category);
}

async function frameworksOf({ catalog }: ControlsDependencies, views: Views): Promise<FrameworkStatus[]> {
  const controls = await views.controls(views.now());
  const states = new Map(controls.map(({ control, standing }) => [control.id, standing.state]));
  return catalog.frameworks.map((framework) => presentFramework(framework, catalog, states));
}

async function failuresOf(
  { database, tests }: ControlsDependencies,
  views: Views,
  withinDays: number,
): Promise<Failure[]> {
  const moment = views.now();
  // What failed in the last run may have become stale since, and then it is no failure but missing data.
  const standing = await viewTests(database.drizzle, tests, moment);
  const failing = new Set(standing.filter(({ result }) => result === 'fail').map(({ test }) => test.id));
  const failures = await recentFailures(database.drizzle, moment, withinDays);
  return failures.filter(({ testId }) => failing.has(testId));
}

function fits(control: Control, query: ControlQuery): boolean {
  const { framework, requirement } = query;
  if (framework !== undefined && !control.mapsTo[framework]) return false;
  if (requirement !== undefined) {
    const mapped = framework === undefined ? Object.values(control.mapsTo).flat() : control.mapsTo[framework];
    if (!mapped?.includes(requirement)) return false;
  }
  if (query.category !== undefined && control.category !== query.category) return false;
  if (query.ai !== undefined && control.aiSpecific !== (query.ai === 'true')) return false;
  if (query.key !== undefined && control.isKey !== (query.key === 'true')) return false;
  const text = `${control.id} ${control.title} ${control.statement}`.toLowerCase();
  return (query.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
