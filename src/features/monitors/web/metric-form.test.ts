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
