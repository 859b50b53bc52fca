/** Finds many fixed words in one pass over bytes, without regard to ASCII case. */
export type LiteralScanner = {
  /**
   * Calls `found(literal, end)` for every occurrence in `bytes`: index of the literal, and offset just behind it.
   * Occurrences come in the order of their ends. Stops early when `found` returns false.
   */
  scan(bytes: Uint8Array, found: (literal: number, end: number) => boolean): void;
};

/**
 * Builds an Aho-Corasick automaton as one dense table, so that a byte costs two array reads whatever the number of words.
 * Source: Aho, Corasick, "Efficient string matching", CACM 18 (1975).
 */
export function createLiteralScanner(literals: readonly string[]): LiteralScanner {
  const words = literals.map((literal) => Buffer.from(literal.toLowerCase(), 'utf8'));
  if (words.some((word) => word.length === 0)) throw new Error('an empty literal matches everywhere');
  const { classes, classBits } = classifyBytes(words);
  const trie = buildTrie(words, classes);
  const { table, outputs, firstAccepting } = buildTable(trie, classBits);
  return {
    scan(bytes, found) {
      let state = 0;
      for (let i = 0; i < bytes.length; i++) {
        state = table[(state << classBits) | (classes[bytes[i] as number] as number)] as number;
        if (state < firstAccepting) continue;
        for (const literal of outputs[state - firstAccepting] as Int32Array) if (!found(literal, i + 1)) return;
      }
    },
  };
}

type Trie = { next: Map<number, number>[]; ends: number[][] };

/** Bytes that occur in no word behave the same: one class for all of them keeps the table small enough for the cache. */
function classifyBytes(words: Buffer[]): { classes: Uint8Array; classBits: number } {
  const classes = new Uint8Array(256);
  let count = 1;
  for (const word of words)
    for (const byte of word) {
      if (classes[byte] !== 0) continue;
      classes[byte] = count++;
    }
  for (let upper = 65; upper <= 90; upper++) classes[upper] = classes[upper + 32] as number;
  return { classes, classBits: Math.max(1, Math.ceil(Math.log2(count))) };
}

function buildTrie(words: Buffer[], classes: Uint8Array): Trie {
  const trie: Trie = { next: [new Map()], ends: [[]] };
  words.forEach((word, literal) => {
    let at = 0;
    for (const byte of word) {
      const symbol = classes[byte] as number;
      let to = trie.next[at]?.get(symbol);
      if (to === undefined) {
        to = trie.next.length;
        trie.next.push(new Map());
        trie.ends.push([]);
        trie.next[at]?.set(symbol, to);
      }
      at = to;
    }
    trie.ends[at]?.push(literal);
  });
  return trie;
}

function buildTable(trie: Trie, classBits: number) {
  const states = trie.next.length;
  const width = 1 << classBits;
  const rows = new Int32Array(states << classBits);
  const fail = new Int32Array(states);
  const order = [0];
  for (let head = 0; head < order.length; head++) {
    const state = order[head] as number;
    const row = state << classBits;
    const failRow = (fail[state] as number) << classBits;
    for (let symbol = 0; symbol < width; symbol++) {
      const to = trie.next[state]?.get(symbol);
      if (to === undefined) {
        rows[row + symbol] = state === 0 ? 0 : (rows[failRow + symbol] as number);
        continue;
      }
      rows[row + symbol] = to;
      fail[to] = state === 0 ? 0 : (rows[failRow + symbol] as number);
      trie.ends[to]?.push(...(trie.ends[fail[to] as number] ?? []));
      order.push(to);
    }
  }
  return renumber(trie, rows, order, classBits);
}

/** Gives accepting states the highest numbers, so that one comparison tells them from the rest. */
function renumber(trie: Trie, rows: Int32Array, order: number[], classBits: number) {
  const accepting = order.filter((state) => (trie.ends[state]?.length ?? 0) > 0);
  const plain = order.filter((state) => (trie.ends[state]?.length ?? 0) === 0);
  const sorted = [...plain, ...accepting];
  const number = new Int32Array(sorted.length);
  sorted.forEach((state, index) => {
    number[state] = index;
  });
  if (sorted.length > 65_536) throw new Error('too many words for a table of 16-bit states');
  const table = new Uint16Array(rows.length);
  const width = 1 << classBits;
  sorted.forEach((state, index) => {
    for (let symbol = 0; symbol < width; symbol++)
      table[(index << classBits) | symbol] = number[rows[(state << classBits) | symbol] as number] as number;
  });
  return {
    table,
    firstAccepting: plain.length,
    outputs: accepting.map((state) => Int32Array.from(trie.ends[state] ?? [])),
  };
}
