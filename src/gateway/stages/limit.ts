import type { Call, Refusal } from '../call.ts';
import type { RefusalCode } from '../decision.ts';
import { type Amounts, type Dimension, isLimited, type LimitScope, type Reservation } from '../limits/limit-store.ts';
import type { Limits, Price } from '../snapshot.ts';
import { limitHeaders } from '../wire/headers.ts';
import { tokensAtMost } from './understand.ts';

const REFUSED_AS: Record<Dimension, RefusalCode> = {
  requests: 'rate_limited',
  tokens: 'tokens_limited',
  tokens_day: 'tokens_limited',
  spend_day: 'budget_spent',
  concurrent: 'too_many_concurrent',
};
const WHAT: Record<Dimension, string> = {
  requests: 'requests a minute',
  tokens: 'tokens a minute',
  tokens_day: 'tokens a day',
  spend_day: 'spending a day',
  concurrent: 'calls at the same time',
};
const GENERATING = new Set(['chat_completions', 'completions', 'responses', 'messages', 'other']);

/** Takes what the call may use at most from every limit it is under. It is settled when the call ends. */
export function takeFromLimits(call: Call): Refusal | null | Promise<Refusal | null> {
  const { asked } = call;
  if (asked === null) throw new Error('nothing asked');
  call.scopes = scopesOf(call);
  if (call.scopes.length === 0) return null;
  const most = tokensAtMost(asked, GENERATING.has(call.endpoint?.name ?? ''));
  const price = priceOf(call);
  call.reserved = { tokens: most.input + most.output, spendMicroUsd: price === null ? 0 : costOf(price, most) };
  let reserving: Reservation | Promise<Reservation>;
  try {
    reserving = call.parts.limits.reserve(call.scopes, call.reserved, call.occurredAt);
  } catch (error) {
    return unavailable(call, error);
  }
  if (!(reserving instanceof Promise)) return take(call, reserving);
  return reserving.then(
    (one) => take(call, one),
    (error: unknown) => unavailable(call, error),
  );
}

function unavailable(call: Call, error: unknown): Refusal {
  call.parts.log.error({ err: error }, 'limits cannot be counted');
  return {
    code: 'limits_unavailable',
    message: 'Limits cannot be counted now, so no call is served. Try again.',
    headers: { 'retry-after': '2' },
  };
}

function take(call: Call, reservation: Reservation): Refusal | null {
  call.limitStates = reservation.states;
  if (reservation.granted) {
    call.reservationId = reservation.id;
    return null;
  }
  const { dimension, scope, retryAfterMs } = reservation;
  const whose = scope.split(':')[0] ?? 'key';
  return {
    code: REFUSED_AS[dimension],
    message: `The limit on ${WHAT[dimension]} of this ${whose} is reached.`,
    headers: {
      'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))),
      ...limitHeaders(reservation.states, call.shape),
    },
  };
}

function scopesOf(call: Call): LimitScope[] {
  const { caller, route, asked, prepared } = call;
  const scopes: LimitScope[] = [];
  const add = (id: string, limits: Limits | null | undefined) => {
    if (limits && isLimited(limits)) scopes.push({ id, limits });
  };
  add(`key:${caller?.keyId}`, caller?.limits);
  add(`tenant:${caller?.tenant.id}`, caller?.tenant.limits);
  add(`route:${route?.id}`, route?.limits);
  if (asked?.model && prepared.snapshot.modelLimits.length > 0) {
    const found = prepared.modelLimitsOf(asked.model);
    add(`model:${found?.model}`, found?.limits);
  }
  return scopes;
}

/** Gives back what was reserved and not used, or takes what was used beyond it. */
export function settle(call: Call, used: Amounts): void {
  if (call.reservationId === null) return;
  call.parts.limits.settle(call.reservationId, call.scopes, call.reserved, used, call.parts.clock());
  call.reservationId = null;
}

export function priceOf(call: Call): Price | null {
  const { provider, asked, prepared } = call;
  const model = call.modelAnswered ?? asked?.model ?? null;
  if (provider === null || model === null) return null;
  return prepared.priceOf(provider, model) ?? (asked?.model ? prepared.priceOf(provider, asked.model) : null);
}

/** In millionths of a US dollar, rounded up. */
export function costOf(price: Price, tokens: { input: number; output: number }): number {
  return Math.ceil(
    (tokens.input * price.inputMicroUsdPerMTok + tokens.output * price.outputMicroUsdPerMTok) / 1_000_000,
  );
}
