import { isHexAt } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { EntrySeries } from '../log/leaf-form.ts';
import { HASH_BYTES } from '../log/tree.ts';
import type { BundleRange, BundleSeries } from './bundle-format.ts';

type Member = { seq: number; index: number; hashAt: number };

/**
 * Follows the numbered series through the entries of a bundle, which come in the order of their indexes. Throws
 * `InvalidFormat` on a number twice, a number out of order, a link to another entry than the one before, and a number
 * left out where the bundle claims to be complete.
 */
export class SeriesChecker {
  readonly #range: BundleRange | null;
  readonly #claims: ReadonlyMap<string, BundleSeries>;
  readonly #claimed = new Map<string, number>();
  readonly #last = new Map<string, Member>();

  constructor(range: BundleRange | null, claims: readonly BundleSeries[]) {
    this.#range = range;
    this.#claims = new Map(claims.map((claim) => [claim.id, claim]));
    if (this.#claims.size !== claims.length) throw new InvalidFormat('series', 'The manifest claims one series twice.');
  }

  /** How many different series were met. */
  get count(): number {
    return this.#last.size;
  }

  /** The hash of the leaf stands at `hashAt` in `leafHashes`, where those of the entries before stay. */
  entry(index: number, { leafHashes, hashAt }: { leafHashes: Uint8Array; hashAt: number }, series: EntrySeries): void {
    const { id, seq, prev } = series;
    const before = this.#last.get(id);
    if (before) {
      if (seq === before.seq)
        throw new InvalidFormat(
          'series',
          `Number ${seq} of the series "${id}" is given to entry ${before.index} and to entry ${index}.`,
        );
      if (seq < before.seq)
        throw new InvalidFormat(
          'series',
          `Entry ${index} is number ${seq} of the series "${id}", behind number ${before.seq}.`,
        );
      if (seq === before.seq + 1 && !isHexAt(prev ?? '', leafHashes, before.hashAt, HASH_BYTES))
        throw new InvalidFormat(
          'series',
          `Entry ${index} of the series "${id}" does not link to entry ${before.index}, the one before.`,
        );
      if (seq > before.seq + 1 && this.#covers(before.index, index))
        throw new InvalidFormat(
          'series',
          `Number ${before.seq + 1} of the series "${id}" is missing between entries ${before.index} and ${index}, where the bundle is complete.`,
        );
    } else if (seq > 0 && this.#range?.from === 0 && index < this.#range.to) {
      throw new InvalidFormat(
        'series',
        `The series "${id}" begins with number ${seq} in a bundle that is complete from entry 0.`,
      );
    }
    if (before) {
      before.seq = seq;
      before.index = index;
      before.hashAt = hashAt;
    } else this.#last.set(id, { seq, index, hashAt });
    const claim = this.#claims.size > 0 ? this.#claims.get(id) : undefined;
    if (claim && seq >= claim.from && seq <= claim.to) this.#claimed.set(id, (this.#claimed.get(id) ?? 0) + 1);
  }

  /** After the last entry: every claimed number was there. Order and links were checked as they came. */
  finish(): void {
    for (const { id, from, to } of this.#claims.values()) {
      const found = this.#claimed.get(id) ?? 0;
      if (found !== to - from + 1)
        throw new InvalidFormat(
          'series',
          `The bundle claims numbers ${from} to ${to} of the series "${id}", and ${to - from + 1 - found} of them are not in it.`,
        );
    }
  }

  #covers(from: number, to: number): boolean {
    return this.#range !== null && from >= this.#range.from && to < this.#range.to;
  }
}
