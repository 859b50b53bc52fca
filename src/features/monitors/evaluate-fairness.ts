import { chiSquare, fisherExact, gTest } from '#src/statistics/contingency.ts';
import { normalQuantile } from '#src/statistics/normal.ts';
import { compareProportions } from '#src/statistics/proportion.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { calibrationOf, filledBins } from './evaluate-calibration.ts';
import type { Evaluated } from './evaluated.ts';
import type { GroupReliability, OutcomeCounts } from './labeled-counts.ts';
import type { GroupCounts } from './series-counts.ts';

/** Groups with fewer cases are listed and not compared. */
const GROUP_MIN = 30;
const GROUP_LABELS_MIN = 100;
// Below this many expected cases in a cell the chi-square distribution is no longer that of the statistic (Cochran's rule).
const EXPECTED_MIN = 5;
const FISHER_MAX = 10_000;
const DRAWS = 2_000;

type Group = { group: string; n: number; hits: number };

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
  const { pooled, range, difference, interval } = gapOf(judged);
  return {
    ...base,
    value: least / most,
    // Groups with the same true rate show about this ratio at their sizes.
    noiseFloor: Math.max(0, 1 - range / pooled),
    effect: least / most,
    statistic: test && { name: 'chi_square', value: test.statistic, dof: test.dof },
    p: test?.p ?? 1,
    more: [
      ...more,
      { name: 'difference', value: difference },
      { name: 'difference_low', value: interval?.[0] ?? null },
      { name: 'difference_high', value: interval?.[1] ?? null },
    ],
  };
}

/** Largest minus smallest rate with Newcombe's interval, and the range that equal rates show at these sizes. */
function gapOf(groups: readonly Group[]) {
  const inOrder = [...groups].sort((a, b) => a.hits / a.n - b.hits / b.n);
  const [least, most] = [inOrder[0] as Group, inOrder.at(-1) as Group];
  const n = groups.reduce((sum, group) => sum + group.n, 0);
  const pooled = groups.reduce((sum, group) => sum + group.hits, 0) / n;
  return {
    pooled,
    difference: most.hits / most.n - least.hits / least.n,
    interval: compareProportions(most.hits, most.n, least.hits, least.n)?.newcombe ?? null,
    range: expectedRange(groups.map((group) => Math.sqrt((pooled * (1 - pooled)) / group.n))),
  };
}

/** Mean of the largest minus the smallest of independent normal errors: in closed form for two, drawn for more. */
function expectedRange(errors: readonly number[]): number {
  if (errors.length === 2) return Math.sqrt((2 / Math.PI) * ((errors[0] as number) ** 2 + (errors[1] as number) ** 2));
  const random = seededRandom(errors.length);
  let sum = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const error of errors) {
      const value = error * normalQuantile((random() * 2 ** 32 + 0.5) / 2 ** 32);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    sum += high - low;
  }
  return sum / DRAWS;
}

/** Selection among cases of one outcome: the gap of true positive rates, or of false positive rates. */
export function outcomeFairness(
  base: Evaluated,
  counts: { groups: readonly OutcomeCounts[]; outside: number },
  among: 'positives' | 'negatives',
): Evaluated {
  const groups = counts.groups.map(({ group, positives, chosenPositives, negatives, chosenNegatives }) =>
    among === 'positives'
      ? { group, n: positives, hits: chosenPositives }
      : { group, n: negatives, hits: chosenNegatives },
  );
  const more = [
    ...base.more,
    ...groups.flatMap(({ group, n, hits }) => [
      { name: `rate ${group}`, value: n > 0 ? hits / n : null },
      { name: `n ${group}`, value: n },
    ]),
    { name: 'outside_groups', value: counts.outside },
  ];
  const judged = groups.filter(({ n }) => n >= GROUP_MIN);
  if (judged.length < 2) return { ...base, more, insufficient: 'too_few_labels' };
  const { difference, interval, range } = gapOf(judged);
  return {
    ...base,
    value: difference,
    noiseFloor: range,
    effect: Math.max(0, difference - range),
    interval,
    ...independence(judged),
    more,
  };
}

/** Whether the rate depends on the group: Fisher's test where two groups have few cases, else the weaker of chi-square and G. */
function independence(groups: readonly Group[]): Pick<Evaluated, 'statistic' | 'p'> {
  const n = groups.reduce((sum, group) => sum + group.n, 0);
  const hits = groups.reduce((sum, group) => sum + group.hits, 0);
  if (hits === 0 || hits === n) return { statistic: null, p: 1 };
  const smallest = Math.min(...groups.map((group) => (group.n * Math.min(hits, n - hits)) / n));
  const [a, b] = groups;
  if (groups.length === 2 && a && b && smallest < EXPECTED_MIN && n <= FISHER_MAX)
    return { statistic: null, p: fisherExact(a.hits, a.n - a.hits, b.hits, b.n - b.hits) };
  const table = {
    r: Float64Array.from(groups, (group) => group.hits),
    c: Float64Array.from(groups, (group) => group.n - group.hits),
  };
  const test = chiSquare(table);
  return {
    statistic: { name: 'chi_square', value: test.statistic, dof: test.dof },
    p: Math.max(test.p, gTest(table).p),
  };
}

/** The group whose probabilities hold worst, by how far its calibration error lies above its own noise floor. */
export function calibrationFairness(
  base: Evaluated,
  counts: { groups: readonly GroupReliability[]; outside: number },
): Evaluated {
  const found = counts.groups.map(({ group, n, bins }) => ({
    group,
    n,
    held: n >= GROUP_LABELS_MIN ? calibrationOf(filledBins(bins)) : null,
  }));
  const more = [
    ...base.more,
    ...found.flatMap(({ group, n, held }) => [
      { name: `error ${group}`, value: held?.value ?? null },
      { name: `bias ${group}`, value: held?.bias ?? null },
      { name: `n ${group}`, value: n },
    ]),
    { name: 'outside_groups', value: counts.outside },
  ];
  const judged = found.flatMap(({ held }) => (held ? [held] : []));
  if (judged.length < 2) return { ...base, more, insufficient: 'too_few_labels' };
  const worst = judged.reduce((most, one) => (one.value - one.noiseFloor > most.value - most.noiseFloor ? one : most));
  const { value, noiseFloor, effect, interval, statistic } = worst;
  // The groups are looked at together, so the smallest p is one of as many.
  const p = Math.min(1, Math.min(...judged.map((one) => one.p)) * judged.length);
  return { ...base, value, noiseFloor, effect, interval, statistic, p, more };
}
