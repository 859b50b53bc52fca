import { gammaP, gammaQ } from './gamma.ts';

const LN_SQRT_2PI = 0.9189385332046728;

/** P(Z <= z) for a standard normal Z, with full relative precision down to 1e-300. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  const half = (z * z) / 2;
  if (z <= 0) return half < 0.5 ? 0.5 * (1 - gammaP(0.5, half)) : 0.5 * gammaQ(0.5, half);
  return half < 0.5 ? 0.5 * (1 + gammaP(0.5, half)) : 1 - 0.5 * gammaQ(0.5, half);
}

/** P(Z > z). */
export function normalSf(z: number): number {
  return normalCdf(-z);
}

/** The z with P(Z <= z) = p; ±infinity at 0 and 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (Number.isNaN(p) || p < 0 || p > 1) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return p > 0.75 ? -lowerQuantile(1 - p) : centralQuantile(p);
  return p < 0.25 ? lowerQuantile(p) : centralQuantile(p);
}

function density(z: number): number {
  return Math.exp((-z * z) / 2 - LN_SQRT_2PI);
}

/** Newton's method on the distribution itself: near the median it is almost a straight line. */
function centralQuantile(p: number): number {
  let z = (p - 0.5) * Math.sqrt(2 * Math.PI);
  for (let k = 0; k < 20; k++) {
    // Measured from the median, so that nothing cancels close to it.
    const fromMedian = 0.5 * gammaP(0.5, (z * z) / 2) * Math.sign(z);
    const step = (fromMedian - (p - 0.5)) / density(z);
    z -= step;
    if (Math.abs(step) <= 1e-16 * Math.abs(z)) break;
  }
  return z;
}

/** Newton's method on the logarithm of the tail, which stays well conditioned down to the smallest p. */
function lowerQuantile(p: number): number {
  const target = Math.log(p);
  const t = Math.sqrt(-2 * target);
  let z = -(t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + t * 0.04481)));
  for (let k = 0; k < 30; k++) {
    const tail = normalCdf(z);
    const step = ((Math.log(tail) - target) * tail) / density(z);
    z -= step;
    if (Math.abs(step) <= 1e-15 * Math.abs(z)) break;
  }
  return z;
}
