import type { Limits } from '../snapshot.ts';

/** Whose limits: `key:…`, `tenant:…`, `route:…` or `model:…`, and what they are. */
export type LimitScope = { id: string; limits: Limits };

export type Amounts = { tokens: number; spendMicroUsd: number };

export const DIMENSIONS = ['requests', 'tokens', 'tokens_day', 'spend_day', 'concurrent'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Where one limit stands after a reservation. */
export type LimitState = {
  dimension: Dimension;
  limit: number;
  remaining: number;
  /** Until the whole of it is there again. */
  resetMs: number;
  windowSeconds: number;
};

export type Reservation =
  | { granted: true; id: string; states: LimitState[] }
  | { granted: false; scope: string; dimension: Dimension; retryAfterMs: number; states: LimitState[] };

/**
 * Counts what is used. Requests and tokens per minute are buckets that refill evenly; tokens and money per day are counted
 * over a UTC day. What a call may use is taken before it starts and settled when it ends; a reservation that is never
 * settled stays taken, so a crash never gives anything away.
 */
export type LimitStore = {
  /** Takes from all scopes or from none. Rejects when the count cannot be kept. */
  reserve(scopes: readonly LimitScope[], amounts: Amounts, atMs: number): Reservation | Promise<Reservation>;
  /** Corrects a reservation by what was used, and frees its place among concurrent calls. */
  settle(id: string, scopes: readonly LimitScope[], reserved: Amounts, used: Amounts, atMs: number): void;
  close(): Promise<void>;
};

export function isLimited(limits: Limits): boolean {
  return (
    limits.requestsPerMinute !== null ||
    limits.tokensPerMinute !== null ||
    limits.tokensPerDay !== null ||
    limits.spendMicroUsdPerDay !== null ||
    limits.concurrent !== null
  );
}
