/**
 * Counts of positive values in buckets whose width grows with the value, for latency, tokens and cost. Every quantile is
 * within `RELATIVE_ERROR` of a value that was there. Merging adds counts: any order and any split give the same bytes.
 * Source: Masson, Rim and Lee, DDSketch (VLDB 2019), with unlimited buckets.
 */
export const RELATIVE_ERROR = 0.01;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LN_GAMMA = Math.log(GAMMA);
const BUCKETS_INITIAL = 512;

export class LogHistogram {
  /** Zeros and everything below: kept as one count, because a logarithm cannot place them. */
  zeroOrLess = 0;
  count = 0;
  private offset = 0;
  private counts = new Float64Array(BUCKETS_INITIAL);
  private used = false;

  /** Adds a finite value. The caller counts missing and non-finite ones apart. */
  add(value: number, times = 1): void {
    this.count += times;
    if (value <= 0) {
      this.zeroOrLess += times;
      return;
    }
    this.addBucket(Math.ceil(Math.log(value) / LN_GAMMA), times);
  }

  private addBucket(bucket: number, times: number): void {
    if (!this.used) {
      this.used = true;
      this.offset = bucket - (this.counts.length >> 1);
    }
    let place = bucket - this.offset;
    if (place < 0 || place >= this.counts.length) {
      this.widen(bucket);
      place = bucket - this.offset;
    }
    this.counts[place] = (this.counts[place] as number) + times;
  }

  private widen(bucket: number): void {
    const low = Math.min(bucket, this.offset);
    const high = Math.max(bucket, this.offset + this.counts.length - 1);
    const wider = new Float64Array(2 * (high - low + 1));
    const start = low - ((wider.length - (high - low + 1)) >> 1);
    wider.set(this.counts, this.offset - start);
    this.counts = wider;
    this.offset = start;
  }

  merge(other: LogHistogram): void {
    this.count += other.count;
    this.zeroOrLess += other.zeroOrLess;
    for (const [bucket, times] of other.buckets()) this.addBucket(bucket, times);
  }

  /** The filled buckets in order: [bucket, count]. Together with `zeroOrLess` this is the whole state, in one canonical form. */
  buckets(): [bucket: number, count: number][] {
    const filled: [number, number][] = [];
    this.counts.forEach((times, place) => {
      if (times > 0) filled.push([place + this.offset, times]);
    });
    return filled;
  }

  static from(zeroOrLess: number, buckets: readonly (readonly [number, number])[]): LogHistogram {
    const histogram = new LogHistogram();
    histogram.zeroOrLess = zeroOrLess;
    histogram.count = zeroOrLess;
    for (const [bucket, times] of buckets) {
      histogram.count += times;
      histogram.addBucket(bucket, times);
    }
    return histogram;
  }

  /** The nearest-rank quantile, within the relative error; NaN when empty, 0 where it falls among zeros. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    let rank = Math.max(1, Math.ceil(q * this.count)) - this.zeroOrLess;
    if (rank <= 0) return 0;
    for (const [bucket, times] of this.buckets()) {
      rank -= times;
      if (rank <= 0) return (2 * GAMMA ** bucket) / (GAMMA + 1);
    }
    return Number.NaN;
  }
}
