import { expect, test } from 'vitest';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { projectVector } from '#src/statistics/projection.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { contentOf, decide, define, event, times } from '../../../tests/support/monitor-window.ts';
import { decideBatch } from './decide.ts';
import type { Metric } from './model.ts';

const METRICS = [
  [
    { type: 'embedding_mmd_drift', eventKind: 'prediction', field: 'e', sample: 100 },
    { warn: 0.01, fail: 0.03 },
  ],
  [
    { type: 'embedding_classifier_drift', eventKind: 'prediction', field: 'e', sample: 100 },
    { warn: 0.6, fail: 0.7 },
  ],
] as const satisfies [Metric, { warn: number; fail: number }][];

/** Embeddings of 64 numbers; `share` of them come from another topic. */
function vectors(n: number, share: number, seed: number) {
  const random = seededRandom(seed);
  return times(n, () => {
    const isOther = random() < share;
    const vector = times(64, (k) => random() - 0.5 + (isOther && k < 32 ? 0.8 : 0));
    return event({}, { projections: { e: projectVector(vector) } });
  });
}

test.each(METRICS)('$type finds a new topic, and nothing where nothing is new', (metric, thresholds) => {
  const definition = define(metric, thresholds);
  const reference = vectors(1_000, 0, 1);
  const same = decide(definition, vectors(400, 0, 2), reference);
  expect(same).toMatchObject({ level: 'ok', n: 400 });
  expect(same.more).toContainEqual({ name: 'vectors_compared', value: 100 });
  expect(same.more).toContainEqual({ name: 'vectors_of_baseline', value: 200 });
  const moved = decide(definition, vectors(400, 0.6, 3), reference);
  expect(moved).toMatchObject({ level: 'fail', state: 'breach' });
  // The tail reaches below what 999 permutations can count, so that one test among many can still be significant.
  expect(moved.p ?? 1).toBeLessThan(1e-4);
});

test.each(METRICS)('$type: too few vectors, none at all, or no baseline say so', (metric, thresholds) => {
  const definition = define(metric, thresholds);
  const reference = vectors(300, 0, 1);
  expect(decide(definition, vectors(49, 0, 2), reference)).toMatchObject({ reason: 'too_few', level: 'none' });
  const bare = decide(
    definition,
    times(200, () => event({ e: 1 })),
    reference,
  );
  expect(bare).toMatchObject({ reason: 'too_few', n: 0, missing: 200, state: 'insufficient_data' });
  expect(decide(definition, vectors(200, 0, 2))).toMatchObject({ reason: 'no_baseline' });
});

test.each(
  METRICS,
)('$type: a sealed window holds the sample itself, whatever the order of its events', (metric, thresholds) => {
  const definition = define(metric, thresholds);
  const reference = vectors(300, 0, 1);
  const events = vectors(400, 0.5, 5);
  const forward = contentOf(definition, events, reference);
  const backward = contentOf(definition, [...events].reverse(), [...reference].reverse());
  expect(canonicalJson(backward)).toBe(canonicalJson(forward));
  // 100 rows of 16 numbers in single precision, as base64.
  const [series] = forward.content.series;
  expect(series?.counts.type === 'vectors' && series.counts.rows).toHaveLength(Math.ceil((100 * 16 * 4) / 3) * 4);
  const replayed = JSON.parse(canonicalJson(forward));
  expect(canonicalJson(decideBatch([replayed]))).toBe(canonicalJson(decideBatch([forward])));
});

test('identical vectors on both sides are no drift and no exception', () => {
  const constant = (n: number) => times(n, () => event({}, { projections: { e: projectVector(times(8, () => 1)) } }));
  for (const [metric, thresholds] of METRICS)
    expect(decide(define(metric, thresholds), constant(200), constant(300))).toMatchObject({ level: 'ok' });
});
