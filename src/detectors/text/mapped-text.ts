/**
 * A text derived from another one, that knows for each of its units which stretch of the original it came from.
 * `starts` and `ends` are absent when the text is the original itself.
 */
export type MappedText = {
  text: string;
  starts: Int32Array | null;
  ends: Int32Array | null;
};

export function identityOf(text: string): MappedText {
  return { text, starts: null, ends: null };
}

/** The stretch of the original that `start` to `end` (exclusive) of the derived text came from. */
export function toOriginal(mapped: MappedText, start: number, end: number): { start: number; end: number } {
  if (mapped.starts === null || mapped.ends === null) return { start, end };
  if (end <= start || mapped.text.length === 0) return { start: 0, end: 0 };
  // A decoded or reversed text may run backwards, so both edges of the stretch are looked at.
  const first = Math.max(0, Math.min(start, mapped.starts.length - 1));
  const last = Math.max(0, Math.min(end - 1, mapped.starts.length - 1));
  return {
    start: Math.min(mapped.starts[first] ?? 0, mapped.starts[last] ?? 0),
    end: Math.max(mapped.ends[first] ?? 0, mapped.ends[last] ?? 0),
  };
}

/** Writes a derived text unit by unit, remembering where each came from. */
export class MappedTextBuilder {
  #units: Uint16Array;
  #starts: Int32Array;
  #ends: Int32Array;
  #length = 0;

  constructor(expected: number) {
    const size = Math.max(16, expected);
    this.#units = new Uint16Array(size);
    this.#starts = new Int32Array(size);
    this.#ends = new Int32Array(size);
  }

  get length(): number {
    return this.#length;
  }

  push(unit: number, start: number, end: number): void {
    if (this.#length === this.#units.length) this.#grow();
    this.#units[this.#length] = unit;
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length++;
  }

  pushText(text: string, start: number, end: number): void {
    for (let i = 0; i < text.length; i++) this.push(text.charCodeAt(i), start, end);
  }

  #grow(): void {
    const size = this.#units.length * 2;
    const units = new Uint16Array(size);
    const starts = new Int32Array(size);
    const ends = new Int32Array(size);
    units.set(this.#units);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#units = units;
    this.#starts = starts;
    this.#ends = ends;
  }

  finish(): MappedText {
    const length = this.#length;
    return {
      text: textOf(this.#units.subarray(0, length)),
      starts: this.#starts.slice(0, length),
      ends: this.#ends.slice(0, length),
    };
  }
}

/** `inner` was derived from the text of `outer`; the result maps it straight to the original of `outer`. */
export function composed(outer: MappedText, inner: MappedText): MappedText {
  if (outer.starts === null || outer.ends === null) return inner;
  if (inner.starts === null || inner.ends === null) return { ...outer, text: inner.text };
  const length = inner.text.length;
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const place = toOriginal(outer, inner.starts[i] ?? 0, inner.ends[i] ?? 0);
    starts[i] = place.start;
    ends[i] = place.end;
  }
  return { text: inner.text, starts, ends };
}

export function textOf(units: Uint16Array): string {
  const parts: string[] = [];
  for (let i = 0; i < units.length; i += 8192) parts.push(String.fromCharCode(...units.subarray(i, i + 8192)));
  return parts.join('');
}

export function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
  return units;
}
