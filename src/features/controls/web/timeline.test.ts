import { expect, test } from 'vitest';
import { type Span, segmentsOf, spanAt } from './timeline.ts';

const SPANS: Span[] = [
  { fromAt: '2026-01-01T00:00:00.000Z', toAt: '2026-01-03T00:00:00.000Z', state: 'no_data', because: '' },
  { fromAt: '2026-01-03T00:00:00.000Z', toAt: null, state: 'passing', because: '' },
];
const FROM = Date.parse('2026-01-01T00:00:00.000Z');
const TO = Date.parse('2026-01-05T00:00:00.000Z');

test('spans share the width by the time they lasted', () => {
  const [first, second] = segmentsOf(SPANS, FROM, TO);
  expect(first).toMatchObject({ leftPercent: 0, widthPercent: 50 });
  expect(second).toMatchObject({ leftPercent: 50, widthPercent: 50 });
});

test('a span that began before the picture is cut at its edge, one that ended before is left out', () => {
  const later = Date.parse('2026-01-04T00:00:00.000Z');
  const segments = segmentsOf(SPANS, later, TO);
  expect(segments).toHaveLength(1);
  expect(segments[0]).toMatchObject({ state: 'passing', leftPercent: 0, widthPercent: 100 });
});

test('a very short span stays visible and inside the picture', () => {
  const blink: Span = { fromAt: '2026-01-04T23:59:59.999Z', toAt: null, state: 'failing', because: '' };
  const [segment] = segmentsOf([blink], FROM, TO);
  expect(segment?.widthPercent).toBeGreaterThan(0.5);
  expect((segment?.leftPercent ?? 0) + (segment?.widthPercent ?? 0)).toBeLessThanOrEqual(100);
});

test('the moment of a change belongs to what came after it, and before the first span nothing is known', () => {
  expect(spanAt(SPANS, Date.parse('2026-01-03T00:00:00.000Z'))?.state).toBe('passing');
  expect(spanAt(SPANS, Date.parse('2026-01-02T23:59:59.999Z'))?.state).toBe('no_data');
  expect(spanAt(SPANS, FROM - 1)).toBeUndefined();
});
