import { DAY_MS } from '#src/kernel/time.ts';

/** Days from `from` to `to`, with fractions; null where `from` is no time. */
export function daysBetween(from: string, to: string): number | null {
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) ? ms / DAY_MS : null;
}

/** The day of an instant, e.g. `2026-11-23`. */
export function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
