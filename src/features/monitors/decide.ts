import type { SequenceState } from '#src/features/events/model.ts';
import { adjustPValues } from '#src/statistics/multiplicity.ts';
import type { BaselineContent } from './baseline-content.ts';
import { evaluateSeries } from './evaluate.ts';
import type { Evaluated } from './evaluated.ts';
import { type Decision, type Level, type MonitorDefinition, type WindowState, worseOf } from './model.ts';
import type { SeriesCounts } from './series-counts.ts';

/** Goes up with every change of what follows from the same counts; old decisions say which rules made them. */
export const CODE_VERSION = 'decide/1';

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
    return content.series.map(({ name, counts }) => ({
      name,
      found: evaluateSeries(definition, counts, references.get(name), content.sequences),
    }));
  });
  const tests = evaluated
    .flat()
    .flatMap(({ found }) => (found.insufficient === null && found.p !== null ? [found.p] : []));
  const { adjusted } = adjustPValues(tests, 'benjamini-hochberg', FALSE_DISCOVERY_RATE);
  let next = 0;
  const windows = batch.map(({ content, definition }, k) => {
    const decisions = (evaluated[k] ?? []).map(({ name, found }) => {
      const isTest = found.insufficient === null && found.p !== null;
      return decideSeries(name, found, definition, isTest ? (adjusted[next++] as number) : null);
    });
    return { monitorId: content.monitorId, ...windowVerdict(decisions), decisions };
  });
  return { windows, familySize: tests.length };
}

function decideSeries(
  series: string,
  { insufficient, ...found }: Evaluated,
  { thresholds, metric }: MonitorDefinition,
  pAdjusted: number | null,
): Decision {
  const { warn, fail } = thresholds;
  const base = { series, ...numbersOf(found), pAdjusted, thresholds: { warn, fail } };
  if (insufficient !== null || found.effect === null)
    return { ...base, state: 'insufficient_data', level: 'none', reason: insufficient ?? 'not_computable' };
  const { effect } = found;
  const beyond = (limit: number) => (worseOf(metric) === 'higher' ? effect > limit : effect < limit);
  if (!beyond(warn)) return { ...base, state: 'ok', level: 'ok', reason: 'within_thresholds' };
  // What is counted whole, such as missing sequence numbers, has no chance in it.
  if (pAdjusted !== null && pAdjusted > FALSE_DISCOVERY_RATE)
    return { ...base, state: 'ok', level: 'ok', reason: 'not_significant' };
  return beyond(fail)
    ? { ...base, state: 'breach', level: 'fail', reason: 'beyond_fail' }
    : { ...base, state: 'ok', level: 'warn', reason: 'beyond_warn' };
}

// Named one by one, so that a record holds these and nothing an evaluation may carry along.
function numbersOf(found: Omit<Evaluated, 'insufficient'>): Omit<Evaluated, 'insufficient'> {
  const { n, missing, nonfinite, unreadable, value, noiseFloor, effect, interval, statistic, p, detectable, more } =
    found;
  return { n, missing, nonfinite, unreadable, value, noiseFloor, effect, interval, statistic, p, detectable, more };
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
