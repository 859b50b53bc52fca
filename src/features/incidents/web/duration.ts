import { count } from '#src/ui/words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A duration in the two units that matter: `4 h 10 min`. A dash where there is none. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < MINUTE_MS) return 'under a minute';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)} min`;
  return `${count(Math.floor(ms / DAY_MS), 'day')} ${Math.floor((ms % DAY_MS) / HOUR_MS)} h`;
}
