import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT, monitoringCases, monitoringCasesPresent } from '../../tests/support/monitoring-cases.ts';
import { DistinctCount } from './distinct-count.ts';
import { LogHistogram, RELATIVE_ERROR } from './log-histogram.ts';
import { nearestRank } from './sample.ts';
import { sequenceGaps } from './sequence-gaps.ts';

const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });

test('a quantile of the log histogram is within its relative error of the true one', () => {
  fc.assert(
    fc.property(
      fc.array(positive, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const histogram = new LogHistogram();
        for (const value of values) histogram.add(value);
        const truth = nearestRank(Float64Array.from(values).sort(), q);
        expect(Math.abs(histogram.quantile(q) / truth - 1)).toBeLessThanOrEqual(RELATIVE_ERROR * (1 + 1e-9));
      },
    ),
  );
});

test('log histograms merge to the same buckets in any order and split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(positive, fc.constant(0), fc.constant(-3)), { maxLength: 120 }),
      fc.integer({ min: 1, max: 7 }),
      (values, parts) => {
        const whole = new LogHistogram();
        for (const value of values) whole.add(value);
        const merged = new LogHistogram();
        for (let part = parts - 1; part >= 0; part--) {
          const piece = new LogHistogram();
          values.forEach((value, k) => {
            if (k % parts === part) piece.add(value);
          });
          merged.merge(LogHistogram.from(piece.zeroOrLess, piece.buckets()));
        }
        expect([merged.count, merged.zeroOrLess, merged.buckets()]).toEqual([
          whole.count,
          whole.zeroOrLess,
          whole.buckets(),
        ]);
      },
    ),
  );
});

test('an empty histogram has no quantile', () => {
  expect(new LogHistogram().quantile(0.5)).toBeNaN();
});

test('distinct values are counted exactly up to a thousand and closely beyond', () => {
  const few = new DistinctCount();
  for (let k = 0; k < 3_000; k++) few.add(`user-${k % 900}`);
  expect([few.estimate(), few.isExact]).toEqual([900, true]);
  const many = new DistinctCount();
  const other = new DistinctCount();
  for (let k = 0; k < 60_000; k++) (k % 2 ? many : other).add(`prompt ${k}`);
  many.merge(other);
  expect(many.isExact).toBe(false);
  expect(Math.abs(many.estimate() / 60_000 - 1)).toBeLessThan(0.06);
});

describe.skipIf(!monitoringCasesPresent)(`independent results (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  test('gaps in sequence numbers', () => {
    type Case = {
      declared_first: number;
      declared_last: number;
      received_sequence: number[];
      expected: Record<string, unknown>;
    };
    for (const { declared_first, declared_last, received_sequence, expected } of monitoringCases<Case>(
      'completeness.jsonl',
    )) {
      const found = sequenceGaps(received_sequence, declared_first, declared_last);
      expect([found.unique, found.duplicates, found.missing, found.gaps]).toEqual([
        expected.unique,
        expected.duplicates,
        expected.missing,
        expected.gap_ranges,
      ]);
      expect(found.share).toBeCloseTo(expected.completeness as number, 12);
    }
  });
});

test('numbers outside the declared span are counted apart, and nothing received is one gap', () => {
  expect(sequenceGaps([0, 5, 99], 1, 5)).toMatchObject({ unique: 1, outside: 2, gaps: [[1, 4]] });
  expect(sequenceGaps([], 1, 5)).toMatchObject({ missing: 5, gaps: [[1, 5]], share: 0 });
  expect(sequenceGaps([], 1, 0)).toMatchObject({ missing: 0, gaps: [], share: null });
});
