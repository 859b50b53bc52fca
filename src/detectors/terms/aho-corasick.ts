/** Where a term ends in a text: its number and the first unit after it. */
export type TermHit = { term: number; end: number };

type Node = { next: Map<number, number>; fail: number; terms: number[]; up: number };

/** Finds all of many strings in one pass (Aho and Corasick, 1975): time grows with the text and the hits, not the list. */
export class TermIndex {
  readonly #nodes: Node[] = [{ next: new Map(), fail: 0, terms: [], up: 0 }];

  constructor(terms: readonly string[]) {
    for (const [number, term] of terms.entries()) {
      let at = 0;
      for (let i = 0; i < term.length; i++) at = this.#step(at, term.charCodeAt(i));
      if (at !== 0) this.#nodes[at]?.terms.push(number);
    }
    this.#link();
  }

  #step(at: number, unit: number): number {
    const known = this.#nodes[at]?.next.get(unit);
    if (known !== undefined) return known;
    this.#nodes.push({ next: new Map(), fail: 0, terms: [], up: 0 });
    this.#nodes[at]?.next.set(unit, this.#nodes.length - 1);
    return this.#nodes.length - 1;
  }

  #link(): void {
    const queue = [...(this.#nodes[0]?.next.values() ?? [])];
    for (let head = 0; head < queue.length; head++) {
      const at = queue[head] ?? 0;
      const node = this.#nodes[at];
      if (node === undefined) continue;
      for (const [unit, child] of node.next) {
        const target = this.#nodes[child];
        if (target === undefined) continue;
        target.fail = this.#follow(node.fail, unit);
        const fail = this.#nodes[target.fail];
        // The nearest shorter term that ends here too.
        target.up = (fail?.terms.length ?? 0) > 0 ? target.fail : (fail?.up ?? 0);
        queue.push(child);
      }
    }
  }

  #follow(from: number, unit: number): number {
    let at = from;
    for (;;) {
      const next = this.#nodes[at]?.next.get(unit);
      if (next !== undefined) return next;
      if (at === 0) return 0;
      at = this.#nodes[at]?.fail ?? 0;
    }
  }

  /** Every place where a term ends, in order, at most `most`. */
  find(text: string, most: number): TermHit[] {
    const hits: TermHit[] = [];
    let at = 0;
    for (let i = 0; i < text.length && hits.length < most; i++) {
      at = this.#follow(at, text.charCodeAt(i));
      for (
        let node = this.#nodes[at]?.terms.length ? at : (this.#nodes[at]?.up ?? 0);
        node !== 0;
        node = this.#nodes[node]?.up ?? 0
      ) {
        for (const term of this.#nodes[node]?.terms ?? []) hits.push({ term, end: i + 1 });
      }
    }
    return hits;
  }
}
