import { spread64 } from './distinct-count.ts';

type Held<Item> = { rank: number; key: string; item: Item };

/**
 * The `size` items whose keys have the smallest hashes: a sample that anybody who has the keys can draw again, that nobody
 * picks by hand, and that comes out the same in any order and split. Source: Broder (1997), bottom-k sketches.
 */
export class KeyedSample<Item> {
  private readonly size: number;
  private held: Held<Item>[] = [];
  private reach = Number.POSITIVE_INFINITY;

  constructor(size: number) {
    this.size = size;
  }

  /** Each key once: the caller counts what comes twice. */
  add(key: string, item: Item): void {
    const [low, high] = spread64(key);
    const rank = high * 2 ** 21 + (low >>> 11);
    if (rank > this.reach) return;
    this.held.push({ rank, key, item });
    // Thinned out now and then, so that adding stays cheap.
    if (this.held.length >= 2 * this.size + 16) this.thin();
  }

  merge(other: KeyedSample<Item>): void {
    this.held.push(...other.held);
    this.thin();
  }

  /** In the order of the hashes, which has nothing to do with the values. */
  items(): Item[] {
    this.thin();
    return this.held.map(({ item }) => item);
  }

  private thin(): void {
    this.held.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
    if (this.held.length > this.size) this.held.length = this.size;
    if (this.held.length === this.size) this.reach = this.held.at(-1)?.rank ?? this.reach;
  }
}
