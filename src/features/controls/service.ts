import type { Catalog, Control } from '#src/catalog/model.ts';
import type { ControlTest } from '#src/control-tests/define.ts';
import { AppError } from '#src/kernel/errors.ts';
import { type Clock, DAY_MS, type Instant, toInstant } from '#src/kernel/time.ts';
import type { Database, Executor, Transaction } from '#src/platform/database/connect.ts';
import { type AttestationsOf, attestationSpans, attestationsAt, type ControlAttestation } from './attestations.ts';
import { stateSpans } from './control-history.ts';
import { countStates } from './control-state.ts';
import { type AppendEntry, judgeChanges } from './judge-changes.ts';
import type {
  ControlDetail,
  ControlHistory,
  ControlPage,
  ControlQuery,
  FrameworkPage,
  FrameworkStatus,
  HistoryQuery,
  JudgeRun,
  SubjectPage,
  SubjectQuery,
  TestPage,
} from './model.ts';
import {
  type ControlView,
  presentControl,
  presentFramework,
  presentSource,
  presentTest,
  testForRollup,
} from './present.ts';
import { type AttestationForRollup, controlStanding } from './rollup.ts';
import { subjectPage } from './subjects.ts';
import type { JudgeCause } from './tables.ts';
import { type Failure, recentFailures, testSpans } from './verdict-history.ts';
import { type Moment, type TestView, viewTests } from './verdict-views.ts';

/** The newest evidence linked to a control. */
export type EvidenceOf = (
  executor: Executor,
  controlId: string,
  options: { limit: number; nowMs: number },
) => Promise<ControlDetail['evidenceItems']>;

export type ControlsDependencies = {
  database: Database;
  clock: Clock;
  catalog: Catalog;
  tests: readonly ControlTest[];
  /** Without it runs are not recorded in the ledger. */
  appendEntry?: AppendEntry;
  attestationsOf?: AttestationsOf;
  evidenceOf?: EvidenceOf;
};

export type ControlsService = {
  /** Judges inside the caller's transaction what its changes made necessary. */
  judge(tx: Transaction, cause?: { cause?: JudgeCause; collectionId?: string }): Promise<JudgeRun>;
  /** Judges now, in a transaction of its own. */
  judgeNow(cause?: JudgeCause): Promise<JudgeRun>;
  /** Every control with its state, now or as it was at `at`. */
  controlStates(at?: Instant): Promise<ControlView[]>;
  /** Every test as it stands now. */
  testViews(): Promise<TestView[]>;
  /** Tests that fail now and began to within the days before: regressions and new failures. */
  recentFailures(withinDays: number): Promise<Failure[]>;
  frameworks(): Promise<FrameworkPage>;
  framework(id: string): Promise<FrameworkStatus | null>;
  controls(query: ControlQuery): Promise<ControlPage>;
  control(id: string): Promise<ControlDetail>;
  history(id: string, query: HistoryQuery): Promise<ControlHistory>;
  tests(): Promise<TestPage>;
  subjects(testId: string, query: SubjectQuery): Promise<SubjectPage>;
};

const EVIDENCE_SHOWN = 20;
const FAILING_SHOWN = 10;
const HISTORY_DAYS = 400;

export function createControlsService(dependencies: ControlsDependencies): ControlsService {
  const { database, clock, catalog, tests } = dependencies;
  const categoryTitles = new Map(catalog.vocabulary.controlCategories.map(({ id, title }) => [id, title]));
  const testsOf = new Map<string, ControlTest[]>(
    catalog.controls.map(({ id }) => [id, tests.filter((test) => test.controls.includes(id))]),
  );
  const now = (): Moment => ({ at: toInstant(clock()), live: true });
  const momentOf = (at: string | undefined): Moment =>
    at === undefined || Date.parse(at) >= clock() ? now() : { at: toInstant(Date.parse(at)), live: false };

  const judgeOptions = (cause: JudgeCause, collectionId?: string) => ({
    tests,
    at: toInstant(clock()),
    cause,
    ...(collectionId !== undefined && { collectionId }),
    ...(dependencies.appendEntry && { appendEntry: dependencies.appendEntry }),
  });

  /** The present comes from the tables of attestations; the past from the facts about them. */
  async function attestations(
    moment: Moment,
    controlId: string | null,
  ): Promise<(AttestationForRollup & { controlId: string })[]> {
    if (moment.live && dependencies.attestationsOf)
      return [...(await dependencies.attestationsOf(database.drizzle, controlId, clock()))];
    const spans = await attestationSpans(database.drizzle);
    const standing = attestationsAt(spans, moment.at, new Map());
    return standing.filter((each) => controlId === null || each.controlId === controlId);
  }

  function viewControl(
    control: Control,
    views: ReadonlyMap<string, TestView>,
    attested: readonly AttestationForRollup[],
  ): ControlView {
    const own = (testsOf.get(control.id) ?? []).flatMap((test) => views.get(test.id) ?? []);
    const standing = controlStanding({
      tests: own.map(testForRollup),
      expected: control.evidence,
      attestations: attested,
    });
    return { control, tests: own, standing };
  }

  async function viewControls(moment: Moment): Promise<ControlView[]> {
    const views = new Map((await viewTests(database.drizzle, tests, moment)).map((view) => [view.test.id, view]));
    const attested = groupByControl(await attestations(moment, null));
    return catalog.controls.map((control) => viewControl(control, views, attested.get(control.id) ?? []));
  }

  async function viewOne(control: Control, moment: Moment): Promise<ControlView> {
    const views = await viewTests(database.drizzle, testsOf.get(control.id) ?? [], moment);
    const attested = await attestations(moment, control.id);
    return viewControl(control, new Map(views.map((view) => [view.test.id, view])), attested);
  }

  async function frameworks(): Promise<FrameworkStatus[]> {
    const states = new Map((await viewControls(now())).map(({ control, standing }) => [control.id, standing.state]));
    return catalog.frameworks.map((framework) => presentFramework(framework, catalog, states));
  }

  function controlOf(id: string): Control {
    const control = catalog.controls.find((each) => each.id === id);
    if (!control) throw new AppError('not_found', `There is no control ${JSON.stringify(id)} in the catalog.`);
    return control;
  }

  function testOf(id: string): ControlTest {
    const test = tests.find((each) => each.id === id);
    if (!test) throw new AppError('not_found', `There is no control test ${JSON.stringify(id)}.`);
    return test;
  }

  const row = (view: ControlView) =>
    presentControl(view, categoryTitles.get(view.control.category) ?? view.control.category);

  return {
    judge: (tx, { cause = 'records', collectionId } = {}) => judgeChanges(tx, judgeOptions(cause, collectionId)),
    judgeNow: (cause = 'person') => judgeChanges(database, judgeOptions(cause)),
    controlStates: (at) => viewControls(momentOf(at)),
    testViews: () => viewTests(database.drizzle, tests, now()),
    async recentFailures(withinDays) {
      const moment = now();
      // What failed in the last run may have become stale since, and then it is no failure but missing data.
      const views = await viewTests(database.drizzle, tests, moment);
      const failing = new Set(views.filter(({ result }) => result === 'fail').map(({ test }) => test.id));
      const failures = await recentFailures(database.drizzle, moment, withinDays);
      return failures.filter(({ testId }) => failing.has(testId));
    },

    async frameworks() {
      const items = await frameworks();
      return { items, total: items.length };
    },
    framework: async (id) => (await frameworks()).find((framework) => framework.id === id) ?? null,

    async controls(query) {
      const wanted = (await viewControls(now())).filter(({ control }) => fits(control, query));
      const items = wanted.filter(({ standing }) => query.state === undefined || standing.state === query.state);
      const counts = countStates(wanted.map(({ standing }) => standing.state));
      return { items: items.map(row), total: items.length, counts };
    },

    async control(id) {
      const moment = now();
      const control = controlOf(id);
      const view = await viewOne(control, moment);
      const testStatus: ControlDetail['testStatus'] = [];
      for (const each of view.tests) {
        const failing = await subjectPage(database.drizzle, each.test, moment, {
          result: 'fail',
          limit: FAILING_SHOWN,
        });
        testStatus.push({ ...presentTest(each), sources: each.sources.map(presentSource), failing: failing.items });
      }
      const evidenceItems = await dependencies.evidenceOf?.(database.drizzle, id, {
        limit: EVIDENCE_SHOWN,
        nowMs: clock(),
      });
      const shown = await dependencies.attestationsOf?.(database.drizzle, id, clock());
      return {
        ...row(view),
        statement: control.statement,
        whyForAi: control.whyForAi,
        nature: control.nature,
        appliesTo: control.appliesTo,
        population: control.population,
        manualFallback: control.manualFallback,
        asOf: moment.at,
        testStatus,
        testPlan: { id: control.test.id, dataNeeded: control.test.dataNeeded, passRule: control.test.passRule },
        expectedEvidence: view.standing.expectedEvidence,
        missing: view.standing.missing,
        evidenceItems: evidenceItems ?? [],
        attestations: (shown ?? []).map(presentAttestation),
        mappedTo: mappedTo(catalog, control),
      };
    },

    async history(id, query) {
      const control = controlOf(id);
      const own = testsOf.get(id) ?? [];
      const moment = momentOf(query.at);
      const present = now();
      const from = toInstant(query.from === undefined ? clock() - HISTORY_DAYS * DAY_MS : Date.parse(query.from));
      const range = { from, to: present.at };
      const { spans, earlier } = await testSpans(
        database.drizzle,
        own.map((test) => test.id),
        range,
      );
      const asOf = await viewOne(control, moment);
      const attested = (await attestationSpans(database.drizzle)).filter(({ controlId }) => controlId === id);
      const titles = new Map((await attestations(present, id)).map(({ id: key, title }) => [key, title]));
      const known = { tests: own, spans, attestations: attested, expected: control.evidence, titles };
      return {
        controlId: id,
        asOf: {
          at: moment.at,
          state: asOf.standing.state,
          because: asOf.standing.because,
          tests: asOf.tests.map(({ test, rule, result, because, counts }) => ({
            id: test.id,
            title: test.title,
            result,
            because,
            counts,
            version: rule?.version ?? test.version,
          })),
        },
        states: stateSpans(known, range),
        tests: own.map((test) => ({ id: test.id, title: test.title, spans: spans.get(test.id) ?? [] })),
        earlier,
      };
    },

    async tests() {
      const items = (await viewTests(database.drizzle, tests, now())).map(presentTest);
      return { items, total: items.length };
    },

    subjects: (testId, { at, ...wanted }) => subjectPage(database.drizzle, testOf(testId), momentOf(at), wanted),
  };
}

function groupByControl<Item extends { controlId: string }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.controlId);
    if (group) group.push(item);
    else groups.set(item.controlId, [item]);
  }
  return groups;
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
  const text = `${control.id} ${control.title} ${control.statement}`.toLowerCase();
  return (query.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function presentAttestation(attestation: ControlAttestation): ControlDetail['attestations'][number] {
  const { id, title, expectedEvidenceId, form, state, periodFrom, periodTo, expiresOn } = attestation;
  return { id, title, expectedEvidenceId, form, state, periodFrom, periodTo, expiresOn };
}

function mappedTo(catalog: Catalog, control: Control): ControlDetail['mappedTo'] {
  return catalog.frameworks.flatMap((framework) => {
    const ids = control.mapsTo[framework.id] ?? [];
    const requirements = framework.groups
      .flatMap((group) => group.requirements)
      .filter(({ id }) => ids.includes(id))
      .map(({ id, title }) => ({ id, title }));
    return requirements.length === 0 ? [] : [{ framework: framework.id, title: framework.title, requirements }];
  });
}
