import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ABSENT,
  agrees,
  caseColumn,
  monitoringCases,
  monitoringCasesPresent,
} from '../../tests/support/monitoring-cases.ts';
import { cohenKappa, fleissKappa, judgeCorrectedRate, krippendorffAlpha, rawAgreement } from './agreement.ts';
import {
  brier,
  brierParts,
  calibrationBias,
  expectedCalibrationError,
  logLoss,
  maximumCalibrationError,
  reliability,
  reliabilityOfEqualMass,
} from './calibration.ts';
import { averagePrecision, classificationScores, confusionAt, rocAuc } from './discrimination.ts';
import { clusteredError, mcnemarExact, meanWithError, pairedDifference, passAtK } from './evaluation.ts';
import { evaluateIsotonic, fitIsotonic } from './isotonic.ts';
import { adjustPValues, type Correction } from './multiplicity.ts';
import { expectedAccuracy } from './performance-estimate.ts';
import {
  agrestiCoull,
  clopperPearson,
  compareProportions,
  jeffreys,
  minimumDetectableEffect,
  wilson,
} from './proportion.ts';

const near = (actual: number | null | undefined, expected: unknown, what: string, tolerance = 1e-9) =>
  expect(agrees(actual, expected, tolerance), `${what}: ${actual} instead of ${expected}`).toBe(true);

const nearAll = (actual: readonly number[] | null, expected: unknown, what: string, tolerance = 1e-8) => {
  if (!Array.isArray(expected)) return;
  expect(actual, what).not.toBeNull();
  for (const [k, value] of expected.entries()) near(actual?.[k], value, `${what}[${k}]`, tolerance);
};

describe.skipIf(!monitoringCasesPresent)(`independent results (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  test('intervals of one proportion', () => {
    for (const { x, n, expected } of monitoringCases<{ x: number; n: number; expected: Record<string, unknown> }>(
      'proportion_ci.jsonl',
    )) {
      nearAll(wilson(x, n), expected.wilson_95, `wilson ${x}/${n}`);
      nearAll(clopperPearson(x, n), expected.clopper_pearson_95, `clopper-pearson ${x}/${n}`);
      nearAll(agrestiCoull(x, n), expected.agresti_coull_95, `agresti-coull ${x}/${n}`);
      nearAll(jeffreys(x, n), expected.jeffreys_95, `jeffreys ${x}/${n}`);
    }
  });

  test('two proportions', () => {
    type Case = { x1: number; n1: number; x2: number; n2: number; expected: Record<string, unknown> };
    for (const { x1, n1, x2, n2, expected } of monitoringCases<Case>('two_proportions.jsonl')) {
      const result = compareProportions(x1, n1, x2, n2);
      const name = `${x1}/${n1} v ${x2}/${n2}`;
      if (expected.z_pooled === null) expect(result?.z).toBeNull();
      near(result?.z, expected.z_pooled, `z ${name}`, 1e-8);
      near(result?.p, expected.p_two_sided, `p ${name}`, 1e-6);
      nearAll(result?.newcombe ?? null, expected.newcombe_95, `newcombe ${name}`);
      near(result?.fisherP, expected.fisher_p, `fisher ${name}`, 1e-6);
    }
  });

  test('corrections for many tests', () => {
    type Case = {
      id: string;
      alpha: number;
      p: number[];
      expected: Record<string, { adjusted: number[]; rejected: boolean[] }>;
    };
    const methods: [string, Correction][] = [
      ['bonferroni', 'bonferroni'],
      ['holm', 'holm'],
      ['fdr_bh', 'benjamini-hochberg'],
      ['fdr_by', 'benjamini-yekutieli'],
    ];
    for (const { id, alpha, p, expected } of monitoringCases<Case>('multiple_testing.jsonl'))
      for (const [name, method] of methods) {
        const result = adjustPValues(p, method, alpha);
        nearAll(result.adjusted, expected[name]?.adjusted, `${id} ${name}`, 1e-9);
        expect(result.rejected, `${id} ${name}`).toEqual(expected[name]?.rejected);
      }
  });

  test('benchmark scores, pairs and pass@k', () => {
    type Case = {
      id: string;
      scores_a?: number[];
      scores_b?: number[];
      cluster?: unknown[];
      n?: number;
      c?: number;
      k?: number;
      expected: Record<string, unknown>;
    };
    for (const line of monitoringCases<Case>('eval_stats.jsonl')) {
      const { id, expected } = line;
      if (line.scores_a && line.scores_b && line.cluster) {
        const mean = meanWithError(line.scores_a);
        near(mean?.mean, expected.mean, `${id} mean`);
        near(mean?.standardError, expected.se, `${id} se`);
        nearAll(mean?.interval95 ?? null, expected.t95_low_high, `${id} t`);
        const clustered = clusteredError(line.scores_a, line.cluster);
        near(clustered?.error, expected.clustered_se, `${id} clustered`);
        near(clustered?.corrected, expected.clustered_se_finite_G, `${id} clustered, corrected`);
        expect(clustered?.clusters).toBe(expected.clusters);
        const paired = pairedDifference(line.scores_a, line.scores_b);
        near(paired?.mean, expected.paired_diff_mean, `${id} paired mean`);
        near(paired?.standardError, expected.paired_diff_se, `${id} paired se`);
        const only = (a: number, b: number) =>
          line.scores_a?.filter((score, k) => score === a && line.scores_b?.[k] === b).length ?? 0;
        near(mcnemarExact(only(0, 1), only(1, 0)), expected.mcnemar_exact_p, `${id} mcnemar`, 1e-6);
      } else near(passAtK(line.n ?? 0, line.c ?? 0, line.k ?? 0), expected.pass_at_k, id);
    }
  });

  test('agreement of raters and rates corrected for the judge', () => {
    type Case = {
      id: string;
      raters_complete?: number[][];
      raters_with_missing?: (number | null)[][];
      flagged?: number;
      n?: number;
      gold_pos?: number;
      judge_tp?: number;
      gold_neg?: number;
      judge_tn?: number;
      expected: Record<string, unknown>;
    };
    for (const line of monitoringCases<Case>('judge_stats.jsonl')) {
      const { id, expected } = line;
      if (line.raters_complete && line.raters_with_missing) {
        const [a = [], b = []] = line.raters_complete;
        near(cohenKappa(a, b), expected.kappa_01_complete, `${id} kappa`);
        near(cohenKappa(a, b, 'linear'), expected.kappa_linear_01_complete, `${id} linear kappa`);
        near(cohenKappa(a, b, 'quadratic'), expected.kappa_quadratic_01_complete, `${id} quadratic kappa`);
        near(rawAgreement(a, b), expected.raw_agreement_01, `${id} raw`);
        near(fleissKappa(line.raters_complete), expected.fleiss_complete, `${id} fleiss`);
        near(
          krippendorffAlpha(line.raters_with_missing, 'nominal'),
          expected.krippendorff_nominal_with_missing,
          `${id} alpha`,
        );
        near(
          krippendorffAlpha(line.raters_with_missing, 'interval'),
          expected.krippendorff_interval_with_missing,
          `${id} interval alpha`,
        );
      } else {
        const result = judgeCorrectedRate(line.flagged ?? 0, line.n ?? 0, {
          positives: line.gold_pos ?? 0,
          truePositives: line.judge_tp ?? 0,
          negatives: line.gold_neg ?? 0,
          trueNegatives: line.judge_tn ?? 0,
        });
        if (result.status === 'ok') {
          near(result.rate, expected.prevalence, `${id} rate`);
          near(result.clipped, expected.prevalence_clipped, `${id} clipped`);
          near(result.standardError, expected.se, `${id} se`);
        } else expect(result.reason).toBe(expected.reason);
      }
    }
  });

  test('calibration and discrimination', () => {
    type Case = {
      id: string;
      y_file?: string;
      where?: { column: string; prefix: string };
      y?: string;
      p?: string;
      y_inline?: number[];
      p_inline?: number[];
      expected: Record<string, unknown> & { at_0?: unknown };
    };
    for (const line of monitoringCases<Case>('calibration.jsonl')) {
      const { id, expected } = line;
      const read = (column: string | undefined) =>
        caseColumn({ file: line.y_file ?? '', column: column ?? '', where: line.where }).map(Number);
      const y = line.y_inline ?? read(line.y);
      const p = line.p_inline ?? read(line.p);
      expect(y.length).toBe(expected.n);
      const ten = reliability(y, p, 10);
      const fifteen = reliability(y, p, 15);
      expect(ten.map(({ bin, n }) => [bin, n])).toEqual(
        (expected.reliability_eqwidth10 as { bin: number; n: number }[]).map(({ bin, n }) => [bin, n]),
      );
      near(expectedCalibrationError(ten), expected.ece_eqwidth10, `${id} ece10`);
      near(maximumCalibrationError(ten), expected.mce_eqwidth10, `${id} mce10`);
      near(expectedCalibrationError(fifteen), expected.ece_eqwidth15, `${id} ece15`);
      near(maximumCalibrationError(fifteen), expected.mce_eqwidth15, `${id} mce15`);
      near(expectedCalibrationError(reliabilityOfEqualMass(y, p)), expected.ece_eqmass10, `${id} equal mass`);
      near(brier(y, p), expected.brier, `${id} brier`);
      const parts = brierParts(ten);
      near(parts.reliability, expected.brier10_reliability, `${id} reliability`);
      near(parts.resolution, expected.brier10_resolution, `${id} resolution`);
      near(parts.uncertainty, expected.brier10_uncertainty, `${id} uncertainty`);
      near(logLoss(y, p), expected['log_loss_clip1e-15'], `${id} log loss`);
      near(calibrationBias(y, p), expected.bias_mean_pred_minus_rate, `${id} bias`);
      const roc = rocAuc(y, p);
      if (expected.roc_auc === null) expect(roc).toBeNull();
      near(roc?.auc, expected.roc_auc, `${id} auc`);
      near(roc?.standardError, expected.roc_auc_delong_se, `${id} delong`);
      near(averagePrecision(y, p), expected.average_precision, `${id} average precision`);
      const scores = classificationScores(confusionAt(y, p));
      for (const [name, value] of Object.entries(expected['at_0.5'] as Record<string, number>))
        near(scores[name as keyof typeof scores], value, `${id} ${name}`);
      near(expectedAccuracy(p), expected['cbpe_expected_accuracy_at_0.5'], `${id} expected accuracy`);
    }
  });

  test('isotonic regression', () => {
    for (const { id, x, y, query, expected } of monitoringCases<{
      id: string;
      x: number[];
      y: number[];
      query: number[];
      expected: number[];
    }>('isotonic.jsonl')) {
      const fitted = fitIsotonic(x, y);
      for (const [k, at] of query.entries()) near(evaluateIsotonic(fitted, at), expected[k], `${id} at ${at}`);
    }
  });
});

test('an empty sample has no interval, no mean, no agreement', () => {
  expect([
    wilson(0, 0),
    clopperPearson(0, 0),
    meanWithError([]),
    cohenKappa([], []),
    passAtK(0, 0, 1),
    compareProportions(0, 0, 1, 2),
  ]).toEqual(Array(6).fill(null));
});

test('the exact interval always holds the score interval’s center', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const x = Math.round(n * share);
      const [low, high] = clopperPearson(x, n) ?? [0, 0];
      expect(low).toBeLessThanOrEqual(x / n);
      expect(high).toBeGreaterThanOrEqual(x / n);
    }),
  );
});

test('adjusted p-values keep the order of the raw ones and never fall below them', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }), (p) => {
      for (const method of ['bonferroni', 'holm', 'benjamini-hochberg', 'benjamini-yekutieli'] as const) {
        const { adjusted } = adjustPValues(p, method);
        for (const [k, value] of adjusted.entries())
          expect(value).toBeGreaterThanOrEqual((p[k] as number) * (1 - 1e-12));
      }
    }),
  );
});

test('more cases make smaller effects visible', () => {
  expect(minimumDetectableEffect(0.5, 400)).toBeGreaterThan(minimumDetectableEffect(0.5, 1_600) ?? 1);
  expect(minimumDetectableEffect(0.5, 0)).toBeNull();
});
