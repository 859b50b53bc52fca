import { describe, expect, test } from 'vitest';
import { chiSquare, fisherExact, gTest } from './contingency.ts';
import { domainClassifier, kernelDiscrepancy } from './embedding-drift.ts';
import { mcnemarExact } from './evaluation.ts';
import { normalQuantile } from './normal.ts';
import { compareProportions } from './proportion.ts';
import { seededRandom } from './random.ts';
import { mannKendall } from './trend.ts';
import { cramerVonMises, kolmogorovSmirnov, mannWhitney } from './two-sample.ts';

/*
 * Where nothing changed, a p below a level comes no oftener than the level says. Counted over draws of a fixed seed; the
 * bound is what chance allows beside the level itself (four deviations), so that it holds for a right method and not for one
 * that alarms twice as often.
 */

const LEVELS = [0.05, 0.01, 0.001];
const allowed = (level: number, rounds: number) => Math.ceil(level * rounds + 4 * Math.sqrt(level * rounds) + 1);

type Random = () => number;
const normal = (random: Random) => normalQuantile(random() * 0.999_999 + 5e-7);
const list = (n: number, draw: () => number) => Float64Array.from({ length: n }, draw);
const counts = (n: number, shares: readonly number[], random: Random) => {
  const found = new Float64Array(shares.length);
  for (let k = 0; k < n; k++) {
    let left = random();
    let at = 0;
    while (at < shares.length - 1 && left >= (shares[at] as number)) left -= shares[at++] as number;
    found[at] = (found[at] as number) + 1;
  }
  return found;
};
const hits = (n: number, share: number, random: Random) => {
  let count = 0;
  for (let k = 0; k < n; k++) if (random() < share) count++;
  return count;
};
const SHARES = [0.4, 0.3, 0.15, 0.1, 0.05];
const cloud = (rows: number, random: Random) =>
  Array.from({ length: rows }, () => Float64Array.from({ length: 3 }, () => normal(random)));

type Method = {
  rounds: number;
  p(random: Random, round: number): number;
  /** Whether it stays well below its level, as exact tests of counts do, and errors that are corrected for shared rows. */
  conservative?: true;
};
const METHODS: Record<string, Method> = {
  'Kolmogorov-Smirnov, exact': {
    rounds: 6_000,
    p: (random) => kolmogorovSmirnov(list(40, random), list(60, random)).p,
  },
  'Kolmogorov-Smirnov, beyond the exact path': {
    rounds: 1_000,
    p: (random) => kolmogorovSmirnov(list(1_200, random), list(1_000, random)).p,
  },
  'Mann-Whitney': { rounds: 6_000, p: (random) => mannWhitney(list(30, random).sort(), list(40, random).sort()).p },
  'Mann-Whitney of five values': {
    rounds: 6_000,
    p: (random) => {
      const five = () => Math.floor(random() * 5);
      return mannWhitney(list(60, five).sort(), list(60, five).sort()).p;
    },
  },
  'Cramér-von Mises': {
    rounds: 3_000,
    p: (random) => cramerVonMises(list(30, random).sort(), list(40, random).sort()).p,
  },
  'chi-square of five categories': {
    rounds: 6_000,
    p: (random) => chiSquare({ r: counts(400, SHARES, random), c: counts(300, SHARES, random) }).p,
  },
  'G of five categories': {
    rounds: 6_000,
    p: (random) => gTest({ r: counts(400, SHARES, random), c: counts(300, SHARES, random) }).p,
  },
  'Fisher exact': {
    rounds: 6_000,
    conservative: true,
    p: (random) => {
      const [a, b] = [hits(40, 0.2, random), hits(30, 0.2, random)];
      return fisherExact(a, 40 - a, b, 30 - b);
    },
  },
  'two proportions': {
    rounds: 6_000,
    p: (random) => compareProportions(hits(200, 0.3, random), 200, hits(150, 0.3, random), 150)?.p ?? 1,
  },
  'McNemar, exact': {
    rounds: 6_000,
    conservative: true,
    p: (random) => {
      const first = hits(40, 0.5, random);
      return mcnemarExact(first, 40 - first);
    },
  },
  'Mann-Kendall, exact': { rounds: 6_000, p: (random) => mannKendall([...list(14, random)])?.pUp ?? 1 },
  'Mann-Kendall, normal': { rounds: 2_000, p: (random) => mannKendall([...list(45, random)])?.pDown ?? 1 },
  'maximum mean discrepancy, with its tail': {
    rounds: 4_000,
    p: (random, round) => {
      const { p, tailP } = kernelDiscrepancy(cloud(6, random), cloud(6, random), { permutations: 999, seed: round });
      return Math.min(p ?? 1, tailP ?? 1);
    },
  },
  'domain classifier': {
    rounds: 250,
    conservative: true,
    p: (random, round) => domainClassifier(cloud(30, random), cloud(30, random), { seed: round }).p ?? 1,
  },
};

describe('false alarms keep to their level', () => {
  test.each(Object.entries(METHODS))('%s', (name, { rounds, p, conservative }) => {
    const random = seededRandom(20_261_128);
    const below = LEVELS.map(() => 0);
    for (let round = 0; round < rounds; round++) {
      const found = p(random, round);
      LEVELS.forEach((level, k) => {
        if (found <= level) below[k] = (below[k] as number) + 1;
      });
    }
    LEVELS.forEach((level, k) => {
      expect(below[k], `${name} at ${level}: ${below}`).toBeLessThanOrEqual(allowed(level, rounds));
    });
    // And it does alarm: a p that is always large would pass what stands above.
    expect(below[0], `${name}: ${below}`).toBeGreaterThan(0.05 * rounds * (conservative ? 0.15 : 0.4));
  });
});
