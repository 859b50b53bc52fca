import type { TextField } from '../wire/text-fields.ts';
import type { ScreenMemo } from './memo.ts';
import type { TextFindings } from './screening.ts';

/** Texts are remembered in blocks of so many that begin at a multiple of it: a conversation grows at its end. */
const SMALL = 4;
const BLOCKS = [16, SMALL] as const;

/** Findings of the texts of a block, in order. */
export type BlockFindings = readonly TextFindings[];

/**
 * What is known of the texts of a call from calls before it. A long conversation comes again with every call: asking for it
 * block by block takes a few digests where asking text by text takes one for each.
 */
export class KnownTurns {
  readonly #memo: ScreenMemo<BlockFindings>;
  readonly #fields: readonly TextField[];
  readonly #found: (TextFindings | undefined)[];
  /** Blocks to be remembered once all of their texts are judged. */
  readonly #unknown: { key: string; from: number; size: number }[] = [];

  constructor(
    memo: ScreenMemo<BlockFindings>,
    { tenantId, policyDigest }: { tenantId: string; policyDigest: string },
    fields: readonly TextField[],
  ) {
    this.#memo = memo;
    this.#fields = fields;
    // Filled: what looks through a list passes over its holes.
    this.#found = new Array(fields.length).fill(undefined);
    for (let from = 0; from < fields.length; ) from += this.#take(tenantId, policyDigest, from);
  }

  at(index: number): TextFindings | undefined {
    return this.#found[index];
  }

  judged(index: number, found: TextFindings): void {
    this.#found[index] = found;
  }

  /** Once all texts are judged. */
  remember(): void {
    for (const { key, from, size } of this.#unknown) {
      const found = this.#found.slice(from, from + size);
      if (found.every((one) => one !== undefined)) this.#memo.set(key, found);
    }
  }

  /** Looks for the largest known block at `from`; the result is how many texts are done with. */
  #take(tenantId: string, policyDigest: string, from: number): number {
    for (const size of BLOCKS) {
      if (from % size !== 0 || from + size > this.#fields.length) continue;
      const key = this.#memo.key(tenantId, policyDigest, 'block', textOf(this.#fields, from, size));
      const found = this.#memo.get(key);
      if (found === undefined) {
        this.#unknown.push({ key, from, size });
        continue;
      }
      for (let i = 0; i < size; i++) this.#found[from + i] = found[i];
      return size;
    }
    return SMALL;
  }
}

/** The texts of a block and who they come from, so that no other block gives the same. */
function textOf(fields: readonly TextField[], from: number, size: number): string {
  let whole = '';
  for (let i = from; i < from + size; i++) {
    const { role, text } = fields[i] as TextField;
    whole += `${role} ${text.length} ${text}`;
  }
  return whole;
}
