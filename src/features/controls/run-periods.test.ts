import { describe, expect, test } from 'vitest';
import { HOUR_MS, toInstant } from '#src/kernel/time.ts';
import { hoursOf, missedStretches, periodsToAnnounce, runsDue } from './run-periods.ts';

const at = (text: string) => Date.parse(text);
const told = (lastTo: string | null, now: string) =>
  periodsToAnnounce(lastTo === null ? null : at(lastTo), at(now)).map(({ fromMs, toMs, late }) => [
    toInstant(fromMs).slice(5, 16),
    toInstant(toMs).slice(5, 16),
    late,
  ]);

describe('what is announced', () => {
  test('the first time: the rest of today from the next hour on, and tomorrow', () => {
    expect(told(null, '2026-11-23T14:20:00Z')).toEqual([
      ['11-23T15:00', '11-24T00:00', false],
      ['11-24T00:00', '11-25T00:00', false],
    ]);
    expect(told(null, '2026-11-23T23:30:00Z')).toEqual([['11-24T00:00', '11-25T00:00', false]]);
  });

  test('once a day one more day, and nothing in between', () => {
    expect(told('2026-11-25T00:00:00Z', '2026-11-23T15:07:00Z')).toEqual([]);
    expect(told('2026-11-25T00:00:00Z', '2026-11-23T23:59:59Z')).toEqual([]);
    expect(told('2026-11-25T00:00:00Z', '2026-11-24T00:07:00Z')).toEqual([['11-25T00:00', '11-26T00:00', false]]);
  });

  test('after an outage the hours nobody announced are one late period', () => {
    expect(told('2026-11-25T00:00:00Z', '2026-12-01T10:30:00Z')).toEqual([
      ['11-25T00:00', '12-01T11:00', true],
      ['12-01T11:00', '12-02T00:00', false],
      ['12-02T00:00', '12-03T00:00', false],
    ]);
  });

  test('a clock that was set back announces nothing twice', () => {
    expect(told('2026-11-25T00:00:00Z', '2026-11-20T10:30:00Z')).toEqual([]);
  });
});

test('what did not take place is told in stretches', () => {
  const period = { fromMs: at('2026-11-23T00:00:00Z'), toMs: at('2026-11-24T00:00:00Z') };
  const hours = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => period.fromMs + (from + i) * HOUR_MS + 420_000);
  expect(runsDue(period)).toBe(24);
  expect(missedStretches(period, hours(0, 24))).toEqual([]);
  const missed = missedStretches(period, [...hours(2, 5), ...hours(6, 24), period.toMs + 1]);
  expect(missed.map(({ fromMs, toMs }) => [toInstant(fromMs).slice(11, 16), toInstant(toMs).slice(11, 16)])).toEqual([
    ['00:00', '02:00'],
    ['05:00', '06:00'],
  ]);
  expect(hoursOf(missed)).toBe(3);
  expect(hoursOf(missedStretches(period, []))).toBe(24);
});
