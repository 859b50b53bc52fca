import { openBin, searchableEdges } from './bins.ts';
import { ExactSum, type ExactSumState } from './exact-sum.ts';
import { LogHistogram } from './log-histogram.ts';

/**
 * What a window keeps of one numeric series: counts in frozen bins, a log histogram where percentiles are asked for, exact
 * sums, extremes, and how much was left out. A few hundred bytes; merging gives the same bytes in any order and any split.
 */
export type NumericCountsState = {
  n: number;
  missing: number;
  nonfinite: number;
  unreadable: number;
  min: number | null;
  max: number | null;
  sum: ExactSumState;
  squares: ExactSumState;
  /** One count more than there are edges; empty without edges. */
  bins: number[];
  /** Null where no percentile is asked for. */
  log: { zeroOrLess: number; buckets: [bucket: number, count: number][] } | null;
};

export class NumericCounts {
  n = 0;
  missing = 0;
  nonfinite = 0;
  unreadable = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private sum = new ExactSum();
  private squares = new ExactSum();
  private readonly searchable: Float64Array;
  private readonly bins: Float64Array;
  private log: LogHistogram | null;

  /** `edges` in ascending order: open ends, closed on the right, as `quantileBins` gives them. */
  constructor(options: { edges?: ArrayLike<number> | undefined; log?: boolean | undefined } = {}) {
    const edges = Float64Array.from(options.edges ?? []);
    this.searchable = searchableEdges({ edges });
    this.bins = new Float64Array(options.edges ? edges.length + 1 : 0);
    this.log = options.log ? new LogHistogram() : null;
  }

  /** Takes any value as it came: what is no finite number is counted apart, by the rules of `readNumericSample`. */
  take(value: unknown): void {
    if (typeof value === 'number') {
      if (Number.isFinite(value)) this.add(value);
      else if (Number.isNaN(value)) this.missing++;
      else this.nonfinite++;
    } else if (value === null || value === undefined || value === 'NaN') this.missing++;
    else if (value === 'Infinity' || value === '-Infinity') this.nonfinite++;
    else this.unreadable++;
  }

  /** Adds a finite value. */
  add(value: number): void {
    this.n++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.sum.add(value);
    this.squares.addSquare(value);
    if (this.bins.length > 0) {
      const bin = openBin(this.searchable, value);
      this.bins[bin] = (this.bins[bin] as number) + 1;
    }
    this.log?.add(value);
  }

  merge(other: NumericCounts): void {
    this.n += other.n;
    this.missing += other.missing;
    this.nonfinite += other.nonfinite;
    this.unreadable += other.unreadable;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.sum.merge(other.sum);
    this.squares.merge(other.squares);
    for (let k = 0; k < this.bins.length; k++) this.bins[k] = (this.bins[k] as number) + (other.bins[k] ?? 0);
    if (this.log && other.log) this.log.merge(other.log);
  }

  state(): NumericCountsState {
    const { n, missing, nonfinite, unreadable } = this;
    return {
      n,
      missing,
      nonfinite,
      unreadable,
      // A zero has no sign here: which of 0 and -0 came first must not show.
      min: n > 0 ? this.min + 0 : null,
      max: n > 0 ? this.max + 0 : null,
      sum: this.sum.state(),
      squares: this.squares.state(),
      bins: Array.from(this.bins),
      log: this.log && { zeroOrLess: this.log.zeroOrLess, buckets: this.log.buckets() },
    };
  }

  static from(state: NumericCountsState, edges?: ArrayLike<number>): NumericCounts {
    const counts = new NumericCounts({ edges: edges ?? (state.bins.length > 0 ? unknownEdges(state) : undefined) });
    counts.n = state.n;
    counts.missing = state.missing;
    counts.nonfinite = state.nonfinite;
    counts.unreadable = state.unreadable;
    counts.min = state.min ?? Number.POSITIVE_INFINITY;
    counts.max = state.max ?? Number.NEGATIVE_INFINITY;
    counts.sum = ExactSum.from(state.sum);
    counts.squares = ExactSum.from(state.squares);
    counts.bins.set(state.bins);
    if (state.log) counts.log = LogHistogram.from(state.log.zeroOrLess, state.log.buckets);
    return counts;
  }
}

// To merge, the number of bins is enough.
function unknownEdges(state: NumericCountsState): Float64Array {
  return new Float64Array(Math.max(0, state.bins.length - 1));
}

/** Mean and spread of what was counted; null without values. The population's standard deviation, from exact sums. */
export function momentsOf(state: NumericCountsState): { mean: number; std: number } | null {
  if (state.n === 0) return null;
  const sum = ExactSum.from(state.sum);
  const mean = sum.toNumber() / state.n;
  // n Σx² - (Σx)² as whole numbers: nothing cancels, however far the values are from zero.
  const spread = varianceOf(state);
  return { mean, std: Math.sqrt(Math.max(0, spread)) };
}

function varianceOf({ n, sum, squares }: NumericCountsState): number {
  const unit = Math.min(2 * sum.exponent, squares.exponent);
  const total = wholeOf(sum.mantissa);
  const gap =
    BigInt(n) * wholeOf(squares.mantissa) * 2n ** BigInt(squares.exponent - unit) -
    total * total * 2n ** BigInt(2 * sum.exponent - unit);
  return ExactSum.from({ mantissa: gap.toString(16), exponent: unit }).toNumber() / n / n;
}

function wholeOf(mantissa: string): bigint {
  return mantissa.startsWith('-') ? -BigInt(`0x${mantissa.slice(1)}`) : BigInt(`0x${mantissa}`);
}
