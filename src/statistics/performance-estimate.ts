/**
 * Performance of a classifier before labels arrive, from its calibrated probabilities alone (CBPE). Holds only while the
 * calibration does, and is therefore shown beside the last realized gap.
 * Source: NannyML's description of confidence-based performance estimation.
 */

export type ExpectedConfusion = {
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
};

/** Expected counts when `p` are calibrated probabilities and `predicted` says which items the model calls positive. */
export function expectedConfusion(p: ArrayLike<number>, predicted: (index: number) => boolean): ExpectedConfusion {
  const confusion = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  for (let k = 0; k < p.length; k++) {
    const probability = p[k] as number;
    if (predicted(k)) {
      confusion.truePositive += probability;
      confusion.falsePositive += 1 - probability;
    } else {
      confusion.falseNegative += probability;
      confusion.trueNegative += 1 - probability;
    }
  }
  return confusion;
}

/** Expected accuracy at a threshold on `p`; NaN without items. */
export function expectedAccuracy(p: ArrayLike<number>, threshold = 0.5): number {
  const { truePositive, trueNegative } = expectedConfusion(p, (k) => (p[k] as number) >= threshold);
  return (truePositive + trueNegative) / p.length;
}

/**
 * Expected area under the ROC curve: each item counts `calibrated` positives and 1 - `calibrated` negatives, ranked by
 * `scores`, ties counted half. Null when either mass is 0.
 */
export function expectedRocAuc(calibrated: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, k) => k).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number),
  );
  let negativeBelow = 0;
  let positives = 0;
  let area = 0;
  for (let k = 0; k < order.length; ) {
    const score = scores[order[k] as number] as number;
    let positive = 0;
    let negative = 0;
    for (; k < order.length && (scores[order[k] as number] as number) === score; k++) {
      const probability = calibrated[order[k] as number] as number;
      positive += probability;
      negative += 1 - probability;
    }
    area += positive * (negativeBelow + negative / 2);
    positives += positive;
    negativeBelow += negative;
  }
  return positives > 0 && negativeBelow > 0 ? area / (positives * negativeBelow) : null;
}
