import type { SequenceState } from '#src/features/events/model.ts';
import { adjustPValues } from '#src/statistics/multiplicity.ts';
import type { BaselineContent } from './baseline-content.ts';
import { evaluateSeries } from './evaluate.ts';
import type { Evaluated } from './evaluated.ts';
import type { MethodGold } from './judged-counts.ts';
import { type Decision, type Level, type MonitorDefinition, type WindowState, worseOf } from './model.ts';
import type { SeriesCounts } from './series-counts.ts';
import { type FoundTrend, type HistoryPoint, trendOf } from './trend-rule.ts';

/** Goes up with every change of what follows from the same counts; old decisions say which rules made them. */
export const CODE_VERSION = 'decide/3';

/** The share of false discoveries allowed within one window of one system. */
export const FALSE_DISCOVERY_RATE = 0.05;

/** What is stored of one monitor's window, as canonical JSON. Nothing in it says when or where it was computed. */
export type WindowContent = {
  monitorId: string;
  monitorVersion: number;
  baselineId: string | null;
  startsAt: string;
  endsAt: string;
  series: { name: string; counts: SeriesCounts }[];
  /** Values of declared segments that nobody declared, by segment. */
  undeclared: { key: string; n: number }[];
  /** For completeness: what each source numbered. */
  sequences: (SequenceState & { source: string })[];
  /** For the trend rule: what the windows before came to. */
  history?: HistoryPoint[];
  /** For hallucination: how each method did on answers that people labeled until the window was due. */
  gold?: MethodGold[];
};

export type BatchInput = {
  content: WindowContent;
  definition: MonitorDefinition;
  baseline: BaselineContent | null;
}[];

export type WindowVerdict = { monitorId: string; state: WindowState; level: Level; n: number; decisions: Decision[] };

/**
 * Decides every monitor of one system and window together: all their tests are one family, held to 5 % false discoveries by
 * Benjamini and Hochberg (1995). An alarm needs both: beyond the threshold, and not to be had by chance. Pure.
 */
export function decideBatch(batch: BatchInput): { windows: WindowVerdict[]; familySize: number } {
  const evaluated = batch.map(({ content, definition, baseline }) => {
    const references = new Map(baseline?.series.map(({ name, reference }) => [name, reference]));
    return content.series.map(({ name, counts }) => {
      const found = evaluateSeries(definition, counts, references.get(name), content);
      return { name, found, trend: trendOfSeries(content, definition, name, found) };
    });
  });
  const tests: number[] = [];
  const enter = (p: number | null) => (p === null ? null : tests.push(p) - 1);
  const entered = evaluated.map((series) =>
    series.map(({ name, found, trend }) => ({
      name,
      found,
      trend,
      test: enter(found.insufficient === null ? found.p : null),
      trendTest: enter(trend?.p ?? null),
    })),
  );
  const { adjusted } = adjustPValues(tests, 'benjamini-hochberg', FALSE_DISCOVERY_RATE);
  const at = (place: number | null) => (place === null ? null : (adjusted[place] as number));
  const windows = batch.map(({ content, definition }, k) => {
    const decisions = (entered[k] ?? []).map(({ name, found, trend, test, trendTest }) => {
      const pAdjusted = at(trendTest);
      const held = trend && pAdjusted !== null ? { ...trend, pAdjusted } : null;
      return decideSeries(name, found, definition, at(test), held);
    });
    return { monitorId: content.monitorId, ...windowVerdict(decisions), decisions };
  });
  return { windows, familySize: tests.length };
}

function trendOfSeries(
  { history, startsAt, endsAt }: WindowContent,
  definition: MonitorDefinition,
  series: string,
  { insufficient, effect }: Evaluated,
): FoundTrend | null {
  if (!definition.trend || insufficient !== null || effect === null) return null;
  const [start, length] = [Date.parse(startsAt), Date.parse(endsAt) - Date.parse(startsAt)];
  const before = (history ?? []).filter((point) => point.series === series);
  const points = before.map((point) => ({ at: (Date.parse(point.startsAt) - start) / length, effect: point.effect }));
  return trendOf(definition, worseOf(definition.metric), [...points, { at: 0, effect }]);
}

function decideSeries(
  series: string,
  { insufficient, ...found }: Evaluated,
  { thresholds, metric, trend: rule }: MonitorDefinition,
  pAdjusted: number | null,
  trend: NonNullable<Decision['trend']> | null,
): Decision {
  const { warn, fail } = thresholds;
  const base = {
    series,
    ...numbersOf(found),
    pAdjusted,
    thresholds: { warn, fail },
    // Records of monitors without the rule stay as they were.
    ...(rule && { trend }),
  };
  if (insufficient !== null || found.effect === null)
    return { ...base, state: 'insufficient_data', level: 'none', reason: insufficient ?? 'not_computable' };
  const { effect } = found;
  const beyond = (limit: number) => (worseOf(metric) === 'higher' ? effect > limit : effect < limit);
  // What is counted whole, such as missing sequence numbers, has no chance in it.
  const isChance = pAdjusted !== null && pAdjusted > FALSE_DISCOVERY_RATE;
  if (beyond(fail) && !isChance) return { ...base, state: 'breach', level: 'fail', reason: 'beyond_fail' };
  if (beyond(warn) && !isChance) return { ...base, state: 'ok', level: 'warn', reason: 'beyond_warn' };
  const isHeading =
    rule &&
    trend &&
    trend.pAdjusted <= FALSE_DISCOVERY_RATE &&
    trend.reachesIn !== null &&
    trend.reachesIn <= rule.horizon;
  if (isHeading) return { ...base, state: 'ok', level: 'warn', reason: 'trend' };
  return { ...base, state: 'ok', level: 'ok', reason: beyond(warn) ? 'not_significant' : 'within_thresholds' };
}

// Named one by one, so that a record holds these and nothing an evaluation may carry along.
function numbersOf(found: Omit<Evaluated, 'insufficient'>): Omit<Evaluated, 'insufficient'> {
  const { n, missing, nonfinite, unreadable, value, noiseFloor, effect, interval, statistic, p, detectable, more } =
    found;
  const numbers = { n, missing, nonfinite, unreadable, value, noiseFloor, effect, interval, statistic, p, detectable };
  return { ...numbers, more, ...(found.judging && { judging: found.judging }) };
}

const LEVELS: readonly Level[] = ['none', 'ok', 'warn', 'fail'];

/** A breach of any series outweighs everything; the whole without data leaves the window without. */
function windowVerdict(decisions: readonly Decision[]): { state: WindowState; level: Level; n: number } {
  const level = LEVELS[Math.max(0, ...decisions.map((one) => LEVELS.indexOf(one.level)))] ?? 'none';
  const whole = decisions[0];
  const n = whole?.n ?? 0;
  if (level === 'fail') return { state: 'breach', level, n };
  if (decisions.some(({ state }) => state === 'error')) return { state: 'error', level, n };
  if (!whole || whole.state === 'insufficient_data') return { state: 'insufficient_data', level, n };
  return { state: 'ok', level, n };
}
