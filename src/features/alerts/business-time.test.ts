import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueAtMs } from './business-time.ts';
import { clockState } from './list-alerts.ts';
import type { BusinessCalendar } from './settings-model.ts';

const WEEK: BusinessCalendar = {
  timeZone: 'UTC',
  days: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opensAt: '09:00', closesAt: '17:00' })),
  holidays: [],
};
const due = (start: string, minutes: number, calendar: BusinessCalendar | null) =>
  new Date(dueAtMs(Date.parse(start), minutes, calendar)).toISOString();

describe('a clock of business hours', () => {
  test.each([
    ['within one day', '2026-11-23T10:00:00Z', 120, '2026-11-23T12:00:00.000Z'],
    ['up to the last minute of the day', '2026-11-23T10:00:00Z', 420, '2026-11-23T17:00:00.000Z'],
    ['over a night', '2026-11-23T16:00:00Z', 120, '2026-11-24T10:00:00.000Z'],
    ['from before opening', '2026-11-23T03:00:00Z', 30, '2026-11-23T09:30:00.000Z'],
    ['from after closing on Friday', '2026-11-27T18:00:00Z', 60, '2026-11-30T10:00:00.000Z'],
    ['a whole week', '2026-11-23T09:00:00Z', 2_400, '2026-11-27T17:00:00.000Z'],
  ])('runs %s', (_what, start, minutes, expected) => {
    expect(due(start, minutes, WEEK)).toBe(expected);
  });

  test('stands still on holidays', () => {
    expect(due('2026-12-24T16:00:00Z', 120, { ...WEEK, holidays: ['2026-12-25'] })).toBe('2026-12-28T10:00:00.000Z');
  });

  test('follows the wall clock of its zone through a clock change', () => {
    const berlin = { ...WEEK, timeZone: 'Europe/Berlin' };
    // Friday 16:00 in Berlin is 14:00 UTC in summer; Monday 10:00 in Berlin, after the change, is 09:00 UTC.
    expect(due('2026-10-23T14:00:00Z', 120, berlin)).toBe('2026-10-26T09:00:00.000Z');
    // A day of 25 hours is 25 hours long for a calendar that is always open.
    const always = {
      ...berlin,
      days: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opensAt: '00:00', closesAt: '24:00' })),
    };
    expect(due('2026-10-24T22:00:00Z', 25 * 60, always)).toBe('2026-10-25T23:00:00.000Z');
  });

  test('without a calendar counts every minute', () => {
    expect(due('2026-11-28T23:50:00Z', 15, null)).toBe('2026-11-29T00:05:00.000Z');
  });

  test('never ends before the minutes have passed, and more minutes never end earlier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: 1, max: 20_000 }), (start, minutes) => {
        const at = Date.UTC(2026, 0, 1) + start;
        const end = dueAtMs(at, minutes, WEEK);
        expect(end).toBeGreaterThanOrEqual(at + minutes * 60_000);
        expect(dueAtMs(at, minutes + 1, WEEK)).toBeGreaterThan(end);
      }),
      { numRuns: 60 },
    );
  });
});

// Cases with independent truth; skipped where they are not at hand.
const CASES = join(process.cwd(), '../shared/data/monitoring/cases/alert_sla.jsonl');
type Case = {
  id: string;
  sla_minutes: Record<string, number>;
  alerts: { severity: string; fired_at: number; ack_at: number | null }[];
  expected: Record<string, { fired: number; within_sla: number; never_acked: number }>;
};
const cases: Case[] = existsSync(CASES)
  ? readFileSync(CASES, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];

test.skipIf(cases.length === 0).each(cases)('counts the alerts handled in time of case $id', (one) => {
  const counted: Case['expected'] = {};
  for (const { severity, fired_at, ack_at } of one.alerts) {
    counted[severity] ??= { fired: 0, within_sla: 0, never_acked: 0 };
    const count = counted[severity];
    const dueAt = new Date(dueAtMs(fired_at, one.sla_minutes[severity] ?? 0, null));
    const state = clockState(dueAt, ack_at === null ? null : new Date(ack_at), false, new Date(8.64e15));
    count.fired++;
    if (state === 'met') count.within_sla++;
    if (ack_at === null) count.never_acked++;
  }
  expect(counted).toEqual(one.expected);
});
