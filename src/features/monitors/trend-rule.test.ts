import { expect, test } from 'vitest';
import { DAY_MS, toInstant } from '#src/kernel/time.ts';
import { normalQuantile } from '#src/statistics/normal.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { contentOf, define, event, times } from '../../../tests/support/monitor-window.ts';
import { decideBatch } from './decide.ts';
import type { Metric } from './model.ts';

const metric: Metric = { type: 'mean', eventKind: 'score', field: 'x', worse: 'lower' };
const rule = { trend: { windows: 14, horizon: 20 } };
const START = Date.parse('2026-11-01T00:00:00Z');

/** A window whose mean is `now`, after windows that came to `before`, oldest first. */
function decideAfter(before: readonly (number | null)[], now: number, more: object = rule) {
  const definition = define(metric, { warn: 0.8, fail: 0.7 }, more);
  const random = seededRandom(8);
  const input = contentOf(
    definition,
    times(200, () => event({ x: now + (random() - 0.5) * 0.02 }, {}, 'score')),
  );
  input.content.history = before.flatMap((effect, k) =>
    effect === null ? [] : [{ series: 'all', startsAt: toInstant(START - (before.length - k) * DAY_MS), effect }],
  );
  const decision = decideBatch([input]).windows[0]?.decisions[0];
  if (!decision) throw new Error('nothing was decided');
  return decision;
}

test('a slow decline within the thresholds warns before it reaches one, and says when it would', () => {
  const falling = times(13, (k) => 0.95 - 0.005 * k);
  const found = decideAfter(falling, 0.885);
  expect(found).toMatchObject({ state: 'ok', level: 'warn', reason: 'trend' });
  expect(found.trend?.slope).toBeCloseTo(-0.005, 4);
  expect(Math.round(found.trend?.reachesIn ?? 0)).toBe(17);
  expect(found.trend).toMatchObject({ windows: 14 });
  expect(found.trend?.tau).toBeCloseTo(-1, 12);
});

test('without the rule the same decline says nothing, and its record has no word of a trend', () => {
  const found = decideAfter(
    times(13, (k) => 0.95 - 0.005 * k),
    0.885,
    {},
  );
  expect(found).toMatchObject({ level: 'ok', reason: 'within_thresholds' });
  expect(found).not.toHaveProperty('trend');
});

test('improvement, a steady value, a decline too slow to matter and too few windows do not warn', () => {
  expect(
    decideAfter(
      times(13, (k) => 0.82 + 0.005 * k),
      0.885,
    ).level,
  ).toBe('ok');
  expect(
    decideAfter(
      times(13, () => 0.9),
      0.9,
    ).level,
  ).toBe('ok');
  // At this pace it would take 90 windows.
  expect(
    decideAfter(
      times(13, (k) => 0.95 - 0.0015 * k),
      0.93,
    ),
  ).toMatchObject({ level: 'ok' });
  const few = decideAfter(
    times(6, (k) => 0.95 - 0.01 * k),
    0.885,
  );
  expect(few).toMatchObject({ level: 'ok', trend: null });
});

test('windows without a value are gaps on the line and no steps of it', () => {
  const gaps = times(13, (k) => (k % 3 === 1 ? null : 0.95 - 0.005 * k));
  const found = decideAfter(gaps, 0.885);
  expect(found).toMatchObject({ reason: 'trend' });
  expect(found.trend?.slope).toBeCloseTo(-0.005, 4);
  expect(found.trend?.windows).toBe(10);
});

test('series that only scatter warn about as rarely as is promised', () => {
  const random = seededRandom(77);
  let warned = 0;
  const rounds = 400;
  for (let round = 0; round < rounds; round++) {
    const noise = () => 0.83 + 0.01 * normalQuantile(random() * 0.9998 + 0.0001);
    if (decideAfter(times(13, noise), noise()).level === 'warn') warned++;
  }
  expect(warned / rounds).toBeLessThan(0.05);
});
