import { mannKendall, theilSen } from '#src/statistics/trend.ts';
import type { Decision, MonitorDefinition } from './model.ts';

/** What earlier windows came to, sealed with the window that looks back at them. */
export type HistoryPoint = { series: string; startsAt: string; effect: number };

export type FoundTrend = Omit<NonNullable<Decision['trend']>, 'pAdjusted'>;

/** With fewer windows no order is so rare that it could not be chance. */
export const TREND_WINDOWS_MIN = 8;

/**
 * Whether a series of windows moves the worse way: the test of Mann and Kendall says whether, the line of Theil and Sen how
 * fast, and when it would reach the warn threshold. Null with too few windows. Pure.
 */
export function trendOf(
  { thresholds }: Pick<MonitorDefinition, 'thresholds'>,
  worse: 'higher' | 'lower',
  points: readonly { at: number; effect: number }[],
): FoundTrend | null {
  if (points.length < TREND_WINDOWS_MIN) return null;
  const inOrder = [...points].sort((a, b) => a.at - b.at);
  const effects = inOrder.map(({ effect }) => effect);
  const test = mannKendall(effects);
  const line = theilSen(
    inOrder.map(({ at }) => at),
    effects,
  );
  if (!test || !line) return null;
  const isWorsening = worse === 'higher' ? line.slope > 0 : line.slope < 0;
  const now = line.intercept + line.slope * (inOrder.at(-1)?.at ?? 0);
  return {
    windows: inOrder.length,
    tau: test.tau,
    slope: line.slope,
    p: worse === 'higher' ? test.pUp : test.pDown,
    reachesIn: isWorsening ? Math.max(0, (thresholds.warn - now) / line.slope) : null,
  };
}
