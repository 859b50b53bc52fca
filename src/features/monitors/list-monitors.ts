import { inArray } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { unknownMonitor } from './change-monitor.ts';
import { governedMonitors } from './due-batches.ts';
import { judgingSummaries } from './judging-summary.ts';
import { type Calendar, type MonitorDetail, type MonitorRow, needsBaseline, type Point } from './model.ts';
import {
  type Period,
  presentBaseline,
  presentVersion,
  type Reading,
  type WholeMonitor,
  wholeMonitors,
  whoOf,
} from './present.ts';
import { ALL, seriesOf } from './series-counts.ts';
import { monitorDecision } from './tables.ts';
import { addStates, countStandings, noStates, type WindowStanding, windowStandings } from './window-states.ts';

/** Points a monitor shows in a list: the last ones of the period. */
const LISTED_POINTS = 92;
/** Windows one page may ask for. */
const WINDOWS_MAX = 3_000;

/** Monitors with how their windows ended and the whole's numbers, gaps included. */
export async function listMonitors(
  reading: Reading,
  of: { systemId?: string | undefined },
  period: Period,
): Promise<MonitorRow[]> {
  const { executor } = reading;
  const monitors = await wholeMonitors(executor, of);
  const governed = await governedMonitors(executor, of);
  const standings = await windowStandings(executor, governed, { ...period, nowMs: reading.nowMs });
  const shown = new Map(monitors.map(({ id }) => [id, (standings.get(id) ?? []).slice(-LISTED_POINTS)]));
  const decisions = await decisionsOf(executor, [...shown.values()].flat(), ALL);
  const who = await whoOf(reading, monitors);
  return monitors.map((monitor) =>
    presentMonitor(
      monitor,
      who,
      standings.get(monitor.id) ?? [],
      pointsOf(shown.get(monitor.id) ?? [], decisions, ALL),
    ),
  );
}

/** One monitor over a period: every series, every window. Throws `not_found`, and `invalid_input` for too many windows. */
export async function monitorDetail(reading: Reading, monitorId: string, period: Period): Promise<MonitorDetail> {
  const { executor } = reading;
  const [monitor] = await wholeMonitors(executor, { monitorId });
  if (!monitor) throw unknownMonitor(monitorId);
  const governed = await governedMonitors(executor, { monitorIds: [monitorId] });
  const standings =
    (await windowStandings(executor, governed, { ...period, nowMs: reading.nowMs })).get(monitorId) ?? [];
  if (standings.length > WINDOWS_MAX)
    throw new AppError(
      'invalid_input',
      `The period holds ${standings.length} windows; at most ${WINDOWS_MAX} are shown. Choose a shorter one.`,
    );
  const decisions = await decisionsOf(executor, standings);
  const who = await whoOf(reading, [monitor]);
  const judges = monitor.versions.some(({ definition }) => definition.metric.type === 'hallucination');
  const judging = judges ? await judgingSummaries(executor, [monitorId], period) : new Map<string, never>();
  const names = new Set(
    monitor.versions.flatMap(({ definition, validFrom }) =>
      validFrom === null ? [] : seriesOf(definition).map(({ name }) => name),
    ),
  );
  return {
    monitor: presentMonitor(monitor, who, standings, pointsOf(standings.slice(-LISTED_POINTS), decisions, ALL)),
    series: [...names].map((series) => ({ series, points: pointsOf(standings, decisions, series) })),
    versions: monitor.versions.map((row) => presentVersion(row, who)),
    baselines: monitor.baselines.map((row) => presentBaseline(row, who)),
    judging: judging.get(monitorId) ?? null,
    from: toInstant(period.fromMs),
    to: toInstant(period.toMs),
  };
}

function presentMonitor(
  monitor: WholeMonitor,
  who: Parameters<typeof presentVersion>[1],
  standings: readonly WindowStanding[],
  points: Point[],
): MonitorRow {
  const { id, systemId, systemName, versions, baselines } = monitor;
  const current = versions.find(({ state }) => state === 'in_force');
  const proposed = versions.find(({ state }) => state === 'proposed');
  const baseline = baselines.find(({ state }) => state === 'in_force');
  const newest = current ?? versions[0];
  return {
    id,
    systemId,
    systemName,
    current: current ? presentVersion(current, who) : null,
    proposed: proposed ? presentVersion(proposed, who) : null,
    baseline: baseline ? presentBaseline(baseline, who) : null,
    baselineNeeded: newest !== undefined && needsBaseline(newest.definition.metric),
    counts: countStandings(standings),
    points,
    lastState: standings.findLast(({ state }) => state !== 'pending')?.state ?? null,
  };
}

type DecisionRow = Pick<
  typeof monitorDecision.$inferSelect,
  | 'series'
  | 'state'
  | 'level'
  | 'n'
  | 'value'
  | 'effect'
  | 'noiseFloor'
  | 'low'
  | 'high'
  | 'pAdjusted'
  | 'warn'
  | 'fail'
>;

/** Decisions of the newest version of each window, by window and series. */
async function decisionsOf(
  executor: Executor,
  standings: readonly WindowStanding[],
  series?: string,
): Promise<Map<string, Map<string, DecisionRow>>> {
  const ids = standings.flatMap(({ recorded }) => (recorded ? [recorded.id] : []));
  const byWindow = new Map<string, Map<string, DecisionRow>>();
  for (let from = 0; from < ids.length; from += 10_000) {
    const rows = await executor
      .select({
        windowId: monitorDecision.windowId,
        series: monitorDecision.series,
        state: monitorDecision.state,
        level: monitorDecision.level,
        n: monitorDecision.n,
        value: monitorDecision.value,
        effect: monitorDecision.effect,
        noiseFloor: monitorDecision.noiseFloor,
        low: monitorDecision.low,
        high: monitorDecision.high,
        pAdjusted: monitorDecision.pAdjusted,
        warn: monitorDecision.warn,
        fail: monitorDecision.fail,
      })
      .from(monitorDecision)
      .where(inArray(monitorDecision.windowId, ids.slice(from, from + 10_000)));
    for (const { windowId, ...row } of rows) {
      if (series !== undefined && row.series !== series) continue;
      const held = byWindow.get(windowId);
      if (held) held.set(row.series, row);
      else byWindow.set(windowId, new Map([[row.series, row]]));
    }
  }
  return byWindow;
}

function pointsOf(
  standings: readonly WindowStanding[],
  decisions: ReadonlyMap<string, ReadonlyMap<string, DecisionRow>>,
  series: string,
): Point[] {
  return standings.map((standing) => {
    const { window, recorded } = standing;
    const decision = recorded ? decisions.get(recorded.id)?.get(series) : undefined;
    const missed = standing.state === 'missed';
    return {
      startsAt: toInstant(window.startMs),
      endsAt: toInstant(window.endMs),
      windowId: recorded?.id ?? null,
      state: missed || !decision ? standing.state : decision.state,
      level: missed || !decision ? standing.level : decision.level,
      n: decision?.n ?? 0,
      value: decision?.value ?? null,
      effect: decision?.effect ?? null,
      noiseFloor: decision?.noiseFloor ?? null,
      low: decision?.low ?? null,
      high: decision?.high ?? null,
      pAdjusted: decision?.pAdjusted ?? null,
      warn: decision?.warn ?? null,
      fail: decision?.fail ?? null,
      monitorVersion: recorded?.monitorVersion ?? window.version,
      baselineId: recorded?.baselineId ?? null,
      versions: standing.versions,
      recomputed: standing.recomputed,
    };
  });
}

/** The expected runs of each monitor beside what happened. */
export async function calendar(
  reading: Reading,
  of: { systemId?: string | undefined },
  period: Period,
): Promise<Calendar> {
  const { executor, nowMs } = reading;
  const governed = await governedMonitors(executor, of);
  const standings = await windowStandings(executor, governed, { ...period, nowMs });
  const counts = noStates();
  const items = governed.map(({ monitorId, versions }) => {
    const windows = standings.get(monitorId) ?? [];
    const own = countStandings(windows);
    addStates(counts, own);
    if (windows.length > WINDOWS_MAX)
      throw new AppError(
        'invalid_input',
        `The period holds ${windows.length} windows of one monitor; at most ${WINDOWS_MAX} are shown. Choose a shorter one.`,
      );
    return {
      monitorId,
      name: versions.at(-1)?.row.definition.name ?? monitorId,
      counts: own,
      windows: windows.map(({ window, state, level, recorded, versions: count, recomputed }) => ({
        startsAt: toInstant(window.startMs),
        state,
        level,
        windowId: recorded?.id ?? null,
        recomputed,
        corrected: recomputed === null && count > 1,
        closedAt: recorded?.closedAt.toISOString() ?? null,
        cause: recorded?.cause ?? null,
      })),
    };
  });
  return { from: toInstant(period.fromMs), to: toInstant(period.toMs), counts, items };
}
