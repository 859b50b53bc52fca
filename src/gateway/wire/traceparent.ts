import { randomBytes } from 'node:crypto';

/** Where a call stands in a trace. Source: W3C Trace Context, section 3. */
export type Trace = {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits, of the call itself. */
  spanId: string;
  /** The caller's; null where it named none. */
  parentSpanId: string | null;
  /** As the caller gave them, 2 hexadecimal digits. */
  flags: string;
};

// A later version may add fields at the end; 00 has none.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.{0,256})?$/;
const SAMPLED = '01';
const POOL_BYTES = 4_096;

/** Goes on with the trace of the caller, or begins one: a header that is not well-formed is as good as none. */
export function readTraceparent(header: string | string[] | undefined): Trace {
  const found = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  const [, version, traceId, parentSpanId, flags] = found ?? [];
  if (traceId === undefined || (version === '00' && found?.[0].length !== 55))
    return { traceId: randomHex(16), spanId: newSpanId(), parentSpanId: null, flags: SAMPLED };
  return { traceId, spanId: newSpanId(), parentSpanId: parentSpanId ?? null, flags: flags ?? SAMPLED };
}

/** The header that makes what is called a child of `spanId`. */
export function traceparent({ traceId, flags }: Trace, spanId: string): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

export function newSpanId(): string {
  return randomHex(8);
}

let pool = randomBytes(POOL_BYTES);
let at = 0;
/** Asking the system for a few bytes costs more than all the rest of a trace. */
function randomHex(bytes: number): string {
  if (at + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    at = 0;
  }
  at += bytes;
  return pool.toString('hex', at - bytes, at);
}
