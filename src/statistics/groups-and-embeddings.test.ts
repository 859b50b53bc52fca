import { expect, test } from 'vitest';
import { bootstrapInterval } from './bootstrap.ts';
import { domainClassifier, kernelDiscrepancy } from './embedding-drift.ts';
import { fairnessByGroup } from './fairness.ts';
import { normalQuantile } from './normal.ts';
import { seededRandom } from './random.ts';

function cloud(rows: number, width: number, shift: number, seed: number): Float64Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () =>
    Float64Array.from({ length: width }, () => normalQuantile(random() * 0.9998 + 0.0001) + shift),
  );
}

test('embeddings that moved are told apart, by kernel and by classifier', () => {
  const r = cloud(60, 8, 0, 1);
  const moved = cloud(60, 8, 0.8, 2);
  expect(kernelDiscrepancy(r, moved, { permutations: 99 }).p).toBe(0.01);
  const classified = domainClassifier(r, moved);
  expect(classified.auc).toBeGreaterThan(0.9);
  expect(classified.p).toBeLessThan(1e-6);
});

test('embeddings of one source are not told apart', () => {
  const r = cloud(60, 8, 0, 3);
  const same = cloud(60, 8, 0, 4);
  expect(kernelDiscrepancy(r, same, { permutations: 99 }).p).toBeGreaterThan(0.05);
  expect(domainClassifier(r, same).p).toBeGreaterThan(0.05);
});

test('a handful of rows is too little to say anything', () => {
  expect(kernelDiscrepancy(cloud(2, 3, 0, 1), cloud(2, 3, 5, 2)).status).toBe('insufficient_data');
  expect(domainClassifier(cloud(9, 3, 0, 1), cloud(90, 3, 5, 2)).status).toBe('insufficient_data');
});

test('fairness compares groups with enough items and names those without', () => {
  const items = [
    ...Array.from({ length: 100 }, (_, k) => ({ group: 'a', predicted: k < 50, label: k < 40, probability: 0.5 })),
    ...Array.from({ length: 100 }, (_, k) => ({ group: 'b', predicted: k < 20, label: k < 40, probability: 0.5 })),
    { group: 'few', predicted: true, label: null },
  ];
  const { groups, gaps, selectionRatio } = fairnessByGroup(items);
  expect(groups.map(({ group, status }) => `${group} ${status}`)).toEqual(['a ok', 'b ok', 'few insufficient_data']);
  expect(gaps.selection).toBeCloseTo(0.3, 12);
  expect(gaps.truePositiveRate).toBeCloseTo(0.5, 12);
  expect(gaps.falsePositiveRate).toBeCloseTo(10 / 60, 12);
  expect(selectionRatio).toBeCloseTo(0.4, 12);
  expect(groups[0]?.calibrationError).toBeCloseTo(0.1, 12);
  expect(groups[2]?.truePositiveRate).toBeNull();
});

test('a bootstrap interval repeats with its seed, holds the mean, and is wider when items come in clusters', () => {
  const random = seededRandom(5);
  const scores = Array.from({ length: 200 }, (_, k) => (k % 10 === 0 ? random() : 0) + (Math.floor(k / 20) % 2));
  const mean = (indexes: Uint32Array) => indexes.reduce((sum, k) => sum + (scores[k] as number), 0) / indexes.length;
  const plain = bootstrapInterval(200, mean, { seed: 1 });
  expect(bootstrapInterval(200, mean, { seed: 1 })).toEqual(plain);
  const clustered = bootstrapInterval(200, mean, { seed: 1, clusters: scores.map((_, k) => Math.floor(k / 20)) });
  const width = (interval: [number, number] | null) => (interval ? interval[1] - interval[0] : 0);
  expect(width(clustered)).toBeGreaterThan(2 * width(plain));
  expect(bootstrapInterval(1, mean, { seed: 1 })).toBeNull();
});
