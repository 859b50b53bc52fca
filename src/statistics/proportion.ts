import { betaQuantile } from './beta.ts';
import { fisherExact } from './contingency.ts';
import { normalQuantile, normalSf } from './normal.ts';

export type Interval = [low: number, high: number];

/** Wilson's score interval for `x` of `n`; null when n is 0. Source: E. B. Wilson (1927). */
export function wilson(x: number, n: number, confidence = 0.95): Interval | null {
  if (!(n > 0)) return null;
  const z = normalQuantile(0.5 + confidence / 2);
  const rate = x / n;
  const z2 = z * z;
  const center = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((rate * (1 - rate)) / n + z2 / (4 * n * n));
  return [x === 0 ? 0 : Math.max(0, center - half), x === n ? 1 : Math.min(1, center + half)];
}

/** The exact interval, which never covers less than it says. Source: Clopper and Pearson (1934). */
export function clopperPearson(x: number, n: number, confidence = 0.95): Interval | null {
  if (!(n > 0)) return null;
  const tail = (1 - confidence) / 2;
  return [x === 0 ? 0 : betaQuantile(tail, x, n - x + 1), x === n ? 1 : betaQuantile(1 - tail, x + 1, n - x)];
}

/** Equal-tailed posterior interval under Jeffreys' prior. */
export function jeffreys(x: number, n: number, confidence = 0.95): Interval | null {
  if (!(n > 0)) return null;
  const tail = (1 - confidence) / 2;
  return [betaQuantile(tail, x + 0.5, n - x + 0.5), betaQuantile(1 - tail, x + 0.5, n - x + 0.5)];
}

/** Agresti and Coull's interval, cut to [0, 1]. */
export function agrestiCoull(x: number, n: number, confidence = 0.95): Interval | null {
  if (!(n > 0)) return null;
  const z = normalQuantile(0.5 + confidence / 2);
  const size = n + z * z;
  const rate = (x + (z * z) / 2) / size;
  const half = z * Math.sqrt((rate * (1 - rate)) / size);
  return [Math.max(0, rate - half), Math.min(1, rate + half)];
}

export type TwoProportions = {
  /** Null where both rates are 0 or both are 1: there is no spread to measure against. */
  z: number | null;
  p: number | null;
  /** Score interval of the first rate minus the second. Source: R. G. Newcombe (1998), method 10. */
  newcombe: Interval;
  fisherP: number;
};

/** Compares `x1` of `n1` with `x2` of `n2`; null when a side is empty. */
export function compareProportions(x1: number, n1: number, x2: number, n2: number): TwoProportions | null {
  const first = wilson(x1, n1);
  const second = wilson(x2, n2);
  if (!first || !second) return null;
  const [p1, p2] = [x1 / n1, x2 / n2];
  const pooled = (x1 + x2) / (n1 + n2);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
  const z = spread > 0 ? (p1 - p2) / spread : null;
  const gap = p1 - p2;
  return {
    z,
    p: z === null ? null : 2 * normalSf(Math.abs(z)),
    newcombe: [
      gap - Math.sqrt((p1 - first[0]) ** 2 + (second[1] - p2) ** 2),
      gap + Math.sqrt((first[1] - p1) ** 2 + (p2 - second[0]) ** 2),
    ],
    fisherP: fisherExact(x1, n1 - x1, x2, n2 - x2),
  };
}

/**
 * The smallest difference of two rates around `rate` that `n` cases a side can tell apart with the given power: what a
 * comparison cannot see is printed beside what it saw.
 */
export function minimumDetectableEffect(rate: number, n: number, confidence = 0.95, power = 0.8): number | null {
  if (!(n > 0)) return null;
  return (normalQuantile(0.5 + confidence / 2) + normalQuantile(power)) * Math.sqrt((2 * rate * (1 - rate)) / n);
}
