import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { REST } from '#src/statistics/declared-sample.ts';
import type { HallucinationMetric } from './judged-counts.ts';
import { METRIC_WORDS, type MonitorDefinition, worseOf } from './model.ts';

/** In which ways `after` is less strict than `before`, in words; empty where it is not. Pure. */
export function loosenings(before: MonitorDefinition, after: MonitorDefinition): string[] {
  const found: string[] = [];
  if (before.metric.type !== after.metric.type || worseOf(before.metric) !== worseOf(after.metric)) {
    found.push(`The metric changes from ${METRIC_WORDS[before.metric.type]} to ${METRIC_WORDS[after.metric.type]}.`);
  } else {
    const higher = worseOf(after.metric) === 'higher';
    for (const level of ['warn', 'fail'] as const) {
      const [was, is] = [before.thresholds[level], after.thresholds[level]];
      if (higher ? is > was : is < was) found.push(`The ${level} threshold moves from ${was} to ${is}.`);
    }
    if (canonicalJson(before.metric) !== canonicalJson(after.metric)) found.push('What is measured changes.');
    if (before.metric.type === 'hallucination' && after.metric.type === 'hallucination')
      found.push(...lessJudged(before.metric, after.metric));
  }
  if (after.minimumN > before.minimumN)
    found.push(
      `The minimum rises from ${before.minimumN} to ${after.minimumN} events, so more windows may say nothing.`,
    );
  if (before.trend && !after.trend) found.push('The trend rule is dropped.');
  if (before.trend && after.trend && after.trend.horizon < before.trend.horizon)
    found.push(`The trend rule looks ${after.trend.horizon} windows ahead and no longer ${before.trend.horizon}.`);
  if (before.trend && after.trend && after.trend.windows < before.trend.windows)
    found.push(`The trend rule looks back over ${after.trend.windows} windows and no longer ${before.trend.windows}.`);
  if (after.paused && !before.paused) found.push('It is paused: no window is expected.');
  const kept = new Set(after.segments.flatMap(({ key, values }) => values.map((value) => `${key}=${value}`)));
  const dropped = before.segments
    .flatMap(({ key, values }) => values.map((value) => `${key}=${value}`))
    .filter((one) => !kept.has(one));
  if (dropped.length > 0)
    found.push(
      `No longer watched by itself: ${dropped.slice(0, 5).join(', ')}${dropped.length > 5 ? ` and ${dropped.length - 5} more` : ''}.`,
    );
  if (RANK[after.window] > RANK[before.window])
    found.push(`Windows grow from a ${before.window} to a ${after.window}.`);
  if (SEVERITY[after.severity] < SEVERITY[before.severity])
    found.push(`Alerts fall from ${before.severity} to ${after.severity}.`);
  return found;
}

function lessJudged(before: HallucinationMetric, after: HallucinationMetric): string[] {
  const found: string[] = [];
  if (after.leastJudged < before.leastJudged)
    found.push(`Of sampled answers ${after.leastJudged} must be judged and no longer ${before.leastJudged}.`);
  if (before.judge && !after.judge) found.push('No language model is asked about open claims any more.');
  const rates = ({ sampling }: HallucinationMetric) =>
    new Map([
      ...sampling.strata.map(({ key, value, rate }) => [`${key}=${value}`, rate] as const),
      [REST, sampling.rate] as const,
    ]);
  const now = rates(after);
  for (const [stratum, rate] of rates(before)) {
    const taken = now.get(stratum) ?? after.sampling.rate;
    if (taken < rate) found.push(`Of the answers of ${stratum} a share of ${taken} is judged and no longer ${rate}.`);
  }
  return found;
}

const RANK = { hour: 0, day: 1, week: 2, month: 3 };
const SEVERITY = { low: 0, medium: 1, high: 2, critical: 3 };
