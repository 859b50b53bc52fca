import { clusteredError, meanWithError } from '#src/statistics/evaluation.ts';
import { wilson } from '#src/statistics/proportion.ts';
import { membershipOf, privacyOfAuc } from './memorization.ts';
import type { Membership, RunScore, Scorer, Threshold, Verdict } from './model.ts';
import { type ItemScore, isAbout } from './score-output.ts';

export type ScoredItem = {
  cluster: string;
  variant?: string | undefined;
  membership?: Membership | undefined;
  scores: Record<string, ItemScore>;
};
/** What is needed of a scorer to add up its scores. An imported one has its name alone. */
export type SummedScorer = { name: string; kind?: Scorer['kind']; of?: string };

// Fewer items than this say nothing about a share.
const ITEMS_MIN = 10;
const NORMAL_95 = 1.959_963_984_540_054;

/** What the scorers say of all items. A missing score lowers `n` and is counted; it never counts as right or as wrong. */
export function summarizeScores(
  scorers: readonly SummedScorer[],
  allItems: readonly ScoredItem[],
  thresholds: readonly Threshold[],
): RunScore[] {
  return scorers.map(({ name: scorer, kind, of }) => {
    const threshold = thresholds.find((one) => one.scorer === scorer) ?? null;
    const items = kind === undefined ? allItems : allItems.filter((item) => isAbout({ kind, ...(of && { of }) }, item));
    if (kind === 'membership') return membershipScore(scorer, items, threshold);
    const scored = items.flatMap((item) => {
      const score = item.scores[scorer]?.score;
      return score === null || score === undefined ? [] : [{ ...item, score }];
    });
    const values = scored.map((item) => item.score);
    const mean = meanWithError(values);
    const interval = intervalOf(
      values,
      scored.map((item) => item.cluster),
    );
    return {
      scorer,
      n: scored.length,
      unscored: items.length - scored.length,
      mean: mean?.mean ?? null,
      standardError: interval?.standardError ?? mean?.standardError ?? null,
      interval95: interval?.interval ?? null,
      intervalMethod: interval?.method ?? null,
      threshold: threshold?.min ?? null,
      useLowerBound: threshold?.useLowerBound ?? false,
      verdict: verdictOf(mean?.mean ?? null, interval?.interval ?? null, scored.length, items.length, threshold),
      byVariant: byVariant(scored),
    };
  });
}

function membershipScore(scorer: string, items: readonly ScoredItem[], threshold: Threshold | null): RunScore {
  const scored = items.flatMap((item) => {
    const score = item.scores[scorer]?.score;
    return typeof score === 'number' ? [{ isMember: item.membership === 'member', score }] : [];
  });
  const membership = membershipOf(scored);
  const { low, high } = membership?.aucInterval95 ?? { low: 0, high: 1 };
  const interval = membership && { low: privacyOfAuc(high), high: privacyOfAuc(low) };
  const mean = membership && privacyOfAuc(membership.auc);
  return {
    scorer,
    n: scored.length,
    unscored: items.length - scored.length,
    mean,
    standardError: null,
    interval95: interval,
    intervalMethod: membership && 'delong',
    threshold: threshold?.min ?? null,
    useLowerBound: threshold?.useLowerBound ?? false,
    verdict: verdictOf(mean, interval, scored.length, items.length, threshold),
    byVariant: [],
    ...(membership && { membership }),
  };
}

type Interval = {
  interval: { low: number; high: number };
  method: 'wilson' | 't' | 'clustered';
  standardError: number | null;
};

function intervalOf(values: readonly number[], clusters: readonly string[]): Interval | null {
  const mean = meanWithError(values);
  if (!mean || values.length < 2) return null;
  const grouped = new Set(clusters).size < values.length ? clusteredError(values, clusters) : null;
  if (grouped && grouped.corrected !== null) {
    const half = NORMAL_95 * grouped.corrected;
    return {
      interval: { low: Math.max(0, mean.mean - half), high: Math.min(1, mean.mean + half) },
      method: 'clustered',
      standardError: grouped.corrected,
    };
  }
  if (values.every((value) => value === 0 || value === 1)) {
    const passed = values.filter((value) => value === 1).length;
    const interval = wilson(passed, values.length);
    return (
      interval && {
        interval: { low: interval[0], high: interval[1] },
        method: 'wilson',
        standardError: mean.standardError,
      }
    );
  }
  if (!mean.interval95) return null;
  const [low, high] = mean.interval95;
  return {
    interval: { low: Math.max(0, low), high: Math.min(1, high) },
    method: 't',
    standardError: mean.standardError,
  };
}

function verdictOf(
  mean: number | null,
  interval: Interval['interval'] | null,
  n: number,
  items: number,
  threshold: Threshold | null,
): Verdict {
  if (!threshold || mean === null || n < Math.min(ITEMS_MIN, items)) return 'no_data';
  // Where a tenth of the items has no score, the rest may be the easy ones.
  if (n < 0.9 * items) return 'no_data';
  const held = threshold.useLowerBound ? interval?.low : mean;
  if (held === undefined) return 'no_data';
  return held >= threshold.min ? 'pass' : 'fail';
}

function byVariant(scored: readonly { variant?: string | undefined; score: number }[]): RunScore['byVariant'] {
  const groups = new Map<string, number[]>();
  for (const { variant, score } of scored) {
    if (variant === undefined) continue;
    groups.set(variant, [...(groups.get(variant) ?? []), score]);
  }
  return [...groups].map(([variant, scores]) => ({
    variant,
    n: scores.length,
    mean: meanWithError(scores)?.mean ?? null,
  }));
}

/** Passes when every threshold is met; a threshold that could not be judged keeps the whole from passing. */
export function verdictOfRun(scores: readonly RunScore[]): { verdict: Verdict; because: string } {
  const held = scores.filter((score) => score.threshold !== null);
  if (held.length === 0) return { verdict: 'no_data', because: 'No threshold was approved for this suite.' };
  const failed = held.filter((score) => score.verdict === 'fail');
  if (failed.length > 0) return { verdict: 'fail', because: `${failed.map(missed).join('; ')}.` };
  const open = held.filter((score) => score.verdict === 'no_data');
  if (open.length > 0)
    return {
      verdict: 'no_data',
      because: `Too few items have a score: ${open.map((score) => `${score.scorer} ${score.n} of ${score.n + score.unscored}`).join('; ')}.`,
    };
  return { verdict: 'pass', because: `All ${held.length} thresholds are met.` };
}

function missed(score: RunScore): string {
  const value = score.useLowerBound ? score.interval95?.low : score.mean;
  const what = score.useLowerBound ? 'lower bound ' : '';
  return `${score.scorer}: ${what}${value?.toFixed(3)} is below ${score.threshold}`;
}
