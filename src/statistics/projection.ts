import { seededRandom } from './random.ts';

/** On how many fixed directions a vector is projected. */
export const PROJECTIONS = 16;
const SEED = 0x5eed_0016;

const directions = new Map<number, Int8Array>();
const CACHED_MAX = 64;

/**
 * A vector, brought to length 1, as its projections on fixed random directions of ±1, scaled to spread about 1. The same
 * vector always gives the same numbers; the vector cannot be read back from them. Source: Johnson and Lindenstrauss (1984),
 * with the signs of Achlioptas (2003).
 */
export function projectVector(vector: ArrayLike<number>): number[] {
  const dimensions = vector.length;
  const signs = signsFor(dimensions);
  let squares = 0;
  let largest = 0;
  for (let k = 0; k < dimensions; k++) largest = Math.max(largest, Math.abs(vector[k] as number));
  if (largest === 0) return new Array<number>(PROJECTIONS).fill(0);
  // Divided by the largest first, so that squares of 1e300 stay numbers.
  for (let k = 0; k < dimensions; k++) squares += ((vector[k] as number) / largest) ** 2;
  const scale = 1 / Math.sqrt(squares);
  return Array.from({ length: PROJECTIONS }, (_, direction) => {
    let sum = 0;
    const from = direction * dimensions;
    for (let k = 0; k < dimensions; k++) sum += ((vector[k] as number) / largest) * (signs[from + k] as number);
    // Nine digits are far more than a bin needs, and keep the stored event short.
    return Number((sum * scale).toPrecision(9));
  });
}

function signsFor(dimensions: number): Int8Array {
  const known = directions.get(dimensions);
  if (known) return known;
  const random = seededRandom(SEED ^ dimensions);
  const signs = Int8Array.from({ length: PROJECTIONS * dimensions }, () => (random() < 0.5 ? -1 : 1));
  if (directions.size < CACHED_MAX) directions.set(dimensions, signs);
  return signs;
}
