import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CategoryCounts, categoryOf } from './category-counts.ts';
import { DistinctCount } from './distinct-count.ts';
import { ExactSum } from './exact-sum.ts';
import { momentsOf, NumericCounts } from './numeric-counts.ts';
import { moments } from './sample.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const RUNS = { numRuns: 60 };

/** The values of each part, in another order and another split, some of them through their stored form. */
function inPieces<Counts extends { merge(other: Counts): void }, Value>(
  values: readonly Value[],
  parts: number,
  make: () => Counts,
  take: (counts: Counts, value: Value) => void,
  stored: (counts: Counts) => Counts,
): Counts {
  const whole = make();
  for (let part = parts - 1; part >= 0; part--) {
    const piece = make();
    for (let k = values.length - 1; k >= 0; k--) if (k % parts === part) take(piece, values[k] as Value);
    whole.merge(part % 2 === 0 ? stored(piece) : piece);
  }
  return whole;
}

test('a sum is exact whatever cancels', () => {
  const sum = new ExactSum();
  for (const value of [1e308, 1, -1e308, 5e-324, -1, 0.1, 0.2, -0.3]) sum.add(value);
  // The three doubles nearest 0.1, 0.2 and 0.3, added as the fractions they are.
  expect(sum.toNumber()).toBe(2 ** -55);
  const tiny = new ExactSum();
  for (let k = 0; k < 3; k++) tiny.add(5e-324);
  expect(tiny.toNumber()).toBe(3 * 5e-324);
});

test('a sum of whole numbers is the sum of whole numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger(), { maxLength: 60 }), (values) => {
      const sum = new ExactSum();
      for (const value of values) sum.add(value);
      expect(sum.toNumber()).toBe(Number(values.reduce((total, value) => total + BigInt(value), 0n)));
    }),
    RUNS,
  );
});

test('numeric counts give the same bytes in any order and split', () => {
  const anything = fc.oneof(finite, fc.constantFrom(null, 'NaN', 'Infinity', 'text', true, -0, 0, 1e300, 5e-324));
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (values, parts) => {
      const make = () => new NumericCounts({ edges: [-1, 0, 1.5], log: true });
      const whole = make();
      for (const value of values) whole.take(value);
      const pieces = inPieces(
        values,
        parts,
        make,
        (counts, value) => counts.take(value),
        (counts) => NumericCounts.from(JSON.parse(JSON.stringify(counts.state()))),
      );
      expect(JSON.stringify(pieces.state())).toBe(JSON.stringify(whole.state()));
    }),
    RUNS,
  );
});

test('mean and spread are right far from zero, where a naive sum of squares fails', () => {
  for (const offset of [0, 1e15, 1.7e12, -3e8]) {
    const values = Float64Array.from({ length: 500 }, (_, k) => offset + (k % 17) * 0.5);
    const counts = new NumericCounts();
    for (const value of values) counts.add(value);
    const found = momentsOf(counts.state());
    const truth = moments(values);
    expect(found?.mean).toBeCloseTo(truth.mean, 9);
    expect((found?.std ?? 0) / truth.std).toBeCloseTo(1, 9);
  }
  const constant = new NumericCounts();
  for (let k = 0; k < 100; k++) constant.add(1e300);
  expect(momentsOf(constant.state())).toEqual({ mean: 1e300, std: 0 });
  expect(momentsOf(new NumericCounts().state())).toBeNull();
});

test('categories keep their JSON type and code points, and any name is one', () => {
  const counts = new CategoryCounts(['s:1', 'n:1', 's:__proto__']);
  for (const value of [1, '1', true, 'true', '__proto__', '\u00e9', 'e\u0301', null, undefined, '']) counts.take(value);
  expect(counts.state()).toMatchObject({ n: 8, missing: 2, known: [1, 1, 1], unseen: 5 });
  expect(new Map(counts.state().kept).get('s:')).toBe(1);
  expect(categoryOf(null)).toBeNull();
});

test('category counts give the same bytes in any order and split, however many categories come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 600 }),
      fc.integer({ min: 1, max: 5 }),
      (values, parts) => {
        const known = ['n:1', 'n:2'];
        const make = () => new CategoryCounts(known);
        const whole = make();
        for (const value of values) whole.take(value);
        const pieces = inPieces(
          values,
          parts,
          make,
          (counts, value) => counts.take(value),
          (counts) => CategoryCounts.from(JSON.parse(JSON.stringify(counts.state())), known),
        );
        expect(pieces.state()).toEqual(whole.state());
        expect(whole.state().kept.length).toBeLessThanOrEqual(100);
      },
    ),
    RUNS,
  );
});

test('distinct counts come back from their stored form, exact or not', () => {
  for (const size of [0, 7, 5_000]) {
    const [left, right, whole] = [new DistinctCount(), new DistinctCount(), new DistinctCount()];
    for (let k = 0; k < size; k++) {
      (k % 2 ? left : right).add(`user ${k}`);
      whole.add(`user ${k}`);
    }
    left.merge(DistinctCount.from(right.state()));
    expect(left.state()).toEqual(whole.state());
    expect(left.estimate()).toBe(whole.estimate());
  }
});
