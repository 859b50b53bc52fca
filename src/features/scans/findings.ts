import type { ScanResult } from '#src/connectors/source-tree/model.ts';
import type { ControlTest, FactsOf, Verdict } from '#src/control-tests/define.ts';
import { type FactKindName, type KnownFact, SOURCE_TREE_KINDS } from '#src/facts/index.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A control test that fails over what one scan found. */
export type Finding = {
  test: string;
  title: string;
  severity: Severity;
  controls: string[];
  fix: string;
  failing: { because: string; path: string | null; line: number | null; subject: string }[];
};

/**
 * What the control tests say of a scan alone, before anything is recorded: those that need nothing but the source tree.
 * Worst first. Tests over the inventory and other records are left to the server, which has them.
 */
export function findingsOf(result: ScanResult, tests: readonly ControlTest[]): Finding[] {
  const byKind = new Map<FactKindName, KnownFact[]>(SOURCE_TREE_KINDS.map((kind) => [kind, []]));
  for (const fact of [...result.facts].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)))
    byKind.get(fact.kind)?.push(fact);
  return tests
    .filter((test) => test.uses.every((kind) => byKind.has(kind)) && (byKind.get(test.population)?.length ?? 0) > 0)
    .map((test) => findingOf(test, byKind, result))
    .filter((finding) => finding.failing.length > 0)
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.failing.length - a.failing.length ||
        (a.test < b.test ? -1 : 1),
    );
}

function findingOf(
  test: ControlTest,
  byKind: ReadonlyMap<FactKindName, readonly KnownFact[]>,
  result: ScanResult,
): Finding {
  const facts = Object.fromEntries(test.uses.map((kind) => [kind, byKind.get(kind) ?? []])) as FactsOf<FactKindName>;
  const verdicts: Verdict[] = test.judge({ facts, source: result.source.key, at: result.finishedAt });
  return {
    test: test.id,
    title: test.title,
    severity: test.severity,
    controls: [...test.controls],
    fix: test.fix.summary,
    failing: verdicts
      .filter((verdict) => verdict.result === 'fail')
      .map(({ because, path, line, subject }) => ({ because, path: path ?? null, line: line ?? null, subject })),
  };
}
