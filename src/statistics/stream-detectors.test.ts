import { describe, expect, test } from 'vitest';
import { ABSENT, monitoringCases, monitoringCasesPresent } from '../../tests/support/monitoring-cases.ts';
import { adwin, ddm, eddm, hddmA, pageHinkley, type StreamDetector } from './stream-detectors.ts';

type Case = {
  id: string;
  stream: number[];
  expected: Record<string, number[]>;
  published_by_river_docs?: Record<string, number[]>;
};

const changes = (detector: StreamDetector, stream: number[]) =>
  stream.flatMap((value, index) => (detector.update(value) === 'change' ? [index] : []));

describe.skipIf(!monitoringCasesPresent)(
  `published detections (${monitoringCasesPresent ? 'present' : ABSENT})`,
  () => {
    const detectors: Record<string, () => StreamDetector> = {
      adwin,
      page_hinkley: pageHinkley,
      ddm,
      page_hinkley_threshold10: () => pageHinkley({ threshold: 10 }),
    };
    test.each(monitoringCases<Case>('streaming.jsonl').map((line) => [line.id, line] as const))('%s', (_id, {
      stream,
      expected,
    }) => {
      for (const [name, indexes] of Object.entries(expected))
        expect(changes(detectors[name]?.() as StreamDetector, stream), name).toEqual(indexes);
    });
  },
);

/** A repeatable stream of error bits: rate `before` up to `at`, `after` from there on. */
function errorStream(before: number, after: number, at: number, length: number): number[] {
  let state = 7;
  return Array.from({ length }, (_, k) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff < (k < at ? before : after) ? 1 : 0;
  });
}

test.each([
  ['adwin', adwin],
  ['ddm', ddm],
  ['eddm', eddm],
  ['hddm-a', hddmA],
] as const)('%s hears an error rate that rises from 5 % to 40 %, and soon', (_name, make) => {
  const found = changes(make(), errorStream(0.05, 0.4, 2_000, 3_000)).filter((index) => index >= 2_000);
  expect(found[0]).toBeGreaterThanOrEqual(2_000);
  expect(found[0]).toBeLessThan(2_300);
});

test.each([
  ['adwin', adwin],
  ['hddm-a', hddmA],
  ['page-hinkley', pageHinkley],
] as const)('%s stays quiet on a steady stream', (_name, make) => {
  expect(changes(make(), errorStream(0.1, 0.1, 0, 5_000))).toEqual([]);
});
