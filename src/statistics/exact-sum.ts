/**
 * A sum of doubles without rounding: the same whatever the order and the split, for every finite value from 5e-324 to
 * 1.8e308. Mantissas are added as integers, one place for each exponent; only reading the sum rounds, once.
 * Source: the idea of small superaccumulators, R. M. Neal, Fast Exact Summation (2015).
 */
const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
// Which half of the double holds sign and exponent depends on the machine.
bits[0] = 1;
const HIGH = words[1] === 0x3ff00000 ? 1 : 0;
const LOW = 1 - HIGH;

const TWO_32 = 2 ** 32;
// The lower halves stay exact for 2^21 additions; they are carried well before.
const CARRY_EVERY = 2 ** 20;
const FIRST_ROOM = 32;
// The exponent of the last bit of a double with exponent field 1.
const UNIT_EXPONENT = -1074;
// Above this a square may overflow, below it its error term may underflow: those are multiplied as big integers.
const SQUARE_MAX = 2 ** 500;
const SQUARE_MIN = 2 ** -450;
const SPLITTER = 2 ** 27 + 1;

/** A sum as `mantissa` (hex, odd or 0, with a sign) times 2^`exponent`: the one form of each number. */
export type ExactSumState = { mantissa: string; exponent: number };

export class ExactSum {
  private high = new Float64Array(FIRST_ROOM);
  private low = new Float64Array(FIRST_ROOM);
  private first = -1;
  private added = 0;
  // What came from merges and from squares no double can hold, in units of 2^(2 * UNIT_EXPONENT).
  private rest = 0n;

  /** Adds a finite value. */
  add(value: number): void {
    if (value === 0) return;
    bits[0] = value;
    const top = words[HIGH] as number;
    let exponent = (top >>> 20) & 0x7ff;
    let upper = top & 0xfffff;
    if (exponent === 0) exponent = 1;
    else upper |= 0x100000;
    const lower = words[LOW] as number;
    let place = exponent - this.first;
    if (this.first < 0 || place < 0 || place >= this.high.length) place = this.makeRoom(exponent);
    if (top >>> 31) {
      this.high[place] = (this.high[place] as number) - upper;
      this.low[place] = (this.low[place] as number) - lower;
    } else {
      this.high[place] = (this.high[place] as number) + upper;
      this.low[place] = (this.low[place] as number) + lower;
    }
    if (++this.added === CARRY_EVERY) this.carry();
  }

  /** Adds the square of a finite value, exactly. */
  addSquare(value: number): void {
    const size = Math.abs(value);
    if (size > SQUARE_MAX || (size < SQUARE_MIN && size > 0)) {
      const whole = integerOf(value);
      this.rest += whole * whole;
      return;
    }
    // Dekker's product: the rounded square and its error are both doubles, and together exact.
    const square = value * value;
    const scaled = SPLITTER * value;
    const head = scaled - (scaled - value);
    const tail = value - head;
    this.add(square);
    this.add(head * head - square + 2 * head * tail + tail * tail);
  }

  merge(other: ExactSum): void {
    this.rest += other.whole();
  }

  /** The nearest double. */
  toNumber(): number {
    return nearestDouble(this.whole(), 2 * UNIT_EXPONENT);
  }

  state(): ExactSumState {
    let mantissa = this.whole();
    if (mantissa === 0n) return { mantissa: '0', exponent: 0 };
    let exponent = 2 * UNIT_EXPONENT;
    while ((mantissa & 0xffffffffffffffffn) === 0n) {
      mantissa >>= 64n;
      exponent += 64;
    }
    while ((mantissa & 1n) === 0n) {
      mantissa >>= 1n;
      exponent += 1;
    }
    return { mantissa: mantissa.toString(16), exponent };
  }

  static from({ mantissa, exponent }: ExactSumState): ExactSum {
    const sum = new ExactSum();
    const negative = mantissa.startsWith('-');
    const size = BigInt(`0x${negative ? mantissa.slice(1) : mantissa}`);
    const places = exponent - 2 * UNIT_EXPONENT;
    // Below the unit stand only differences of products of sums, which no window holds: they are cut.
    const scaled = places >= 0 ? size << BigInt(places) : size >> BigInt(-places);
    sum.rest = negative ? -scaled : scaled;
    return sum;
  }

  // In units of 2^(2 * UNIT_EXPONENT).
  private whole(): bigint {
    let total = 0n;
    for (let place = 0; place < this.high.length; place++) {
      const upper = this.high[place] as number;
      const lower = this.low[place] as number;
      if (upper === 0 && lower === 0) continue;
      total += ((BigInt(upper) << 32n) + BigInt(lower)) << BigInt(this.first + place - 1);
    }
    return this.rest + (total << BigInt(-UNIT_EXPONENT));
  }

  private carry(): void {
    this.added = 0;
    for (let place = 0; place < this.low.length; place++) {
      const over = Math.trunc((this.low[place] as number) / TWO_32);
      this.high[place] = (this.high[place] as number) + over;
      this.low[place] = (this.low[place] as number) - over * TWO_32;
    }
  }

  private makeRoom(exponent: number): number {
    if (this.first < 0) {
      this.first = Math.max(1, exponent - FIRST_ROOM / 2);
      return exponent - this.first;
    }
    const last = Math.max(exponent, this.first + this.high.length - 1);
    const start = Math.max(1, Math.min(exponent, this.first) - FIRST_ROOM / 2);
    const room = last - start + 1 + FIRST_ROOM / 2;
    const [high, low] = [new Float64Array(room), new Float64Array(room)];
    high.set(this.high, this.first - start);
    low.set(this.low, this.first - start);
    [this.high, this.low, this.first] = [high, low, start];
    return exponent - start;
  }
}

/** A double as an integer number of 2^UNIT_EXPONENT. */
function integerOf(value: number): bigint {
  bits[0] = value;
  const top = words[HIGH] as number;
  const field = (top >>> 20) & 0x7ff;
  const upper = (top & 0xfffff) | (field === 0 ? 0 : 0x100000);
  const size = ((BigInt(upper) << 32n) | BigInt(words[LOW] as number)) << BigInt(Math.max(1, field) - 1);
  return top >>> 31 ? -size : size;
}

const KEPT_BITS = 64;

function nearestDouble(whole: bigint, exponent: number): number {
  if (whole === 0n) return 0;
  const negative = whole < 0n;
  let size = negative ? -whole : whole;
  let power = exponent;
  const length = size.toString(16).length * 4;
  if (length > KEPT_BITS + 4) {
    const drop = BigInt(length - KEPT_BITS);
    // The last bit kept stands for everything dropped, so that a tie is told from what lies just beside it.
    const sticky = (size & ((1n << drop) - 1n)) !== 0n;
    size = (size >> drop) | (sticky ? 1n : 0n);
    power += Number(drop);
  }
  // In two steps, because 2^power alone may lie outside the doubles.
  const half = Math.trunc(power / 2);
  const value = Number(size) * 2 ** half * 2 ** (power - half);
  return negative ? -value : value;
}
