import { describe, expect, test } from 'vitest';
import { cohenKappa, fleissKappa, krippendorffAlpha, rawAgreement } from './agreement.ts';
import { betaCdf, binomialCdf, studentQuantile, studentSf } from './beta.ts';
import { brier, logLoss } from './calibration.ts';
import { categoricalDrift, readCategoricalSample } from './categorical-drift.ts';
import { chiSquare, cramersV, fisherExact, gTest } from './contingency.ts';
import { averagePrecision, classificationScores, confusionAt, rocAuc } from './discrimination.ts';
import { hellinger, jensenShannon } from './divergence.ts';
import { domainClassifier, kernelDiscrepancy } from './embedding-drift.ts';
import { clusteredError, mcnemarExact, meanWithError, pairedDifference, passAtK } from './evaluation.ts';
import { chiSquareSf, gammaQ } from './gamma.ts';
import { evaluateIsotonic, fitIsotonic } from './isotonic.ts';
import { exactTwoSampleSf, kolmogorovLimitSf } from './kolmogorov.ts';
import { adjustPValues } from './multiplicity.ts';
import { normalCdf, normalQuantile, normalSf } from './normal.ts';
import { numericDrift } from './numeric-drift.ts';
import { agrestiCoull, clopperPearson, compareProportions, jeffreys, wilson } from './proportion.ts';
import { moments, nearestRank, quantileOfSorted, readNumericSample } from './sample.ts';
import { mannKendall, theilSen } from './trend.ts';
import { cramerVonMises, energyDistance, kolmogorovSmirnov, mannWhitney, wasserstein1 } from './two-sample.ts';

/*
 * Values that others have printed: textbooks, papers, and the documentation of R, scipy and scikit-learn. Each says where it
 * stands, and is held to the digits that are printed there.
 */

const f = (...values: number[]) => Float64Array.from(values);
const [R, C] = [f(10, 10, 20), f(20, 20, 20)];
const BH_1995 = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
];
const rejections = (method: 'bonferroni' | 'benjamini-hochberg') =>
  adjustPValues(BH_1995, method).adjusted.filter((p) => p <= 0.05).length;
// Wikipedia, "Krippendorff's alpha", its worked example: three coders, 15 units, `_` where a coder said nothing.
const CODERS = ['_____34121133_3', '1_213343_______', '__21344_21133_4'].map((row) =>
  [...row].map((code) => (code === '_' ? null : Number(code))),
);
// Wikipedia, "Fleiss' kappa", its worked example: how many of 14 raters put each of 10 subjects into each of five categories.
const FLEISS = [
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
].map((counts) => counts.flatMap((count, category) => Array<number>(count).fill(category)));
const byRater = Array.from({ length: 14 }, (_, rater) => FLEISS.map((ratings) => ratings[rater] as number));

test.each<[source: string, actual: number | null | undefined, printed: number, digits: number]>([
  [
    'R. A. Fisher, The Design of Experiments (1935): the lady tasting tea, two-sided',
    fisherExact(3, 1, 1, 3),
    34 / 70,
    12,
  ],
  ['R, example(fisher.test): criminal like-sex twins, two-sided', fisherExact(2, 15, 10, 3), 0.0005367, 7],
  ['scipy, fisher_exact: whales and sharks', fisherExact(8, 2, 1, 5), 0.03496503496503495, 12],
  ['scipy, chi2_contingency: statistic', chiSquare({ r: R, c: C }).statistic, 2.7777777777777777, 12],
  ['scipy, chi2_contingency: p', chiSquare({ r: R, c: C }).p, 0.24935220877729622, 12],
  ['scipy, chi2_contingency with log-likelihood: statistic', gTest({ r: R, c: C }).statistic, 2.7688587616781319, 12],
  ['scipy, chi2_contingency with log-likelihood: p', gTest({ r: R, c: C }).p, 0.25046668010954165, 12],
  ['NIST handbook 1.3.6.7.4: chi-square 5 %, 1 degree', chiSquareSf(3.841, 1), 0.05, 4],
  ['NIST handbook 1.3.6.7.4: chi-square 0.1 %, 10 degrees', chiSquareSf(29.588, 10), 0.001, 6],
  ['NIST handbook 1.3.6.7.4: chi-square 1 %, 100 degrees', chiSquareSf(135.807, 100), 0.01, 5],
  ['NIST handbook 1.3.6.7.2: t 2.5 %, 10 degrees', studentQuantile(0.975, 10), 2.228, 3],
  ['NIST handbook 1.3.6.7.2: t 0.1 %, 1 degree', studentQuantile(0.999, 1), 318.309, 2],
  ['NIST handbook 1.3.6.7.1: normal between 0 and 1.96', normalCdf(1.96) - 0.5, 0.475, 4],
  ['Abramowitz and Stegun 26.2: normal quantile 0.975', normalQuantile(0.975), 1.959963984540054, 14],
  ['Abramowitz and Stegun 6.5: Q(1, 1) = 1/e', gammaQ(1, 1), 1 / Math.E, 14],
  ['Abramowitz and Stegun 26.5: I_0.5(2, 3) = 11/16', betaCdf(0.5, 2, 3), 11 / 16, 14],
  ['NIST handbook 6.6: at most 2 of 10 at one half', binomialCdf(2, 10, 0.5), 56 / 1_024, 14],
  ['scipy, special.kolmogorov(0.5)', kolmogorovLimitSf(0.5), 0.96394524, 8],
  ['scipy, special.kolmogorov(1.0)', kolmogorovLimitSf(1), 0.26999967, 8],
  ['Smirnov (1948), table: 5 % at 1.36', kolmogorovLimitSf(1.36), 0.0495, 4],
  ['Massey (1951): of 5 against 5 apart, 2 of 252 orders', exactTwoSampleSf(5, 5, 25), 2 / 252, 14],
  [
    'scipy, mannwhitneyu: ages at diagnosis, U of the men',
    mannWhitney(f(16, 19, 22, 24, 29), f(11, 12, 17, 20)).u,
    17,
    12,
  ],
  [
    'scipy, mannwhitneyu: ages at diagnosis, asymptotic p',
    mannWhitney(f(16, 19, 22, 24, 29), f(11, 12, 17, 20)).p,
    0.11134688653314041,
    12,
  ],
  ['scipy, wasserstein_distance', wasserstein1(f(0, 1, 3), f(5, 6, 8)), 5, 12],
  ['scipy, energy_distance', energyDistance(f(0), f(2)), 2, 12],
  ['scipy, distance.jensenshannon, base 2', jensenShannon(f(1, 0, 0), f(0, 1, 0)), 1, 12],
  ['scipy, distance.jensenshannon, natural', jensenShannon(f(1, 0), f(0.5, 0.5), Math.E), 0.46450140402245893, 12],
  [
    'R, example(isoreg): the second level',
    evaluateIsotonic(fitIsotonic([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 0, 4, 3, 3, 5, 4, 2, 0]), 5),
    3,
    12,
  ],
  [
    'R, example(isoreg): the first level',
    evaluateIsotonic(fitIsotonic([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 0, 4, 3, 3, 5, 4, 2, 0]), 2),
    0.5,
    12,
  ],
  ['scikit-learn, roc_auc_score', rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])?.auc, 0.75, 12],
  [
    'scikit-learn, average_precision_score',
    averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
    0.8333333333333333,
    12,
  ],
  ['scikit-learn, brier_score_loss', brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 0.0375, 12],
  ['scikit-learn, log_loss: spam and ham', logLoss([1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65]), 0.21616, 5],
  ['scikit-learn, matthews_corrcoef', classificationScores(confusionAt([1, 1, 1, 0], [1, 0, 1, 1])).mcc, -1 / 3, 12],
  ['scikit-learn, cohen_kappa_score', cohenKappa([0, 1, 0, 2, 1], [0, 1, 0, 2, 0]), 0.6875, 12],
  [
    'Wikipedia, Cohen’s kappa: grant proposals',
    cohenKappa(
      [...Array(25).fill(1), ...Array(25).fill(0)],
      [...Array(20).fill(1), ...Array(5).fill(0), ...Array(10).fill(1), ...Array(15).fill(0)],
    ),
    0.4,
    12,
  ],
  ['Wikipedia, Fleiss’ kappa', fleissKappa(byRater), 0.21, 3],
  ['Wikipedia, Krippendorff’s alpha, nominal', krippendorffAlpha(CODERS, 'nominal'), 0.691, 3],
  ['Wikipedia, Krippendorff’s alpha, interval', krippendorffAlpha(CODERS, 'interval'), 0.811, 3],
  ['Benjamini and Hochberg (1995), section 3.2: rejected by their procedure', rejections('benjamini-hochberg'), 4, 12],
  ['Benjamini and Hochberg (1995), section 3.2: rejected by Bonferroni', rejections('bonferroni'), 3, 12],
  ['Chen et al. (2021): pass@1 is the share that passed', passAtK(10, 3, 1), 0.3, 12],
  ['Chen et al. (2021): pass@5 = 1 - C(7,5)/C(10,5)', passAtK(10, 3, 5), 1 - 21 / 252, 12],
  [
    'Hollander and Wolfe (1999), table A.30: n = 10, K = 21',
    mannKendall([5, 4, 3, 2, 1, 7, 6, 9, 8, 10])?.pUp,
    0.036,
    3,
  ],
  ['Kendall (1975), table 1: n = 4, S = 6', mannKendall([1, 2, 3, 4])?.pUp, 0.042, 3],
  ['Kendall (1975), table 1: n = 5, S = 10', mannKendall([1, 2, 3, 4, 5])?.pUp, 0.0083, 4],
  ['binomial: all of six discordant pairs on one side', mcnemarExact(0, 6), 2 / 64, 14],
])('%s', (_source, actual, printed, digits) => {
  expect(actual).toBeCloseTo(printed, digits);
});

// R. G. Newcombe, Statistics in Medicine 17 (1998): 857-872, table I (methods 3 and 5), and 873-890, table II (method 10).
test.each([
  [81, 263, [0.2553, 0.3662], [0.2527, 0.3676]],
  [15, 148, [0.0624, 0.1605], [0.0578, 0.1617]],
  [0, 20, [0, 0.1611], [0, 0.1684]],
  [1, 29, [0.0061, 0.1718], [0.0009, 0.1776]],
])('Newcombe (1998): the interval of %i of %i', (x, n, score, exact) => {
  const printed = (interval: readonly number[] | null) => interval?.map((end) => Number(end.toFixed(4)));
  expect(printed(wilson(x, n))).toEqual(score);
  expect(printed(clopperPearson(x, n))).toEqual(exact);
});
test.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
  [6, 7, 2, 7, 0.0582, 0.8062],
  [5, 56, 0, 29, -0.0381, 0.1926],
  [0, 10, 0, 20, -0.1611, 0.2775],
  [0, 10, 0, 10, -0.2775, 0.2775],
  [10, 10, 0, 20, 0.6791, 1],
  [10, 10, 0, 10, 0.6075, 1],
])('Newcombe (1998): the difference of %i of %i and %i of %i', (x1, n1, x2, n2, low, high) => {
  const [from = 0, to = 0] = compareProportions(x1, n1, x2, n2)?.newcombe ?? [];
  expect([from.toFixed(4), to.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
});

describe('far in the tail', () => {
  // Leading terms by hand: for integers the sums end.
  test.each<[string, number, number]>([
    ['chi-square of 2 degrees is e^(-x/2)', chiSquareSf(1_380, 2), Math.exp(-690)],
    ['chi-square of 4 degrees is e^(-x/2)(1 + x/2)', chiSquareSf(1_300, 4), Math.exp(-650) * 651],
    ['Cauchy tail of t with 1 degree', studentSf(1e15, 1), 1e-15 / Math.PI],
    ['t with 2 degrees ~ 1/(2 t²)', studentSf(1e12, 2), 0.5e-24],
    ['all of 900 at one half', betaCdf(0.5, 900, 1), 2 ** -900],
    ['McNemar, 900 to nothing', mcnemarExact(0, 900), 2 ** -899],
    ['Fisher, 20 of 20 against 0 of 20', fisherExact(20, 0, 0, 20), 2 / 137_846_528_820],
    ['Kolmogorov limit 2 e^(-2 z²)', kolmogorovLimitSf(18), 2 * Math.exp(-648)],
    ['normal at 37, by its asymptotic series', normalSf(37), 5.725571e-300],
  ])('%s', (_what, actual, expected) => {
    expect(actual / expected).toBeCloseTo(1, 6);
  });

  test('what lies below every double is 0, and never an exception or less than 0', () => {
    for (const p of [
      chiSquareSf(1e6, 3),
      normalSf(60),
      kolmogorovLimitSf(100),
      mcnemarExact(0, 5_000),
      studentSf(1e300, 500),
    ])
      expect(p).toBe(0);
    expect(
      cramerVonMises(
        f(...Array.from({ length: 500 }, (_, k) => k)),
        f(...Array.from({ length: 500 }, (_, k) => 1e6 + k)),
      ).p,
    ).toBeGreaterThanOrEqual(0);
  });
});

describe('too little, all the same, or nothing at all', () => {
  const sample = (...values: unknown[]) => readNumericSample(values);
  test.each([
    ['nothing', [], []],
    ['nothing on one side', [1, 2], []],
    ['only what is missing', [null, 'NaN'], [1]],
    ['only infinities', ['Infinity', Number.POSITIVE_INFINITY], [1, 2]],
  ])('%s is insufficient data for every measure of drift', (_what, r, c) => {
    const numbers = numericDrift(sample(...r), sample(...c));
    expect(numbers.status).toBe('insufficient_data');
    for (const [name, value] of Object.entries(numbers))
      if (!['status', 'nReference', 'nCurrent'].includes(name)) expect(value, name).toBeNull();
  });

  test('one value, two values, one value many times and huge ones give numbers, and equal samples no finding', () => {
    for (const [r, c] of [
      [[1], [1]],
      [[1], [2]],
      [
        [1, 2],
        [1, 2],
      ],
      [Array(50).fill(3), Array(40).fill(3)],
      [Array(50).fill(3), [3]],
      [[1e300, -1e300], [1e300]],
      [[5e-324, 0], [5e-324]],
    ] as [number[], number[]][]) {
      const found = numericDrift(sample(...r), sample(...c));
      expect(found.status).toBe('ok');
      for (const p of [found.kolmogorovSmirnov?.p, found.cramerVonMises?.p ?? 1, found.mannWhitney?.p]) {
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }
      expect(found.psi?.value).toBeGreaterThanOrEqual(0);
      const same = numericDrift(sample(...r), sample(...r));
      expect([
        same.kolmogorovSmirnov?.d,
        same.kolmogorovSmirnov?.p,
        same.wasserstein1,
        same.energyDistance,
        same.psi?.value,
        same.mannWhitney?.p,
      ]).toEqual([0, 1, 0, 0, 0, 1]);
    }
  });

  test('categories: nothing, one, and the same one on both sides', () => {
    const of = (...values: unknown[]) => readCategoricalSample(values);
    expect(categoricalDrift(of(), of('a'))).toMatchObject({ status: 'insufficient_data', measures: null });
    expect(categoricalDrift(of(null), of(null))).toMatchObject({ status: 'insufficient_data', measures: null });
    const one = categoricalDrift(of('a'), of('a', 'a')).measures;
    expect([one?.chiSquare.p, one?.gTest.p, one?.cramersV, one?.psi, one?.jensenShannon]).toEqual([1, 1, 0, 0, 0]);
    expect(cramersV({ r: f(5, 0), c: f(0, 5) })).toBeGreaterThan(0.9);
    expect([chiSquare({ r: f(7), c: f(3) }).p, fisherExact(0, 0, 0, 0), hellinger(f(1, 0), f(0, 1))]).toEqual([
      1, 1, 1,
    ]);
  });

  test('rates, scores, labels and ratings that are too few say so', () => {
    expect([
      wilson(0, 0),
      clopperPearson(0, 0),
      jeffreys(0, 0),
      agrestiCoull(0, 0),
      compareProportions(0, 0, 0, 0),
    ]).toEqual(Array(5).fill(null));
    expect([compareProportions(0, 9, 0, 9)?.p, compareProportions(9, 9, 9, 9)?.p]).toEqual([null, null]);
    expect([meanWithError([]), clusteredError([], []), pairedDifference([1], []), pairedDifference([], [])]).toEqual(
      Array(4).fill(null),
    );
    expect([meanWithError([0.5])?.standardError, clusteredError([1, 0], ['a', 'a'])?.corrected]).toEqual([null, null]);
    expect(meanWithError([1, 1, 1])).toMatchObject({ standardError: 0, interval95: [1, 1] });
    expect([mcnemarExact(0, 0), mcnemarExact(3, 3)]).toEqual([1, 1]);
    expect([passAtK(0, 0, 1), passAtK(5, 6, 1), passAtK(5, 2, 6)]).toEqual(Array(3).fill(null));
    expect([
      rocAuc([], []),
      rocAuc([1, 1], [0.1, 0.2]),
      rocAuc([0], [0.1]),
      averagePrecision([0, 0], [0.1, 0.2]),
    ]).toEqual(Array(4).fill(null));
    expect([
      cohenKappa([], []),
      fleissKappa([]),
      fleissKappa([[1], [1]]),
      rawAgreement([], []),
      krippendorffAlpha([], 'nominal'),
    ]).toEqual([null, null, 1, null, null]);
    expect([mannKendall([]), mannKendall([1, 2, 3]), theilSen([1], [1])]).toEqual(Array(3).fill(null));
    expect(mannKendall([4, 4, 4, 4, 4])).toMatchObject({ s: 0, tau: 0, pUp: 1, pDown: 1 });
    expect(adjustPValues([], 'benjamini-hochberg').adjusted).toEqual([]);
    expect([moments(f()).mean, quantileOfSorted(f(), 0.5), nearestRank(f(), 0.5)]).toEqual(Array(3).fill(Number.NaN));
    expect([moments(f(7)).std, quantileOfSorted(f(7), 0.9), nearestRank(f(7, 7), 0.01)]).toEqual([0, 7, 7]);
    expect(kolmogorovSmirnov(f(1), f(1)).p).toBe(1);
  });

  test('vectors that are all the same are no drift, and fewer than five or twenty no sample', () => {
    const same = Array.from({ length: 30 }, () => f(1, 2, 3));
    expect(kernelDiscrepancy(same, same)).toMatchObject({ status: 'ok', p: 1, tailP: null });
    expect(domainClassifier(same, same).auc).toBeCloseTo(0.5, 12);
    expect(kernelDiscrepancy(same.slice(0, 4), same)).toMatchObject({ status: 'insufficient_data', p: null });
    expect(domainClassifier(same.slice(0, 19), same)).toMatchObject({ status: 'insufficient_data', p: null });
  });
});
