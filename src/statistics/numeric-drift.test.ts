import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
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
import { evidentlyDrift, nannymlDrift, numericDrift } from './numeric-drift.ts';
import { seededRandom } from './random.ts';
import { moments, type NumericSample, nearestRank, quantileOfSorted, readNumericSample, sorted } from './sample.ts';
import { kolmogorovSmirnov } from './two-sample.ts';

type Expected = Record<string, number | string | number[] | null>;
type Case = { id: string; ref: ColumnReference; cur: ColumnReference; expected: Expected };
type Generated = {
  id: string;
  ref: Recipe;
  cur: Recipe;
  expected: Expected & { ref_quantiles: Record<string, Record<string, number>> };
};
type Recipe = { kind: string; seed: number; n: number };

/** Every disagreement of one case, in words; an empty list is agreement. */
function disagreements(reference: NumericSample, current: NumericSample, expected: Expected): string[] {
  const wrong: string[] = [];
  const check = (name: string, actual: unknown, ok: (actual: never, expected: unknown) => boolean) => {
    if (name in expected && !ok(actual as never, expected[name]))
      wrong.push(`${name}: ${actual} instead of ${expected[name]}`);
  };
  const same = (actual: unknown, value: unknown) => actual === value;
  const near = (tolerance?: number) => (actual: number, value: unknown) => agrees(actual, value, tolerance);
  const nearAll = (actual: Float64Array | number[], value: unknown) =>
    value === null ||
    (Array.isArray(value) && value.length === actual.length && value.every((item, k) => agrees(actual[k], item)));
  check('missing_ref', reference.missing, same);
  check('missing_cur', current.missing, same);
  check('nonfinite_ref', reference.nonfinite, same);
  check('nonfinite_cur', current.nonfinite, same);
  for (const [side, sample] of [
    ['ref', reference],
    ['cur', current],
  ] as const) {
    const { n, mean, std, min, max } = moments(sample.values);
    check(`n_${side}`, n, same);
    check(`${side}_mean`, mean, near());
    check(`${side}_std0`, std, near());
    check(`${side}_min`, min, near());
    check(`${side}_max`, max, near());
    const inOrder = sorted(sample.values);
    check(
      `${side}_q05_q25_q50_q75_q95_type7`,
      [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantileOfSorted(inOrder, q)),
      nearAll,
    );
  }
  const drift = numericDrift(reference, current);
  check('status', drift.status, same);
  if (drift.status !== 'ok') return wrong;
  check(
    'ks_D',
    drift.kolmogorovSmirnov?.d,
    (actual, value) => value === null || Math.abs(actual - (value as number)) <= 1e-12,
  );
  check('ks_p_kstwo', drift.kolmogorovSmirnov?.pOneSample, agreesAsP);
  check('ks_p_limit', drift.kolmogorovSmirnov?.pLimit, agreesAsP);
  if (drift.kolmogorovSmirnov?.exact) check('ks_p_exact', drift.kolmogorovSmirnov.p, agreesAsP);
  check('wasserstein1', drift.wasserstein1, near(1e-8));
  check('wasserstein1_over_refstd_floor_0.001', drift.wasserstein1OverStd, near(1e-8));
  check('psi_decile10', drift.psi?.value, near());
  check('psi_decile10_edges', drift.psi?.edges, nearAll);
  check('psi_decile10_ref', drift.psi?.reference, nearAll);
  check('psi_decile10_cur', drift.psi?.current, nearAll);
  check('mannwhitney_U', drift.mannWhitney?.u, near());
  check('mannwhitney_p_asymptotic_tiecorrected_cc', drift.mannWhitney?.p, agreesAsP);
  check('cvm_T', drift.cramerVonMises?.t, near(1e-8));
  // The oracle forms 1 - cdf in double precision: what is left of a tiny p is its rounding.
  check(
    'cvm_p_asymptotic',
    drift.cramerVonMises?.p,
    (actual, value) => agreesAsP(actual, value) || Math.abs(actual - Number(value)) < 1e-14,
  );
  check('energy_distance', drift.energyDistance, near(1e-8));
  const evidently = evidentlyDrift(reference.values, current.values);
  check('evidently_psi', evidently.psi, near());
  check('evidently_jensenshannon_nat', evidently.jensenShannon, near());
  const nannyml = nannymlDrift(reference.values, current.values);
  check('nannyml_jensenshannon_base2', nannyml.jensenShannon, near());
  check('nannyml_hellinger', nannyml.hellinger, near());
  return wrong;
}

describe.skipIf(!monitoringCasesPresent)(`independent results (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  test.each(monitoringCases<Case>('numeric_drift.jsonl').map((line) => [line.id, line] as const))('%s', (_id, line) => {
    const reference = readNumericSample(caseColumn(line.ref));
    const current = readNumericSample(caseColumn(line.cur));
    expect(disagreements(reference, current, line.expected)).toEqual([]);
  });

  test.each(
    monitoringCases<Generated>('large_generated.jsonl').map((line) => [line.id, line] as const),
  )('%s', (_id, line) => {
    const reference = generate(line.ref);
    const current = generate(line.cur);
    expect(createHash('sha256').update(new Uint8Array(reference.values.buffer)).digest('hex')).toBe(
      line.expected.ref_sha256_f64le,
    );
    expect(disagreements(reference, current, line.expected)).toEqual([]);
    const inOrder = sorted(reference.values);
    for (const [q, { nearest_rank, type7 }] of Object.entries(line.expected.ref_quantiles)) {
      expect(nearestRank(inOrder, Number(q))).toBe(nearest_rank);
      expect(agrees(quantileOfSorted(inOrder, Number(q)), type7)).toBe(true);
    }
  });
});

function generate({ kind, seed, n }: Recipe): NumericSample {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const draw = (): number => {
    const u = uniform();
    if (kind === 'uniform') return u;
    if (kind === 'ties50') return Math.floor(u * 50);
    if (kind === 'ties50_skew') return Math.floor(u * u * 50);
    let w = u * u;
    w = w * u;
    w = w * w;
    const x = 5 + 3000 * w;
    return kind === 'latency_x1.01' ? x * 1.01 : x;
  };
  return { values: Float64Array.from({ length: n }, draw), missing: 0, nonfinite: 0, unreadable: 0 };
}

test('sorting agrees with the built-in sort on any doubles, at any size', () => {
  fc.assert(
    fc.property(fc.float64Array({ maxLength: 200, noNaN: true }), (values) => {
      const many = new Float64Array(9_000).map(
        (_, k) => (values.length ? (values[k % values.length] as number) : 0) * (k % 7 || 1),
      );
      const finite = many.map((value) => (Number.isNaN(value) ? 0 : value));
      expect(sorted(finite)).toEqual(finite.slice().sort());
    }),
    { numRuns: 30 },
  );
});

test('the same data has no distance, and the order of the values does not matter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 60 }),
      (values) => {
        const sample = readNumericSample(values);
        const drift = numericDrift(sample, readNumericSample([...values].reverse()));
        expect(drift.kolmogorovSmirnov?.d).toBe(0);
        expect(drift.wasserstein1).toBe(0);
        expect(drift.psi?.value).toBe(0);
      },
    ),
  );
});

test('too little data says so and gives no number', () => {
  const drift = numericDrift(readNumericSample([1, 2, 3]), readNumericSample([null, 'NaN', 'Infinity']));
  expect(drift.status).toBe('insufficient_data');
  expect(drift.wasserstein1).toBeNull();
  expect(drift.psi).toBeNull();
});

test('values of a wrong type are counted, not guessed at', () => {
  const sample = readNumericSample([1, '2', true, { x: 1 }, null, Number.NaN, '-Infinity']);
  expect([...sample.values]).toEqual([1]);
  expect([sample.missing, sample.nonfinite, sample.unreadable]).toEqual([2, 1, 3]);
});

test('two shifted samples of any size are told apart when the shift is large', () => {
  const r = Float64Array.from({ length: 100 }, (_, k) => k);
  const c = Float64Array.from({ length: 100 }, (_, k) => k + 80);
  expect(kolmogorovSmirnov(r, c).d).toBeCloseTo(0.8, 12);
  expect(kolmogorovSmirnov(r, c).p).toBeLessThan(1e-20);
});

/** n m sup |F_r - F_c| by its definition, after every value of the sorted samples. */
function stepsByDefinition(r: Float64Array, c: Float64Array): number {
  const [inR, inC] = [r.slice().sort(), c.slice().sort()];
  let [i, j, largest] = [0, 0, 0];
  for (const at of Float64Array.from([...r, ...c]).sort()) {
    while (i < inR.length && (inR[i] as number) <= at) i++;
    while (j < inC.length && (inC[j] as number) <= at) j++;
    largest = Math.max(largest, Math.abs(i * inC.length - j * inR.length));
  }
  return largest;
}

test('D of large samples in any order is that of the definition, to the last step', () => {
  const nasty = fc.constantFrom(
    ...[0, -0, 5e-324, -5e-324, 2.2e-308, 1, 1 + 2 ** -52, -1, 1e-300, 1e15, 1e300, -1e300, Number.MAX_VALUE],
    ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const spread = fc.constantFrom<(u: number) => number>(
    (u) => u,
    (u) => u ** 6,
    (u) => Math.exp(40 * u),
    (u) => Math.floor(u * 12),
    (u) => u * 1e-310,
    (u) => (u - 0.5) * 1e300,
    (u) => (u - 0.5) * 1e-3 + 1e12,
    () => 7,
  );
  fc.assert(
    fc.property(
      fc.array(nasty, { maxLength: 3 }),
      spread,
      spread,
      fc.constantFrom(0, 1e-4, 0.02, 0.5),
      fc.integer(),
      fc.integer({ min: 1, max: 9_000 }),
      (extremes, ofR, ofC, shift, seed, m) => {
        const random = seededRandom(seed);
        const r = Float64Array.from({ length: 9_000 }, () => ofR(random()));
        const c = Float64Array.from({ length: m }, () => ofC(random() * (1 + shift)));
        r.set(extremes);
        const d = stepsByDefinition(r, c) / r.length / m;
        expect(kolmogorovSmirnov(r, c).d).toBe(d);
        expect(kolmogorovSmirnov(c, r).d).toBe(stepsByDefinition(c, r) / m / r.length);
      },
    ),
    { numRuns: 60 },
  );
});
