import { expect, test } from 'vitest';
import { mannKendall, theilSen } from './trend.ts';

test('the Mann-Kendall test is exact without ties, and the two sides meet in the observed value', () => {
  // All 5! orders: only one of 120 rises throughout, and five have one inversion at most.
  expect(mannKendall([1, 2, 3, 4, 5])).toMatchObject({ s: 10, tau: 1 });
  expect(mannKendall([1, 2, 3, 4, 5])?.pDown).toBeCloseTo(1, 14);
  expect(mannKendall([1, 2, 3, 4, 5])?.pUp).toBeCloseTo(1 / 120, 14);
  expect(mannKendall([2, 1, 3, 4, 5])?.pUp).toBeCloseTo(5 / 120, 14);
  expect(mannKendall([5, 4, 3, 2, 1])?.pDown).toBeCloseTo(1 / 120, 14);
  // scipy.stats.kendalltau(range(10), ..., alternative='greater')
  const found = mannKendall([4, 1, 3, 2, 5, 8, 6, 10, 7, 9]);
  expect(found?.tau).toBeCloseTo(0.6444444444444444, 14);
  expect(found?.pUp).toBeCloseTo(0.004574239417989418, 14);
});

test('ties are corrected for, and a constant has no trend', () => {
  expect(mannKendall([7, 7, 7, 7, 7])).toEqual({ s: 0, tau: 0, pUp: 1, pDown: 1 });
  // By hand: S = 13, two ties of 2, variance (6 x 5 x 17 - 2 x 2 x 9) / 18 = 26.333, z = 12 / 5.132.
  const found = mannKendall([1, 1, 2, 3, 3, 4]);
  expect(found?.s).toBe(13);
  expect(found?.pUp).toBeCloseTo(0.009681924882731719, 12);
  expect(mannKendall([1, 2, 3])).toBeNull();
});

test('the line of Theil and Sen passes by a wild value and respects gaps', () => {
  const at = [0, 1, 2, 5, 6, 9];
  const line = theilSen(
    at,
    at.map((x) => 0.3 - 0.01 * x),
  );
  expect(line?.slope).toBeCloseTo(-0.01, 12);
  expect(line?.intercept).toBeCloseTo(0.3, 12);
  expect(theilSen([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 300, 4, 5, 6])?.slope).toBeCloseTo(1, 12);
  expect(theilSen([3], [1])).toBeNull();
});
