import { DAY_MS } from '#src/kernel/time.ts';
import type { BusinessCalendar } from './settings-model.ts';

// Ten years of days: a calendar that is closed for longer has no due date worth the name.
const DAYS_MAX = 3_660;

/**
 * The instant (Unix ms) at which `minutes` of business hours have passed since `startMs`. A null calendar counts every
 * minute. Follows the wall clock of the calendar's zone, so a day of a clock change is as long as it really is.
 */
export function dueAtMs(startMs: number, minutes: number, calendar: BusinessCalendar | null): number {
  let restMs = minutes * 60_000;
  if (calendar === null) return startMs + restMs;
  for (const { opensMs, closesMs } of openSpans(startMs, calendar)) {
    const from = Math.max(opensMs, startMs);
    const open = closesMs - from;
    if (open <= 0) continue;
    if (restMs <= open) return from + restMs;
    restMs -= open;
  }
  throw new RangeError('the business calendar has too few open hours');
}

function* openSpans(startMs: number, calendar: BusinessCalendar): Generator<{ opensMs: number; closesMs: number }> {
  const hours = new Map(calendar.days.map((day) => [day.weekday, day]));
  const holidays = new Set(calendar.holidays);
  const zone = zoneOf(calendar.timeZone);
  const first = Date.parse(`${zone.dayOf(startMs)}T00:00:00Z`);
  for (let i = 0; i < DAYS_MAX; i++) {
    const dayMs = first + i * DAY_MS;
    const day = new Date(dayMs);
    const open = hours.get(day.getUTCDay() || 7);
    if (!open || holidays.has(day.toISOString().slice(0, 10))) continue;
    yield { opensMs: zone.instantOf(dayMs, open.opensAt), closesMs: zone.instantOf(dayMs, open.closesAt) };
  }
}

function zoneOf(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  /** What a clock on the wall shows, as if it were UTC. */
  const wallMs = (atMs: number) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(
      parts.year ?? 1970,
      (parts.month ?? 1) - 1,
      parts.day ?? 1,
      parts.hour ?? 0,
      parts.minute ?? 0,
      parts.second ?? 0,
    );
  };
  return {
    dayOf: (atMs: number) => new Date(wallMs(atMs)).toISOString().slice(0, 10),
    instantOf: (dayMs: number, timeOfDay: string) => {
      const [hour = 0, minute = 0] = timeOfDay.split(':').map(Number);
      const wall = dayMs + (hour * 60 + minute) * 60_000;
      // The offset is looked up twice: the first guess may stand on the other side of a clock change.
      const guess = wall - (wallMs(wall) - wall);
      return wall - (wallMs(guess) - guess);
    },
  };
}
