import { EVENT_LIMITS } from './model.ts';

/** One item of a delivery: its text, or why it is none. `line` is its line, or its position in the array, from 1. */
export type SplitItem =
  | { line: number; text: string }
  | { line: number; tooLarge: true }
  /** Nothing follows: the delivery broke off or stopped being what it began as. */
  | { line: number; broken: string };

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Cuts a stream of bytes into events without reading more than one of them at a time: lines of NDJSON, or the items of one
 * JSON array. Which of both it is shows in the first byte that is no white space. Item by item, so that an item that is
 * wrong costs only itself.
 */
export async function* splitEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SplitItem[]> {
  const splitter = new Splitter();
  for await (const chunk of chunks) {
    const items = splitter.push(chunk);
    if (items.length > 0) yield items;
    if (splitter.isBroken) return;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

class Splitter {
  isBroken = false;
  #form: 'unknown' | 'lines' | 'array' = 'unknown';
  #line = 0;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #tooLarge = false;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #state: 'before-item' | 'in-item' | 'after-item' | 'closed' = 'before-item';
  #commaSeen = false;

  push(chunk: Uint8Array): SplitItem[] {
    let from = 0;
    if (this.#form === 'unknown') {
      if (this.#line === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) from = 3;
      while (from < chunk.length && isSpace(chunk[from] as number)) {
        // Blank lines before the first event count as lines all the same.
        if (chunk[from] === NEWLINE) this.#line++;
        from++;
      }
      if (from === chunk.length) return [];
      if (chunk[from] === OPEN_ARRAY) {
        this.#form = 'array';
        this.#line = 0;
        from++;
      } else this.#form = 'lines';
    }
    return this.#form === 'lines' ? this.#pushLines(chunk, from) : this.#pushArray(chunk, from);
  }

  end(): SplitItem[] {
    if (this.#form === 'lines') return this.#heldBytes > 0 || this.#tooLarge ? this.#takeLine() : [];
    if (this.#form === 'array' && this.#state !== 'closed')
      return [
        {
          line: this.#line + 1,
          broken:
            'The array was never closed: the delivery broke off. Send it again; what was taken is known by its id.',
        },
      ];
    return [];
  }

  #pushLines(chunk: Uint8Array, start: number): SplitItem[] {
    const items: SplitItem[] = [];
    let from = start;
    while (from < chunk.length) {
      const at = chunk.indexOf(NEWLINE, from);
      if (at === -1) {
        this.#hold(chunk.subarray(from));
        break;
      }
      this.#hold(chunk.subarray(from, at));
      items.push(...this.#takeLine());
      from = at + 1;
    }
    return items;
  }

  #takeLine(): SplitItem[] {
    this.#line++;
    const item = this.#take(this.#line);
    return 'text' in item && item.text.trim() === '' ? [] : [item];
  }

  #pushArray(chunk: Uint8Array, start: number): SplitItem[] {
    const items: SplitItem[] = [];
    let itemFrom = this.#state === 'in-item' ? start : -1;
    for (let at = start; at < chunk.length && !this.isBroken; at++) {
      const byte = chunk[at] as number;
      if (this.#state === 'in-item') {
        if (!this.#step(byte)) continue;
        // A bare value ends before the byte that ends it; a bracket or a quote belongs to it.
        const bare = this.#depth === -1;
        this.#hold(chunk.subarray(itemFrom, bare ? at : at + 1));
        items.push(this.#take(this.#line));
        itemFrom = -1;
        this.#state = 'after-item';
        this.#depth = 0;
        if (!bare) continue;
      }
      if (isSpace(byte)) continue;
      if (this.#state === 'closed') items.push(this.#break('Something follows the end of the array.'));
      else if (byte === CLOSE_ARRAY && (this.#state === 'after-item' || !this.#commaSeen)) this.#state = 'closed';
      else if (byte === COMMA && this.#state === 'after-item') {
        this.#state = 'before-item';
        this.#commaSeen = true;
      } else if (this.#state === 'before-item' && byte !== COMMA && byte !== CLOSE_ARRAY && byte !== CLOSE_OBJECT) {
        this.#line++;
        this.#state = 'in-item';
        itemFrom = at;
        this.#depth = byte === OPEN_OBJECT || byte === OPEN_ARRAY ? 1 : 0;
        this.#inText = byte === QUOTE;
        this.#escaped = false;
      } else items.push(this.#break('The array is not well formed here: a comma or an event is missing.'));
    }
    if (itemFrom >= 0) this.#hold(chunk.subarray(itemFrom));
    return items;
  }

  // True where the item ends with this byte, or before it for a bare value (depth -1).
  #step(byte: number): boolean {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inText = false;
        return this.#depth === 0;
      }
      return false;
    }
    if (byte === QUOTE) this.#inText = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (this.#depth === 0) {
        this.#depth = -1;
        return true;
      }
      this.#depth--;
      return this.#depth === 0;
    } else if (this.#depth === 0 && (byte === COMMA || isSpace(byte))) {
      this.#depth = -1;
      return true;
    }
    return false;
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0 || this.#tooLarge) return;
    this.#heldBytes += part.length;
    if (this.#heldBytes > EVENT_LIMITS.eventBytes) {
      this.#tooLarge = true;
      this.#held = [];
      return;
    }
    this.#held.push(part);
  }

  #take(line: number): SplitItem {
    const { length } = this.#held;
    const item: SplitItem = this.#tooLarge
      ? { line, tooLarge: true }
      : { line, text: (length === 1 ? view(this.#held[0] as Uint8Array) : Buffer.concat(this.#held)).toString('utf8') };
    this.#held = [];
    this.#heldBytes = 0;
    this.#tooLarge = false;
    return item;
  }

  #break(broken: string): SplitItem {
    this.isBroken = true;
    return { line: this.#line + 1, broken };
  }
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
