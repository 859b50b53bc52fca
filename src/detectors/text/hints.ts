/**
 * Finds which groups of words a text may belong to, in one pass over it however many words there are. A rule whose hints are
 * not in the text need not be tried on it.
 */
export class HintIndex {
  readonly #present: Uint8Array;
  /** By the first two units, for hints of two. */
  readonly #pairs = new Uint8Array(65_536);
  /** By the first three units, for longer ones. */
  readonly #triples = new Uint8Array(65_536);
  readonly #byStart = new Map<number, { hint: string; group: number }[]>();
  readonly #single: { hint: string; group: number }[] = [];

  /** `groups[i]` holds the hints of group `i`, in small letters. */
  constructor(groups: readonly (readonly string[])[]) {
    this.#present = new Uint8Array(groups.length);
    for (const [group, hints] of groups.entries())
      for (const hint of hints) {
        if (hint.length < 2) {
          this.#single.push({ hint, group });
          continue;
        }
        const isPair = hint.length === 2;
        const pair = pairOf(hint.charCodeAt(0), hint.charCodeAt(1));
        const start = isPair ? pair : tripleOf(pair, hint.charCodeAt(2));
        (isPair ? this.#pairs : this.#triples)[start] = 1;
        const key = isPair ? -1 - start : start;
        this.#byStart.set(key, [...(this.#byStart.get(key) ?? []), { hint, group }]);
      }
  }

  /** 1 for each group one of whose hints stands in `lower`. Written again by the next call. */
  find(lower: string): Uint8Array {
    const present = this.#present.fill(0);
    for (const { hint, group } of this.#single) if (lower.includes(hint)) present[group] = 1;
    const pairs = this.#pairs;
    const triples = this.#triples;
    let first = lower.charCodeAt(0);
    let second = lower.charCodeAt(1);
    const { length } = lower;
    for (let i = 0; i + 1 < length; i++) {
      const third = i + 2 < length ? lower.charCodeAt(i + 2) : 0;
      const pair = pairOf(first, second);
      if (pairs[pair] === 1) this.#note(lower, i, -1 - pair, present);
      const triple = tripleOf(pair, third);
      if (triples[triple] === 1) this.#note(lower, i, triple, present);
      first = second;
      second = third;
    }
    return present;
  }

  #note(lower: string, at: number, key: number, present: Uint8Array): void {
    for (const { hint, group } of this.#byStart.get(key) ?? [])
      if (present[group] === 0 && lower.startsWith(hint, at)) present[group] = 1;
  }
}

function pairOf(first: number, second: number): number {
  return (Math.imul(first, 0x9e35) ^ second) & 65_535;
}

function tripleOf(pair: number, third: number): number {
  return (Math.imul(pair, 0x85eb) ^ Math.imul(third, 0x2c1b)) & 65_535;
}
