import { crc32 } from '#src/kernel/hash.ts';

const PAGE_BYTES = 262_144;
/** Pages that are kept for the next decisions when their own are written. */
const SPARE_MAX = 32;
const LF = 0x0a;
const SPACE = 0x20;
/** Eight hexadecimal digits of the checksum and a space stand before the JSON. */
export const HEAD_BYTES = 9;

/** The JSON of one decision, in UTF-8. Both throw once the bytes have been given to other decisions. */
export type DecisionJson = { readonly length: number; bytes(): Buffer; text(): string };

/**
 * Memory in which the lines of the journal are put together and in which decisions wait for their writer. It is outside the
 * heap, and used again: `free` gives back what was put there first.
 */
export class JournalPages {
  readonly #pages: Page[] = [];
  readonly #spare: Page[] = [];
  /** From where on pages hold what was not taken by `takeNew`. */
  #new: { page: Page; from: number }[] = [];

  /** Writes one line: the checksum, a space, the JSON and a line feed. JSON writes line feeds as escapes. */
  put(json: Uint8Array): DecisionJson {
    const page = this.#pageFor(HEAD_BYTES + json.length + 1);
    const { bytes } = page;
    const start = page.used + HEAD_BYTES;
    const end = start + json.length;
    bytes.set(json, start);
    writeHex(bytes, page.used, crc32(json));
    bytes[start - 1] = SPACE;
    bytes[end] = LF;
    const last = this.#new.at(-1);
    if (last?.page !== page) this.#new.push({ page, from: page.used });
    page.used = end + 1;
    page.waiting++;
    return new Line(page, start, end);
  }

  /** The lines that were put since the last call, in order, as they go to the disk. */
  takeNew(): Buffer[] {
    const taken = this.#new.map(({ page, from }) => page.bytes.subarray(from, page.used));
    this.#new = [];
    return taken;
  }

  /** Says that the first `count` lines are needed no longer. */
  free(count: number): void {
    let rest = count;
    for (let first = this.#pages[0]; first !== undefined; first = this.#pages[0]) {
      const here = Math.min(rest, first.waiting);
      first.waiting -= here;
      rest -= here;
      // The last page is still written to.
      if (first.waiting > 0 || this.#pages.length === 1) return;
      this.#pages.shift();
      first.use++;
      first.used = 0;
      if (first.bytes.length === PAGE_BYTES && this.#spare.length < SPARE_MAX) this.#spare.push(first);
    }
  }

  #pageFor(size: number): Page {
    const last = this.#pages.at(-1);
    if (last !== undefined && last.used + size <= last.bytes.length) return last;
    const page = (size <= PAGE_BYTES ? this.#spare.pop() : undefined) ?? new Page(Math.max(PAGE_BYTES, size));
    this.#pages.push(page);
    return page;
  }
}

class Page {
  readonly bytes: Buffer;
  used = 0;
  /** Lines in it that are still needed. */
  waiting = 0;
  /** How often it was given to others. */
  use = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }
}

class Line implements DecisionJson {
  readonly #page: Page;
  readonly #use: number;
  readonly #start: number;
  readonly #end: number;

  constructor(page: Page, start: number, end: number) {
    this.#page = page;
    this.#use = page.use;
    this.#start = start;
    this.#end = end;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  bytes(): Buffer {
    return this.#checked().subarray(this.#start, this.#end);
  }

  text(): string {
    return this.#checked().toString('utf8', this.#start, this.#end);
  }

  #checked(): Buffer {
    if (this.#page.use !== this.#use) throw new Error('the bytes of a decision were read after they were freed');
    return this.#page.bytes;
  }
}

const DIGITS = Buffer.from('0123456789abcdef');

function writeHex(bytes: Buffer, at: number, checksum: number): void {
  for (let i = 0; i < 8; i++) bytes[at + i] = DIGITS[(checksum >>> (28 - i * 4)) & 15] as number;
}
