/**
 * A repeatable source of uniform numbers in [0, 1): the seed is recorded with the result, so that anybody can draw the same
 * ones again. Not for secrets. Source: mulberry32, by T. Ettinger (public domain).
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Shuffles in place. Source: Fisher and Yates; Durstenfeld (1964). */
export function shuffle(values: Uint32Array, random: () => number): void {
  for (let k = values.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    const held = values[k] as number;
    values[k] = values[other] as number;
    values[other] = held;
  }
}
