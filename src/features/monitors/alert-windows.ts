import { toInstant } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import type { Cause } from './close-batch.ts';
import type { WindowVerdict } from './decide.ts';
import { type Decision, METRIC_WORDS, type MonitorDefinition } from './model.ts';
import type { MonitorAlert, MonitorServices } from './services.ts';

type Closing = { systemId: string; systemTitle: string; startMs: number; endMs: number; nowMs: number; cause: Cause };
type Window = {
  windowId: string;
  member: { monitorId: string; row: { definition: MonitorDefinition; version: number } };
  verdict: WindowVerdict;
  cause: string | null;
};

const LOWER = { critical: 'high', high: 'medium', medium: 'low', low: 'low' } as const;
const REASONS_MAX = 10;

/** The key under which alarms of one monitor are one alert while it is open. */
export const alertKey = (monitorId: string) => `monitor:${monitorId}`;

/**
 * Opens an alert for each window that warned, failed, broke or was missed, and tells the open alert of a monitor that is
 * well again so. A warning comes one severity below a failure.
 */
export async function alertOfWindows(
  tx: Transaction,
  services: Pick<MonitorServices, 'openAlert' | 'recordRetest'>,
  closing: Closing,
  windows: readonly Window[],
): Promise<void> {
  for (const window of windows) {
    const { monitorId } = window.member;
    const alert = alertOf(closing, window);
    if (alert) await services.openAlert(tx, alert);
    if (window.verdict.state === 'ok' && window.verdict.level === 'ok')
      await services.recordRetest(tx, {
        dedupeKey: alertKey(monitorId),
        passed: true,
        ref: window.windowId,
        at: toInstant(closing.nowMs),
      });
  }
}

function alertOf(closing: Closing, { windowId, member, verdict, cause }: Window): MonitorAlert | null {
  const { definition, version } = member.row;
  const { monitorId } = member;
  const base = {
    sourceId: monitorId,
    subject: { kind: 'ai-system', id: closing.systemId, title: closing.systemTitle.slice(0, 120) },
    occurredAt: toInstant(closing.endMs),
    ownerId: definition.ownerId,
    link: `/monitors/${monitorId}?window=${windowId}`,
    evidence: {
      window: windowId,
      monitorVersion: version,
      from: toInstant(closing.startMs),
      to: toInstant(closing.endMs),
    },
  };
  const name = `${definition.name} (${METRIC_WORDS[definition.metric.type]})`;
  if (verdict.level === 'warn' || verdict.level === 'fail') {
    const beyond = verdict.decisions.filter(({ level }) => level === 'warn' || level === 'fail');
    const words = beyond.every(({ reason }) => reason === 'trend')
      ? 'is heading for its warn threshold'
      : `is beyond its ${verdict.level} threshold`;
    return {
      ...base,
      source: 'monitor',
      severity: verdict.level === 'fail' ? definition.severity : LOWER[definition.severity],
      title: `${name} ${words}`.slice(0, 200),
      reasons: beyond.slice(0, REASONS_MAX).map((decision) => sentence(decision)),
      dedupeKey: alertKey(monitorId),
    };
  }
  if (verdict.state === 'missed' || verdict.state === 'error')
    return {
      ...base,
      source: 'calendar',
      severity: definition.severity,
      title: `${name} ${verdict.state === 'missed' ? 'missed a window' : 'could not be computed'}`.slice(0, 200),
      reasons: [(cause ?? 'No cause is known.').slice(0, 500)],
      dedupeKey: `monitor-run:${monitorId}`,
    };
  return null;
}

function sentence({ series, level, reason, effect, thresholds, n, pAdjusted, trend }: Decision): string {
  if (reason === 'trend' && trend) {
    const reaches =
      trend.reachesIn === null
        ? ''
        : ` At this pace it reaches ${thresholds.warn} (warn) in ${Math.ceil(trend.reachesIn)} windows.`;
    return `Series ${series}: ${effect?.toPrecision(4)}, moving by ${trend.slope.toPrecision(3)} a window over ${trend.windows} windows (Mann-Kendall, adjusted p ${trend.pAdjusted.toPrecision(2)}).${reaches}`.slice(
      0,
      500,
    );
  }
  const limit = level === 'fail' ? thresholds.fail : thresholds.warn;
  const chance = pAdjusted === null ? '' : `, adjusted p ${pAdjusted.toPrecision(2)}`;
  const shown = `Series ${series}: ${effect?.toPrecision(4)} against ${limit} (${level}), ${n} events${chance}.`;
  return shown.slice(0, 500);
}
