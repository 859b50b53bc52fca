/** An instant as ISO 8601 in UTC with milliseconds, e.g. `2026-11-23T08:53:33.123Z`. */
export type Instant = string;

/** A source of the present moment in Unix milliseconds. Handed in, so that tests and replays choose the time. */
export type Clock = () => number;

export function toInstant(atMs: number): Instant {
  return new Date(atMs).toISOString();
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
