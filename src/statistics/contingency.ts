import { chiSquareSf, logGamma } from './gamma.ts';

export type ChiSquare = { statistic: number; p: number; dof: number; smallestExpected: number };

/** A 2 x K table, one row a sample. Columns that are empty on both sides must have been left out. */
export type Table = { r: Float64Array; c: Float64Array };

function totals({ r, c }: Table): { n: number; m: number } {
  let n = 0;
  let m = 0;
  for (const count of r) n += count;
  for (const count of c) m += count;
  return { n, m };
}

/** Pearson's chi-square of a 2 x K table, without continuity correction unless `yates` (K = 2 only). One category gives p = 1. */
export function chiSquare(table: Table, yates = false): ChiSquare {
  const { n, m } = totals(table);
  const all = n + m;
  let statistic = 0;
  let smallestExpected = Number.POSITIVE_INFINITY;
  for (let k = 0; k < table.r.length; k++) {
    const a = table.r[k] as number;
    const b = table.c[k] as number;
    for (const [observed, size] of [
      [a, n],
      [b, m],
    ] as const) {
      const expected = ((a + b) * size) / all;
      smallestExpected = Math.min(smallestExpected, expected);
      const gap = Math.abs(observed - expected);
      statistic += (yates ? gap - Math.min(0.5, gap) : gap) ** 2 / expected;
    }
  }
  const dof = table.r.length - 1;
  return {
    statistic: dof === 0 ? 0 : statistic,
    p: dof === 0 ? 1 : chiSquareSf(statistic, dof),
    dof,
    smallestExpected,
  };
}

/** Log-likelihood ratio statistic G of a 2 x K table, formed term by term as scipy forms it. */
export function gTest(table: Table): { statistic: number; p: number } {
  const { n, m } = totals(table);
  const all = n + m;
  let ofR = 0;
  let ofC = 0;
  for (let k = 0; k < table.r.length; k++) {
    const a = table.r[k] as number;
    const b = table.c[k] as number;
    if (a > 0) ofR += a * Math.log(a / (((a + b) * n) / all));
    if (b > 0) ofC += b * Math.log(b / (((a + b) * m) / all));
  }
  const dof = table.r.length - 1;
  const statistic = dof === 0 ? 0 : Math.max(0, 2 * (ofR + ofC));
  return { statistic, p: dof === 0 ? 1 : chiSquareSf(statistic, dof) };
}

/** Cramér's V with Bergsma's correction for its bias. Source: W. Bergsma (2013). */
export function cramersV(table: Table): number {
  const { n, m } = totals(table);
  const all = n + m;
  const columns = table.r.length;
  if (columns < 2) return 0;
  const { statistic } = chiSquare(table);
  const phi2 = Math.max(0, statistic / all - (columns - 1) / (all - 1));
  const rows = 2 - 1 / (all - 1);
  const width = columns - (columns - 1) ** 2 / (all - 1);
  const smaller = Math.min(rows, width) - 1;
  return smaller > 0 ? Math.sqrt(phi2 / smaller) : 0;
}

/** Two-sided Fisher's exact test of [[a, b], [c, d]]: the sum of all tables no likelier than the one seen. */
export function fisherExact(a: number, b: number, c: number, d: number): number {
  const n = a + b;
  const m = c + d;
  const column = a + c;
  const low = Math.max(0, column - m);
  const high = Math.min(n, column);
  if (low === high) return 1;
  const logChoose = (total: number, part: number) =>
    logGamma(total + 1) - logGamma(part + 1) - logGamma(total - part + 1);
  const logWeight = (k: number) => logChoose(n, k) + logChoose(m, column - k) - logChoose(n + m, column);
  // From the mode outwards by ratios: exact to rounding, and no large logarithms are subtracted from each other.
  const mode = Math.min(high, Math.max(low, Math.floor(((n + 1) * (column + 1)) / (n + m + 2))));
  const weights = new Float64Array(high - low + 1);
  weights[mode - low] = 1;
  for (let k = mode; k < high; k++)
    weights[k + 1 - low] = ((weights[k - low] as number) * ((n - k) * (column - k))) / ((k + 1) * (m - column + k + 1));
  for (let k = mode; k > low; k--)
    weights[k - 1 - low] = ((weights[k - low] as number) * (k * (m - column + k))) / ((n - k + 1) * (column - k + 1));
  const seen = weights[a - low] as number;
  // Far in the tail the ratio underflows: the logarithm still tells.
  if (seen === 0) return Math.min(1, 2 * Math.exp(logWeight(a)));
  let all = 0;
  let extreme = 0;
  for (const weight of weights) all += weight;
  // A hair of slack, so that tables that are equally likely count although rounding parts them.
  const limit = seen * (1 + 1e-7);
  for (const weight of weights) if (weight <= limit) extreme += weight;
  return Math.min(1, extreme / all);
}
