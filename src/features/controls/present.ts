import type { Catalog, Control, Framework } from '#src/catalog/model.ts';
import type { ControlState } from './control-state.ts';
import { countStates, noResults } from './control-state.ts';
import { addCounts, MEMBER_OF_RESULT } from './judge.ts';
import type { ControlRow, FrameworkStatus, RequirementStatus, TestSource, TestStatus } from './model.ts';
import { type ControlStanding, requirementState, type TestForRollup } from './rollup.ts';
import type { SourceView, TestView } from './verdict-views.ts';

/* From what is known to what the API answers. Pure. */

/** A control with everything its state comes from. */
export type ControlView = { control: Control; tests: TestView[]; standing: ControlStanding };

export function testForRollup({ test, result, because, staleSince, onlyStale }: TestView): TestForRollup {
  return {
    id: test.id,
    title: test.title,
    result,
    because,
    staleSince: onlyStale ? staleSince : null,
    evidence: test.evidence,
    fix: test.fix.summary,
  };
}

export function presentTest(view: TestView): TestStatus {
  const { test } = view;
  return {
    id: test.id,
    title: test.title,
    asks: test.asks,
    why: test.why,
    severity: test.severity,
    version: view.rule?.version ?? test.version,
    controls: [...test.controls],
    evidence: [...test.evidence],
    result: view.result,
    because: view.because,
    counts: view.counts,
    since: view.since,
    judgedAt: view.judgedAt,
    staleSince: view.staleSince,
    fix: { summary: test.fix.summary, steps: [...test.fix.steps], example: test.fix.example ?? null },
  };
}

export function presentSource(view: SourceView): TestSource {
  const { source, readiness } = view;
  // Of several readings the oldest decides how long the verdict counts, so that is the one to show.
  const [oldest] = [...readiness.used].sort((a, b) => (a.reading.finishedAt < b.reading.finishedAt ? -1 : 1));
  const reading = oldest?.reading ?? null;
  const words = { read: 'Read completely.', empty: 'Read completely; nothing of the kind is there.' };
  return {
    id: source.id,
    title: source.title,
    kind: source.kind,
    status: view.status,
    because: view.because || (view.status === 'empty' ? words.empty : words.read),
    collectionId: reading?.collectionId ?? null,
    readAt: reading?.finishedAt ?? null,
    digest: reading?.digest ?? null,
    freshUntil: readiness.freshUntil,
    population: view.population,
    counts: view.counts,
  };
}

export function presentControl({ control, tests, standing }: ControlView, categoryTitle: string): ControlRow {
  const results = noResults();
  for (const { result } of tests) addCounts(results, { ...noResults(), [MEMBER_OF_RESULT[result]]: 1 });
  const requirements: Record<string, string[]> = {};
  for (const [framework, ids] of Object.entries(control.mapsTo)) if (ids) requirements[framework] = ids;
  return {
    id: control.id,
    title: control.title,
    category: control.category,
    categoryTitle,
    aiSpecific: control.aiSpecific,
    isKey: control.isKey,
    ownerRole: control.ownerRole,
    frequency: control.frequency,
    execution: control.execution,
    state: standing.state,
    because: standing.because,
    tests: results,
    failingSubjects: tests.reduce((sum, { counts }) => sum + counts.fail, 0),
    evidence: {
      expected: standing.expectedEvidence.length,
      covered: standing.expectedEvidence.filter(({ covered }) => covered).length,
    },
    requirements,
  };
}

/** Each requirement with the states of its controls, and the framework with each of its controls counted once. */
export function presentFramework(
  framework: Framework,
  catalog: Catalog,
  states: ReadonlyMap<string, ControlState>,
): FrameworkStatus {
  const mapped = new Set<string>();
  const groups = framework.groups.map((group) => ({
    id: group.id,
    title: group.title,
    category: group.category ?? null,
    requirements: group.requirements.map((requirement): RequirementStatus => {
      const controls = catalog.controls
        .filter((control) => control.mapsTo[framework.id]?.includes(requirement.id))
        .map(({ id }) => id);
      for (const id of controls) mapped.add(id);
      const own = statesOf(controls, states);
      return {
        id: requirement.id,
        title: requirement.title,
        meaning: requirement.meaning ?? null,
        forAiSystems: requirement.forAiSystems ?? null,
        notCovered: requirement.notCovered ?? null,
        state: requirementState(own),
        counts: countStates(own),
        controls,
      };
    }),
  }));
  const { id, title, fullTitle, version, note } = framework;
  return { id, title, fullTitle, version, note, counts: countStates(statesOf(mapped, states)), groups };
}

function statesOf(ids: Iterable<string>, states: ReadonlyMap<string, ControlState>): ControlState[] {
  return [...ids].flatMap((id) => states.get(id) ?? []);
}
