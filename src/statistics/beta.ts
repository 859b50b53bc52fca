import { logRatioMinus, stirlingRest } from './gamma.ts';

const ITERATIONS_MAX = 100_000;

/** x^a (1-x)^b / B(a, b), from deviances, so that large a and b lose no digits. `y` is 1 - x. */
function betaWeight(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  // b x - a y is n x - a: the distance from the mode, formed without cancellation.
  const distance = b * x - a * y;
  const exponent =
    a * logRatioMinus((n * x) / a, distance / a) +
    b * logRatioMinus((n * y) / b, -distance / b) +
    stirlingRest(n) -
    stirlingRest(a) -
    stirlingRest(b);
  return Math.exp(exponent) * Math.sqrt((a / n) * (b / (2 * Math.PI)));
}

/** Continued fraction of the incomplete beta function by the modified Lentz method. Source: DLMF 8.17.22. */
function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let h = d;
  for (let m = 1; m < ITERATIONS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + even / c;
    if (Math.abs(c) < tiny) c = tiny;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + odd / c;
    if (Math.abs(c) < tiny) c = tiny;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return h;
}

/** I_x(a, b), the regularized incomplete beta function, for a, b > 0 and x in [0, 1]. */
export function betaCdf(x: number, a: number, b: number): number {
  return betaTail(x, 1 - x, a, b);
}

/** The same with y = 1 - x given apart, for an x so close to 1 that 1 - x has lost its digits. */
export function betaTail(x: number, y: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0) || Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const weight = betaWeight(a, b, x, y);
  return x < (a + 1) / (a + b + 2) ? (weight * betaFraction(a, b, x)) / a : 1 - (weight * betaFraction(b, a, y)) / b;
}

/** The x with I_x(a, b) = p. Bracketed Newton steps; relative precision about 1e-13. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (Number.isNaN(p) || p < 0 || p > 1 || !(a > 0) || !(b > 0)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return 1;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let k = 0; k < 300; k++) {
    const error = betaCdf(x, a, b) - p;
    if (error === 0) return x;
    if (error > 0) high = x;
    else low = x;
    const slope = betaWeight(a, b, x, 1 - x) / (x * (1 - x));
    let next = x - error / slope;
    // Where the slope misleads, halve the bracket: geometrically, because a quantile may be very small.
    if (!(next > low && next < high))
      next = low > 0 && high / low > 4 ? Math.sqrt(low * high) : low === 0 ? high / 16 : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}

/** Upper tail of Student's t with `dof` degrees of freedom. */
export function studentSf(t: number, dof: number): number {
  if (Number.isNaN(t) || !(dof > 0)) return Number.NaN;
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return t > 0 ? 0 : 1;
  const both = betaTail(dof / (dof + square), square / (dof + square), dof / 2, 0.5);
  return t >= 0 ? both / 2 : 1 - both / 2;
}

/** The t with P(T <= t) = p for Student's t. */
export function studentQuantile(p: number, dof: number): number {
  if (Number.isNaN(p) || p <= 0 || p >= 1)
    return p === 0 ? Number.NEGATIVE_INFINITY : p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const x = betaQuantile(2 * tail, dof / 2, 0.5);
  // Close to the median x is close to 1 and 1 - x has few digits: take the complement's quantile instead.
  const y = x < 0.5 ? 1 - x : betaQuantile(1 - 2 * tail, 0.5, dof / 2);
  const t = Math.sqrt((dof * y) / (1 - y));
  return p < 0.5 ? -t : t;
}

/** P(X <= k) of `n` trials with success probability `p`. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return betaTail(1 - p, p, n - Math.floor(k), Math.floor(k) + 1);
}

/** P(X = k) of `n` trials with success probability `p`. */
export function binomialWeight(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  return (betaWeight(k, n - k, p, 1 - p) * n) / (k * (n - k));
}
