import type { ControlTest } from '#src/control-tests/define.ts';
import type { FactKindName } from '#src/facts/index.ts';
import type { FactChange, SourceState } from '#src/features/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import { populationSources, providersOf, type Readiness, readinessOf } from './freshness.ts';
import { ruleDigest } from './judge.ts';
import type { StandingSource, StandingTest } from './verdict-store.ts';

/*
 * What has to be judged again, and how much of it. Pure.
 */

/** What a run knows before it judges anything. */
export type Situation = {
  at: Instant;
  /** Sources in use. */
  sources: readonly SourceState[];
  /** How far each source was judged before; 0 for never. */
  judgedNumber(sourceId: string): number;
  /** What changed in a source since then, by kind; also of sources that are no longer in use. */
  changes: ReadonlyMap<string, SourceChanges>;
  standing: ReadonlyMap<string, StandingTest>;
};

/** `everything`: the source was never judged, so all it holds is new. */
export type SourceChanges = 'everything' | ReadonlyMap<FactKindName, readonly FactChange[]>;

export type Work =
  /** Nothing to judge with: the source itself is the subject. */
  | { kind: 'mask'; status: 'stale' | 'incomplete' | 'unread'; because: string }
  /** Verdicts stand as they are; only the source's own standing may differ. */
  | { kind: 'keep' }
  /** All of the source. */
  | { kind: 'whole' }
  /** Only these facts of the population. */
  | { kind: 'facts'; changes: readonly FactChange[] };

export type Task = {
  test: ControlTest;
  source: SourceState;
  readiness: Readiness;
  before: StandingSource | null;
  work: Work;
  /** Something the verdict rests on differs from the run before: facts, rule or freshness. */
  touched: boolean;
};

export function planTest(test: ControlTest, situation: Situation): Task[] {
  const standing = situation.standing.get(test.id);
  const sameRule = standing?.ruleDigest === ruleDigest(test);
  return populationSources(test, situation.sources).map((source) => {
    const before = standing?.sources.get(source.id) ?? null;
    const readiness = readinessOf(test, source, situation.sources, situation.at);
    const inputsChanged = haveInputsChanged(test, source, situation);
    const work = workFor(test, source, situation, { before, readiness, sameRule, inputsChanged });
    return { test, source, readiness, before, work, touched: !sameRule || before === null || inputsChanged };
  });
}

function workFor(
  test: ControlTest,
  source: SourceState,
  situation: Situation,
  known: { before: StandingSource | null; readiness: Readiness; sameRule: boolean; inputsChanged: boolean },
): Work {
  const { before, readiness } = known;
  // What an incomplete reading found is true of each single fact; of all of them together it says nothing.
  const judgeable = readiness.status === 'fresh' || (readiness.status === 'incomplete' && test.partition === 'fact');
  if (!judgeable && readiness.status !== 'fresh')
    return { kind: 'mask', status: readiness.status, because: readiness.because };
  const judgedBefore = before !== null && (before.counted || before.status === 'empty' || before.status === 'error');
  if (!judgedBefore || !known.sameRule || test.dependsOnTime) return { kind: 'whole' };
  if (!known.inputsChanged) return { kind: 'keep' };
  if (test.partition === 'source') return { kind: 'whole' };
  const changes = situation.changes.get(source.id);
  return changes === undefined || changes === 'everything'
    ? { kind: 'whole' }
    : { kind: 'facts', changes: changes.get(test.population) ?? [] };
}

/** Whether facts that `test` sees when it judges `source` differ from those it saw last. */
function haveInputsChanged(test: ControlTest, source: SourceState, situation: Situation): boolean {
  return test.uses.some((kind) => {
    const stated = source.kinds.get(kind);
    if (stated) {
      // A kind that the source states for the first time was seen from other sources until now.
      const judged = situation.judgedNumber(source.id);
      const newlyOwn = stated.firstNumber > judged && kind !== test.population;
      return newlyOwn || hasChanged(situation.changes.get(source.id), kind);
    }
    const providers = new Set(providersOf(kind, source, situation.sources).map((provider) => provider.id));
    for (const [sourceId, changes] of situation.changes) {
      // A source that is no longer in use took its facts along: that is a change too.
      const inUse = situation.sources.some((other) => other.id === sourceId);
      if ((providers.has(sourceId) || !inUse) && hasChanged(changes, kind)) return true;
    }
    return false;
  });
}

function hasChanged(changes: SourceChanges | undefined, kind: FactKindName): boolean {
  if (changes === undefined) return false;
  return changes === 'everything' || (changes.get(kind)?.length ?? 0) > 0;
}
