import { spread64 } from './distinct-count.ts';

/** How many categories outside the frozen ones are kept by name. */
const KEPT_MAX = 100;

/** Pairs and no object: any text may be a category, `__proto__` too. Sorted by code unit. */
export type CategoryCountsState = {
  n: number;
  missing: number;
  /** Frozen categories in the baseline's order. */
  known: number[];
  /** Values in no frozen category. */
  unseen: number;
  /** Some of those by name: the ones whose hash is smallest, with exact counts, so that order and split do not matter. */
  kept: [category: string, count: number][];
};

/**
 * The category of a value: its JSON type and its exact code points, so that 1, "1", true and "true" are four. Null for what
 * is missing.
 */
export function categoryOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return `s:${value}`;
  if (typeof value === 'number') return `n:${value}`;
  return typeof value === 'boolean' ? `b:${value}` : `o:${JSON.stringify(value)}`;
}

/** Counts by category against a frozen list; exactly mergeable, bounded whatever comes. */
export class CategoryCounts {
  n = 0;
  missing = 0;
  unseen = 0;
  private readonly places: Map<string, number>;
  private readonly known: Float64Array;
  private readonly kept = new Map<string, { hash: number; count: number }>();

  constructor(categories: readonly string[] = []) {
    this.places = new Map(categories.map((category, place) => [category, place]));
    this.known = new Float64Array(categories.length);
  }

  take(value: unknown): void {
    const category = categoryOf(value);
    if (category === null) {
      this.missing++;
      return;
    }
    this.n++;
    const place = this.places.get(category);
    if (place === undefined) {
      this.unseen++;
      this.keep(category, 1);
    } else this.known[place] = (this.known[place] as number) + 1;
  }

  // A category among the smallest hashes at the end was among them from its first value on, so its count misses nothing.
  private keep(category: string, times: number): void {
    const held = this.kept.get(category);
    if (held) {
      held.count += times;
      return;
    }
    const [low, high] = spread64(category);
    const hash = high * 2 ** 21 + (low >>> 11);
    if (this.kept.size >= KEPT_MAX) {
      let largest = '';
      let most = { hash: -1, count: 0 };
      for (const [name, one] of this.kept)
        if (isAfter(one.hash, name, most.hash, largest)) [largest, most] = [name, one];
      if (isAfter(hash, category, most.hash, largest)) return;
      this.kept.delete(largest);
    }
    this.kept.set(category, { hash, count: times });
  }

  merge(other: CategoryCounts): void {
    this.n += other.n;
    this.missing += other.missing;
    this.unseen += other.unseen;
    for (let k = 0; k < this.known.length; k++) this.known[k] = (this.known[k] as number) + (other.known[k] ?? 0);
    for (const [category, { count }] of other.kept) this.keep(category, count);
  }

  state(): CategoryCountsState {
    const kept = [...this.kept].map(([category, { count }]): [string, number] => [category, count]);
    kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const { n, missing, unseen } = this;
    return { n, missing, known: Array.from(this.known), unseen, kept };
  }

  static from(state: CategoryCountsState, categories: readonly string[] = state.known.map((_, k) => `${k}`)) {
    const counts = new CategoryCounts(categories);
    counts.n = state.n;
    counts.missing = state.missing;
    counts.unseen = state.unseen;
    counts.known.set(state.known);
    for (const [category, count] of state.kept) counts.keep(category, count);
    return counts;
  }
}

function isAfter(hash: number, name: string, otherHash: number, otherName: string): boolean {
  return hash === otherHash ? name > otherName : hash > otherHash;
}
