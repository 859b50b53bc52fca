import { expect, test } from 'vitest';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { adwin, ddm } from '#src/statistics/stream-detectors.ts';
import { contentOf, decide, define, event, times } from '../../../tests/support/monitor-window.ts';
import { type Metric, STREAM_DETECTORS } from './model.ts';

const stream = (detector: (typeof STREAM_DETECTORS)[number], more: object = { equals: [true] }): Metric => ({
  type: 'stream_change',
  eventKind: 'operation',
  field: 'failed',
  detector,
  ...more,
});
const thresholds = { warn: 0, fail: 100 };

/** Calls of which `before` fail up to the middle, and `after` from there on. */
function calls(n: number, before: number, after: number) {
  const random = seededRandom(12);
  return times(n, (k) => event({ failed: random() < (k < n / 2 ? before : after) }, {}, 'operation'));
}

test.each(STREAM_DETECTORS)('%s hears errors rise within a window, after the middle of it', (detector) => {
  const more = detector === 'page_hinkley' ? { equals: [true], threshold: 20 } : { equals: [true] };
  const found = decide(define(stream(detector, more), thresholds), calls(4_000, 0.02, 0.35));
  expect(found.level).toBe('warn');
  expect(found.more.find(({ name }) => name === 'last_change_at')?.value).toBeGreaterThan(1_999);
});

test('what is heard is what the detector says of the same bits, and its state is sealed with the window', () => {
  const events = calls(4_000, 0.02, 0.2);
  for (const [name, detector] of [
    ['adwin', adwin()],
    ['ddm', ddm()],
  ] as const) {
    const changed = events.flatMap(({ id, body }, index) =>
      detector.update(body.values.failed ? 1 : 0) === 'change' ? [{ index, event: id }] : [],
    );
    const counts = contentOf(define(stream(name), thresholds), events).content.series[0]?.counts;
    expect(counts).toMatchObject({ type: 'stream', n: 4_000, changeCount: changed.length, changes: changed });
    expect(changed.length).toBeGreaterThan(0);
    expect(counts?.type === 'stream' && canonicalJson(counts.detector)).toBe(canonicalJson(detector.state()));
  }
});

test('a steady stream is quiet, and what is no number is counted and not listened to', () => {
  expect(decide(define(stream('adwin'), thresholds), calls(4_000, 0.05, 0.05))).toMatchObject({
    value: 0,
    level: 'ok',
  });
  const odd = [null, 'NaN', 'Infinity', '-Infinity', 'x', 1e300, 5e-324].map((failed) =>
    event({ failed }, {}, 'operation'),
  );
  const found = decide(define(stream('page_hinkley', {}), thresholds, { minimumN: 1 }), odd);
  expect(found).toMatchObject({ n: 2, missing: 2, nonfinite: 2, unreadable: 1 });
});
