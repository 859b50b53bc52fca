/**
 * Change detectors fed one value at a time: cheap early warnings beside the windowed tests, never the control itself.
 * Each `update` says whether a change is signaled at this value; after a signal the detector starts anew.
 */
export type StreamDetector = {
  update(value: number): 'stable' | 'warning' | 'change';
  /** All it remembers, by name: two detectors with the same state say the same from here on. */
  state(): Record<string, number | number[]>;
};

/** Page-Hinkley test for an upward change of the mean. Source: Page (1954); parameters as in river. */
export function pageHinkley({ minInstances = 30, delta = 0.005, threshold = 50, alpha = 0.9999 } = {}): StreamDetector {
  let count = 0;
  let mean = 0;
  let sum = 0;
  return {
    update(value) {
      count++;
      mean += (value - mean) / count;
      sum = Math.max(0, alpha * sum + value - mean - delta);
      if (count >= minInstances && sum >= threshold) {
        count = 0;
        mean = 0;
        sum = 0;
        return 'change';
      }
      return 'stable';
    },
    state: () => ({ count, mean, sum }),
  };
}

/** Drift detection method over error bits (1 = wrong). Source: Gama et al. (2004); parameters as in river. */
export function ddm({ warmStart = 30, warningAt = 2, driftAt = 3 } = {}): StreamDetector {
  let n = 0;
  let errors = 0;
  let bestRate = 0;
  let bestSpread = 0;
  let best = Number.POSITIVE_INFINITY;
  return {
    update(value) {
      n++;
      errors += value;
      const rate = errors / n;
      const spread = Math.sqrt((rate * (1 - rate)) / n);
      if (n <= warmStart) return 'stable';
      if (rate + spread <= best) {
        best = rate + spread;
        bestRate = rate;
        bestSpread = spread;
      }
      if (rate + spread > bestRate + driftAt * bestSpread) {
        n = 0;
        errors = 0;
        best = Number.POSITIVE_INFINITY;
        return 'change';
      }
      return rate + spread > bestRate + warningAt * bestSpread ? 'warning' : 'stable';
    },
    state: () => ({ n, errors, bestRate, bestSpread, ...(Number.isFinite(best) && { best }) }),
  };
}

/** Early drift detection by the distance between errors. Source: Baena-García et al. (2006). */
export function eddm({ minErrors = 30, warningAt = 0.95, driftAt = 0.9 } = {}): StreamDetector {
  let position = 0;
  let lastError = 0;
  let errors = 0;
  let mean = 0;
  let squares = 0;
  let best = 0;
  const restart = () => {
    position = 0;
    lastError = 0;
    errors = 0;
    mean = 0;
    squares = 0;
    best = 0;
  };
  return {
    update(value) {
      position++;
      if (value !== 1) return 'stable';
      errors++;
      const distance = position - lastError;
      lastError = position;
      const before = mean;
      mean += (distance - mean) / errors;
      squares += (distance - before) * (distance - mean);
      const reach = mean + 2 * Math.sqrt(squares / errors);
      if (reach > best) {
        best = reach;
        return 'stable';
      }
      if (errors < minErrors) return 'stable';
      const share = reach / best;
      if (share < driftAt) {
        restart();
        return 'change';
      }
      return share < warningAt ? 'warning' : 'stable';
    },
    state: () => ({ position, lastError, errors, mean, squares, best }),
  };
}

/** Detection by Hoeffding's bound on the mean (the A test), for values in [0, 1]. Source: Frías-Blanco et al. (2015). */
export function hddmA({ driftConfidence = 0.001, warningConfidence = 0.005 } = {}): StreamDetector {
  let n = 0;
  let total = 0;
  let nMin = 0;
  let totalMin = 0;
  const bound = (size: number, confidence: number) => Math.sqrt(Math.log(1 / confidence) / (2 * size));
  const grew = (confidence: number) => {
    if (nMin === 0 || nMin === n) return false;
    const m = ((n - nMin) / nMin) * (1 / n);
    return total / n - totalMin / nMin >= Math.sqrt((m / 2) * Math.log(2 / confidence));
  };
  return {
    update(value) {
      n++;
      total += value;
      const here = total / n + bound(n, driftConfidence);
      if (nMin === 0 || here <= totalMin / nMin + bound(nMin, driftConfidence)) {
        nMin = n;
        totalMin = total;
      }
      if (grew(driftConfidence)) {
        n = 0;
        total = 0;
        nMin = 0;
        totalMin = 0;
        return 'change';
      }
      return grew(warningConfidence) ? 'warning' : 'stable';
    },
    state: () => ({ n, total, nMin, totalMin }),
  };
}

type Bucket = { total: number; squares: number };

const BUCKETS_PER_ROW = 5;

/**
 * Adaptive windowing: drops the old part of a window when its mean differs from the new part's by more than chance.
 * Source: Bifet and Gavaldà (2007), with the check every 32 values and the sub-windows of at least 5 that the
 * implementations use.
 */
export function adwin({ delta = 0.002, clock = 32, minWindow = 10, minPart = 5 } = {}): StreamDetector {
  // Row k holds buckets of 2^k values, the oldest first.
  let rows: Bucket[][] = [[]];
  let time = 0;
  let width = 0;
  let total = 0;
  let squares = 0;

  const insert = (value: number) => {
    if (width > 0) squares += ((value - total / width) ** 2 * width) / (width + 1);
    width++;
    total += value;
    (rows[0] as Bucket[]).push({ total: value, squares: 0 });
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k] as Bucket[];
      if (row.length <= BUCKETS_PER_ROW) break;
      const [first, second] = row.splice(0, 2) as [Bucket, Bucket];
      const size = 2 ** k;
      const gap = first.total / size - second.total / size;
      const merged = {
        total: first.total + second.total,
        squares: first.squares + second.squares + (size * gap * gap) / 2,
      };
      if (k + 1 === rows.length) rows.push([]);
      (rows[k + 1] as Bucket[]).push(merged);
    }
  };

  const differs = (n0: number, n1: number, u0: number, u1: number) => {
    const evidence = Math.log((2 * Math.log(width)) / delta);
    const m = 1 / (n0 - minPart + 1) + 1 / (n1 - minPart + 1);
    const cut = Math.sqrt(2 * m * (squares / width) * evidence) + (2 / 3) * evidence * m;
    return Math.abs(u0 / n0 - u1 / n1) > cut;
  };

  const splits = (): boolean => {
    let n0 = 0;
    let u0 = 0;
    for (let k = rows.length - 1; k >= 0; k--) {
      // The published implementations leave the newest bucket of each row with the new part, and so do we: detections
      // can then be compared with theirs index by index.
      for (const bucket of (rows[k] as Bucket[]).slice(0, -1)) {
        n0 += 2 ** k;
        u0 += bucket.total;
        const n1 = width - n0;
        if (n0 >= minPart && n1 >= minPart && differs(n0, n1, u0, total - u0)) return true;
      }
    }
    return false;
  };

  return {
    update(value) {
      time++;
      insert(value);
      if (time % clock !== 0 || width <= minWindow || !splits()) return 'stable';
      rows = [[]];
      time = 0;
      width = 0;
      total = 0;
      squares = 0;
      return 'change';
    },
    state: () => ({
      time,
      width,
      total,
      squares,
      buckets: rows.map((row) => row.length),
      totals: rows.flatMap((row) => row.map((bucket) => bucket.total)),
      spreads: rows.flatMap((row) => row.map((bucket) => bucket.squares)),
    }),
  };
}
