import {
  countEqualWidth,
  countOpenBins,
  doaneBins,
  equalWidthEdges,
  quantileBins,
  shares,
  sturgesBins,
} from './bins.ts';
import { hellinger, jensenShannon, populationStabilityIndex, psiNoiseFloor } from './divergence.ts';
import { moments, type NumericSample, type Status, sorted } from './sample.ts';
import { cramerVonMises, energyDistance, kolmogorovSmirnov, mannWhitney, wasserstein1 } from './two-sample.ts';

export type NumericDrift = {
  status: Status;
  nReference: number;
  nCurrent: number;
  kolmogorovSmirnov: ReturnType<typeof kolmogorovSmirnov> | null;
  wasserstein1: number | null;
  /** Over the reference's standard deviation, which counts as at least 0.001. */
  wasserstein1OverStd: number | null;
  energyDistance: number | null;
  cramerVonMises: { t: number; p: number } | null;
  mannWhitney: { u: number; p: number } | null;
  psi: {
    value: number;
    noiseFloor: number;
    edges: Float64Array;
    reference: Float64Array;
    current: Float64Array;
  } | null;
};

const STD_FLOOR = 1e-3;

/** Every two-sample measure of a numeric feature at once. One empty side gives `insufficient_data` and no numbers. */
export function numericDrift(reference: NumericSample, current: NumericSample): NumericDrift {
  const nReference = reference.values.length;
  const nCurrent = current.values.length;
  if (nReference === 0 || nCurrent === 0) {
    return {
      status: 'insufficient_data',
      nReference,
      nCurrent,
      kolmogorovSmirnov: null,
      wasserstein1: null,
      wasserstein1OverStd: null,
      energyDistance: null,
      cramerVonMises: null,
      mannWhitney: null,
      psi: null,
    };
  }
  const r = sorted(reference.values);
  const c = sorted(current.values);
  const distance = wasserstein1(r, c);
  const bins = quantileBins(r);
  const p = shares(countOpenBins(r, bins), nReference);
  const q = shares(countOpenBins(c, bins), nCurrent);
  return {
    status: 'ok',
    nReference,
    nCurrent,
    kolmogorovSmirnov: kolmogorovSmirnov(r, c),
    wasserstein1: distance,
    wasserstein1OverStd: distance / Math.max(moments(r).std, STD_FLOOR),
    energyDistance: energyDistance(r, c),
    cramerVonMises: nReference > 1 && nCurrent > 1 ? cramerVonMises(r, c) : null,
    mannWhitney: mannWhitney(r, c),
    psi: {
      value: populationStabilityIndex(p, q),
      noiseFloor: psiNoiseFloor(p.length, nReference, nCurrent),
      edges: bins.edges,
      reference: p,
      current: q,
    },
  };
}

const FEW_DISTINCT = 20;

/**
 * PSI and Jensen-Shannon distance (natural logarithm) binned as Evidently bins them, to compare with its reports: one bin
 * per distinct value up to 20 of them, else equal width by Sturges over both samples; zeros filled per side.
 */
export function evidentlyDrift(r: Float64Array, c: Float64Array): { psi: number; jensenShannon: number } {
  const distinctR = new Set<number>();
  for (const value of r) {
    distinctR.add(value);
    if (distinctR.size > FEW_DISTINCT) break;
  }
  let countsR: Float64Array;
  let countsC: Float64Array;
  if (distinctR.size > FEW_DISTINCT) {
    const [ofR, ofC] = [moments(r), moments(c)];
    const [min, max] = [Math.min(ofR.min, ofC.min), Math.max(ofR.max, ofC.max)];
    const edges = equalWidthEdges(min, max, sturgesBins(r.length + c.length, max - min));
    countsR = countEqualWidth(r, edges);
    countsC = countEqualWidth(c, edges);
  } else {
    const keys = [...new Set([...distinctR, ...c])];
    const place = new Map(keys.map((key, position) => [key, position]));
    const count = (values: Float64Array) => {
      const counts = new Float64Array(keys.length);
      for (const value of values) {
        const at = place.get(value) as number;
        counts[at] = (counts[at] as number) + 1;
      }
      return counts;
    };
    countsR = count(r);
    countsC = count(c);
  }
  const p = shares(countsR, r.length);
  const q = shares(countsC, c.length);
  return { psi: populationStabilityIndex(fillZeros(p), fillZeros(q)), jensenShannon: jensenShannon(p, q, Math.E) };
}

function fillZeros(p: Float64Array): Float64Array {
  let smallest = Number.POSITIVE_INFINITY;
  for (const share of p) if (share > 0 && share < smallest) smallest = share;
  const filled = smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
  return p.map((share) => (share === 0 ? filled : share));
}

/** Jensen-Shannon distance (base 2) and Hellinger distance binned as NannyML bins them: Doane's rule on the reference. */
export function nannymlDrift(r: Float64Array, c: Float64Array): { jensenShannon: number; hellinger: number } {
  const { min, max } = moments(r);
  const edges = equalWidthEdges(min, max, doaneBins(r));
  const p = shares(countEqualWidth(r, edges), r.length);
  const q = shares(countEqualWidth(c, edges), c.length);
  const inside = q.reduce((sum, share) => sum + share, 0);
  // What the reference's range does not cover counts as one more bin, empty in the reference.
  const outside = 1 - inside;
  const withOutside = outside > 1e-12;
  const pAll = withOutside ? Float64Array.from([...p, 0]) : p;
  const qAll = withOutside ? Float64Array.from([...q, outside]) : q;
  return { jensenShannon: jensenShannon(pAll, qAll), hellinger: hellinger(pAll, qAll) };
}
