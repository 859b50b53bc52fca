import { DAY_MS } from '#src/kernel/time.ts';
import {
  type Amounts,
  DIMENSIONS,
  type Dimension,
  type LimitScope,
  type LimitState,
  type LimitStore,
  type Reservation,
} from './limit-store.ts';

const MINUTE_MS = 60_000;
/** Counters that have not been used for two days say nothing any more. */
const FORGET_MS = 2 * DAY_MS;
const SWEEP_EVERY = 10_000;

type Bucket = { level: number; atMs: number };
type Counters = {
  requests: Bucket | null;
  tokens: Bucket | null;
  day: number;
  tokensDay: number;
  spendDay: number;
  concurrent: number;
  usedAtMs: number;
};

/** Limits of one process. */
export class LocalLimits implements LimitStore {
  readonly #counters = new Map<string, Counters>();
  #next = 1;
  #untilSweep = SWEEP_EVERY;

  reserve(scopes: readonly LimitScope[], amounts: Amounts, atMs: number): Reservation {
    if (--this.#untilSweep <= 0) this.#sweep(atMs);
    const states: LimitState[] = [];
    for (const { id, limits } of scopes) {
      const counters = this.#of(id, atMs);
      for (const dimension of DIMENSIONS) {
        const limit = limits[LIMIT_OF[dimension]];
        if (limit === null) continue;
        const available = availableOf(counters, dimension, limit, atMs);
        const needed = neededOf(dimension, limit, amounts);
        states.push(stateOf(dimension, limit, available, atMs));
        if (available >= needed) continue;
        const retryAfterMs = waitMsOf(dimension, limit, needed - available, atMs);
        return { granted: false, scope: id, dimension, retryAfterMs, states };
      }
    }
    for (const { id, limits } of scopes) this.#take(this.#of(id, atMs), limits, amounts, atMs);
    return { granted: true, id: `r${this.#next++}`, states: afterTaking(states, amounts) };
  }

  settle(_id: string, scopes: readonly LimitScope[], reserved: Amounts, used: Amounts, atMs: number): void {
    for (const { id, limits } of scopes) {
      const counters = this.#of(id, atMs);
      const tokens = used.tokens - reserved.tokens;
      if (limits.concurrent !== null) counters.concurrent = Math.max(0, counters.concurrent - 1);
      if (counters.tokens && limits.tokensPerMinute !== null)
        counters.tokens.level = Math.min(limits.tokensPerMinute, counters.tokens.level - tokens);
      counters.tokensDay += tokens;
      counters.spendDay += used.spendMicroUsd - reserved.spendMicroUsd;
    }
  }

  async close(): Promise<void> {
    this.#counters.clear();
  }

  #of(id: string, atMs: number): Counters {
    let counters = this.#counters.get(id);
    const day = Math.floor(atMs / DAY_MS);
    if (counters === undefined) {
      counters = { requests: null, tokens: null, day, tokensDay: 0, spendDay: 0, concurrent: 0, usedAtMs: atMs };
      this.#counters.set(id, counters);
    }
    if (counters.day !== day) {
      counters.day = day;
      counters.tokensDay = 0;
      counters.spendDay = 0;
    }
    counters.usedAtMs = atMs;
    return counters;
  }

  #take(counters: Counters, limits: LimitScope['limits'], amounts: Amounts, atMs: number): void {
    if (limits.requestsPerMinute !== null) {
      counters.requests = refilled(counters.requests, limits.requestsPerMinute, atMs);
      counters.requests.level -= 1;
    }
    if (limits.tokensPerMinute !== null) {
      counters.tokens = refilled(counters.tokens, limits.tokensPerMinute, atMs);
      counters.tokens.level -= amounts.tokens;
    }
    if (limits.concurrent !== null) counters.concurrent++;
    counters.tokensDay += amounts.tokens;
    counters.spendDay += amounts.spendMicroUsd;
  }

  #sweep(atMs: number): void {
    this.#untilSweep = SWEEP_EVERY;
    for (const [id, counters] of this.#counters)
      if (counters.concurrent === 0 && atMs - counters.usedAtMs > FORGET_MS) this.#counters.delete(id);
  }
}

/** What a bucket holds at `atMs`. A clock that went back gives nothing. */
function levelOf(bucket: Bucket | null, perMinute: number, atMs: number): number {
  if (bucket === null) return perMinute;
  const passedMs = Math.max(0, atMs - bucket.atMs);
  return Math.min(perMinute, bucket.level + (passedMs * perMinute) / MINUTE_MS);
}

function refilled(bucket: Bucket | null, perMinute: number, atMs: number): Bucket {
  if (bucket === null) return { level: perMinute, atMs };
  bucket.level = levelOf(bucket, perMinute, atMs);
  bucket.atMs = Math.max(bucket.atMs, atMs);
  return bucket;
}

const LIMIT_OF = {
  requests: 'requestsPerMinute',
  tokens: 'tokensPerMinute',
  tokens_day: 'tokensPerDay',
  spend_day: 'spendMicroUsdPerDay',
  concurrent: 'concurrent',
} as const satisfies Record<Dimension, keyof LimitScope['limits']>;
const WINDOW_SECONDS: Record<Dimension, number> = {
  requests: 60,
  tokens: 60,
  tokens_day: 86_400,
  spend_day: 86_400,
  concurrent: 0,
};

function availableOf(counters: Counters, dimension: Dimension, limit: number, atMs: number): number {
  switch (dimension) {
    case 'requests':
      return levelOf(counters.requests, limit, atMs);
    case 'tokens':
      return levelOf(counters.tokens, limit, atMs);
    case 'tokens_day':
      return limit - counters.tokensDay;
    case 'spend_day':
      return limit - counters.spendDay;
    case 'concurrent':
      return limit - counters.concurrent;
  }
}

/** What must be left for a call to be let through. */
function neededOf(dimension: Dimension, limit: number, amounts: Amounts): number {
  switch (dimension) {
    case 'requests':
    case 'concurrent':
      return 1;
    case 'tokens':
      // A call that asks for more than a full bucket can hold is let through when the bucket is full, and leaves a debt.
      return limit === 0 ? 1 : Math.min(amounts.tokens, limit);
    case 'tokens_day':
      return Math.max(1, amounts.tokens);
    case 'spend_day':
      return Math.max(1, amounts.spendMicroUsd);
  }
}

/** Until `missing` is there again. */
function waitMsOf(dimension: Dimension, limit: number, missing: number, atMs: number): number {
  if (dimension === 'concurrent') return 1_000;
  if (dimension === 'tokens_day' || dimension === 'spend_day') return DAY_MS - (atMs % DAY_MS);
  return limit === 0 ? MINUTE_MS : Math.ceil((missing * MINUTE_MS) / limit);
}

function stateOf(dimension: Dimension, limit: number, available: number, atMs: number): LimitState {
  const isBucket = dimension === 'requests' || dimension === 'tokens';
  const resetMs = isBucket
    ? Math.ceil(((limit - available) * MINUTE_MS) / Math.max(1, limit))
    : dimension === 'concurrent'
      ? 0
      : DAY_MS - (atMs % DAY_MS);
  return {
    dimension,
    limit,
    remaining: Math.max(0, Math.floor(available)),
    resetMs: Math.max(0, resetMs),
    windowSeconds: WINDOW_SECONDS[dimension],
  };
}

function afterTaking(states: LimitState[], amounts: Amounts): LimitState[] {
  for (const state of states) {
    const taken =
      state.dimension === 'requests' || state.dimension === 'concurrent'
        ? 1
        : state.dimension === 'spend_day'
          ? amounts.spendMicroUsd
          : amounts.tokens;
    state.remaining = Math.max(0, state.remaining - taken);
  }
  return states;
}
