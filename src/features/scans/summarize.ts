import type { ScanResult } from '#src/connectors/source-tree/model.ts';
import type { RecordedCollection } from '#src/features/facts/index.ts';
import type { ReadingOutcome } from '#src/features/inventory/index.ts';
import type { Judged } from '#src/features/records/index.ts';
import type { ScanSummary } from './model.ts';

/** What a recorded scan changed. `inventory` is null where the source said the same as last time. */
export function summarize(
  result: ScanResult,
  collection: Pick<RecordedCollection, 'added' | 'changed' | 'removed'>,
  inventory: ReadingOutcome | null,
  judged: Judged,
): ScanSummary {
  const resulting = (name: string) => judged.tests.filter((test) => test.result === name).length;
  const byKind: Record<string, number> = {};
  for (const { kind } of result.detections) byKind[kind] = (byKind[kind] ?? 0) + 1;
  return {
    unchanged: inventory === null,
    facts: {
      total: result.facts.length,
      added: collection.added,
      changed: collection.changed,
      removed: collection.removed,
    },
    items: {
      found: result.detections.length,
      proposed: inventory?.proposed ?? 0,
      gone: inventory?.gone ?? 0,
      returned: inventory?.returned ?? 0,
      byKind,
    },
    systems: { proposed: inventory?.systemsProposed ?? 0 },
    tests: {
      total: judged.tests.length,
      pass: resulting('pass'),
      fail: resulting('fail'),
      noData: resulting('no_data'),
      notApplicable: resulting('not_applicable'),
      error: resulting('error'),
    },
    changedTests: judged.changedTests.map(({ id, from, to }) => ({ id, from, to })),
    complete: result.stats.complete,
    incompleteBecause: result.stats.incompleteBecause,
    skipped: result.stats.skippedCount,
    durationMs: result.durationMs,
  };
}
