import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT, monitoringCases, monitoringCasesPresent } from '../../tests/support/monitoring-cases.ts';
import { betaCdf, betaQuantile, binomialCdf, binomialWeight, studentQuantile, studentSf } from './beta.ts';
import { chiSquareSf, gammaP, gammaQ, logGamma } from './gamma.ts';
import { exactTwoSampleSf, kolmogorovLimitSf, oneSampleSf } from './kolmogorov.ts';
import { normalCdf, normalQuantile, normalSf } from './normal.ts';

type Case = { fn: string; args: number[]; expected: number };

const FUNCTIONS: Record<string, (...args: [number, number, number]) => number> = {
  normal_cdf: normalCdf,
  normal_sf: normalSf,
  normal_ppf: normalQuantile,
  chi2_sf: chiSquareSf,
  beta_cdf: betaCdf,
  beta_ppf: betaQuantile,
  t_sf: studentSf,
  kolmogorov_limit_sf: kolmogorovLimitSf,
  ks2_exact_p: exactTwoSampleSf,
  binom_cdf: binomialCdf,
};

describe.skipIf(!monitoringCasesPresent)(`50-digit values (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  const cases = monitoringCases<Case>('special_functions.jsonl');
  test.each(Object.keys(FUNCTIONS))('%s agrees to a relative 1e-10, quantiles to 1e-12', (name) => {
    const mine = cases.filter((line) => line.fn === name);
    expect(mine.length).toBeGreaterThan(0);
    const tolerance = name.endsWith('_ppf') ? 1e-12 : 1e-10;
    for (const { args, expected } of mine) {
      const value = FUNCTIONS[name]?.(...(args as [number, number, number])) ?? Number.NaN;
      if (Math.abs(expected) < 1e-300 && name !== 'normal_ppf')
        expect(Math.abs(value), `${name}(${args})`).toBeLessThanOrEqual(1e-300);
      else
        expect(Math.abs(value - expected), `${name}(${args}) = ${value}, not ${expected}`).toBeLessThanOrEqual(
          tolerance * Math.abs(expected),
        );
    }
  });
});

test('known closed forms hold', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 14);
  expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 13);
  expect(chiSquareSf(2 * 3.5, 2)).toBeCloseTo(Math.exp(-3.5), 15);
  expect(betaCdf(0.37, 1, 1)).toBeCloseTo(0.37, 15);
  expect(studentSf(1, 1)).toBeCloseTo(0.25, 15);
  expect(oneSampleSf(1, 0.75)).toBeCloseTo(0.5, 12);
  expect(binomialWeight(3, 10, 0.5)).toBeCloseTo(120 / 1024, 15);
});

test('a distribution and its complement make one', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      (a, ratio) => {
        const x = a * ratio;
        expect(gammaP(a, x) + gammaQ(a, x)).toBeCloseTo(1, 11);
      },
    ),
  );
});

test('quantiles lead back to where they came from', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-12, max: 1 - 1e-9, noNaN: true }),
      fc.double({ min: 1, max: 2_000, noNaN: true }),
      fc.double({ min: 1, max: 2_000, noNaN: true }),
      (p, a, b) => {
        expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 10);
        expect(betaCdf(betaQuantile(p, a, b), a, b) / p).toBeCloseTo(1, 6);
      },
    ),
  );
  expect(1 - studentSf(studentQuantile(0.975, 7), 7)).toBeCloseTo(0.975, 13);
});

test('arguments out of range give NaN, never an exception', () => {
  expect([normalCdf(Number.NaN), normalQuantile(2), gammaP(-1, 1), betaCdf(0.5, -1, 2), studentSf(1, 0)]).toEqual(
    Array(5).fill(Number.NaN),
  );
});
