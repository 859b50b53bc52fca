import type { ControlTest } from '#src/control-tests/define.ts';
import { noResults } from './control-state.ts';
import { neverRead } from './freshness.ts';
import { addCounts, resultOf, ruleDigest } from './judge.ts';
import type { Situation } from './judge-plan.ts';
import type { Judged } from './judge-source.ts';
import type { JudgeRun } from './model.ts';
import { summarySentence } from './summary.ts';
import type { StandingSource, StandingTest } from './verdict-store.ts';

/* What a run came to: summaries of the tests, and what of it differs from the run before. Pure. */

export function changedResults(
  newSummaries: ReadonlyMap<string, Summary>,
  endings: Endings,
  { standing }: Situation,
): JudgeRun['changedTests'] {
  const changed = [...newSummaries].map(([id, { result }]) => ({
    id,
    from: standing.get(id)?.result ?? null,
    to: result,
  }));
  const ended = endings.tests.map((id) => ({ id, from: standing.get(id)?.result ?? null, to: null }));
  return [...changed.filter(({ from, to }) => from !== to), ...ended];
}

/** Rows closed and rows opened. */
export function countSpans(
  judged: readonly Judged[],
  sourceChanges: readonly SourceReplacement[],
  newSummaries: ReadonlyMap<string, Summary>,
  endings: Endings,
  { standing }: Situation,
): number {
  let spans = endings.verdicts + endings.tests.length + endings.sources.length;
  for (const { rowsWritten } of judged) spans += rowsWritten;
  // What stood before is closed, and what stands now is opened.
  for (const { testId, sourceId } of sourceChanges) spans += standing.get(testId)?.sources.has(sourceId) ? 2 : 1;
  for (const testId of newSummaries.keys()) spans += standing.has(testId) ? 2 : 1;
  return spans;
}

export type SourceReplacement = { testId: string; sourceId: string; next: StandingSource | null };

export function changedStandings(judged: readonly Judged[]): SourceReplacement[] {
  return judged
    .filter(({ task, next }) => task.before === null || !isSameStanding(task.before, next))
    .map(({ task, next }) => ({ testId: task.test.id, sourceId: task.source.id, next }));
}

export type Endings = { tests: string[]; sources: SourceReplacement[]; verdicts: number };

export type Summary = Omit<StandingTest, 'sources'>;

export function summarize(
  tests: readonly ControlTest[],
  judged: readonly Judged[],
  situation: Situation,
): Map<string, Summary> {
  const bySource = new Map<string, Judged[]>(tests.map((test) => [test.id, []]));
  for (const entry of judged) bySource.get(entry.task.test.id)?.push(entry);
  return new Map(
    tests.map((test) => {
      const entries = bySource.get(test.id) ?? [];
      const counts = noResults();
      for (const { next } of entries) addCounts(counts, next.counts);
      const stated = new Set(situation.sources.flatMap((source) => [...source.kinds.keys()]));
      const unread = entries.length === 0 ? neverRead(test.uses.filter((kind) => !stated.has(kind))) : null;
      const result = unread === null ? resultOf(counts) : 'no_data';
      const because =
        unread ??
        summarySentence(
          test,
          result,
          counts,
          entries.map(({ next }) => next),
        );
      return [test.id, { version: test.version, ruleDigest: ruleDigest(test), result, because, counts }];
    }),
  );
}

/** Tests of which something was computed anew in this run; one that was only looked at again is not among them. */
export function touchedTests(
  tests: readonly ControlTest[],
  judged: readonly Judged[],
  sourceChanges: readonly SourceReplacement[],
  newSummaries: ReadonlyMap<string, Summary>,
): string[] {
  const touched = new Set([...newSummaries.keys(), ...sourceChanges.map(({ testId }) => testId)]);
  for (const { task, rowsWritten } of judged) if (task.touched || rowsWritten > 0) touched.add(task.test.id);
  return tests.map((test) => test.id).filter((id) => touched.has(id));
}

function isSameStanding(a: StandingSource, b: StandingSource): boolean {
  return (
    a.status === b.status &&
    a.counted === b.counted &&
    a.because === b.because &&
    a.population === b.population &&
    isSameCounts(a.counts, b.counts)
  );
}

export function isSameSummary(a: Summary | undefined, b: Summary): boolean {
  return (
    a !== undefined &&
    a.result === b.result &&
    a.because === b.because &&
    a.version === b.version &&
    a.ruleDigest === b.ruleDigest &&
    isSameCounts(a.counts, b.counts)
  );
}

function isSameCounts(a: Summary['counts'], b: Summary['counts']): boolean {
  return (
    a.pass === b.pass &&
    a.fail === b.fail &&
    a.noData === b.noData &&
    a.notApplicable === b.notApplicable &&
    a.error === b.error
  );
}
