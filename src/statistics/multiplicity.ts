export type Correction = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli';
export type Adjusted = { adjusted: number[]; rejected: boolean[] };

/**
 * p-values adjusted for their number, in the order given, and which of them stand at level `alpha`. Holm and Bonferroni hold
 * the chance of any false alarm, Benjamini-Hochberg and -Yekutieli the expected share of false alarms. A NaN stays NaN and
 * is not counted.
 */
export function adjustPValues(p: readonly number[], method: Correction, alpha = 0.05): Adjusted {
  const order = p.map((_, k) => k).filter((k) => !Number.isNaN(p[k] as number));
  order.sort((a, b) => (p[a] as number) - (p[b] as number));
  const m = order.length;
  const adjusted = p.map(() => Number.NaN);
  if (method === 'bonferroni') {
    for (const k of order) adjusted[k] = Math.min(1, (p[k] as number) * m);
  } else if (method === 'holm') {
    let largest = 0;
    order.forEach((k, rank) => {
      largest = Math.max(largest, (m - rank) * (p[k] as number));
      adjusted[k] = Math.min(1, largest);
    });
  } else {
    let factor = m;
    if (method === 'benjamini-yekutieli') {
      let harmonic = 0;
      for (let rank = 1; rank <= m; rank++) harmonic += 1 / rank;
      factor = m * harmonic;
    }
    let smallest = Number.POSITIVE_INFINITY;
    for (let rank = m; rank >= 1; rank--) {
      const k = order[rank - 1] as number;
      smallest = Math.min(smallest, ((p[k] as number) * factor) / rank);
      adjusted[k] = Math.min(1, smallest);
    }
  }
  return { adjusted, rejected: adjusted.map((value) => value <= alpha) };
}
