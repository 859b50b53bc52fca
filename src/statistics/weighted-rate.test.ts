import { describe, expect, test } from 'vitest';
import { isSampled, largestRate, REST, sampleNumber, stratumOf } from './declared-sample.ts';
import { clopperPearson } from './proportion.ts';
import { seededRandom } from './random.ts';
import { type StratumSums, weightedRate, weightedRateTest } from './weighted-rate.ts';

const share = (rate: number, hits: number, n: number): StratumSums => ({
  rate,
  n,
  y: hits,
  x: n,
  yy: hits,
  xy: hits,
  xx: n,
});

describe('a rate over strata', () => {
  test('with one probability is the plain rate, with the exact interval', () => {
    const found = weightedRate([share(0.1, 12, 200)]);
    expect(found?.rate).toBeCloseTo(0.06, 12);
    expect(found?.effectiveN).toBeCloseTo(200, 9);
    const [low, high] = clopperPearson(12, 200) as [number, number];
    expect(found?.interval[0]).toBeCloseTo(low, 9);
    expect(found?.interval[1]).toBeCloseTo(high, 9);
  });

  test('counts each answer for what it stands for', () => {
    // 100 of 100 rare ones looked at, half of them wrong; 100 of 10,000 others, 2 wrong: (50 + 200) / (100 + 10,000).
    const found = weightedRate([share(1, 50, 100), share(0.01, 2, 100)]);
    expect(found?.rate).toBeCloseTo(250 / 10_100, 12);
    // By hand: 50 (1-R)^2 + 50 R^2 + [2 (1-R)^2 + 98 R^2] 10^4, over 10,100^2.
    const rate = 250 / 10_100;
    const squares = 50 * (1 - rate) ** 2 + 50 * rate ** 2 + (2 * (1 - rate) ** 2 + 98 * rate ** 2) * 1e4;
    expect(found?.effectiveN).toBeCloseTo((rate * (1 - rate)) / (squares / 10_100 ** 2), 9);
    // Two answers decide nearly everything: the interval must be far wider than that of 200 equal ones.
    expect((found?.interval[1] ?? 0) - (found?.interval[0] ?? 0)).toBeGreaterThan(0.05);
  });

  test('of claims takes those of one answer together', () => {
    // 20 answers of five claims each, in four of which all are wrong: as much as 20 cases tell, not 100.
    const found = weightedRate([{ rate: 0.5, n: 20, y: 20, x: 100, yy: 100, xy: 100, xx: 500 }]);
    expect(found?.rate).toBeCloseTo(0.2, 12);
    expect(found?.effectiveN).toBeCloseTo(20, 9);
  });

  test('without cases is none, and with no or only hits stays within its interval', () => {
    expect(weightedRate([share(1, 0, 0)])).toBeNull();
    expect(weightedRate([])).toBeNull();
    const none = weightedRate([share(1, 0, 50), share(0.1, 0, 50)]);
    expect(none).toMatchObject({ rate: 0 });
    expect(none?.interval[0]).toBe(0);
    // Kish: (50 + 500)^2 / (50 + 5,000).
    expect(none?.effectiveN).toBeCloseTo(550 ** 2 / 5_050, 9);
    const all = weightedRate([share(1, 50, 50)]);
    expect(all?.interval).toEqual([expect.closeTo(0.9289, 3), 1]);
    expect(weightedRateTest({ rate: 0, effectiveN: 50 }, 0.05).atLeast).toBe(1);
    expect(weightedRateTest({ rate: 1, effectiveN: 50 }, 0.05).atMost).toBe(1);
  });

  test('covers the truth about as often as it says', () => {
    const random = seededRandom(11);
    let covered = 0;
    const draws = 600;
    for (let k = 0; k < draws; k++) {
      // 5 % of a population is rare and wrong in 40 %, the rest in 3 %: 0.0485.
      const strata = [share(1, 0, 0), share(0.1, 0, 0)] as [StratumSums, StratumSums];
      for (let i = 0; i < 4_000; i++) {
        const isRare = random() < 0.05;
        const stratum = strata[isRare ? 0 : 1];
        const hit = random() < (isRare ? 0.4 : 0.03) ? 1 : 0;
        if (random() >= stratum.rate) continue;
        stratum.n++;
        stratum.x++;
        stratum.xx++;
        stratum.y += hit;
        stratum.yy += hit;
        stratum.xy += hit;
      }
      const [low, high] = weightedRate(strata)?.interval ?? [1, 0];
      if (low <= 0.0485 && 0.0485 <= high) covered++;
    }
    expect(covered / draws).toBeGreaterThan(0.93);
  });
});

describe('a declared sample', () => {
  test('is chosen by salt and id alone, stratum by stratum', () => {
    const rule = { salt: 'abcd', rate: 0.1, strata: [{ key: 'route', value: 'rare', rate: 1 }] };
    const segment: Record<string, string> = { route: 'rare' };
    expect(stratumOf(rule, (key) => segment[key])).toEqual({ name: 'route=rare', rate: 1 });
    expect(stratumOf(rule, () => undefined)).toEqual({ name: REST, rate: 0.1 });
    expect(largestRate(rule)).toBe(1);
    // SHA-256 of "assay-sample/1\nabcd\ndec_1", its first 52 bits: whoever has a hash function can tell.
    expect(sampleNumber('dec_1', 'abcd')).toBe(sampleNumber('dec_1', 'abcd'));
    expect(sampleNumber('dec_1', 'abcd')).not.toBe(sampleNumber('dec_1', 'abce'));
    expect(isSampled('dec_1', { rate: 1, seed: 1 })).toBe(true);
  });
});
