import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';
import type { MonitorDefinition, WindowLength } from './model.ts';

/*
 * Which windows are due follows from the approved definitions alone: nothing here asks whether anything ran. Pure.
 */

const MONDAY_OFFSET_MS = 4 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;

/** The start of the window that holds an instant, in Unix milliseconds. */
export function windowStart(length: WindowLength, atMs: number): number {
  if (length === 'hour') return Math.floor(atMs / HOUR_MS) * HOUR_MS;
  if (length === 'day') return Math.floor(atMs / DAY_MS) * DAY_MS;
  // 1970-01-01 was a Thursday.
  if (length === 'week') return Math.floor((atMs - MONDAY_OFFSET_MS) / WEEK_MS) * WEEK_MS + MONDAY_OFFSET_MS;
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}

/** The end of the window that starts at `startMs`. */
export function windowEnd(length: WindowLength, startMs: number): number {
  if (length === 'hour') return startMs + HOUR_MS;
  if (length === 'day') return startMs + DAY_MS;
  if (length === 'week') return startMs + WEEK_MS;
  const at = new Date(startMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}

/** How long after it is due a window may be closed and still count as on time. */
export const GRACE_MS: Record<WindowLength, number> = {
  hour: HOUR_MS / 2,
  day: 6 * HOUR_MS,
  week: DAY_MS,
  month: DAY_MS,
};

/** One version of a monitor with the time it was in force; `toMs` is null while it is. */
export type VersionSpan = {
  version: number;
  definition: Pick<MonitorDefinition, 'window' | 'watermarkMinutes' | 'paused'>;
  fromMs: number;
  toMs: number | null;
};

export type ExpectedWindow = { version: number; length: WindowLength; startMs: number; endMs: number; dueMs: number };

/**
 * The windows of one monitor that start within [fromMs, toMs) and that it must close, in order. The version in force at the
 * start of a window governs it; the first window of a version starts after its approval, so nothing is expected backwards.
 */
export function expectedWindows(versions: readonly VersionSpan[], fromMs: number, toMs: number): ExpectedWindow[] {
  const windows: ExpectedWindow[] = [];
  for (const { version, definition, ...span } of versions) {
    if (definition.paused) continue;
    const { window: length, watermarkMinutes } = definition;
    const from = Math.max(fromMs, span.fromMs);
    const to = Math.min(toMs, span.toMs ?? Number.POSITIVE_INFINITY);
    let startMs = windowStart(length, from);
    if (startMs < from) startMs = windowEnd(length, startMs);
    for (; startMs < to; startMs = windowEnd(length, startMs)) {
      const endMs = windowEnd(length, startMs);
      windows.push({ version, length, startMs, endMs, dueMs: endMs + watermarkMinutes * 60_000 });
    }
  }
  return windows.sort((a, b) => a.startMs - b.startMs);
}

/** Whether a window that was closed at `closedMs` was closed on time. */
export function isOnTime(window: Pick<ExpectedWindow, 'length' | 'dueMs'>, closedMs: number): boolean {
  return closedMs <= window.dueMs + GRACE_MS[window.length];
}
