import * as z from 'zod';

/** Lengths of windows, all in UTC: days have 24 hours whatever clocks on walls do. Weeks begin on Monday. */
export const WINDOW_LENGTHS = ['hour', 'day', 'week', 'month'] as const;
export const WindowLength = z.enum(WINDOW_LENGTHS);
export type WindowLength = z.infer<typeof WindowLength>;

/** How an expected window ends: as exactly one of these. */
export const WINDOW_STATES = ['ok', 'breach', 'insufficient_data', 'error', 'missed'] as const;
export const WindowState = z.enum(WINDOW_STATES);
export type WindowState = z.infer<typeof WindowState>;
/** `none` where nothing could be decided. */
export const Level = z.enum(['ok', 'warn', 'fail', 'none']);
export type Level = z.infer<typeof Level>;

/** What a window came to for one series. `series` is `all`, or `key=value` of a declared segment. */
export const Point = z
  .object({
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    windowId: z.string().nullable(),
    /** `pending` before it is due. */
    state: z.enum([...WINDOW_STATES, 'pending']),
    level: Level,
    n: z.number().int(),
    value: z.number().nullable(),
    effect: z.number().nullable(),
    noiseFloor: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    pAdjusted: z.number().nullable(),
    warn: z.number().nullable(),
    fail: z.number().nullable(),
    monitorVersion: z.number().int().nullable(),
    baselineId: z.string().nullable(),
    /** How many versions there are; above 1 late events corrected it, or it was computed after it was missed. */
    versions: z.number().int(),
    /** What a missed window came to when it was computed after all. */
    recomputed: WindowState.nullable(),
  })
  .meta({ id: 'MonitorPoint' });
export type Point = z.infer<typeof Point>;

export const StateCounts = z
  .object({
    expected: z.number().int(),
    ok: z.number().int(),
    breach: z.number().int(),
    insufficient_data: z.number().int(),
    error: z.number().int(),
    missed: z.number().int(),
    /** Expected, and not due yet. Not counted in `expected`. */
    pending: z.number().int(),
    /** Of `ok`, how many warned. */
    warned: z.number().int(),
  })
  .meta({ id: 'MonitorStateCounts' });
export type StateCounts = z.infer<typeof StateCounts>;
