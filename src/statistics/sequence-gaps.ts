export type Completeness = {
  unique: number;
  duplicates: number;
  /** Numbers received that lie outside the declared span. */
  outside: number;
  missing: number;
  /** Missing numbers as ranges, both ends included, in order. */
  gaps: [from: number, to: number][];
  /** unique / declared; null when nothing was declared. */
  share: number | null;
};

/** Holds the received sequence numbers of one source against the span the source declared, both ends included. */
export function sequenceGaps(received: Iterable<number>, first: number, last: number): Completeness {
  const declared = Math.max(0, last - first + 1);
  const seen = new Set<number>();
  let duplicates = 0;
  let outside = 0;
  for (const number of received) {
    if (!Number.isSafeInteger(number) || number < first || number > last) outside++;
    else if (seen.has(number)) duplicates++;
    else seen.add(number);
  }
  const gaps: [number, number][] = [];
  let next = first;
  for (const number of Float64Array.from(seen).sort()) {
    if (number > next) gaps.push([next, number - 1]);
    next = number + 1;
  }
  if (declared > 0 && next <= last) gaps.push([next, last]);
  return {
    unique: seen.size,
    duplicates,
    outside,
    missing: declared - seen.size,
    gaps,
    share: declared === 0 ? null : seen.size / declared,
  };
}
