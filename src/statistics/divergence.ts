/** Distances between two distributions given as shares over the same bins. */

export const PSI_ZERO_SHARE = 1e-4;

/**
 * Population stability index Σ (q - p) ln(q / p). Zero shares are replaced by `zeroShare` without renormalizing: the rule is
 * part of the metric's definition and is recorded with it.
 */
export function populationStabilityIndex(p: Float64Array, q: Float64Array, zeroShare = PSI_ZERO_SHARE): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    const a = p[k] === 0 ? zeroShare : (p[k] as number);
    const b = q[k] === 0 ? zeroShare : (q[k] as number);
    sum += (b - a) * Math.log(b / a);
  }
  return sum;
}

/** What PSI is expected to be when nothing drifted: (bins - 1)(1/n + 1/m). A score means nothing without it. */
export function psiNoiseFloor(bins: number, n: number, m: number): number {
  return (bins - 1) * (1 / n + 1 / m);
}

/**
 * Square root of the Jensen-Shannon divergence; in [0, 1] for base 2. Shares are renormalized. Formed term by term as
 * scipy forms it, so that reports can be compared digit for digit.
 */
export function jensenShannon(p: Float64Array, q: Float64Array, base: number = 2): number {
  const sumP = p.reduce((sum, share) => sum + share, 0);
  const sumQ = q.reduce((sum, share) => sum + share, 0);
  let left = 0;
  let right = 0;
  for (let k = 0; k < p.length; k++) {
    const a = (p[k] as number) / sumP;
    const b = (q[k] as number) / sumQ;
    const middle = (a + b) / 2;
    if (a > 0) left += a * Math.log(a / middle);
    if (b > 0) right += b * Math.log(b / middle);
  }
  return Math.sqrt(Math.max(0, left + right) / Math.log(base) / 2);
}

/** Hellinger distance, in [0, 1]. */
export function hellinger(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += (Math.sqrt(p[k] as number) - Math.sqrt(q[k] as number)) ** 2;
  return Math.sqrt(sum / 2);
}

/** Total variation distance: half the sum of absolute differences. */
export function totalVariation(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += Math.abs((p[k] as number) - (q[k] as number));
  return sum / 2;
}

/** The largest difference of two shares. */
export function largestDifference(p: Float64Array, q: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < p.length; k++) largest = Math.max(largest, Math.abs((p[k] as number) - (q[k] as number)));
  return largest;
}
