const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const START_BYTES = 16_384;
/** Longer numbers are left to the engine. */
const DIGITS_MAX = 1e15;

/**
 * Writes JSON piece by piece into memory that is used again for the next text, and leaves nothing to collect. What it gives is
 * overwritten by the next `begin`.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(START_BYTES);
  #at = 0;

  begin(): void {
    this.#at = 0;
  }

  end(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** JSON as it stands, in printable ASCII. */
  raw(json: string): void {
    const { length } = json;
    this.#room(length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) bytes[at++] = json.charCodeAt(i);
    this.#at = at;
  }

  /** A string, or null. Half of a code point is written as U+FFFD: it has no canonical form (RFC 8785, section 3.2.2.2). */
  text(value: string | null): void {
    if (value === null) {
      this.raw('null');
      return;
    }
    const { length } = value;
    this.#room(length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit < 32 || unit > 126 || unit === QUOTE || unit === BACKSLASH) {
        this.#escaped(value);
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#at = at;
  }

  /** A number, or null. Throws on one that is none. */
  number(value: number | null): void {
    if (value === null) {
      this.raw('null');
      return;
    }
    if (!Number.isInteger(value) || value < 0 || value > DIGITS_MAX) {
      if (!Number.isFinite(value)) throw new RangeError(`${value} is no number in JSON`);
      this.raw(`${value}`);
      return;
    }
    let digits = 1;
    for (let least = 10; value >= least; least *= 10) digits++;
    this.#room(digits);
    let rest = value;
    for (let i = this.#at + digits - 1; i >= this.#at; i--) {
      const next = Math.floor(rest / 10);
      this.#bytes[i] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#at += digits;
  }

  #escaped(value: string): void {
    const json = JSON.stringify(value.toWellFormed());
    this.#room(json.length * 3);
    this.#at += this.#bytes.write(json, this.#at, 'utf8');
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
