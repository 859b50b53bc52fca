import { and, asc, gte, inArray, lt } from 'drizzle-orm';
import type { Executor } from '#src/platform/database/connect.ts';
import type { GovernedMonitor } from './due-batches.ts';
import type { Level, StateCounts, WindowState } from './model.ts';
import { monitorWindow } from './tables.ts';
import { type ExpectedWindow, expectedWindows, GRACE_MS } from './window-calendar.ts';

/** What an expected window came to, whether or not anything ran. */
export type WindowStanding = {
  window: ExpectedWindow;
  state: WindowState | 'pending';
  level: Level;
  /** The newest version; null where nothing was recorded. */
  recorded: RecordedWindow | null;
  versions: number;
  /** Of a missed window: what it came to when it was computed after all. */
  recomputed: WindowState | null;
};

type RecordedWindow = Pick<
  typeof monitorWindow.$inferSelect,
  | 'id'
  | 'monitorId'
  | 'monitorVersion'
  | 'baselineId'
  | 'startsAt'
  | 'version'
  | 'state'
  | 'level'
  | 'n'
  | 'cause'
  | 'closedAt'
>;

/**
 * Every expected window of each monitor that starts within [fromMs, toMs), with exactly one state. The calendar comes from
 * the approved definitions; what ran is laid beside it, so that a window nobody closed shows as missed by itself.
 */
export async function windowStandings(
  executor: Executor,
  monitors: readonly GovernedMonitor[],
  { fromMs, toMs, nowMs }: { fromMs: number; toMs: number; nowMs: number },
): Promise<Map<string, WindowStanding[]>> {
  const recorded = await recordedWindows(
    executor,
    monitors.map(({ monitorId }) => monitorId),
    fromMs,
    toMs,
  );
  return new Map(
    monitors.map(({ monitorId, versions }) => {
      const held = recorded.get(monitorId);
      const expected = expectedWindows(versions, fromMs, Math.min(toMs, nowMs));
      return [monitorId, expected.map((window) => standingOf(window, held?.get(window.startMs) ?? [], nowMs))];
    }),
  );
}

async function recordedWindows(
  executor: Executor,
  monitorIds: string[],
  fromMs: number,
  toMs: number,
): Promise<Map<string, Map<number, RecordedWindow[]>>> {
  const byMonitor = new Map<string, Map<number, RecordedWindow[]>>();
  if (monitorIds.length === 0) return byMonitor;
  const rows = await executor
    .select({
      id: monitorWindow.id,
      monitorId: monitorWindow.monitorId,
      monitorVersion: monitorWindow.monitorVersion,
      baselineId: monitorWindow.baselineId,
      startsAt: monitorWindow.startsAt,
      version: monitorWindow.version,
      state: monitorWindow.state,
      level: monitorWindow.level,
      n: monitorWindow.n,
      cause: monitorWindow.cause,
      closedAt: monitorWindow.closedAt,
    })
    .from(monitorWindow)
    .where(
      and(
        inArray(monitorWindow.monitorId, monitorIds),
        gte(monitorWindow.startsAt, new Date(fromMs)),
        lt(monitorWindow.startsAt, new Date(toMs)),
      ),
    )
    .orderBy(asc(monitorWindow.version));
  for (const row of rows) {
    let byStart = byMonitor.get(row.monitorId);
    if (!byStart) {
      byStart = new Map();
      byMonitor.set(row.monitorId, byStart);
    }
    const startMs = row.startsAt.getTime();
    const held = byStart.get(startMs);
    if (held) held.push(row);
    else byStart.set(startMs, [row]);
  }
  return byMonitor;
}

function standingOf(window: ExpectedWindow, rows: readonly RecordedWindow[], nowMs: number): WindowStanding {
  const first = rows[0];
  const last = rows.at(-1);
  if (!first || !last) {
    // Nothing ran: before its time that is nothing, after it the window is missed, whoever is or is not there to say so.
    const state = nowMs > window.dueMs + GRACE_MS[window.length] ? 'missed' : 'pending';
    return { window, state, level: 'none', recorded: null, versions: 0, recomputed: null };
  }
  const missed = first.state === 'missed';
  return {
    window,
    state: missed ? 'missed' : last.state,
    level: missed ? 'none' : last.level,
    recorded: last,
    versions: rows.length,
    recomputed: missed && last !== first ? last.state : null,
  };
}

export function noStates(): StateCounts {
  return { expected: 0, ok: 0, breach: 0, insufficient_data: 0, error: 0, missed: 0, pending: 0, warned: 0 };
}

/** How many windows ended how: `expected` is the sum of the five ends. */
export function countStandings(
  standings: Iterable<Pick<WindowStanding, 'state' | 'level'>>,
  into = noStates(),
): StateCounts {
  for (const { state, level } of standings) {
    into[state]++;
    if (state !== 'pending') into.expected++;
    if (state === 'ok' && level === 'warn') into.warned++;
  }
  return into;
}

export function addStates(into: StateCounts, counts: StateCounts): void {
  for (const member of Object.keys(counts) as (keyof StateCounts)[]) into[member] += counts[member];
}
