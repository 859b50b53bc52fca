import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';

/*
 * When runs of the control tests are due. Pure.
 *
 * A run is due in every hour (UTC). Runs are announced for a day at a time, so that the ledger holds two entries a day for
 * them and not one for each test and hour. Periods follow each other without gaps: after an outage one period, announced
 * late, covers the hours that nobody announced.
 */

/** Hours from `fromMs` to `toMs`, not included, in each of which one run is due. */
export type RunPeriod = { fromMs: number; toMs: number; late: boolean };

/** How far ahead runs are announced at least: until the end of tomorrow. */
const AHEAD_DAYS = 2;

/** The periods to announce now, given where the last one ends; none while enough is announced. */
export function periodsToAnnounce(lastToMs: number | null, nowMs: number): RunPeriod[] {
  const nextHourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS + HOUR_MS;
  const periods: RunPeriod[] = [];
  let fromMs = lastToMs ?? nextHourMs;
  if (fromMs < nextHourMs) {
    periods.push({ fromMs, toMs: nextHourMs, late: true });
    fromMs = nextHourMs;
  }
  const untilMs = (Math.floor(nowMs / DAY_MS) + AHEAD_DAYS) * DAY_MS;
  while (fromMs < untilMs) {
    const toMs = Math.floor(fromMs / DAY_MS) * DAY_MS + DAY_MS;
    periods.push({ fromMs, toMs, late: false });
    fromMs = toMs;
  }
  return periods;
}

export function runsDue({ fromMs, toMs }: Pick<RunPeriod, 'fromMs' | 'toMs'>): number {
  return (toMs - fromMs) / HOUR_MS;
}

/** Hours of the period without a run, as stretches: beginning of the first, end of the last. */
export function missedStretches(
  { fromMs, toMs }: Pick<RunPeriod, 'fromMs' | 'toMs'>,
  runsAtMs: readonly number[],
): { fromMs: number; toMs: number }[] {
  const hours = new Set(runsAtMs.map((atMs) => Math.floor(atMs / HOUR_MS) * HOUR_MS));
  const missed: { fromMs: number; toMs: number }[] = [];
  for (let hourMs = fromMs; hourMs < toMs; hourMs += HOUR_MS) {
    if (hours.has(hourMs)) continue;
    const last = missed.at(-1);
    if (last?.toMs === hourMs) last.toMs += HOUR_MS;
    else missed.push({ fromMs: hourMs, toMs: hourMs + HOUR_MS });
  }
  return missed;
}

export function hoursOf(stretches: readonly { fromMs: number; toMs: number }[]): number {
  return stretches.reduce((sum, stretch) => sum + runsDue(stretch), 0);
}
