/** Agreement of raters (people, or a judge model and people). Ratings are numbers; `null` is a missing one. */

export type Weights = 'none' | 'linear' | 'quadratic';

function disagreement(a: number, b: number, weights: Weights): number {
  if (weights === 'none') return a === b ? 0 : 1;
  return weights === 'linear' ? Math.abs(a - b) : (a - b) ** 2;
}

/** Share of items on which two raters say the same; null without items. */
export function rawAgreement(a: readonly number[], b: readonly number[]): number | null {
  return a.length === 0 ? null : a.filter((rating, k) => rating === b[k]).length / a.length;
}

/** Cohen's kappa of two raters. 1 where both always say the same single thing. Source: Cohen (1960, 1968). */
export function cohenKappa(a: readonly number[], b: readonly number[], weights: Weights = 'none'): number | null {
  const n = a.length;
  if (n === 0 || b.length !== n) return null;
  let observed = 0;
  const ofA = new Map<number, number>();
  const ofB = new Map<number, number>();
  a.forEach((rating, k) => {
    const other = b[k] as number;
    observed += disagreement(rating, other, weights);
    ofA.set(rating, (ofA.get(rating) ?? 0) + 1);
    ofB.set(other, (ofB.get(other) ?? 0) + 1);
  });
  let expected = 0;
  for (const [x, countX] of ofA)
    for (const [y, countY] of ofB) expected += countX * countY * disagreement(x, y, weights);
  return expected === 0 ? 1 : 1 - (observed * n) / expected;
}

/** Fleiss' kappa of many raters; every item must have the same number of ratings. `byRater[r][i]`. */
export function fleissKappa(byRater: readonly (readonly number[])[]): number | null {
  const raters = byRater.length;
  const items = byRater[0]?.length ?? 0;
  if (raters < 2 || items === 0) return null;
  const overall = new Map<number, number>();
  let agreed = 0;
  for (let i = 0; i < items; i++) {
    const counts = new Map<number, number>();
    for (const ratings of byRater) {
      const rating = ratings[i] as number;
      counts.set(rating, (counts.get(rating) ?? 0) + 1);
      overall.set(rating, (overall.get(rating) ?? 0) + 1);
    }
    let pairs = 0;
    for (const count of counts.values()) pairs += count * (count - 1);
    agreed += pairs / (raters * (raters - 1));
  }
  const observed = agreed / items;
  let expected = 0;
  for (const count of overall.values()) expected += (count / (raters * items)) ** 2;
  return expected === 1 ? 1 : (observed - expected) / (1 - expected);
}

/** Krippendorff's alpha; items with fewer than two ratings are left out. Null where nothing can be paired. Source: Krippendorff (2011). */
export function krippendorffAlpha(
  byRater: readonly (readonly (number | null)[])[],
  level: 'nominal' | 'interval',
): number | null {
  const items = byRater[0]?.length ?? 0;
  const weights: Weights = level === 'nominal' ? 'none' : 'quadratic';
  const overall = new Map<number, number>();
  let observed = 0;
  let pairable = 0;
  for (let i = 0; i < items; i++) {
    const ratings = byRater.map((row) => row[i] ?? null).filter((rating): rating is number => rating !== null);
    if (ratings.length < 2) continue;
    pairable += ratings.length;
    let gaps = 0;
    for (const x of ratings) {
      overall.set(x, (overall.get(x) ?? 0) + 1);
      for (const y of ratings) gaps += disagreement(x, y, weights);
    }
    observed += gaps / (ratings.length - 1);
  }
  if (pairable === 0) return null;
  let expected = 0;
  for (const [x, countX] of overall)
    for (const [y, countY] of overall) expected += countX * countY * disagreement(x, y, weights);
  return expected === 0 ? 1 : 1 - ((pairable - 1) * observed) / expected;
}

export type JudgeGold = { positives: number; truePositives: number; negatives: number; trueNegatives: number };
export type CorrectedRate =
  | { status: 'ok'; rate: number; clipped: number; standardError: number }
  | { status: 'insufficient_data'; reason: 'judge_uninformative' | 'no_gold' | 'no_items' };

/** Sensitivity and specificity together; up to this a judge is hardly better than a coin, and a correction blows up its noise. */
export const JUDGE_INFORMATIVE_MIN = 1.1;

/**
 * The true rate behind `flagged` of `n` items that a judge flagged, given how it did on items people have labeled. `rate`
 * may lie outside [0, 1]; `clipped` does not. A judge no better than a coin carries no information.
 * Source: Rogan and Gladen (1978); variance by the delta method.
 */
export function judgeCorrectedRate(flagged: number, n: number, gold: JudgeGold): CorrectedRate {
  if (!(n > 0)) return { status: 'insufficient_data', reason: 'no_items' };
  if (!(gold.positives > 0) || !(gold.negatives > 0)) return { status: 'insufficient_data', reason: 'no_gold' };
  const q = flagged / n;
  const sensitivity = gold.truePositives / gold.positives;
  const specificity = gold.trueNegatives / gold.negatives;
  const informative = sensitivity + specificity - 1;
  if (Math.abs(informative) < 1e-12) return { status: 'insufficient_data', reason: 'judge_uninformative' };
  const rate = (q + specificity - 1) / informative;
  const variance =
    (q * (1 - q)) / n / informative ** 2 +
    (((sensitivity * (1 - sensitivity)) / gold.positives) * rate ** 2) / informative ** 2 +
    (((specificity * (1 - specificity)) / gold.negatives) * (1 - rate) ** 2) / informative ** 2;
  return { status: 'ok', rate, clipped: Math.min(1, Math.max(0, rate)), standardError: Math.sqrt(variance) };
}
