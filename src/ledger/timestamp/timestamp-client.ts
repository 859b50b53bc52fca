import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import { type FetchLike, readBounded } from '../witness/witness-fetch.ts';
import { TIMESTAMP_BYTES_MAX } from './timestamp-asn1.ts';
import { TimestampProblem } from './timestamp-problem.ts';
import { formatTimestampRequest, NONCE_BYTES, nonceNumber } from './timestamp-request.ts';
import { type Timestamp, verifyTimestamp } from './timestamp-verify.ts';

/** A time-stamp authority as the operator names it. */
export type TimestampAuthority = {
  /** Chosen by the operator; kept beside the stamp. */
  name: string;
  url: string;
  /** PEM: what its certificates must lead to. */
  trusted: string;
  /** Object identifier of the policy to ask for. */
  policy?: string;
};

export type StampedCheckpoint = { authority: string; response: Uint8Array; timestamp: Timestamp };

const DEADLINE_MS = 15_000;
// A stamp that is minutes away from our own clock says that one of the two is wrong; better to hear of it now.
const CLOCK_DIFFERENCE_MAX_MS = 600_000;

/**
 * Has `message`, the text of a checkpoint, stamped, and checks the answer completely before it is handed on.
 * Throws `AppError('unavailable')` when the authority cannot be reached or the answer does not hold; nothing is kept then.
 */
export async function requestTimestamp(parts: {
  authority: TimestampAuthority;
  message: Uint8Array;
  fetch: FetchLike;
  clock: Clock;
  /** 16 bytes nobody can foresee. */
  random?: (bytes: number) => Uint8Array;
  deadlineMs?: number;
  signal?: AbortSignal;
}): Promise<StampedCheckpoint> {
  const { authority, message } = parts;
  const random = parts.random ?? ((bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
  const nonce = nonceNumber(random(NONCE_BYTES));
  const response = await post(parts, formatTimestampRequest(message, nonce, authority.policy));
  const nowMs = parts.clock();
  try {
    const { trusted, policy } = authority;
    const expected = { message, trusted, nonce, nowMs, ...(policy === undefined ? {} : { policies: [policy] }) };
    const timestamp = await verifyTimestamp(response, expected);
    requireNear(timestamp.stampedAtMs, nowMs);
    return { authority: authority.name, response, timestamp };
  } catch (error) {
    if (!(error instanceof TimestampProblem)) throw error;
    throw new AppError(
      'unavailable',
      `The time stamp of ${authority.name} does not hold and was not kept: ${error.message}`,
      { cause: error, details: { check: error.check } },
    );
  }
}

function requireNear(stampedAtMs: number, nowMs: number): void {
  if (Math.abs(stampedAtMs - nowMs) <= CLOCK_DIFFERENCE_MAX_MS) return;
  const [stamped, own] = [stampedAtMs, nowMs].map((ms) => new Date(ms).toISOString());
  throw new TimestampProblem(
    'time',
    `It says ${stamped}, and this machine says ${own}: one of the two clocks is wrong.`,
  );
}

async function post(
  parts: { authority: TimestampAuthority; fetch: FetchLike; deadlineMs?: number; signal?: AbortSignal },
  body: Uint8Array,
): Promise<Uint8Array> {
  const { authority } = parts;
  const deadline = AbortSignal.timeout(parts.deadlineMs ?? DEADLINE_MS);
  const signal = parts.signal ? AbortSignal.any([parts.signal, deadline]) : deadline;
  const headers = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' };
  try {
    const answer = await parts.fetch(authority.url, { method: 'POST', headers, body, signal });
    const bytes = await readBounded(answer, TIMESTAMP_BYTES_MAX);
    if (answer.status !== 200)
      throw new AppError('unavailable', `The time-stamp authority ${authority.name} answered with ${answer.status}.`);
    if (bytes === null)
      throw new AppError(
        'unavailable',
        `The answer of the time-stamp authority ${authority.name} is larger than ${TIMESTAMP_BYTES_MAX} bytes.`,
      );
    return bytes;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('unavailable', `The time-stamp authority ${authority.name} could not be reached.`, {
      cause: error,
    });
  }
}
