import { expect, test } from 'vitest';
import { METRIC_WORDS, Metric, type MetricType } from '../model.ts';
import { FIRST_FORM, metricOf } from './metric-form.ts';

const filled = {
  ...FIRST_FORM,
  field: ' status ',
  label: 'truth',
  equals: 'error',
  groupBy: 'region',
  groups: 'eu, us',
};

test.each(Object.keys(METRIC_WORDS) as MetricType[])('a filled form of %s is what the server takes', (type) => {
  expect(Metric.safeParse(metricOf({ ...filled, type })).error).toBeUndefined();
});

test('a judge is asked through a route or at a provider, as chosen', () => {
  const judgeOf = (judgePlace: string) =>
    Metric.parse(metricOf({ ...filled, type: 'hallucination', judgePlace, judgeModel: 'm' }));
  expect(judgeOf('route:grt_1')).toMatchObject({ judge: { routeId: 'grt_1' } });
  expect(judgeOf('provider:gpr_1')).toMatchObject({ judge: { providerId: 'gpr_1' } });
  const both = { routeId: 'grt_1', providerId: 'gpr_1', model: 'm', callsPerHour: 1, tokensPerHour: 1_000 };
  const wrong = Metric.safeParse({ ...metricOf({ ...filled, type: 'hallucination' }), judge: both });
  expect(wrong.error?.issues[0]?.message).toContain('either a route');
});

test('what is typed as a number or a truth value is one, and quotes make it text', () => {
  expect(metricOf({ ...filled, equals: 'timeout, 500, true, "500"' })).toMatchObject({
    field: 'status',
    equals: ['timeout', 500, true, '500'],
  });
});

test('a part that may stay empty is left out, so that the number itself is listened to', () => {
  const metric = metricOf({ ...filled, type: 'stream_change', equals: ' ' });
  expect(metric).not.toHaveProperty('equals');
  expect(Metric.safeParse(metric).error).toBeUndefined();
  const bits = Metric.safeParse(metricOf({ ...filled, type: 'stream_change', detector: 'ddm', equals: '' }));
  expect(bits.error?.issues[0]?.path).toEqual(['equals']);
});
