import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { expectedWindows, GRACE_MS, isOnTime, type VersionSpan, windowEnd, windowStart } from './window-calendar.ts';

const at = Date.parse;
const span = (
  more: Partial<VersionSpan['definition']>,
  from: string,
  to: string | null = null,
  version = 1,
): VersionSpan => ({
  version,
  definition: { window: 'day', watermarkMinutes: 15, paused: false, ...more },
  fromMs: at(from),
  toMs: to === null ? null : at(to),
});
const starts = (versions: VersionSpan[], from: string, to: string) =>
  expectedWindows(versions, at(from), at(to)).map(({ startMs }) => toInstant(startMs));

test('windows begin at whole hours, days, Mondays and months of UTC', () => {
  const now = at('2026-03-29T02:30:00Z');
  const start = (length: Parameters<typeof windowStart>[0]) => toInstant(windowStart(length, now));
  expect([start('hour'), start('day'), start('week'), start('month')]).toEqual([
    '2026-03-29T02:00:00.000Z',
    '2026-03-29T00:00:00.000Z',
    '2026-03-23T00:00:00.000Z',
    '2026-03-01T00:00:00.000Z',
  ]);
  expect(toInstant(windowEnd('month', at('2028-02-01T00:00:00Z')))).toBe('2028-03-01T00:00:00.000Z');
  expect(toInstant(windowStart('week', at('1969-12-30T00:00:00Z')))).toBe('1969-12-29T00:00:00.000Z');
});

test('the day on which clocks change has 24 windows of an hour like any other', () => {
  const hours = [span({ window: 'hour' }, '2026-01-01T00:00:00Z')];
  expect(starts(hours, '2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z')).toHaveLength(24);
  expect(starts(hours, '2026-10-25T00:00:00Z', '2026-10-26T00:00:00Z')).toHaveLength(24);
});

test('nothing is expected before the approval, and nothing of the day it came on', () => {
  const approved = [span({}, '2026-11-03T10:00:00Z')];
  expect(starts(approved, '2026-11-01T00:00:00Z', '2026-11-06T00:00:00Z')).toEqual([
    '2026-11-04T00:00:00.000Z',
    '2026-11-05T00:00:00.000Z',
  ]);
});

test('the version in force at the start of a window governs it; a pause expects nothing', () => {
  const versions = [
    span({}, '2026-11-01T00:00:00Z', '2026-11-03T12:00:00Z', 1),
    span({ paused: true }, '2026-11-03T12:00:00Z', '2026-11-05T12:00:00Z', 2),
    span({ watermarkMinutes: 60 }, '2026-11-05T12:00:00Z', null, 3),
  ];
  const windows = expectedWindows(versions, at('2026-11-01T00:00:00Z'), at('2026-11-08T00:00:00Z'));
  expect(windows.map(({ startMs, version }) => [toInstant(startMs).slice(8, 10), version])).toEqual([
    ['01', 1],
    ['02', 1],
    ['03', 1],
    ['06', 3],
    ['07', 3],
  ]);
  expect(windows.at(-1)?.dueMs).toBe(at('2026-11-08T01:00:00Z'));
});

test('a window is on time up to its grace, and not a millisecond longer', () => {
  const window = { length: 'day', dueMs: 10 * DAY_MS } as const;
  expect(GRACE_MS.day).toBe(6 * HOUR_MS);
  expect([isOnTime(window, window.dueMs + GRACE_MS.day), isOnTime(window, window.dueMs + GRACE_MS.day + 1)]).toEqual([
    true,
    false,
  ]);
});
