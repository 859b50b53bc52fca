import type { Call, Refusal } from '../call.ts';
import { type ExchangeFailure, FAILURE_MESSAGE } from '../upstream/exchange.ts';

/** The caller went away. Nobody reads the refusal; it says why the call ended. */
export function leftRefusal(call: Call): Refusal {
  call.end = 'client_left';
  return { code: 'body_incomplete', message: 'The caller left before the answer was ready.' };
}

/** Too many bytes are held for other calls. */
export function overloadedRefusal(): Refusal {
  return {
    code: 'overloaded',
    message: 'The gateway holds too many bytes of other calls. Try again.',
    headers: { 'retry-after': '1' },
  };
}

/** The provider failed. */
export function failureRefusal(call: Call, failure: ExchangeFailure): Refusal {
  if (failure.code === 'overloaded') return overloadedRefusal();
  call.end = failure.code === 'provider_timeout' ? 'timeout' : 'upstream_error';
  if (failure.code === 'provider_bad_answer' || failure.code === 'answer_too_large') call.badAnswer = true;
  return { code: failure.code, message: FAILURE_MESSAGE[failure.code] ?? 'The provider could not be called.' };
}
