import { chiSquare } from '#src/statistics/contingency.ts';
import type { Evaluated } from './evaluated.ts';
import type { GroupCounts } from './series-counts.ts';

const GROUP_MIN = 30;

export function fairness(base: Evaluated, groups: readonly GroupCounts[], outside: number): Evaluated {
  const judged = groups.filter(({ n }) => n >= GROUP_MIN);
  const more = groups.flatMap(({ group, n, hits }) => [
    { name: `rate ${group}`, value: n > 0 ? hits / n : null },
    { name: `n ${group}`, value: n },
  ]);
  more.push({ name: 'outside_groups', value: outside });
  if (judged.length < 2) return { ...base, more, insufficient: 'too_few' };
  const rates = judged.map(({ n, hits }) => hits / n);
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  if (most === 0) return { ...base, more, insufficient: 'not_computable' };
  const hits = Float64Array.from(judged, (group) => group.hits);
  const misses = Float64Array.from(judged, (group) => group.n - group.hits);
  const test = misses.every((count) => count === 0) ? null : chiSquare({ r: hits, c: misses });
  return {
    ...base,
    value: least / most,
    effect: least / most,
    statistic: test && { name: 'chi_square', value: test.statistic, dof: test.dof },
    p: test?.p ?? 1,
    more,
  };
}
