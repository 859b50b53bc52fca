import type { Interval } from './proportion.ts';
import { seededRandom } from './random.ts';
import { quantileOfSorted } from './sample.ts';

/**
 * Percentile interval of any statistic over resampled item indexes. With `clusters` whole clusters are drawn, which is the
 * only honest way when items of one cluster depend on each other. Null for fewer than 2 items (or clusters), or when the
 * statistic is not finite on too many draws. Source: Efron (1979); Davison and Hinkley (1997), section 5.3.
 */
export function bootstrapInterval(
  n: number,
  statistic: (indexes: Uint32Array) => number,
  options: { draws?: number; seed: number; confidence?: number; clusters?: readonly unknown[] },
): Interval | null {
  const { draws = 1_000, seed, confidence = 0.95, clusters } = options;
  const random = seededRandom(seed);
  const members = clusters ? groupIndexes(clusters) : null;
  const units = members?.length ?? n;
  if (units < 2) return null;
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const drawn = members ? drawClusters(members, random) : drawItems(n, random);
    const value = statistic(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  if (values.length < draws * 0.9) return null;
  const inOrder = Float64Array.from(values).sort();
  const tail = (1 - confidence) / 2;
  return [quantileOfSorted(inOrder, tail), quantileOfSorted(inOrder, 1 - tail)];
}

function groupIndexes(clusters: readonly unknown[]): number[][] {
  const groups = new Map<unknown, number[]>();
  clusters.forEach((cluster, k) => {
    const group = groups.get(cluster);
    if (group) group.push(k);
    else groups.set(cluster, [k]);
  });
  return [...groups.values()];
}

function drawItems(n: number, random: () => number): Uint32Array {
  const drawn = new Uint32Array(n);
  for (let k = 0; k < n; k++) drawn[k] = Math.floor(random() * n);
  return drawn;
}

function drawClusters(members: number[][], random: () => number): Uint32Array {
  const drawn: number[] = [];
  for (let k = 0; k < members.length; k++) drawn.push(...(members[Math.floor(random() * members.length)] as number[]));
  return Uint32Array.from(drawn);
}
