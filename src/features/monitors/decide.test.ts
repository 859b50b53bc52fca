import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventValue } from '#src/features/events/model.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { compareProportions, wilson } from '#src/statistics/proportion.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { contentOf, decide, define, event, times } from '../../../tests/support/monitor-window.ts';
import { decideBatch } from './decide.ts';
import type { Metric } from './model.ts';

test('PSI over frozen deciles is the value computed by hand, with its floor', () => {
  const metric: Metric = { type: 'numeric_drift', eventKind: 'prediction', field: 'x' };
  // A reference of 1 to 1,000; a window whose lowest decile holds twice its share, and the highest nothing.
  const reference = times(1_000, (k) => event({ x: k + 1 }));
  const current = times(1_000, (k) => event({ x: k < 200 ? (k % 100) + 1 : k - 99 }));
  const found = decide(define(metric, { warn: 0.1, fail: 0.25 }), current, reference);
  const psi = 0.1 * Math.log(2) + (1e-4 - 0.1) * Math.log(1e-4 / 0.1);
  expect(found.value).toBeCloseTo(psi, 12);
  expect(found.noiseFloor).toBeCloseTo(9 * (2 / 1_000), 12);
  expect(found).toMatchObject({ state: 'breach', level: 'fail', n: 1_000, window: 'breach' });
  const [low, high] = found.more.filter(({ name }) => name.startsWith('ks_')).map(({ value }) => value ?? 0);
  expect(low).toBeCloseTo(0.1, 12);
  expect(high).toBeGreaterThanOrEqual(0.1);
});

test('a rate has its Wilson interval, and alarms only where chance does not explain it', () => {
  const metric: Metric = { type: 'rate', eventKind: 'prediction', field: 'failed', equals: [true], worse: 'higher' };
  const of = (hits: number, n: number) =>
    decide(
      define(metric, { warn: 0.05, fail: 0.1 }),
      times(n, (k) => event({ failed: k < hits })),
    );
  expect(of(12, 100)).toMatchObject({ value: 0.12, interval: wilson(12, 100), level: 'fail', state: 'breach' });
  expect(of(7, 100)).toMatchObject({ level: 'ok', reason: 'not_significant', state: 'ok' });
  expect(of(800, 10_000)).toMatchObject({ level: 'warn', reason: 'beyond_warn', state: 'ok' });
  expect(of(0, 100)).toMatchObject({ value: 0, level: 'ok', interval: wilson(0, 100) });
  expect(of(5, 10)).toMatchObject({ state: 'insufficient_data', reason: 'too_few', value: null, n: 10 });
});

test('percentiles are within one percent, and their buckets alone never make an alarm', () => {
  const metric: Metric = { type: 'percentile', eventKind: 'operation', field: 'ms', percent: 95 };
  const operations = times(2_000, (k) => event({ ms: k + 1 }, {}, 'operation'));
  const at = (warn: number) => decide(define(metric, { warn, fail: 4_000 }), operations);
  expect((at(3_000).value ?? 0) / 1_900).toBeCloseTo(1, 1);
  expect(at(1_899).level).toBe('ok');
  expect(at(1_800)).toMatchObject({ level: 'warn' });
});

test('a perfectly calibrated model lies at its noise floor, an overconfident one above it', () => {
  const metric: Metric = { type: 'calibration', field: 'p', label: 'y' };
  const random = seededRandom(3);
  const labels = (share: number) =>
    times(4_000, () => {
      const p = random();
      return { ...event({ y: random() < p * share ? 1 : 0 }, {}, 'label'), subject: event({ p }).body };
    });
  const definition = define(metric, { warn: 0.03, fail: 0.1 });
  const good = decide(definition, labels(1));
  expect(good).toMatchObject({ level: 'ok', n: 4_000 });
  expect(good.value ?? 1).toBeLessThan(3 * (good.noiseFloor ?? 0));
  expect(decide(definition, labels(0.6))).toMatchObject({ level: 'fail' });
  const unmatched = decide(
    definition,
    times(50, () => event({ y: 1 }, {}, 'label')),
  );
  expect(unmatched).toMatchObject({ state: 'insufficient_data', reason: 'too_few_labels' });
});

test('fairness compares only declared groups with enough cases, and counts the rest', () => {
  const metric: Metric = {
    type: 'fairness',
    eventKind: 'prediction',
    field: 'yes',
    equals: [true],
    groupBy: 'g',
    groups: ['a', 'b', 'few'],
  };
  const cases = (group: string, n: number, hits: number) =>
    times(n, (k) => event({ yes: k < hits }, { segment: { g: group } }));
  const definition = define(metric, { warn: 0.9, fail: 0.8 });
  const unequal = decide(definition, [
    ...cases('a', 400, 200),
    ...cases('b', 400, 120),
    ...cases('few', 5, 0),
    ...cases('other', 9, 9),
  ]);
  expect(unequal).toMatchObject({ value: 0.6, level: 'fail' });
  // With two groups the chi-square test is the square of the pooled z test.
  expect(unequal.p).toBeCloseTo(compareProportions(200, 400, 120, 400)?.p ?? -1, 10);
  expect(unequal.more).toContainEqual({ name: 'outside_groups', value: 9 });
  expect(decide(definition, cases('a', 400, 200))).toMatchObject({ state: 'insufficient_data', reason: 'too_few' });
});

test('completeness is what arrived of what was numbered, and needs no luck', () => {
  const sequences = [
    {
      first: 1,
      last: 1_000,
      unique: 985,
      missing: 15,
      share: 0.985,
      gaps: [[3, 17]] as [number, number][],
      gapCount: 1,
    },
  ];
  const found = decide(define({ type: 'completeness' }, { warn: 0.999, fail: 0.99 }), [], undefined, sequences);
  expect(found).toMatchObject({ value: 0.985, p: null, level: 'fail', n: 1_000, missing: 15 });
  expect(decide(define({ type: 'completeness' }, { warn: 0.999, fail: 0.99 }), [])).toMatchObject({
    state: 'insufficient_data',
  });
});

test('unseen categories count, whatever they are called', () => {
  const metric: Metric = { type: 'categorical_drift', eventKind: 'prediction', field: 'class' };
  const reference = times(1_000, (k) => event({ class: k % 2 ? 'a' : 1 }));
  const definition = define(metric, { warn: 0.1, fail: 0.25 });
  const same = decide(
    definition,
    times(300, (k) => event({ class: k % 2 ? 'a' : 1 })),
    reference,
  );
  expect(same).toMatchObject({ level: 'ok', value: 0 });
  const odd = decide(
    definition,
    times(300, (k) => event({ class: k % 3 === 0 ? '__proto__' : k % 3 === 1 ? '1' : 'a' })),
    reference,
  );
  expect(odd.level).toBe('fail');
  expect(odd.more.find(({ name }) => name === 'unseen_share')?.value).toBeCloseTo(2 / 3, 12);
});

test('one shifted metric is found among many quiet ones, and the quiet ones stay quiet', () => {
  const random = seededRandom(11);
  const metric: Metric = { type: 'numeric_drift', eventKind: 'prediction', field: 'x' };
  const definition = define(metric, { warn: 0.1, fail: 0.25 });
  const batch = times(20, (k) => {
    const one = contentOf(
      definition,
      times(500, () => event({ x: random() + (k === 7 ? 0.3 : 0) })),
      times(5_000, () => event({ x: random() })),
    );
    return { ...one, content: { ...one.content, monitorId: `mon_${k}` } };
  });
  const { windows, familySize } = decideBatch(batch);
  expect(familySize).toBe(20);
  expect(windows.flatMap(({ monitorId, level }) => (level === 'ok' ? [] : [monitorId]))).toEqual(['mon_7']);
});

const anything = fc.oneof(
  fc.double(),
  fc.constantFrom<EventValue>(
    null,
    'NaN',
    'Infinity',
    '-Infinity',
    '',
    'x',
    true,
    false,
    0,
    -0,
    1e300,
    -1e300,
    5e-324,
    1_700_000_000_000,
  ),
);
const METRICS: Metric[] = [
  { type: 'numeric_drift', eventKind: 'prediction', field: 'x' },
  { type: 'categorical_drift', eventKind: 'prediction', field: 'x' },
  { type: 'rate', eventKind: 'prediction', field: 'x', equals: ['x', true], worse: 'lower' },
  { type: 'missing_rate', eventKind: 'prediction', field: 'x', expects: 'number' },
  { type: 'mean', eventKind: 'prediction', field: 'x', worse: 'higher' },
  { type: 'percentile', eventKind: 'prediction', field: 'x', percent: 99 },
  { type: 'distinct', eventKind: 'prediction', field: 'x', worse: 'lower' },
  { type: 'calibration', field: 'x', label: 'y' },
  { type: 'estimated_accuracy', field: 'x', label: 'y', cut: 0.5 },
  { type: 'calibration_equal_mass', field: 'x', label: 'y' },
  { type: 'brier', field: 'x', label: 'y' },
  { type: 'roc_auc', field: 'x', label: 'y' },
  { type: 'estimated_roc_auc', field: 'x', label: 'y' },
  {
    type: 'fairness_outcome',
    among: 'positives',
    field: 'x',
    equals: ['x', 1],
    label: 'y',
    groupBy: 'half',
    groups: ['0', '1'],
  },
  { type: 'fairness_calibration', field: 'x', label: 'y', groupBy: 'half', groups: ['0', '1'] },
];

test('whatever the values are, the same events in any order give the same bytes, and never an exception', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...METRICS),
      fc.array(fc.tuple(anything, anything), { maxLength: 60 }),
      fc.boolean(),
      (metric, pairs, constant) => {
        const definition = define(metric, { warn: 0.5, fail: 0.5 }, { minimumN: 1 });
        const events = pairs.map(([x, y], k) =>
          event({ x: constant ? 1 : (x ?? null), y: y ?? null }, { segment: { half: String(k % 2) } }),
        );
        const reference = times(200, (k) => event({ x: constant ? 1 : k % 2 ? k / 200 : 'x', y: k % 3 === 0 ? 1 : 0 }));
        const forward = contentOf(definition, events, reference);
        const backward = contentOf(definition, [...events].reverse(), reference);
        expect(canonicalJson(backward.content)).toBe(canonicalJson(forward.content));
        expect(canonicalJson(decideBatch([backward]))).toBe(canonicalJson(decideBatch([forward])));
      },
    ),
    {
      numRuns: 150,
      // What comes true at next to no probability.
      examples: [[{ type: 'calibration_equal_mass', field: 'x', label: 'y' }, [[5e-324, true]], false]],
    },
  );
});
