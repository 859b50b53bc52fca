import { JUDGE_INFORMATIVE_MIN, type JudgeGold, judgeCorrectedRate } from '#src/statistics/agreement.ts';
import { normalSf } from '#src/statistics/normal.ts';
import { minimumDetectableEffect } from '#src/statistics/proportion.ts';
import { type WeightedRate, weightedRate, weightedRateTest } from '#src/statistics/weighted-rate.ts';
import { type Evaluated, finite, NOTHING, pair, Z95 } from './evaluated.ts';
import type { HallucinationMetric, JudgedCounts, MethodGold } from './judged-counts.ts';

/** Answers on which two people agree, of both kinds together; fewer correct nothing. */
const GOLD_MIN = 20;

/**
 * The rate of unsupported answers, or claims, over a sample that was declared before: raw, weighted by what each sampled answer
 * stands for, and corrected by what people said of some of them. What was to be judged and was not leaves a window without a
 * verdict once it is more than the definition allows.
 */
export function hallucination(
  metric: HallucinationMetric,
  counts: JudgedCounts,
  gold: readonly MethodGold[],
  warn: number,
): Evaluated {
  const sum = (read: (stratum: JudgedCounts['strata'][number]) => number) =>
    counts.strata.reduce((total, stratum) => total + read(stratum), 0);
  const sampled = sum((one) => one.sampled);
  const judged = sum((one) => one.judged);
  const n = sum(({ sums }) => sums.n);
  const base: Evaluated = {
    ...NOTHING,
    n,
    missing: sampled - judged,
    judging: {
      salt: metric.sampling.salt,
      strata: counts.strata.map(({ name, eligible, sampled: chosen, judged: done, sums }) => ({
        stratum: name,
        rate: sums.rate,
        eligible,
        sampled: chosen,
        judged: done,
        decided: sums.n,
        unsupported: sums.y,
      })),
      notJudged: counts.notJudged,
      methods: counts.methods,
    },
  };
  const more = [
    { name: 'eligible', value: sum((one) => one.eligible) },
    { name: 'sampled', value: sampled },
    { name: 'judged', value: judged },
    { name: 'left_open', value: sum((one) => one.open) },
    { name: 'without_claims', value: sum((one) => one.claimless) },
    { name: 'claims', value: sum((one) => one.claims) },
    { name: 'supported_claims', value: sum((one) => one.supported) },
    { name: 'unsupported_claims', value: sum((one) => one.unsupported) },
    { name: 'contradicted_claims', value: sum((one) => one.contradicted) },
    { name: 'unchecked_claims', value: sum((one) => one.notChecked) },
  ];
  if (sampled === 0) return { ...base, more, insufficient: 'too_few' };
  if (judged / sampled < metric.leastJudged) return { ...base, more, insufficient: 'too_few_judged' };
  const raw = weightedRate(counts.strata.map(({ sums }) => sums));
  if (raw === null) return { ...base, more, insufficient: 'too_few' };
  const seen = goldOf(counts, gold);
  const corrected = metric.of === 'answers' ? correctedOf(raw, seen) : null;
  const all = {
    ...base,
    more: [
      ...more,
      { name: 'raw_rate', value: raw.rate },
      { name: 'raw_low', value: raw.interval[0] },
      { name: 'raw_high', value: raw.interval[1] },
      { name: 'effective_n', value: raw.effectiveN },
      ...boundsOf(counts, metric.of),
      ...(metric.of === 'answers'
        ? [
            { name: 'corrected_rate', value: corrected?.status === 'ok' ? corrected.value : null },
            { name: 'corrected_low', value: corrected?.status === 'ok' ? corrected.interval[0] : null },
            { name: 'corrected_high', value: corrected?.status === 'ok' ? corrected.interval[1] : null },
            { name: 'gold_unsupported', value: seen.positives },
            { name: 'gold_unsupported_found', value: seen.truePositives },
            { name: 'gold_supported', value: seen.negatives },
            { name: 'gold_supported_found', value: seen.trueNegatives },
          ]
        : []),
    ],
  };
  const detectable = finite(
    minimumDetectableEffect(Math.min(0.5, Math.max(raw.rate, 1 / raw.effectiveN)), raw.effectiveN),
  );
  if (!metric.corrected)
    return {
      ...all,
      value: raw.rate,
      effect: raw.rate,
      interval: raw.interval,
      statistic: { name: 'binomial', value: raw.rate * raw.effectiveN, dof: null },
      p: weightedRateTest(raw, warn).atLeast,
      detectable,
    };
  if (corrected?.status !== 'ok') return { ...all, insufficient: corrected?.status ?? 'not_computable' };
  const { value, interval, rate, standardError } = corrected;
  return {
    ...all,
    value,
    effect: value,
    interval: pair(interval[0], interval[1]),
    statistic: standardError > 0 ? { name: 'z', value: (rate - warn) / standardError, dof: null } : null,
    p: standardError > 0 ? normalSf((rate - warn) / standardError) : rate > warn ? 0 : 1,
    detectable,
  };
}

/** What people said of answers judged by the methods of this window; another method has other errors. */
function goldOf({ methods }: JudgedCounts, gold: readonly MethodGold[]): JudgeGold {
  const own = gold.filter((one) => methods.some(({ method }) => method === one.method));
  const sum = (read: (one: MethodGold) => number) => own.reduce((total, one) => total + read(one), 0);
  return {
    positives: sum((one) => one.positives),
    truePositives: sum((one) => one.truePositives),
    negatives: sum((one) => one.negatives),
    trueNegatives: sum((one) => one.trueNegatives),
  };
}

type Corrected =
  | { status: 'ok'; value: number; rate: number; standardError: number; interval: [number, number] }
  | { status: 'too_few_labels' | 'judge_uninformative' };

function correctedOf({ rate: raw, effectiveN }: WeightedRate, gold: JudgeGold): Corrected {
  if (gold.positives + gold.negatives < GOLD_MIN) return { status: 'too_few_labels' };
  const found = judgeCorrectedRate(raw * effectiveN, effectiveN, gold);
  if (found.status !== 'ok')
    return { status: found.reason === 'judge_uninformative' ? 'judge_uninformative' : 'too_few_labels' };
  const agreement = gold.truePositives / gold.positives + gold.trueNegatives / gold.negatives;
  if (agreement <= JUDGE_INFORMATIVE_MIN) return { status: 'judge_uninformative' };
  const { rate, clipped, standardError } = found;
  const half = Z95 * standardError;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  return { status: 'ok', value: clipped, rate, standardError, interval: [clip(rate - half), clip(rate + half)] };
}

/** What the rate would be if all that was left open were supported, and if none of it were. Source: Manski (1989). */
function boundsOf({ strata }: JudgedCounts, unit: HallucinationMetric['of']): { name: string; value: number | null }[] {
  const weighted = (read: (one: JudgedCounts['strata'][number]) => number) =>
    strata.reduce((total, one) => total + read(one) / one.sums.rate, 0);
  const unsupported = weighted(({ sums }) => sums.y);
  const decided = weighted(({ sums }) => sums.x);
  const open = weighted((one) => (unit === 'claims' ? one.notChecked : one.open));
  const of = decided + open;
  return [
    { name: 'bound_low', value: of > 0 ? unsupported / of : null },
    { name: 'bound_high', value: of > 0 ? (unsupported + open) / of : null },
  ];
}
