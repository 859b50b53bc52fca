import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bandBetween, lineThrough, stepsThrough, ticksOf } from './plot.ts';

const scale = { x: (index: number) => index * 10, y: (value: number) => 100 - value };

test('a gap breaks the line, and a value alone between gaps is still seen', () => {
  expect(lineThrough([1, 2, null, 3, null], scale)).toBe('M0.0 99.0L10.0 98.0M30.0 97.0h0.01');
  expect(lineThrough([null, null], scale)).toBe('');
});

test('a band has one area for each stretch', () => {
  const pair = { low: 1, high: 3 };
  expect(bandBetween([pair, pair, null, pair], scale).match(/Z/g)).toHaveLength(2);
});

test('a threshold that was changed is a step', () => {
  expect(stepsThrough([5, 5, 8], scale)).toBe('M-5.0 95.0L5.0 95.0L5.0 95.0L15.0 95.0L15.0 92.0L25.0 92.0');
});

test('ticks lie between the ends, are few, and are the same distance apart', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6 }), (low, size) => {
      const ticks = ticksOf(low, low + size);
      expect(ticks.length).toBeLessThanOrEqual(6);
      for (const tick of ticks) expect(tick).toBeGreaterThanOrEqual(low - size * 1e-6);
    }),
  );
  expect(ticksOf(1, 1)).toEqual([]);
});
