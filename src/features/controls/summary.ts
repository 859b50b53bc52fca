import type { ControlTest } from '#src/control-tests/define.ts';
import { FACT_KINDS } from '#src/facts/index.ts';
import type { ResultCounts, TestResult } from './control-state.ts';

/** The result of a test in one sentence. `sources` are those it draws from, each with what it has to say for itself. */
export function summarySentence(
  test: ControlTest,
  result: TestResult,
  counts: ResultCounts,
  sources: readonly { because: string; status: string; population: number }[],
): string {
  const judged = counts.pass + counts.fail + counts.error + counts.noData + counts.notApplicable;
  const withoutData = sources.filter(
    ({ status }) => status === 'stale' || status === 'incomplete' || status === 'unread',
  );
  const kind = FACT_KINDS[test.population].title.toLowerCase();
  switch (result) {
    case 'fail':
      return `${counts.fail} of ${judged} fail${withoutData.length > 0 ? '; part of it has no data' : ''}.`;
    case 'error':
      return counts.error === 1 && judged === 1
        ? (sources.find(({ status }) => status === 'error')?.because ?? 'The test could not be run.')
        : `${counts.error} of ${judged} could not be judged.`;
    case 'no_data':
      return withoutData[0]?.because ?? `${counts.noData} of ${judged} cannot be decided from what was read.`;
    case 'pass':
      return counts.notApplicable === 0
        ? `All ${counts.pass} pass.`
        : `${counts.pass} pass; ${counts.notApplicable} are not applicable.`;
    case 'not_applicable':
      return counts.notApplicable > 0
        ? `None of ${counts.notApplicable} is something this applies to.`
        : sources.some(({ population }) => population > 0)
          ? `Read completely, and nothing this applies to is there.`
          : `Read completely: ${kind}, none found.`;
  }
}
