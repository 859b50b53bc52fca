import { and, asc, desc, eq, isNotNull } from 'drizzle-orm';
import { AppError } from '#src/kernel/errors.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { ExactSum } from '#src/statistics/exact-sum.ts';
import { LogHistogram, RELATIVE_ERROR } from '#src/statistics/log-histogram.ts';
import { wilson } from '#src/statistics/proportion.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { contentOf } from './baselines.ts';
import { unknownMonitor } from './change-monitor.ts';
import type { WindowContent } from './decide.ts';
import { calibrationOf, filledBins } from './evaluate-calibration.ts';
import { equalMassBins, scoresOf } from './evaluate-scores.ts';
import type { Decision, Distribution, WindowDetail } from './model.ts';
import type { SeriesCounts } from './series-counts.ts';
import {
  monitorBaseline,
  monitorBatch,
  monitorDecision,
  monitorTable,
  monitorVersion,
  monitorWindow,
} from './tables.ts';

/** One window with every decision and what it was decided on. Throws `not_found`. */
export async function windowDetail(executor: Executor, id: string): Promise<WindowDetail> {
  const [found] = await executor
    .select({ window: monitorWindow, batch: monitorBatch, definition: monitorVersion.definition })
    .from(monitorWindow)
    .innerJoin(monitorBatch, eq(monitorBatch.id, monitorWindow.batchId))
    .innerJoin(
      monitorVersion,
      and(
        eq(monitorVersion.monitorId, monitorWindow.monitorId),
        eq(monitorVersion.version, monitorWindow.monitorVersion),
      ),
    )
    .where(eq(monitorWindow.id, id));
  if (!found)
    throw new AppError('not_found', `There is no window ${id.slice(0, 80)}. Open it from the calendar of its monitor.`);
  const { window, batch, definition } = found;
  const decisions = await executor
    .select()
    .from(monitorDecision)
    .where(eq(monitorDecision.windowId, id))
    .orderBy(asc(monitorDecision.series));
  const versions = await executor
    .select()
    .from(monitorWindow)
    .where(and(eq(monitorWindow.monitorId, window.monitorId), eq(monitorWindow.startsAt, window.startsAt)))
    .orderBy(asc(monitorWindow.version));
  return {
    id,
    monitorId: window.monitorId,
    monitorVersion: window.monitorVersion,
    definition,
    baselineId: window.baselineId,
    systemId: batch.systemId,
    startsAt: window.startsAt.toISOString(),
    endsAt: window.endsAt.toISOString(),
    dueAt: batch.dueAt.toISOString(),
    closedAt: window.closedAt.toISOString(),
    version: window.version,
    state: window.state,
    level: window.level,
    n: window.n,
    cause: window.cause,
    sha256: window.sha256,
    batchId: batch.id,
    batchDigest: batch.digest,
    familySize: batch.familySize,
    codeVersion: batch.codeVersion,
    decisions: decisions.map(({ record, sha256 }) => ({
      ...(JSON.parse(record.toString('utf8')) as Decision),
      sha256,
    })),
    versions: versions.map((one) => ({
      id: one.id,
      version: one.version,
      state: one.state,
      closedAt: one.closedAt.toISOString(),
      cause: one.cause,
    })),
  };
}

const NO_BARS = { bars: [], nReference: 0, nCurrent: 0, reliability: [], unseen: [], gaps: [] };
const BARS_MAX = 60;

/** The distribution of one series in a window beside its reference, ready to draw. Throws `not_found`. */
export async function distribution(
  executor: Executor,
  monitorId: string,
  { windowId, series }: { windowId?: string | undefined; series: string },
): Promise<Distribution> {
  const [monitor] = await executor.select().from(monitorTable).where(eq(monitorTable.id, monitorId));
  if (!monitor) throw unknownMonitor(monitorId);
  const window = await windowWithContent(executor, monitorId, windowId);
  if (!window?.content)
    return { windowId: window?.id ?? null, baselineId: window?.baselineId ?? null, series, form: 'none', ...NO_BARS };
  const content = JSON.parse(window.content.toString('utf8')) as WindowContent;
  const counts = content.series.find(({ name }) => name === series)?.counts;
  if (!counts) throw new AppError('not_found', `This window has no series ${series.slice(0, 80)}.`);
  const [baseline] =
    window.baselineId === null
      ? []
      : await executor.select().from(monitorBaseline).where(eq(monitorBaseline.id, window.baselineId));
  const reference = baseline && contentOf(baseline).series.find(({ name }) => name === series)?.reference;
  const drawn = draw(counts, reference, content);
  return { windowId: window.id, baselineId: window.baselineId, series, ...NO_BARS, ...drawn };
}

/** The named window, or the newest one that holds counts. */
async function windowWithContent(executor: Executor, monitorId: string, windowId: string | undefined) {
  const [row] = await executor
    .select()
    .from(monitorWindow)
    .where(
      and(
        eq(monitorWindow.monitorId, monitorId),
        windowId === undefined ? isNotNull(monitorWindow.content) : eq(monitorWindow.id, windowId),
      ),
    )
    .orderBy(desc(monitorWindow.startsAt), desc(monitorWindow.version))
    .limit(1);
  if (windowId !== undefined && !row)
    throw new AppError('not_found', `This monitor has no window ${windowId.slice(0, 80)}.`);
  return row;
}

type Drawn = Pick<Distribution, 'form'> & Partial<Distribution>;

function draw(counts: SeriesCounts, reference: BaselineSeries | undefined, content: WindowContent): Drawn {
  if (content.sequences.length > 0)
    return {
      form: 'sources',
      nCurrent: content.sequences.reduce((sum, { unique }) => sum + unique, 0),
      nReference: content.sequences.reduce((sum, { first, last }) => sum + last - first + 1, 0),
      bars: content.sequences.slice(0, BARS_MAX).map(({ source, share }) => bar(source, 1, share ?? 0)),
      gaps: content.sequences
        .flatMap(({ source, gaps }) => gaps.map(([from, to]) => ({ source, from, to })))
        .slice(0, 1_000),
    };
  switch (counts.type) {
    case 'numeric':
      return reference?.type === 'numeric'
        ? bins(reference, counts.counts.bins)
        : quantiles(counts.counts.log, counts.counts.n);
    case 'categories':
      return categories(reference?.type === 'categories' ? reference : undefined, counts.counts);
    case 'reliability': {
      const reliability = counts.bins.flatMap((bin, k) => {
        const interval = wilson(bin.positives, bin.n);
        if (!interval) return [];
        const meanPredicted = ExactSum.from(bin.sum).toNumber() / bin.n;
        return [{ bin: k, n: bin.n, meanPredicted, share: bin.positives / bin.n, low: interval[0], high: interval[1] }];
      });
      return { form: 'reliability', nCurrent: counts.n, reliability };
    }
    case 'scored': {
      const reliability = equalMassBins(scoresOf(counts)).flatMap(({ n, positives, sum }, k) => {
        const interval = wilson(positives, n);
        if (!interval) return [];
        return [{ bin: k, n, meanPredicted: sum / n, share: positives / n, low: interval[0], high: interval[1] }];
      });
      return { form: 'reliability', nCurrent: counts.n, reliability };
    }
    case 'outcomes':
      return {
        form: 'groups',
        nCurrent: counts.n,
        bars: counts.groups.flatMap(({ group, positives, chosenPositives, negatives, chosenNegatives }) => [
          bar(`${group}, came true`, 0, positives > 0 ? chosenPositives / positives : 0),
          bar(`${group}, did not`, 0, negatives > 0 ? chosenNegatives / negatives : 0),
        ]),
      };
    case 'group_reliability':
      return {
        form: 'groups',
        nCurrent: counts.n,
        bars: counts.groups.map(({ group, n, bins: held }) =>
          bar(group, 0, n > 0 ? calibrationOf(filledBins(held)).value : 0),
        ),
      };
    case 'groups':
      return {
        form: 'groups',
        nCurrent: counts.n,
        bars: counts.groups.map(({ group, n, hits }) => bar(group, 0, n > 0 ? hits / n : 0)),
      };
    case 'share':
      return {
        form: 'categories',
        nCurrent: counts.n,
        bars: counts.n > 0 ? [bar('counted', 0, counts.hits / counts.n)] : [],
      };
    default:
      return { form: 'none' };
  }
}

function bar(label: string, reference: number, current: number, low: number | null = null, high: number | null = null) {
  return { label, low, high, reference, current };
}

function bins(reference: Extract<BaselineSeries, { type: 'numeric' }>, current: readonly number[]): Drawn {
  const n = current.reduce((sum, count) => sum + count, 0);
  const ends = [...reference.coarse, reference.edges.length];
  let from = 0;
  const bars = ends.map((end, k) => {
    let [r, c] = [0, 0];
    for (; from <= end && from < reference.bins.length; from++) {
      r += reference.bins[from] ?? 0;
      c += current[from] ?? 0;
    }
    const low = k === 0 ? null : (reference.edges[ends[k - 1] as number] ?? null);
    const high = reference.edges[end] ?? null;
    const label = low === null ? `up to ${high}` : high === null ? `above ${low}` : `${low} to ${high}`;
    return bar(label, r / reference.n, n > 0 ? c / n : 0, low, high);
  });
  return { form: 'bins', bars, nReference: reference.n, nCurrent: n };
}

function categories(
  reference: Extract<BaselineSeries, { type: 'categories' }> | undefined,
  { n, known, unseen, kept }: Extract<SeriesCounts, { type: 'categories' }>['counts'],
): Drawn {
  const share = (count: number | undefined, of: number) => (of > 0 ? (count ?? 0) / of : 0);
  const bars = (reference?.categories ?? [])
    .slice(0, BARS_MAX)
    .map((category, k) =>
      bar(shownCategory(category), share(reference?.counts[k], reference?.n ?? 0), share(known[k], n)),
    );
  if (reference) bars.push(bar('(not in the baseline)', share(reference.rest, reference.n), share(unseen, n)));
  return {
    form: 'categories',
    bars,
    nReference: reference?.n ?? 0,
    nCurrent: n,
    unseen: kept.slice(0, 50).map(([category, count]) => ({ label: shownCategory(category), count })),
  };
}

/** A category as a person reads it: texts as they are, other types marked. */
export function shownCategory(category: string): string {
  const text = category.slice(2);
  return category.startsWith('s:')
    ? text
    : `${text} (${category.startsWith('n:') ? 'number' : category.startsWith('b:') ? 'boolean' : 'object'})`;
}

function quantiles(log: { zeroOrLess: number; buckets: [number, number][] } | null, n: number): Drawn {
  if (!log || n === 0) return { form: 'none', nCurrent: n };
  const histogram = LogHistogram.from(log.zeroOrLess, log.buckets);
  const bars = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99].map((q) => {
    const value = histogram.quantile(q);
    return bar(`p${q * 100}`, 0, value, value * (1 - RELATIVE_ERROR), value * (1 + RELATIVE_ERROR));
  });
  return { form: 'quantiles', bars, nCurrent: n };
}
