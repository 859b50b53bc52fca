import { binomialWeight } from './beta.ts';

/** Upper tail of Kolmogorov's limit distribution: P(K > z) = 2 Σ (-1)^(k-1) exp(-2 k² z²). Source: Kolmogorov (1933). */
export function kolmogorovLimitSf(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z <= 0) return 1;
  if (z < 1) {
    // The other theta series converges faster here, and 1 - cdf keeps its digits while the tail is large.
    const weight = Math.PI ** 2 / (8 * z * z);
    let sum = 0;
    for (let k = 1; k < 40; k += 2) {
      const term = Math.exp(-k * k * weight);
      sum += term;
      if (term < sum * 1e-17) break;
    }
    return 1 - (Math.sqrt(2 * Math.PI) / z) * sum;
  }
  let sum = 0;
  for (let k = 1; k < 40; k++) {
    const term = Math.exp(-2 * k * k * z * z);
    sum += k % 2 === 1 ? term : -term;
    if (term < sum * 1e-17) break;
  }
  return 2 * sum;
}

/**
 * P(D >= d) of the two-sample statistic for samples of n and m without ties, d = `steps` / (n m), exactly: the share of
 * monotone lattice paths that touch the boundary. All terms are positive, so small p keep their digits. O(n m) time.
 */
export function exactTwoSampleSf(n: number, m: number, steps: number): number {
  if (steps <= 0) return 1;
  const touched = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= steps) {
        touched[j] = 1;
        continue;
      }
      const fromLeft = j > 0 ? ((touched[j - 1] ?? 0) * j) / (i + j) : 0;
      const fromBelow = i > 0 ? ((touched[j] ?? 0) * i) / (i + j) : 0;
      touched[j] = fromLeft + fromBelow;
    }
  }
  return touched[m] ?? 0;
}

/** P(D+ >= d) of the one-sided one-sample statistic, exactly. Source: Smirnov; Birnbaum and Tingey (1951). */
function oneSidedSf(n: number, d: number): number {
  let sum = 0;
  const last = Math.floor(n * (1 - d));
  for (let j = 0; j <= last; j++) {
    const p = d + j / n;
    // C(n, j) p^(j-1) (1-p)^(n-j), as a binomial weight over p.
    sum += p >= 1 ? (j === n ? 1 : 0) : binomialWeight(j, n, p) / p;
  }
  return Math.min(1, d * sum);
}

/**
 * P(D_n >= d) of the two-sided one-sample statistic. Exact for n <= 140; above, exact in the tail and Pelz and Good's
 * expansion elsewhere. Source: Simard and L'Ecuyer, J. Stat. Softw. 39(11), 2011, section 2.
 */
export function oneSampleSf(n: number, d: number): number {
  if (Number.isNaN(d) || !(n >= 1)) return Number.NaN;
  if (d >= 1) return 0;
  if (d <= 0.5 / n) return 1;
  const scaled = n * d * d;
  if (scaled >= 370) return 0;
  if (d >= 0.5 || scaled >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSf(n, d));
  if (n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4)) return 1 - matrixCdf(n, d);
  return pelzGoodSf(n, d);
}

/** P(D_n < d) as an entry of the n-th power of a matrix. Source: Marsaglia, Tsang and Wang, J. Stat. Softw. 8(18), 2003; Durbin. */
function matrixCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const h = k - n * d;
  const size = 2 * k - 1;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (i - j + 1 >= 0) matrix[i * size + j] = 1;
  for (let i = 0; i < size; i++) {
    matrix[i * size] = (matrix[i * size] ?? 0) - h ** (i + 1);
    const cell = (size - 1) * size + i;
    matrix[cell] = (matrix[cell] ?? 0) - h ** (size - i);
  }
  const corner = (size - 1) * size;
  if (2 * h - 1 > 0) matrix[corner] = (matrix[corner] ?? 0) + (2 * h - 1) ** size;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let cell = matrix[i * size + j] ?? 0;
      for (let g = 2; g <= i - j + 1; g++) cell /= g;
      matrix[i * size + j] = cell;
    }
  let { values, exponent } = matrixPower({ values: matrix, exponent: 0 }, size, n);
  let result = values[(k - 1) * size + (k - 1)] ?? 0;
  for (let i = 1; i <= n; i++) {
    result = (result * i) / n;
    if (result < 1e-140) {
      result *= 1e140;
      exponent -= 140;
    }
  }
  return result * 10 ** exponent;
}

type Scaled = { values: Float64Array; exponent: number };

function matrixPower(base: Scaled, size: number, power: number): Scaled {
  if (power === 1) return base;
  const half = matrixPower(base, size, Math.floor(power / 2));
  let result: Scaled = { values: multiply(half.values, half.values, size), exponent: 2 * half.exponent };
  if (power % 2 === 1)
    result = { values: multiply(base.values, result.values, size), exponent: base.exponent + result.exponent };
  const middle = (size >> 1) * size + (size >> 1);
  if ((result.values[middle] ?? 0) > 1e140) {
    result = { values: result.values.map((cell) => cell * 1e-140), exponent: result.exponent + 140 };
  }
  return result;
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] ?? 0;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++)
        product[i * size + j] = (product[i * size + j] ?? 0) + factor * (b[k * size + j] ?? 0);
    }
  return product;
}

/** Source: Pelz and Good, J. R. Stat. Soc. B 38(2), 1976: K0 + K1/√n + K2/n + K3/n^1.5, with z = √n d. */
function pelzGoodSf(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const pi4 = pi2 * pi2;
  const pi6 = pi4 * pi2;
  const terms = Math.ceil((16 * z) / Math.PI);
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let i = 0; i < terms; i++) {
    const odd2 = (2 * i + 1) ** 2;
    const odd4 = odd2 * odd2;
    const weight = Math.exp((-pi2 * odd2) / (8 * z2));
    k0 += weight;
    k1 += weight * ((pi2 * odd2) / 4 - z2);
    k2 += weight * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * pi2 * odd2) / 4 + (pi4 * (1 - 2 * z2) * odd4) / 16);
    k3 +=
      weight *
      (-30 * z6 -
        90 * z4 * z4 +
        (pi2 * (135 * z4 - 96 * z6) * odd2) / 4 +
        (pi4 * (212 * z4 - 60 * z2) * odd4) / 16 +
        (pi6 * (5 - 30 * z2) * odd4 * odd2) / 64);
  }
  let even2 = 0;
  let even3 = 0;
  for (let i = 1; i <= terms; i++) {
    const weight = Math.exp((-pi2 * i * i) / (2 * z2));
    even2 += pi2 * i * i * weight;
    even3 += (3 * pi2 * i * i * z2 - pi4 * i ** 4) * weight;
  }
  const root = Math.sqrt(2 * Math.PI);
  const c0 = (root / z) * k0;
  const c1 = (root / (6 * z4)) * k1;
  const c2 = (root / (72 * z4 * z2 * z)) * k2 - (root / (36 * z2 * z)) * even2;
  const c3 = (root / (6480 * z6 * z4)) * k3 + (root / (216 * z6)) * even3;
  return Math.min(1, Math.max(0, 1 - c0 - c1 / Math.sqrt(n) - c2 / n - c3 / (n * Math.sqrt(n))));
}
