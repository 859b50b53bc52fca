// Statistics against scipy and numpy where python3-scipy is installed, else against a naive implementation; accumulators per
// value; and two promises shown by simulation: at most 5 % of quiet families alarm at any n, and a PSI of 0.25 at n = 500
// is found. `--short` uses a tenth of the values.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BaselineSeries, freezeNumeric } from '#src/features/monitors/baseline-content.ts';
import { decideBatch } from '#src/features/monitors/decide.ts';
import { MonitorDefinition } from '#src/features/monitors/model.ts';
import { countOpenBins, quantileBins, shares } from '#src/statistics/bins.ts';
import { CategoryCounts } from '#src/statistics/category-counts.ts';
import { populationStabilityIndex } from '#src/statistics/divergence.ts';
import { NumericCounts } from '#src/statistics/numeric-counts.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { sorted } from '#src/statistics/sample.ts';
import { kolmogorovSmirnov, wasserstein1 } from '#src/statistics/two-sample.ts';

const SHORT = process.argv.includes('--short');
const SIZE = SHORT ? 100_000 : 1_000_000;
const RUNS = 5;

const random = seededRandom(42);
const latency = () => 5 + 3_000 * random() ** 6;
const reference = Float64Array.from({ length: SIZE }, latency);
const current = Float64Array.from({ length: SIZE }, () => latency() * 1.01);

function bestMs(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const from = performance.now();
    work();
    best = Math.min(best, performance.now() - from);
  }
  return best;
}

const bins = quantileBins(sorted(reference));
const expected = shares(countOpenBins(reference, bins), SIZE);
const ours = {
  ks: bestMs(() => kolmogorovSmirnov(reference, current)),
  w1: bestMs(() => wasserstein1(sorted(reference), sorted(current))),
  psi: bestMs(() => populationStabilityIndex(expected, shares(countOpenBins(current, bins), SIZE))),
};

/** The same by scipy and numpy; null where they are not installed. */
function byScipy(): { ks: number; w1: number; psi: number; d: number; distance: number } | null {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    writeFileSync(join(folder, 'r'), new Uint8Array(reference.buffer));
    writeFileSync(join(folder, 'c'), new Uint8Array(current.buffer));
    writeFileSync(join(folder, 'e'), new Uint8Array(bins.edges.buffer));
    const program = `
import json, sys, time
import numpy as np
from scipy import stats
r = np.fromfile('r'); c = np.fromfile('c'); e = np.fromfile('e')
p = np.bincount(np.searchsorted(e, r), minlength=len(e) + 1) / len(r)
def best(work):
    least = 1e9
    for _ in range(${RUNS}):
        at = time.perf_counter(); work(); least = min(least, time.perf_counter() - at)
    return least * 1000
def psi():
    q = np.bincount(np.searchsorted(e, c), minlength=len(e) + 1) / len(c)
    return np.sum((q - p) * np.log(q / p))
print(json.dumps({
  'ks': best(lambda: stats.ks_2samp(r, c, method='asymp')), 'w1': best(lambda: stats.wasserstein_distance(r, c)), 'psi': best(psi),
  'd': float(stats.ks_2samp(r, c, method='asymp').statistic), 'distance': float(stats.wasserstein_distance(r, c))}))`;
    const { status, stdout } = spawnSync('python3', ['-c', program], { cwd: folder, encoding: 'utf8' });
    return status === 0 ? JSON.parse(stdout) : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What one writes first: the built-in sort, and a search from the start of the other sample for every value. */
function naively(): { ks: number; w1: number; psi: number } {
  const sort = (values: Float64Array) => Array.from(values).sort((a, b) => a - b);
  const ks = bestMs(() => {
    const [r, c] = [sort(reference), sort(current)];
    const both = sort(Float64Array.from([...r, ...c]));
    let [i, j, d] = [0, 0, 0];
    for (const at of both) {
      while (i < r.length && (r[i] as number) <= at) i++;
      while (j < c.length && (c[j] as number) <= at) j++;
      d = Math.max(d, Math.abs(i / r.length - j / c.length));
    }
    return d;
  });
  const psi = bestMs(() => {
    const counts = new Array<number>(bins.edges.length + 1).fill(0);
    for (const value of current) {
      const at = Array.from(bins.edges).findIndex((edge) => value <= edge);
      const bin = at === -1 ? bins.edges.length : at;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts;
  });
  return { ks, w1: ks, psi };
}

console.log(`Samples of ${SIZE.toLocaleString('en')} values a side; best of ${RUNS}, each from values in no order.\n`);
const scipy = byScipy();
const peer = scipy ?? naively();
const name = scipy ? 'scipy and numpy' : 'naive (python3-scipy is not installed)';
console.log(`| operation | ours, ms | ${name}, ms | ours / theirs |`);
console.log('|---|---|---|---|');
for (const [operation, key] of [
  ['Kolmogorov-Smirnov', 'ks'],
  ['Wasserstein-1', 'w1'],
  ['PSI on a frozen baseline', 'psi'],
] as const)
  console.log(
    `| ${operation} | ${ours[key].toFixed(1)} | ${peer[key].toFixed(1)} | ${(ours[key] / peer[key]).toFixed(2)} |`,
  );
if (scipy) {
  const found = kolmogorovSmirnov(reference, current);
  const distance = wasserstein1(sorted(reference), sorted(current));
  console.log(
    `\nThe same answers: D differs by ${Math.abs(found.d - scipy.d).toExponential(1)}, W1 by ${Math.abs(distance / scipy.distance - 1).toExponential(1)} (relative).`,
  );
}

const edges = quantileBins(sorted(reference), 100).edges;
const perValue = (work: () => void) => (bestMs(work) * 1e6) / SIZE;
const words = Array.from({ length: SIZE }, (_, k) => `class ${k % 37}`);
console.log('\n| accumulator | ns a value |\n|---|---|');
for (const [what, work] of [
  [
    '100 frozen bins, exact moments, log histogram, missing',
    () => {
      const counts = new NumericCounts({ edges, log: true });
      for (const value of current) counts.take(value);
    },
  ],
  [
    'exact moments alone',
    () => {
      const counts = new NumericCounts();
      for (const value of current) counts.take(value);
    },
  ],
  [
    '37 categories',
    () => {
      const counts = new CategoryCounts(Array.from({ length: 37 }, (_, k) => `s:class ${k}`));
      for (const word of words) counts.take(word);
    },
  ],
] as const)
  console.log(`| ${what} | ${perValue(work).toFixed(0)} |`);

const definition = MonitorDefinition.parse({
  name: 'simulation',
  metric: { type: 'numeric_drift', eventKind: 'prediction', field: 'x' },
  window: 'day',
  thresholds: { warn: 0.1, fail: 0.25 },
  minimumN: 20,
  ownerId: 'nobody',
});

/** One window of one system with a family of numeric monitors; true where any of them warns or fails. */
function familyAlarms(
  baselines: readonly BaselineSeries[],
  n: number,
  draw: (metric: number) => number,
  thresholds = definition.thresholds,
): boolean {
  const batch = baselines.map((baseline, metric) => {
    const counts = new NumericCounts({ edges: baseline.type === 'numeric' ? baseline.edges : [] });
    for (let k = 0; k < n; k++) counts.add(draw(metric));
    const series = [{ name: 'all', counts: { type: 'numeric' as const, counts: counts.state() } }];
    const content = {
      monitorId: `m${metric}`,
      monitorVersion: 1,
      baselineId: 'b',
      startsAt: '',
      endsAt: '',
      series,
      undeclared: [],
      sequences: [],
    };
    return {
      content,
      definition: { ...definition, thresholds },
      baseline: { series: [{ name: 'all', reference: baseline }] },
    };
  });
  return decideBatch(batch).windows.some(({ level }) => level === 'warn' || level === 'fail');
}

// Thresholds of zero leave the decision to the test alone: the hardest case for false alarms.
const TESTS_ALONE = { warn: 0, fail: 0 };
console.log(
  '\n| n of a window | families of 20 metrics | alarmed, usual thresholds | alarmed, thresholds of 0 |\n|---|---|---|---|',
);
for (const n of [20, 50, 200, 1_000, 10_000, ...(SHORT ? [] : [100_000, 1_000_000])]) {
  const metrics = n >= 100_000 ? 5 : 20;
  const windows = Math.max(6, Math.min(SHORT ? 300 : 1_000, Math.round(4e7 / (n * metrics))));
  let [usual, alone] = [0, 0];
  // A reference of its own for each family: one that is reused makes its errors come together.
  for (let window = 0; window < windows; window++) {
    const size = Math.min(Math.max(2_000, 2 * n), 400_000);
    const baselines = Array.from({ length: metrics }, () =>
      freezeNumeric(Float64Array.from({ length: size }, () => random() + random())),
    );
    if (familyAlarms(baselines, n, () => random() + random())) usual++;
    if (familyAlarms(baselines, n, () => random() + random(), TESTS_ALONE)) alone++;
  }
  const percent = (count: number) => `${((100 * count) / windows).toFixed(1)} %`;
  console.log(`| ${n.toLocaleString('en')} | ${windows} of ${metrics} | ${percent(usual)} | ${percent(alone)} |`);
}

/** How strongly a uniform must lean for a PSI of 0.25 over its deciles. */
function lean(): number {
  const uniform = new Float64Array(10).fill(0.1);
  const psiOf = (tilt: number) =>
    populationStabilityIndex(
      uniform,
      Float64Array.from({ length: 10 }, (_, k) => 0.1 * (1 + tilt * ((k - 4.5) / 4.5))),
    );
  let [low, high] = [0, 0.999];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (psiOf(middle) < 0.25) low = middle;
    else high = middle;
  }
  return low;
}
const tilt = lean();
const leaning = () => {
  for (;;) {
    const k = Math.floor(random() * 10);
    if (random() * (1 + tilt) < 1 + tilt * ((k - 4.5) / 4.5)) return (k + random()) / 10;
  }
};
const windows = SHORT ? 200 : 1_000;
let found = 0;
for (let window = 0; window < windows; window++) {
  const baselines = Array.from({ length: 20 }, () => freezeNumeric(Float64Array.from({ length: 5_000 }, random)));
  if (familyAlarms(baselines, 500, (metric) => (metric === 0 ? leaning() : random()))) found++;
}
console.log(
  `\nOne metric of 20 with a PSI of 0.25 at n = 500: found in ${((100 * found) / windows).toFixed(1)} % of ${windows} windows.`,
);
