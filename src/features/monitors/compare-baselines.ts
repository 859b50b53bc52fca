import { AppError } from '#src/kernel/errors.ts';
import { PROJECTIONS } from '#src/statistics/projection.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { contentOf } from './baselines.ts';
import { unknownMonitor } from './change-monitor.ts';
import type { BaselineComparison } from './model.ts';
import { unpackRows } from './packed.ts';
import { presentBaseline, type Reading, wholeMonitors, whoOf } from './present.ts';
import { shownCategory } from './window-detail.ts';

const CATEGORIES_SHOWN = 40;

type Drawn = Pick<BaselineComparison, 'form' | 'curves' | 'categories' | 'numbers'>;

/** Two versions of a baseline drawn together, the older one first. Throws `not_found`. */
export async function compareBaselines(
  reading: Reading,
  monitorId: string,
  { first: firstId, second: secondId, series }: { first: string; second: string; series: string },
): Promise<BaselineComparison> {
  const [monitor] = await wholeMonitors(reading.executor, { monitorId });
  if (!monitor) throw unknownMonitor(monitorId);
  const rowOf = (id: string) => {
    const row = monitor.baselines.find((one) => one.id === id);
    if (!row)
      throw new AppError('not_found', `This monitor has no baseline ${id.slice(0, 80)}. Open it from its page.`);
    return row;
  };
  const rows = [rowOf(firstId), rowOf(secondId)].sort((a, b) => a.version - b.version);
  const [first, second] = rows as [(typeof rows)[number], (typeof rows)[number]];
  const contents = [contentOf(first), contentOf(second)] as const;
  const references = contents.map((content) => content.series.find(({ name }) => name === series)?.reference);
  if (!references[0] || !references[1])
    throw new AppError('not_found', `One of the baselines has no series ${series.slice(0, 80)}.`);
  const who = await whoOf(reading, [monitor]);
  const names = new Set(contents[1].series.map(({ name }) => name));
  const version = monitor.versions.find(({ state }) => state === 'in_force') ?? monitor.versions[0];
  return {
    monitorId,
    monitorName: version?.definition.name ?? monitorId,
    series,
    allSeries: contents[0].series.flatMap(({ name }) => (names.has(name) ? [name] : [])),
    first: presentBaseline(first, who),
    second: presentBaseline(second, who),
    ...drawTogether(references[0], references[1]),
  };
}

const NOTHING: Drawn = { form: 'none', curves: { first: [], second: [] }, categories: [], numbers: [] };

/** Pure. */
export function drawTogether(first: BaselineSeries, second: BaselineSeries): Drawn {
  const numbers = numbersOf(first).map(({ name, value }) => ({
    name,
    first: value,
    second: numbersOf(second).find((one) => one.name === name)?.value ?? null,
  }));
  if (first.type === 'numeric' && second.type === 'numeric')
    return {
      ...NOTHING,
      form: 'cumulative',
      curves: { first: cumulative(first), second: cumulative(second) },
      numbers,
    };
  if (first.type === 'categories' && second.type === 'categories')
    return { ...NOTHING, form: 'categories', categories: sharesOf(first, second), numbers };
  const [held, next] = [knotsOf(first), knotsOf(second)];
  if (held && next) return { ...NOTHING, form: 'calibration', curves: { first: held, second: next }, numbers };
  return { ...NOTHING, numbers };
}

/** Exact at each edge, whatever bins the other one has. */
function cumulative({ n, edges, bins, min, max }: Extract<BaselineSeries, { type: 'numeric' }>) {
  const points = [{ x: min, y: 0 }];
  let sum = 0;
  edges.forEach((edge, k) => {
    sum += bins[k] ?? 0;
    points.push({ x: edge, y: sum / n });
  });
  points.push({ x: max, y: 1 });
  return points;
}

function sharesOf(
  first: Extract<BaselineSeries, { type: 'categories' }>,
  second: Extract<BaselineSeries, { type: 'categories' }>,
): Drawn['categories'] {
  const shares = (one: typeof first) => new Map(one.categories.map((name, k) => [name, (one.counts[k] ?? 0) / one.n]));
  const [a, b] = [shares(first), shares(second)];
  const all = [...new Set([...a.keys(), ...b.keys()])].map((name) => ({
    label: shownCategory(name),
    first: a.get(name) ?? 0,
    second: b.get(name) ?? 0,
  }));
  const ranked = all.sort((x, y) => y.first + y.second - (x.first + x.second));
  const shown = ranked.slice(0, CATEGORIES_SHOWN);
  const rest = (read: (one: (typeof all)[number]) => number) => 1 - shown.reduce((sum, one) => sum + read(one), 0);
  if (ranked.length > shown.length || first.rest > 0 || second.rest > 0)
    shown.push({ label: '(all others)', first: rest((one) => one.first), second: rest((one) => one.second) });
  return shown;
}

function knotsOf(series: BaselineSeries): { x: number; y: number }[] | null {
  if (series.type !== 'accuracy' && series.type !== 'auc') return null;
  return series.knots.x.map((x, k) => ({ x, y: series.knots.y[k] ?? 0 }));
}

function numbersOf(series: BaselineSeries): { name: string; value: number }[] {
  const n = { name: 'n', value: series.n };
  switch (series.type) {
    case 'numeric':
      return [n, ...(['mean', 'std', 'min', 'max'] as const).map((name) => ({ name, value: series[name] }))];
    case 'categories':
      return [n, { name: 'categories', value: series.categories.length }];
    case 'accuracy':
      return [n, { name: 'accuracy', value: series.accuracy }, { name: 'realized', value: series.realized }];
    case 'auc':
      return [n, { name: 'auc', value: series.auc }, { name: 'realized', value: series.realized }];
    case 'vectors':
      return [n, { name: 'vectors_kept', value: unpackRows(series.rows, PROJECTIONS).length }];
    default:
      return [n];
  }
}
