import type { ControlTest } from '#src/control-tests/define.ts';
import { FACT_KINDS, type FactKindName } from '#src/facts/index.ts';
import type { KindReading, SourceState } from '#src/features/facts/index.ts';
import { HOUR_MS, type Instant, toInstant } from '#src/kernel/time.ts';

/*
 * Whether what was read of a source is enough to judge it. Pure.
 *
 * A test draws its population from every source that ever stated the kind. Of the other kinds it uses it sees those of the
 * same source, or, where that source never stated the kind, those of all sources that did.
 */

/** One reading a test depends on for a source, with whose it is. */
export type UsedReading = { kind: FactKindName; source: SourceState; reading: KindReading };

export type ReadingStatus = 'fresh' | 'stale' | 'incomplete' | 'unread';
export type Readiness = {
  status: ReadingStatus;
  because: string;
  used: UsedReading[];
  /** From this instant on a reading is too old; null where something was never read. */
  freshUntil: Instant | null;
};

/** Sources that a test draws its population from. */
export function populationSources(test: ControlTest, sources: readonly SourceState[]): SourceState[] {
  return sources.filter((source) => source.kinds.has(test.population));
}

/** Whose facts of `kind` a test sees when it judges `source`: its own, or else those of everybody who states the kind. */
export function providersOf(kind: FactKindName, source: SourceState, sources: readonly SourceState[]): SourceState[] {
  return source.kinds.has(kind) ? [source] : sources.filter((other) => other.kinds.has(kind));
}

/** Whether `source` can be judged by `test` at `at`, and on which readings that rests. */
export function readinessOf(
  test: ControlTest,
  source: SourceState,
  sources: readonly SourceState[],
  at: Instant,
): Readiness {
  const used: UsedReading[] = [];
  const unread: FactKindName[] = [];
  for (const kind of test.uses) {
    const providers = providersOf(kind, source, sources);
    if (providers.length === 0) unread.push(kind);
    for (const provider of providers) {
      const stated = provider.kinds.get(kind);
      if (stated) used.push({ kind, source: provider, reading: stated.last });
    }
  }
  if (unread.length > 0) return { status: 'unread', because: neverRead(unread), used, freshUntil: null };

  const maxAgeMs = test.maxAgeHours * HOUR_MS;
  const oldest = used.reduce((a, b) => (Date.parse(b.reading.finishedAt) < Date.parse(a.reading.finishedAt) ? b : a));
  const freshUntilMs = Date.parse(oldest.reading.finishedAt) + maxAgeMs;
  const freshUntil = toInstant(freshUntilMs);
  if (freshUntilMs <= Date.parse(at))
    return {
      status: 'stale',
      because: `Stale since ${inWords(freshUntil)}: ${oldest.source.title} was last read for ${titleOf(oldest.kind)} on ${inWords(oldest.reading.finishedAt)}, and a reading counts for ${hoursInWords(test.maxAgeHours)}.`,
      used,
      freshUntil,
    };

  const incomplete = used.find(({ reading }) => !reading.complete);
  if (incomplete)
    return {
      status: 'incomplete',
      because: `The reading of ${incomplete.source.title} on ${inWords(incomplete.reading.finishedAt)} is incomplete: ${incomplete.reading.note ?? 'the source did not say why'}`,
      used,
      freshUntil,
    };
  return { status: 'fresh', because: '', used, freshUntil };
}

/** What to say where nothing that the test is about was ever read. */
export function neverRead(kinds: readonly FactKindName[]): string {
  return `Never read: no source has stated ${kinds.map(titleOf).join(', ')} yet.`;
}

function titleOf(kind: FactKindName): string {
  return FACT_KINDS[kind].title.toLowerCase();
}

function inWords(at: Instant): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

function hoursInWords(hours: number): string {
  return hours % 24 === 0 ? `${hours / 24} day${hours === 24 ? '' : 's'}` : `${hours} hour${hours === 1 ? '' : 's'}`;
}
