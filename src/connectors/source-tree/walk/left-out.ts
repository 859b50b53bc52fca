import type { Skipped } from '../model.ts';

const LISTED_MAX = 200;

/** Collects what a scan leaves out, bounded, and the reasons for which its result proves no absence. */
export type LeftOut = {
  skip(path: string, why: string): void;
  /** Also makes the scan incomplete: something that belongs to the tree was not read. */
  miss(path: string, why: string): void;
  /** A limit of the whole scan was reached. */
  stopBecause(reason: string): void;
  listed: Skipped[];
  count(): number;
  incompleteBecause(): string[];
};

export function createLeftOut(): LeftOut {
  const listed: Skipped[] = [];
  const missed = new Map<string, { count: number; first: string }>();
  const stops = new Set<string>();
  let total = 0;
  const skip = (path: string, why: string) => {
    total += 1;
    if (listed.length < LISTED_MAX) listed.push({ path, why });
  };
  return {
    skip,
    miss(path, why) {
      skip(path, why);
      const known = missed.get(why);
      if (known) known.count += 1;
      else missed.set(why, { count: 1, first: path });
    },
    stopBecause: (reason) => stops.add(reason),
    listed,
    count: () => total,
    incompleteBecause: () => [
      ...stops,
      ...[...missed].map(([why, { count, first }]) =>
        count === 1 ? `${first}: ${why}` : `${first} and ${count - 1} more: ${why}`,
      ),
    ],
  };
}
