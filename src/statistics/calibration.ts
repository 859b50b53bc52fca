/** Calibration of predicted probabilities `p` in [0, 1] against outcomes `y` (0 or 1), both of the same length. */

export type ReliabilityBin = { bin: number; n: number; meanPredicted: number; shareOfPositives: number };

/** Equal-width bins: bin = min(floor(p * bins), bins - 1). Empty bins are left out. */
export function reliability(y: ArrayLike<number>, p: ArrayLike<number>, bins = 10): ReliabilityBin[] {
  const n = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const positive = new Float64Array(bins);
  for (let k = 0; k < p.length; k++) {
    const bin = Math.min(Math.floor((p[k] as number) * bins), bins - 1);
    n[bin] = (n[bin] as number) + 1;
    predicted[bin] = (predicted[bin] as number) + (p[k] as number);
    positive[bin] = (positive[bin] as number) + (y[k] as number);
  }
  return toBins(n, predicted, positive);
}

/** Bins of equal count: a stable sort by p, cut like numpy's array_split (the first n mod bins get one more). */
export function reliabilityOfEqualMass(y: ArrayLike<number>, p: ArrayLike<number>, bins = 10): ReliabilityBin[] {
  const order = Uint32Array.from({ length: p.length }, (_, k) => k).sort(
    (a, b) => (p[a] as number) - (p[b] as number) || a - b,
  );
  const size = Math.floor(p.length / bins);
  const larger = p.length % bins;
  const n = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const positive = new Float64Array(bins);
  let at = 0;
  for (let bin = 0; bin < bins; bin++) {
    const end = at + size + (bin < larger ? 1 : 0);
    for (; at < end; at++) {
      const k = order[at] as number;
      n[bin] = (n[bin] as number) + 1;
      predicted[bin] = (predicted[bin] as number) + (p[k] as number);
      positive[bin] = (positive[bin] as number) + (y[k] as number);
    }
  }
  return toBins(n, predicted, positive);
}

function toBins(n: Float64Array, predicted: Float64Array, positive: Float64Array): ReliabilityBin[] {
  const bins: ReliabilityBin[] = [];
  n.forEach((count, bin) => {
    if (count > 0)
      bins.push({
        bin,
        n: count,
        meanPredicted: (predicted[bin] as number) / count,
        shareOfPositives: (positive[bin] as number) / count,
      });
  });
  return bins;
}

/** Expected calibration error: the bins' gaps, weighted by their counts. NaN without bins. Source: Naeini et al. (2015). */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  return (
    bins.reduce(
      (sum, { n, meanPredicted, shareOfPositives }) => sum + n * Math.abs(meanPredicted - shareOfPositives),
      0,
    ) / total
  );
}

/** The largest gap of any bin; NaN without bins. */
export function maximumCalibrationError(bins: readonly ReliabilityBin[]): number {
  return bins.length === 0
    ? Number.NaN
    : Math.max(...bins.map(({ meanPredicted, shareOfPositives }) => Math.abs(meanPredicted - shareOfPositives)));
}

/** Mean squared error of the probabilities. Source: G. W. Brier (1950). */
export function brier(y: ArrayLike<number>, p: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += ((p[k] as number) - (y[k] as number)) ** 2;
  return sum / p.length;
}

/**
 * The Brier score in its parts over the given bins. Reliability - resolution + uncertainty equals the raw score only up to
 * the spread within bins. Source: A. H. Murphy (1973).
 */
export function brierParts(bins: readonly ReliabilityBin[]): {
  reliability: number;
  resolution: number;
  uncertainty: number;
} {
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  const rate = bins.reduce((sum, { n, shareOfPositives }) => sum + n * shareOfPositives, 0) / total;
  return {
    reliability: bins.reduce((sum, bin) => sum + bin.n * (bin.meanPredicted - bin.shareOfPositives) ** 2, 0) / total,
    resolution: bins.reduce((sum, bin) => sum + bin.n * (bin.shareOfPositives - rate) ** 2, 0) / total,
    uncertainty: rate * (1 - rate),
  };
}

/** Mean negative log-likelihood; probabilities are kept `clip` away from 0 and 1. */
export function logLoss(y: ArrayLike<number>, p: ArrayLike<number>, clip = 1e-15): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    const probability = Math.min(1 - clip, Math.max(clip, p[k] as number));
    sum -= (y[k] as number) === 1 ? Math.log(probability) : Math.log(1 - probability);
  }
  return sum / p.length;
}

/** Mean prediction minus share of positives: above 0 means too confident. */
export function calibrationBias(y: ArrayLike<number>, p: ArrayLike<number>): number {
  let predicted = 0;
  let positive = 0;
  for (let k = 0; k < p.length; k++) {
    predicted += p[k] as number;
    positive += y[k] as number;
  }
  return (predicted - positive) / p.length;
}
