import { domainClassifier, type KernelDiscrepancy, kernelDiscrepancy } from '#src/statistics/embedding-drift.ts';
import { normalQuantile } from '#src/statistics/normal.ts';
import { PROJECTIONS } from '#src/statistics/projection.ts';
import type { BaselineSeries } from './baseline-content.ts';
import { type Evaluated, finite, finiteStatistic, pair, Z95 } from './evaluated.ts';
import { unpackRows } from './packed.ts';
import type { SeriesCounts } from './series-counts.ts';

/** Samples of embeddings held against the sample that a baseline froze. Seeded, so that a stored window decides the same. */

type Vectors = Extract<SeriesCounts, { type: 'vectors' }>;

/** Fewer rows than this on a side say nothing of a cloud of vectors. */
const ROWS_MIN = 50;
const PERMUTATIONS = 999;
const SEED = 1;

type Samples = { r: Float64Array[]; c: Float64Array[]; baseline: BaselineSeries };

function samples(counts: Vectors, baseline: BaselineSeries | undefined): Samples | 'no_baseline' | 'too_few' {
  if (baseline?.type !== 'vectors') return 'no_baseline';
  const [r, c] = [unpackRows(baseline.rows, PROJECTIONS), unpackRows(counts.rows, PROJECTIONS)];
  if (r.length < ROWS_MIN || c.length < ROWS_MIN) return 'too_few';
  return { r, c, baseline };
}

export function kernelDrift(base: Evaluated, counts: Vectors, baseline: BaselineSeries | undefined): Evaluated {
  const given = samples(counts, baseline);
  if (typeof given === 'string') return { ...base, insufficient: given };
  const found = discrepancy(counts, given.baseline, given.r, given.c);
  if (found.mmd2 === null || found.p === null) return { ...base, insufficient: 'not_computable' };
  const noiseFloor = Math.max(0, found.noise95 ?? 0);
  return {
    ...base,
    value: found.mmd2,
    noiseFloor,
    effect: Math.max(0, found.mmd2 - noiseFloor),
    statistic: finiteStatistic('mmd_squared', found.mmd2, null),
    // A count says no less than one in a thousand; a family of many tests asks for less.
    p: Math.min(found.p, found.tailP ?? 1),
    more: [
      { name: 'vectors_compared', value: given.c.length },
      { name: 'vectors_of_baseline', value: given.r.length },
      { name: 'bandwidth', value: found.bandwidth },
      { name: 'permutation_p', value: found.p },
      { name: 'permutations', value: PERMUTATIONS },
      { name: 'seed', value: SEED },
    ],
  };
}

// A window is decided twice while it is closed, once alone and once in its family: permutations are worth remembering.
const known = new WeakMap<Vectors, WeakMap<object, KernelDiscrepancy>>();

function discrepancy(
  counts: Vectors,
  baseline: BaselineSeries,
  r: Float64Array[],
  c: Float64Array[],
): KernelDiscrepancy {
  const found = known.get(counts)?.get(baseline) ?? kernelDiscrepancy(r, c, { permutations: PERMUTATIONS, seed: SEED });
  known.set(counts, new WeakMap([[baseline, found]]));
  return found;
}

export function classifierDrift(base: Evaluated, counts: Vectors, baseline: BaselineSeries | undefined): Evaluated {
  const given = samples(counts, baseline);
  if (typeof given === 'string') return { ...base, insufficient: given };
  const { auc, standardError, p } = domainClassifier(given.r, given.c, { seed: SEED });
  if (auc === null || standardError === null) return { ...base, insufficient: 'not_computable' };
  return {
    ...base,
    value: auc,
    effect: auc,
    noiseFloor: 0.5,
    interval: pair(Math.max(0, auc - Z95 * standardError), Math.min(1, auc + Z95 * standardError)),
    statistic: standardError > 0 ? finiteStatistic('z', (auc - 0.5) / standardError, null) : null,
    p,
    detectable: finite((Z95 + normalQuantile(0.8)) * standardError),
    more: [
      { name: 'vectors_compared', value: given.c.length },
      { name: 'vectors_of_baseline', value: given.r.length },
      { name: 'seed', value: SEED },
    ],
  };
}
