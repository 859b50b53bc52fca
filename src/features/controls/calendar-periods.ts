/** Frequencies of a control that come round by the calendar. The others happen all the time, or when something happens. */
export const PERIODIC_FREQUENCIES = ['daily', 'weekly', 'monthly', 'quarterly', 'semiannual', 'annual'] as const;
export type PeriodicFrequency = (typeof PERIODIC_FREQUENCIES)[number];
export type CalendarPeriod = { fromMs: number; toMs: number };

const DAY_MS = 86_400_000;
// 1970-01-01 was a Thursday; weeks begin on Monday, as those of monitors do.
const MONDAY_OFFSET_MS = 4 * DAY_MS;
const MONTHS: Record<Exclude<PeriodicFrequency, 'daily' | 'weekly'>, number> = {
  monthly: 1,
  quarterly: 3,
  semiannual: 6,
  annual: 12,
};

/** The periods that end within (fromMs, toMs], in UTC, oldest first, with the one that is under way at `toMs`. Pure. */
export function periodsEnding(frequency: PeriodicFrequency, fromMs: number, toMs: number): CalendarPeriod[] {
  const periods: CalendarPeriod[] = [];
  let period = periodAround(frequency, fromMs);
  for (;;) {
    if (period.toMs > fromMs) periods.push(period);
    if (period.toMs > toMs) return periods;
    period = periodAround(frequency, period.toMs);
  }
}

function periodAround(frequency: PeriodicFrequency, atMs: number): CalendarPeriod {
  if (frequency === 'daily') return even(atMs, DAY_MS, 0);
  if (frequency === 'weekly') return even(atMs, 7 * DAY_MS, MONDAY_OFFSET_MS);
  const at = new Date(atMs);
  const length = MONTHS[frequency];
  const month = Math.floor(at.getUTCMonth() / length) * length;
  return {
    fromMs: Date.UTC(at.getUTCFullYear(), month, 1),
    toMs: Date.UTC(at.getUTCFullYear(), month + length, 1),
  };
}

function even(atMs: number, lengthMs: number, offsetMs: number): CalendarPeriod {
  const fromMs = Math.floor((atMs - offsetMs) / lengthMs) * lengthMs + offsetMs;
  return { fromMs, toMs: fromMs + lengthMs };
}
