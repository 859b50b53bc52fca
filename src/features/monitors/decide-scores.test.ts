import { expect, test } from 'vitest';
import { brier, brierParts, reliability } from '#src/statistics/calibration.ts';
import { rocAuc } from '#src/statistics/discrimination.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { contentOf, decide, define, event, times } from '../../../tests/support/monitor-window.ts';
import type { CountedEvent } from './event-values.ts';
import type { Decision, Metric } from './model.ts';

const more = (decision: Decision, name: string) => decision.more.find((one) => one.name === name)?.value;

/** Labels of predictions; `slope` 1 is a model that is right about itself, 0 one that tells nothing apart. */
function labels(n: number, slope: number, seed = 3): { events: CountedEvent[]; p: number[]; y: number[] } {
  const random = seededRandom(seed);
  const p = times(n, () => random());
  const y = p.map((score) => (random() < 0.5 + slope * (score - 0.5) ? 1 : 0));
  const events = p.map((score, k) => ({ ...event({ y: y[k] ?? 0 }, {}, 'label'), subject: event({ p: score }).body }));
  return { events, p, y };
}

test('the area under the ROC curve has DeLong’s interval, and alarms where it lies below by more than chance', () => {
  const definition = define({ type: 'roc_auc', field: 'p', label: 'y' }, { warn: 0.75, fail: 0.7 });
  const good = labels(2_000, 1);
  const truth = rocAuc(good.y, good.p);
  const found = decide(definition, good.events);
  expect(found).toMatchObject({ level: 'ok', n: 2_000 });
  expect(found.value).toBeCloseTo(truth?.auc ?? 0, 12);
  expect(found.interval?.[0]).toBeCloseTo((truth?.auc ?? 0) - 1.959963984540054 * (truth?.standardError ?? 0), 10);
  expect(decide(definition, labels(2_000, 0.2).events)).toMatchObject({ level: 'fail', state: 'breach' });
  // 60 labels that come to 0.69 cannot tell it from 0.75.
  const few = decide(definition, labels(60, 0.6, 8).events);
  expect(few).toMatchObject({ level: 'ok', reason: 'not_significant' });
  expect(few.value).toBeCloseTo(0.692, 3);
  const onlyPositives = times(100, () => event({ p: 0.7, y: 1 }));
  expect(decide(definition, onlyPositives)).toMatchObject({ state: 'insufficient_data', reason: 'too_few_labels' });
});

test('the Brier score comes with its parts, and with what the same probabilities would score were they true', () => {
  const definition = define({ type: 'brier', field: 'p', label: 'y' }, { warn: 0.2, fail: 0.24 });
  const { events, p, y } = labels(3_000, 1);
  const found = decide(definition, events);
  const parts = brierParts(reliability(y, p));
  expect(found.value).toBeCloseTo(brier(y, p), 12);
  expect(more(found, 'reliability')).toBeCloseTo(parts.reliability, 12);
  expect(more(found, 'resolution')).toBeCloseTo(parts.resolution, 12);
  expect(found.noiseFloor).toBeCloseTo(p.reduce((sum, one) => sum + one * (1 - one), 0) / 3_000, 12);
  expect(found.level).toBe('ok');
  expect(decide(definition, labels(3_000, 0).events)).toMatchObject({ level: 'fail' });
});

test('bins of equal count: ties are not sorted by their labels, so one probability for all is not seen as miscalibrated', () => {
  const definition = define({ type: 'calibration_equal_mass', field: 'p', label: 'y' }, { warn: 0.05, fail: 0.1 });
  const constant = times(2_000, (k) => event({ p: 0.3, y: k % 10 < 3 ? 1 : 0 }));
  const found = decide(definition, constant);
  expect(found.level).toBe('ok');
  expect(found.value ?? 1).toBeLessThan(0.06);
  expect(
    decide(
      definition,
      times(2_000, (k) => event({ p: 0.8, y: k % 2 })),
    ),
  ).toMatchObject({ level: 'fail' });
});

test('the area is estimated before labels are there, and falls where the scores stop telling cases apart', () => {
  const metric: Metric = { type: 'estimated_roc_auc', field: 'p', label: 'y' };
  const definition = define(metric, { warn: 0.03, fail: 0.08 });
  const reference = labels(4_000, 1, 9);
  const random = seededRandom(21);
  const sure = times(1_000, () => event({ p: random() }));
  const found = decide(definition, sure, reference.events);
  expect(found.level).toBe('ok');
  expect(found.value).toBeCloseTo(rocAuc(reference.y, reference.p)?.auc ?? 0, 1);
  const vague = times(1_000, () => event({ p: 0.4 + 0.2 * random() }));
  expect(decide(definition, vague, reference.events)).toMatchObject({ level: 'fail' });
  expect(decide(definition, sure)).toMatchObject({ state: 'insufficient_data', reason: 'no_baseline' });
});

test('a window of more labels than are kept says how many it judged, and which they are does not depend on the order', () => {
  const definition = define({ type: 'brier', field: 'p', label: 'y' }, { warn: 0.2, fail: 0.24 });
  const { events } = labels(12_000, 1);
  const found = decide(definition, events);
  expect([found.n, more(found, 'cases_kept')]).toEqual([12_000, 10_000]);
  const backward = contentOf(definition, [...events].reverse());
  expect(backward.content.series).toEqual(contentOf(definition, events).content.series);
});

const OUTCOMES = { field: 'yes', equals: [true], label: 'y', groupBy: 'g', groups: ['a', 'b', 'c'] };
const cases = (g: string, label: 0 | 1, n: number, chosen: number) =>
  times(n, (k) => ({
    ...event({ y: label }, {}, 'label'),
    subject: event({ yes: k < chosen }, { segment: { g } }).body,
  }));

test('true and false positive rates are compared between groups among cases whose outcome is known', () => {
  const equal = { ...OUTCOMES, type: 'fairness_outcome', among: 'positives' } as const;
  const events = [
    ...cases('a', 1, 400, 320),
    ...cases('a', 0, 400, 40),
    ...cases('b', 1, 300, 180),
    ...cases('b', 0, 300, 30),
    ...cases('c', 1, 12, 0),
  ];
  const found = decide(define(equal, { warn: 0.05, fail: 0.1 }), events);
  // 0.8 against 0.6; Newcombe's interval by statsmodels: confint_proportions_2indep(320, 400, 180, 300, method='newcomb').
  expect(found.value).toBeCloseTo(0.2, 12);
  expect(found.interval?.[0]).toBeCloseTo(0.1315, 3);
  expect(found.interval?.[1]).toBeCloseTo(0.2672, 3);
  expect(found).toMatchObject({ n: 712, level: 'fail', state: 'breach' });
  expect(more(found, 'n c')).toBe(12);
  // Two groups: the mean size of the difference of two normal errors.
  const [pooled, spread] = [500 / 700, 1 / 400 + 1 / 300];
  expect(found.noiseFloor).toBeCloseTo(Math.sqrt((2 / Math.PI) * pooled * (1 - pooled) * spread), 12);
  const false_ = decide(define({ ...equal, among: 'negatives' }, { warn: 0.05, fail: 0.1 }), events);
  expect(false_).toMatchObject({ value: 0, level: 'ok', n: 700 });
  const one = decide(define(equal, { warn: 0.05, fail: 0.1 }), cases('a', 1, 400, 320));
  expect(one).toMatchObject({ state: 'insufficient_data', reason: 'too_few_labels' });
});

test('probabilities that hold for one group and not for another are found, and small groups are not judged', () => {
  const metric: Metric = {
    type: 'fairness_calibration',
    field: 'p',
    label: 'y',
    groupBy: 'g',
    groups: ['a', 'b', 'c'],
  };
  const random = seededRandom(4);
  const of = (g: string, n: number, slope: number) =>
    times(n, () => {
      const p = random();
      return event({ p, y: random() < p * slope ? 1 : 0 }, { segment: { g } });
    });
  const definition = define(metric, { warn: 0.03, fail: 0.06 });
  const fair = decide(definition, [...of('a', 2_000, 1), ...of('b', 2_000, 1), ...of('c', 20, 0)]);
  expect(fair.level).toBe('ok');
  expect(more(fair, 'error c')).toBeNull();
  const unfair = decide(definition, [...of('a', 2_000, 1), ...of('b', 2_000, 0.6)]);
  expect(unfair).toMatchObject({ level: 'fail' });
  expect(unfair.value).toBe(more(unfair, 'error b'));
});
