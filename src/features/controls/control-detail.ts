import type { Catalog, Control } from '#src/catalog/model.ts';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import { attestationSpans, type ControlAttestation } from './attestations.ts';
import { stateSpans } from './control-history.ts';
import type { ControlsDependencies, Views } from './control-views.ts';
import { expectedRuns } from './expected-runs.ts';
import type { ControlDetail, ControlHistory, ControlRow, HistoryQuery } from './model.ts';
import { type ControlView, presentSource, presentTest } from './present.ts';
import { subjectPage } from './subjects.ts';
import { testSpans } from './verdict-history.ts';
import type { TestView } from './verdict-views.ts';

const EVIDENCE_SHOWN = 20;
const FAILING_SHOWN = 10;
const HISTORY_DAYS = 400;
const EXPECTED_RUNS_DAYS = 30;

/** Everything one page says of a control. */
export async function describeControl(
  dependencies: ControlsDependencies,
  views: Views,
  id: string,
  rowOf: (view: ControlView) => ControlRow,
): Promise<ControlDetail> {
  const { database, clock, catalog } = dependencies;
  const moment = views.now();
  const view = await views.control(id, moment);
  const { control, standing } = view;
  const testStatus: ControlDetail['testStatus'] = [];
  for (const each of view.tests) {
    const failing = await subjectPage(database.drizzle, each.test, moment, { result: 'fail', limit: FAILING_SHOWN });
    testStatus.push({ ...presentTest(each), sources: each.sources.map(presentSource), failing: failing.items });
  }
  const newest = { limit: EVIDENCE_SHOWN, nowMs: clock() };
  const evidenceItems = (await dependencies.evidenceOf?.(database.drizzle, id, newest)) ?? [];
  const attestations = (await dependencies.attestationsOf?.(database.drizzle, id, clock())) ?? [];
  return {
    ...rowOf(view),
    statement: control.statement,
    whyForAi: control.whyForAi,
    nature: control.nature,
    appliesTo: control.appliesTo,
    population: control.population,
    manualFallback: control.manualFallback,
    asOf: moment.at,
    testStatus,
    testPlan: { id: control.test.id, dataNeeded: control.test.dataNeeded, passRule: control.test.passRule },
    expectedEvidence: standing.expectedEvidence,
    missing: standing.missing,
    evidenceItems,
    expectedRuns: view.tests.length === 0 ? null : await expectedRuns(database.drizzle, clock(), EXPECTED_RUNS_DAYS),
    attestations: attestations.map(presentAttestation),
    mappedTo: mappedTo(catalog, control),
  };
}

/** How a control went, and how it stood at one moment of that. */
export async function tellHistory(
  dependencies: ControlsDependencies,
  views: Views,
  id: string,
  query: HistoryQuery,
): Promise<ControlHistory> {
  const { drizzle } = dependencies.database;
  const nowMs = dependencies.clock();
  const moment = views.momentOf(query.at);
  const view = await views.control(id, moment);
  const fromMs = query.from === undefined ? nowMs - HISTORY_DAYS * DAY_MS : Date.parse(query.from);
  const range = { from: toInstant(Math.min(Math.max(0, fromMs), nowMs)), to: toInstant(nowMs) };
  const tests = views.testsOf(id);
  const { spans, earlier } = await testSpans(
    drizzle,
    tests.map((test) => test.id),
    range,
  );
  const attestations = (await attestationSpans(drizzle)).filter(({ controlId }) => controlId === id);
  // Facts about attestations hold no titles; the tables that do know the present ones.
  const titles = new Map((await views.attestations(views.now(), id)).map((each) => [each.id, each.title]));
  return {
    controlId: id,
    asOf: {
      at: moment.at,
      state: view.standing.state,
      because: view.standing.because,
      tests: view.tests.map(presentPastTest),
    },
    states: stateSpans({ tests, spans, attestations, expected: view.control.evidence, titles }, range),
    tests: tests.map((test) => ({ id: test.id, title: test.title, spans: spans.get(test.id) ?? [] })),
    earlier,
  };
}

function presentPastTest({ test, rule, result, because, counts }: TestView): ControlHistory['asOf']['tests'][number] {
  return { id: test.id, title: test.title, result, because, counts, version: rule?.version ?? test.version };
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
