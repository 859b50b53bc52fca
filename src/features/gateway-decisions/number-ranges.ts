/** Numbers as ranges, both ends included, in order and apart from each other. */
export type NumberRange = [from: number, to: number];

// A node that loses more than this many stretches has lost its record; the oldest holes are then shown as one.
const RANGES_MAX = 2_000;

/** `ranges` with `numbers` added, in any order and however often. */
export function addNumbers(ranges: readonly NumberRange[], numbers: Iterable<number>): NumberRange[] {
  const added = Float64Array.from(numbers).sort();
  const merged: NumberRange[] = [];
  const put = (from: number, to: number) => {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  };
  let at = 0;
  for (const number of added) {
    for (let range = ranges[at]; range && range[0] <= number; range = ranges[++at]) put(range[0], range[1]);
    put(number, number);
  }
  for (const range of ranges.slice(at)) put(range[0], range[1]);
  return merged.length > RANGES_MAX ? merged.slice(-RANGES_MAX) : merged;
}

/** What is missing between `first` and the newest number, as ranges. */
export function gapsOf(ranges: readonly NumberRange[], first: number): { gaps: NumberRange[]; missing: number } {
  const gaps: NumberRange[] = [];
  let missing = 0;
  let next = first;
  for (const [from, to] of ranges) {
    if (from > next) {
      gaps.push([next, from - 1]);
      missing += from - next;
    }
    next = Math.max(next, to + 1);
  }
  return { gaps, missing };
}
