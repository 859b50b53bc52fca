import { describe, expect, test } from 'vitest';
import {
  ABSENT,
  agrees,
  agreesAsP,
  type ColumnReference,
  caseColumn,
  monitoringCases,
  monitoringCasesPresent,
} from '../../tests/support/monitoring-cases.ts';
import { categoricalDrift, readCategoricalSample } from './categorical-drift.ts';
import { fisherExact } from './contingency.ts';

type Expected = Record<string, number | string | string[] | null>;
type Case = { id: string; ref: ColumnReference; cur: ColumnReference; expected: Expected };

function disagreements({ ref, cur, expected }: Case): string[] {
  const reference = readCategoricalSample(caseColumn(ref));
  const current = readCategoricalSample(caseColumn(cur));
  const drift = categoricalDrift(reference, current);
  const wrong: string[] = [];
  const check = (
    name: string,
    actual: unknown,
    ok: (actual: never, expected: unknown) => boolean = agrees as never,
  ) => {
    if (name in expected && !ok(actual as never, expected[name]))
      wrong.push(`${name}: ${actual} instead of ${expected[name]}`);
  };
  const same = (actual: unknown, value: unknown) => JSON.stringify(actual) === JSON.stringify(value);
  check('n_ref', drift.nReference, same);
  check('n_cur', drift.nCurrent, same);
  check('missing_ref', reference.missing, same);
  check('missing_cur', current.missing, same);
  check('distinct_ref', drift.distinctReference, same);
  check('distinct_cur', drift.distinctCurrent, same);
  check('unseen_in_ref', drift.unseen, same);
  check('unseen_count', drift.unseenCount, same);
  check('vanished_count', drift.vanishedCount, same);
  check('unseen_share_of_cur', drift.unseenShare);
  check('status', drift.status, same);
  const found = drift.measures;
  if (!found) return wrong;
  check('psi_eps1e-4', found.psi);
  check('jensenshannon_base2', found.jensenShannon);
  check('hellinger', found.hellinger);
  check('tvd', found.totalVariation);
  check('l_infinity', found.largestDifference);
  check('chi2_stat', found.chiSquare.statistic);
  check('chi2_p', found.chiSquare.p, agreesAsP);
  check('chi2_dof', found.chiSquare.dof, same);
  check('chi2_min_expected', found.chiSquare.smallestExpected);
  check('g_stat', found.gTest.statistic);
  check('g_p', found.gTest.p, agreesAsP);
  check('cramers_v_bias_corrected', found.cramersV);
  check('chi2_yates_stat', found.chiSquareYates?.statistic);
  check('chi2_yates_p', found.chiSquareYates?.p, agreesAsP);
  check('fisher_exact_p', found.fisherP, agreesAsP);
  return wrong;
}

describe.skipIf(!monitoringCasesPresent)(`independent results (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  test.each(
    monitoringCases<Case>('categorical_drift.jsonl').map((line) => [line.id, line] as const),
  )('%s', (_id, line) => {
    expect(disagreements(line)).toEqual([]);
  });
});

test('categories are told apart by type and exact code points, whatever their names', () => {
  const sample = readCategoricalSample([
    1,
    '1',
    true,
    'true',
    '__proto__',
    'constructor',
    'é',
    'e\u0301',
    'NaN',
    '',
    null,
  ]);
  expect(sample.counts.size).toBe(10);
  expect(sample.missing).toBe(1);
});

test("Fisher's exact test gives the textbook value of the tea tasting", () => {
  expect(fisherExact(3, 1, 1, 3)).toBeCloseTo(34 / 70, 12);
  expect(fisherExact(0, 0, 5, 5)).toBe(1);
});

test('a current sample without values is insufficient data, never no drift', () => {
  const drift = categoricalDrift(readCategoricalSample(['a']), readCategoricalSample([null]));
  expect(drift.status).toBe('insufficient_data');
  expect(drift.measures).toBeNull();
});
