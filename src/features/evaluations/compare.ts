import { clusteredError, mcnemarExact, pairedDifference } from '#src/statistics/evaluation.ts';
import { adjustPValues } from '#src/statistics/multiplicity.ts';
import { normalSf } from '#src/statistics/normal.ts';
import { minimumDetectableEffect } from '#src/statistics/proportion.ts';
import type { Comparison } from './model.ts';
import type { ItemScore } from './score-output.ts';

export type ComparedItem = { itemId: string; cluster: string; scores: Record<string, ItemScore> };

const NORMAL_95 = 1.959_963_984_540_054;
// (1.96 + 0.84): a difference this many standard errors wide is found four times in five at the 5 % level.
const POWER_80 = 2.801_585;
const PAIRS_MIN = 10;
const ALPHA = 0.05;
const CHANGED_MAX = 500;

type ScoreComparison = Comparison['scores'][number];

/** Compares two runs item by item: the same question is its own control, so far fewer items show a difference. */
export function compareItems(
  before: readonly ComparedItem[],
  after: readonly ComparedItem[],
): Pick<Comparison, 'pairs' | 'onlyBefore' | 'onlyAfter' | 'scores' | 'changed'> {
  const later = new Map(after.map((item) => [item.itemId, item]));
  const pairs = before.flatMap((item) => {
    const other = later.get(item.itemId);
    return other ? [{ item, other }] : [];
  });
  const names = [
    ...new Set(pairs.flatMap(({ item, other }) => [...Object.keys(item.scores), ...Object.keys(other.scores)])),
  ].sort();
  const compared = names.map((scorer) => compareScorer(scorer, pairs));
  const scores = adjust(compared.map(({ score }) => score));
  return {
    pairs: pairs.length,
    onlyBefore: before.length - pairs.length,
    onlyAfter: after.length - pairs.length,
    scores,
    changed: compared.flatMap(({ changed }) => changed).slice(0, CHANGED_MAX),
  };
}

/**
 * Holds the variants of a robustness suite against the items they were made from: each variant of `after` with the answer to its
 * plain item in `before`, which may be another run or the same one. All variants and scorers are one family of tests.
 */
export function compareVariants(
  before: readonly ComparedItem[],
  after: readonly ComparedItem[],
  variantOf: ReadonlyMap<string, string>,
): Comparison['variants'] {
  const kinds = [...new Set(variantOf.values())].filter((kind) => kind !== ORIGINAL);
  const compared = kinds.flatMap((variant) => {
    const ending = `~${variant}`;
    const varied = after.flatMap((item) =>
      variantOf.get(item.itemId) === variant && item.itemId.endsWith(ending)
        ? [{ ...item, itemId: item.itemId.slice(0, -ending.length) }]
        : [],
    );
    return compareItems(before, varied).scores.map((score) => ({ variant, score }));
  });
  const scores = adjust(compared.map(({ score }) => score));
  return compared.flatMap(({ variant }, k) => {
    const score = scores[k];
    return score ? [{ ...score, variant }] : [];
  });
}

const ORIGINAL = 'original';

function adjust(scores: readonly ScoreComparison[]): ScoreComparison[] {
  const tested = scores.flatMap((score, k) => (score.p === null ? [] : [{ k, p: score.p }]));
  const { adjusted } = adjustPValues(
    tested.map(({ p }) => p),
    'benjamini-hochberg',
  );
  return scores.map((score, k): ScoreComparison => {
    const place = tested.findIndex((one) => one.k === k);
    const pAdjusted = place < 0 ? null : (adjusted[place] ?? null);
    return { ...score, pAdjusted, finding: findingOf(score, pAdjusted) };
  });
}

type Pair = { item: ComparedItem; other: ComparedItem };

function compareScorer(
  scorer: string,
  pairs: readonly Pair[],
): { score: ScoreComparison; changed: Comparison['changed'] } {
  const both = pairs.flatMap(({ item, other }) => {
    const a = item.scores[scorer]?.score;
    const b = other.scores[scorer]?.score;
    return typeof a === 'number' && typeof b === 'number' ? [{ itemId: item.itemId, cluster: item.cluster, a, b }] : [];
  });
  const a = both.map((one) => one.a);
  const b = both.map((one) => one.b);
  const differences = both.map((one) => one.b - one.a);
  const clusters = both.map((one) => one.cluster);
  const paired = pairedDifference(a, b);
  const grouped = new Set(clusters).size < both.length;
  const clustered = grouped ? clusteredError(differences, clusters) : null;
  const standardError = (clustered ? clustered.corrected : paired?.standardError) ?? null;
  const improved = differences.filter((difference) => difference > 0).length;
  const worsened = differences.filter((difference) => difference < 0).length;
  const zeroOne = [...a, ...b].every((value) => value === 0 || value === 1);
  const difference = paired?.mean ?? null;
  const { test, p } = testOf({ zeroOne, grouped, improved, worsened, difference, standardError, n: both.length });
  return {
    score: {
      scorer,
      n: both.length,
      clusters: new Set(clusters).size,
      meanBefore: meanOf(a),
      meanAfter: meanOf(b),
      difference,
      standardError,
      interval95:
        difference === null || standardError === null
          ? null
          : { low: difference - NORMAL_95 * standardError, high: difference + NORMAL_95 * standardError },
      test,
      p,
      pAdjusted: null,
      minimumDetectable: smallestShown(standardError, a, zeroOne),
      improved,
      worsened,
      finding: 'insufficient_data',
    },
    changed: both.filter((one) => one.a !== one.b).map(({ itemId, a, b }) => ({ itemId, scorer, before: a, after: b })),
  };
}

function testOf(known: {
  zeroOne: boolean;
  grouped: boolean;
  improved: number;
  worsened: number;
  difference: number | null;
  standardError: number | null;
  n: number;
}): { test: ScoreComparison['test']; p: number | null } {
  if (known.n < PAIRS_MIN) return { test: 'none', p: null };
  // McNemar takes each pair as independent; items of one cluster are not.
  if (known.zeroOne && !known.grouped)
    return { test: 'mcnemar_exact', p: mcnemarExact(known.worsened, known.improved) };
  if (known.difference === null || known.standardError === null) return { test: 'none', p: null };
  if (known.standardError === 0) return { test: 'paired_z', p: known.difference === 0 ? 1 : 0 };
  return { test: 'paired_z', p: Math.min(1, 2 * normalSf(Math.abs(known.difference / known.standardError))) };
}

function smallestShown(standardError: number | null, before: readonly number[], zeroOne: boolean): number | null {
  if (standardError !== null && standardError > 0) return POWER_80 * standardError;
  // Without a single changed item the pairs show no spread: fall back to two independent samples of this size.
  const mean = meanOf(before);
  return zeroOne && mean !== null ? minimumDetectableEffect(mean, before.length) : null;
}

function findingOf(score: ScoreComparison, pAdjusted: number | null): ScoreComparison['finding'] {
  if (pAdjusted === null || score.difference === null) return 'insufficient_data';
  if (pAdjusted >= ALPHA) return 'no_difference_shown';
  return score.difference > 0 ? 'better' : 'worse';
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
