import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors, type Pool } from 'undici';
import { AppError } from '#src/kernel/errors.ts';
import { type Deadline, deadlines } from '../deadlines.ts';
import type { RefusalCode } from '../decision.ts';
import type { ProviderTimeouts } from '../snapshot.ts';

/** How one call to a provider failed before or while it answered. */
export type ExchangeFailure = {
  code: RefusalCode;
  /** The provider has certainly not begun to work on the call. */
  neverSent: boolean;
};

export type Receiver = {
  /** Called once, with the head of the answer. What it returns takes the body. */
  head(status: number, headers: IncomingHttpHeaders): BodyReceiver;
};

export type BodyReceiver = {
  /** True when more may come at once; false pauses until `flow.resume`. */
  data(chunk: Buffer, flow: Flow): boolean;
};

export type Flow = { resume(): void; abort(code: RefusalCode): void };

export type Exchange = {
  /** Resolves when the answer is complete, to null, or to how it failed. */
  done: Promise<ExchangeFailure | null>;
  /** Ends the call now, whatever phase it is in. */
  abort(): void;
};

class Ended extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode) {
    super(code);
    this.code = code;
  }
}

/** Sends one call to a provider. Every phase has its own time-out; none is left to a default. */
export function startExchange(
  pool: Pool,
  request: { path: string; method: string; headers: Record<string, string>; body: Buffer | null },
  timeouts: ProviderTimeouts,
  receiver: Receiver,
): Exchange {
  let controller: Dispatcher.DispatchController | null = null;
  let ended: Ended | null = null;
  let settle: (failure: ExchangeFailure | null) => void = () => undefined;
  const done = new Promise<ExchangeFailure | null>((resolve) => {
    settle = resolve;
  });
  let hasStarted = false;
  let hasHead = false;
  let isPaused = false;
  const stop = (code: RefusalCode) => {
    ended ??= new Ended(code);
    if (controller) controller.abort(ended);
    else finish({ code, neverSent: true });
  };
  // Before the head: the time to the first byte; after it: between two pieces of the body.
  const onDue = () => stop('provider_timeout');
  let waiting: Deadline = deadlines.set(timeouts.firstByteMs + timeouts.connectMs, onDue);
  const whole = deadlines.set(timeouts.wholeMs, onDue);
  let isFinished = false;
  const finish = (failure: ExchangeFailure | null) => {
    if (isFinished) return;
    isFinished = true;
    deadlines.clear(waiting);
    deadlines.clear(whole);
    settle(failure);
  };
  let body: BodyReceiver | null = null;
  const flow: Flow = {
    resume: () => {
      if (!isPaused || isFinished) return;
      isPaused = false;
      waiting = deadlines.set(timeouts.betweenEventsMs, onDue);
      controller?.resume();
    },
    abort: stop,
  };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (given) => {
      controller = given;
      hasStarted = true;
      if (ended) given.abort(ended);
    },
    onResponseStart: (_controller, status, headers) => {
      // 1xx heads announce; the real one follows.
      if (status < 200 || isFinished) return;
      hasHead = true;
      deadlines.clear(waiting);
      waiting = deadlines.set(timeouts.betweenEventsMs, onDue);
      body = receiver.head(status, headers);
    },
    onResponseData: (given, chunk) => {
      if (isFinished || body === null) return;
      if (body.data(chunk, flow)) deadlines.restart(waiting);
      else {
        // The caller reads slowly: that is no silence of the provider.
        isPaused = true;
        deadlines.clear(waiting);
        given.pause();
      }
    },
    onResponseEnd: () => finish(null),
    onResponseError: (_controller, error) => finish(failureOf(error, hasStarted, hasHead)),
  };
  try {
    pool.dispatch(
      { ...request, method: request.method as Dispatcher.HttpMethod, body: request.body, idempotent: false },
      handler,
    );
  } catch (error) {
    finish(failureOf(error, false, false));
  }
  return { done, abort: () => stop('internal') };
}

function failureOf(error: unknown, hasStarted: boolean, hasHead: boolean): ExchangeFailure {
  if (error instanceof Ended) return { code: error.code, neverSent: !hasStarted };
  if (error instanceof AppError && error.code === 'forbidden')
    return { code: 'provider_address_refused', neverSent: true };
  if (error instanceof errors.ConnectTimeoutError) return { code: 'provider_timeout', neverSent: true };
  if (
    hasHead &&
    (error instanceof errors.HTTPParserError || error instanceof errors.ResponseContentLengthMismatchError)
  )
    return { code: 'provider_bad_answer', neverSent: false };
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
    return { code: 'provider_bad_answer', neverSent: false };
  return { code: 'provider_unreachable', neverSent: !hasStarted };
}

export const FAILURE_MESSAGE: Partial<Record<RefusalCode, string>> = {
  provider_address_refused: 'The address of the provider leads into a network that may not be called.',
  provider_unreachable: 'The provider cannot be reached or ended the connection.',
  provider_timeout: 'The provider did not answer in time.',
  provider_bad_answer: 'The provider gave an answer that cannot be read.',
  provider_redirected: 'The provider answered with a redirect, which is not followed.',
  answer_too_large: 'The answer of the provider is too large.',
  internal: 'The gateway could not finish the call.',
};
