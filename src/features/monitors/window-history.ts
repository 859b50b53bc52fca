import { sql } from 'drizzle-orm';
import { toInstant } from '#src/kernel/time.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import type { MonitorVersionRow } from './tables.ts';
import type { HistoryPoint } from './trend-rule.ts';

/**
 * What the windows before came to, series by series, as far as the trend rule looks back: the newest version of each window
 * that measured the same thing against the same baseline. A change of either begins a new series.
 */
export async function historyOf(
  executor: Executor,
  { monitorId, definition }: Pick<MonitorVersionRow, 'monitorId' | 'definition'>,
  baselineId: string | null,
  { startMs, endMs }: { startMs: number; endMs: number },
): Promise<HistoryPoint[]> {
  if (!definition.trend) return [];
  // Months differ in length; the first one that is a little out of reach does no harm.
  const fromMs = startMs - (definition.trend.windows - 1) * (endMs - startMs) - (endMs - startMs) / 2;
  const { rows } = await executor.execute<{ series: string; starts_at: string; effect: number }>(sql`
    select distinct on (decision.starts_at, decision.series) decision.series, decision.starts_at, decision.effect
    from monitor_decision decision
    join monitor_window held on held.id = decision.window_id
    join monitor_version version on version.monitor_id = held.monitor_id and version.version = held.monitor_version
    where decision.monitor_id = ${monitorId} and decision.starts_at >= ${toInstant(fromMs)}
      and decision.starts_at < ${toInstant(startMs)} and decision.effect is not null
      and held.baseline_id is not distinct from ${baselineId}
      and version.definition -> 'metric' = ${JSON.stringify(definition.metric)}::jsonb
      and version.definition ->> 'window' = ${definition.window}
    order by decision.starts_at, decision.series, decision.version desc`);
  return rows.map(({ series, starts_at, effect }) => ({
    series,
    startsAt: new Date(starts_at).toISOString(),
    effect: Number(effect),
  }));
}
