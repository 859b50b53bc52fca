export type Isotonic = { x: Float64Array; y: Float64Array };

/**
 * The non-decreasing step function closest to the points in squares (pool adjacent violators); equal x are averaged first.
 * The returned knots are the ends of each level.
 */
export function fitIsotonic(x: ArrayLike<number>, y: ArrayLike<number>): Isotonic {
  const order = Uint32Array.from({ length: x.length }, (_, k) => k).sort((a, b) => (x[a] as number) - (x[b] as number));
  const at: number[] = [];
  const mean: number[] = [];
  const weight: number[] = [];
  for (const k of order) {
    const last = at.length - 1;
    if (last >= 0 && at[last] === x[k]) {
      const held = weight[last] as number;
      mean[last] = ((mean[last] as number) * held + (y[k] as number)) / (held + 1);
      weight[last] = held + 1;
    } else {
      at.push(x[k] as number);
      mean.push(y[k] as number);
      weight.push(1);
    }
  }
  const level: { mean: number; weight: number; from: number; to: number }[] = [];
  for (let k = 0; k < at.length; k++) {
    let block = { mean: mean[k] as number, weight: weight[k] as number, from: k, to: k };
    for (let below = level.at(-1); below && below.mean >= block.mean; below = level.at(-1)) {
      const all = below.weight + block.weight;
      block = {
        mean: (below.mean * below.weight + block.mean * block.weight) / all,
        weight: all,
        from: below.from,
        to: block.to,
      };
      level.pop();
    }
    level.push(block);
  }
  const knotsX: number[] = [];
  const knotsY: number[] = [];
  for (const { from, to, mean: value } of level) {
    for (const k of from === to ? [from] : [from, to]) {
      knotsX.push(at[k] as number);
      knotsY.push(value);
    }
  }
  return { x: Float64Array.from(knotsX), y: Float64Array.from(knotsY) };
}

/** Linear between the knots, constant outside; NaN without knots. */
export function evaluateIsotonic({ x, y }: Isotonic, query: number): number {
  const last = x.length - 1;
  if (last < 0) return Number.NaN;
  if (query <= (x[0] as number)) return y[0] as number;
  if (query >= (x[last] as number)) return y[last] as number;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) <= query) low = middle;
    else high = middle;
  }
  const [x0, x1, y0, y1] = [x[low] as number, x[high] as number, y[low] as number, y[high] as number];
  return y0 + ((y1 - y0) * (query - x0)) / (x1 - x0);
}
