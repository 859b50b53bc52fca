/** How well scores tell positives (y = 1) from negatives. */

/** Area under the ROC curve, ties counted half, with DeLong's standard error; null when a class is absent. Source: DeLong et al. (1988); Sun and Xu (2014). */
export function rocAuc(y: ArrayLike<number>, scores: ArrayLike<number>): { auc: number; standardError: number } | null {
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let k = 0; k < scores.length; k++) (y[k] === 1 ? positives : negatives).push(scores[k] as number);
  const n1 = positives.length;
  const n0 = negatives.length;
  if (n1 === 0 || n0 === 0) return null;
  const x = Float64Array.from(positives).sort();
  const z = Float64Array.from(negatives).sort();
  // For each positive the share of negatives below it (ties half), and the other way round.
  const ofPositives = placements(x, z);
  const ofNegatives = placements(z, x).map((share) => 1 - share);
  const mean = ofPositives.reduce((sum, share) => sum + share, 0) / n1;
  const spread = (values: Float64Array) =>
    values.length < 2 ? 0 : values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { auc: mean, standardError: Math.sqrt(spread(ofPositives) / n1 + spread(ofNegatives) / n0) };
}

function placements(values: Float64Array, against: Float64Array): Float64Array {
  const shares = new Float64Array(values.length);
  let below = 0;
  let atMost = 0;
  values.forEach((value, k) => {
    while (below < against.length && (against[below] as number) < value) below++;
    atMost = Math.max(atMost, below);
    while (atMost < against.length && (against[atMost] as number) <= value) atMost++;
    shares[k] = (below + (atMost - below) / 2) / against.length;
  });
  return shares;
}

/** Average precision: Σ (recall step) x precision over the distinct thresholds. Null without positives. */
export function averagePrecision(y: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, k) => k).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  );
  let total = 0;
  for (let k = 0; k < y.length; k++) total += y[k] as number;
  if (total === 0) return null;
  let sum = 0;
  let hits = 0;
  let seen = 0;
  let hitsBefore = 0;
  order.forEach((k, position) => {
    seen++;
    hits += y[k] as number;
    const next = order[position + 1];
    if (next !== undefined && (scores[next] as number) === (scores[k] as number)) return;
    sum += ((hits - hitsBefore) / total) * (hits / seen);
    hitsBefore = hits;
  });
  return sum;
}

export type Confusion = { truePositive: number; falsePositive: number; trueNegative: number; falseNegative: number };

export function confusionAt(y: ArrayLike<number>, p: ArrayLike<number>, threshold = 0.5): Confusion {
  const confusion = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  for (let k = 0; k < p.length; k++) {
    const said = (p[k] as number) >= threshold;
    if (y[k] === 1) confusion[said ? 'truePositive' : 'falseNegative']++;
    else confusion[said ? 'falsePositive' : 'trueNegative']++;
  }
  return confusion;
}

export type Scores = { accuracy: number; precision: number; recall: number; f1: number; mcc: number };

/** The usual ratios; one whose denominator is 0 is 0, as scikit-learn has it. */
export function classificationScores({
  truePositive: tp,
  falsePositive: fp,
  trueNegative: tn,
  falseNegative: fn,
}: Confusion): Scores {
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const precision = ratio(tp, tp + fp);
  const recall = ratio(tp, tp + fn);
  return {
    accuracy: ratio(tp + tn, tp + fp + tn + fn),
    precision,
    recall,
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    mcc: ratio(tp * tn - fp * fn, Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
  };
}
