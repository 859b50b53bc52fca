import { chiSquare, cramersV, fisherExact, gTest } from './contingency.ts';
import {
  hellinger,
  jensenShannon,
  largestDifference,
  populationStabilityIndex,
  psiNoiseFloor,
  totalVariation,
} from './divergence.ts';
import type { Status } from './sample.ts';

/** Counts by category. Identity is the JSON type and the exact code points: 1, "1", true and "true" are four categories. */
export type CategoricalSample = { counts: Map<string, { value: unknown; count: number }>; n: number; missing: number };

/** Only `null` and `undefined` are missing; "NaN", "null" and "" are ordinary categories. */
export function readCategoricalSample(raw: Iterable<unknown>): CategoricalSample {
  const counts: CategoricalSample['counts'] = new Map();
  let n = 0;
  let missing = 0;
  for (const value of raw) {
    if (value === null || value === undefined) {
      missing++;
      continue;
    }
    n++;
    const key =
      typeof value === 'string'
        ? `s${value}`
        : typeof value === 'object'
          ? `o${JSON.stringify(value)}`
          : `${typeof value}:${String(value)}`;
    const held = counts.get(key);
    if (held) held.count++;
    else counts.set(key, { value, count: 1 });
  }
  return { counts, n, missing };
}

export type CategoricalDrift = {
  status: Status;
  nReference: number;
  nCurrent: number;
  distinctReference: number;
  distinctCurrent: number;
  /** Categories of the current sample that the reference never had, as text, in code point order, at most 50. */
  unseen: string[];
  unseenCount: number;
  unseenShare: number | null;
  vanishedCount: number;
  measures: {
    psi: number;
    psiNoiseFloor: number;
    jensenShannon: number;
    hellinger: number;
    totalVariation: number;
    largestDifference: number;
    chiSquare: ReturnType<typeof chiSquare>;
    gTest: ReturnType<typeof gTest>;
    cramersV: number;
    /** Two categories only. */
    chiSquareYates: ReturnType<typeof chiSquare> | null;
    fisherP: number | null;
  } | null;
};

const UNSEEN_LISTED_MAX = 50;

export function categoricalDrift(reference: CategoricalSample, current: CategoricalSample): CategoricalDrift {
  const keys = new Set([...reference.counts.keys(), ...current.counts.keys()]);
  const unseen = [...current.counts].filter(([key]) => !reference.counts.has(key));
  const unseenTotal = unseen.reduce((sum, [, { count }]) => sum + count, 0);
  const enough = reference.n > 0 && current.n > 0;
  const base = {
    nReference: reference.n,
    nCurrent: current.n,
    distinctReference: reference.counts.size,
    distinctCurrent: current.counts.size,
    unseen: unseen
      .map(([, { value }]) => String(value))
      .sort(byCodePoint)
      .slice(0, UNSEEN_LISTED_MAX),
    unseenCount: unseen.length,
    unseenShare: current.n > 0 ? unseenTotal / current.n : null,
    vanishedCount: [...reference.counts.keys()].filter((key) => !current.counts.has(key)).length,
  };
  if (!enough) return { ...base, status: 'insufficient_data', measures: null };
  const ordered = [...keys].sort();
  const r = Float64Array.from(ordered, (key) => reference.counts.get(key)?.count ?? 0);
  const c = Float64Array.from(ordered, (key) => current.counts.get(key)?.count ?? 0);
  const p = r.map((count) => count / reference.n);
  const q = c.map((count) => count / current.n);
  const table = { r, c };
  const two = ordered.length === 2;
  return {
    ...base,
    status: 'ok',
    measures: {
      psi: populationStabilityIndex(p, q),
      psiNoiseFloor: psiNoiseFloor(ordered.length, reference.n, current.n),
      jensenShannon: jensenShannon(p, q),
      hellinger: hellinger(p, q),
      totalVariation: totalVariation(p, q),
      largestDifference: largestDifference(p, q),
      chiSquare: chiSquare(table),
      gTest: gTest(table),
      cramersV: cramersV(table),
      chiSquareYates: two ? chiSquare(table, true) : null,
      fisherP: two ? fisherExact(r[0] as number, r[1] as number, c[0] as number, c[1] as number) : null,
    },
  };
}

function byCodePoint(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let k = 0; k < Math.min(left.length, right.length); k++) {
    const gap = (left[k]?.codePointAt(0) ?? 0) - (right[k]?.codePointAt(0) ?? 0);
    if (gap !== 0) return gap;
  }
  return left.length - right.length;
}
