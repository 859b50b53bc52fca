import { DAY_MS } from '#src/kernel/time.ts';
import type { Amounts, Dimension, LimitScope, LimitState, LimitStore, Reservation } from './limit-store.ts';

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

type Want = {
  dimension: Dimension;
  limit: number;
  amount: number;
  available: number;
  state: LimitState;
  waitMs: number;
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
      for (const want of wantsOf(counters, limits, amounts, atMs)) {
        states.push(want.state);
        if (want.available < want.amount)
          return { granted: false, scope: id, dimension: want.dimension, retryAfterMs: want.waitMs, states };
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

/** The bucket as it is at `atMs`. A clock that went back gives nothing. */
function refilled(bucket: Bucket | null, perMinute: number, atMs: number): Bucket {
  if (bucket === null) return { level: perMinute, atMs };
  const passedMs = Math.max(0, atMs - bucket.atMs);
  return {
    level: Math.min(perMinute, bucket.level + (passedMs * perMinute) / MINUTE_MS),
    atMs: Math.max(bucket.atMs, atMs),
  };
}

function wantsOf(counters: Counters, limits: LimitScope['limits'], amounts: Amounts, atMs: number): Want[] {
  const wants: Want[] = [];
  const bucket = (dimension: 'requests' | 'tokens', held: Bucket | null, limit: number, amount: number) => {
    const { level } = refilled(held, limit, atMs);
    // A call that asks for more than a full bucket can hold is let through when the bucket is full, and leaves a debt.
    const needed = Math.min(amount, limit);
    wants.push({
      dimension,
      limit,
      amount: limit === 0 ? 1 : needed,
      available: level,
      waitMs: limit === 0 ? MINUTE_MS : Math.ceil(((needed - level) * MINUTE_MS) / limit),
      state: stateOf(dimension, limit, level, Math.ceil(((limit - level) * MINUTE_MS) / Math.max(1, limit)), 60),
    });
  };
  if (limits.requestsPerMinute !== null) bucket('requests', counters.requests, limits.requestsPerMinute, 1);
  if (limits.tokensPerMinute !== null) bucket('tokens', counters.tokens, limits.tokensPerMinute, amounts.tokens);
  const restOfDayMs = DAY_MS - (atMs % DAY_MS);
  const daily = (dimension: 'tokens_day' | 'spend_day', limit: number, used: number, amount: number) => {
    const available = limit - used;
    wants.push({
      dimension,
      limit,
      amount: Math.max(1, amount),
      available,
      waitMs: restOfDayMs,
      state: stateOf(dimension, limit, available, restOfDayMs, 86_400),
    });
  };
  if (limits.tokensPerDay !== null) daily('tokens_day', limits.tokensPerDay, counters.tokensDay, amounts.tokens);
  if (limits.spendMicroUsdPerDay !== null)
    daily('spend_day', limits.spendMicroUsdPerDay, counters.spendDay, amounts.spendMicroUsd);
  if (limits.concurrent !== null) {
    const available = limits.concurrent - counters.concurrent;
    wants.push({
      dimension: 'concurrent',
      limit: limits.concurrent,
      amount: 1,
      available,
      waitMs: 1_000,
      state: stateOf('concurrent', limits.concurrent, available, 0, 0),
    });
  }
  return wants;
}

function stateOf(
  dimension: Dimension,
  limit: number,
  remaining: number,
  resetMs: number,
  windowSeconds: number,
): LimitState {
  return {
    dimension,
    limit,
    remaining: Math.max(0, Math.floor(remaining)),
    resetMs: Math.max(0, resetMs),
    windowSeconds,
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
