import type { Call, Refusal } from '../call.ts';
import { deadlines } from '../deadlines.ts';
import { overloadedRefusal } from './failure.ts';

/** Between two pieces of a body, and for all of it. */
const IDLE_MS = 15_000;
const WHOLE_MS = 60_000;
/** The last tenth is for calls under way. */
const ROOM_SHARE = 0.9;

/** Counts bytes that are held for calls, over all connections: of bodies, or of answers. */
export class BytesInFlight {
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#most) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** True when more than half is taken: whoever can wait holds less from here on. */
  get isTight(): boolean {
    return this.#bytes * 2 > this.#most;
  }

  /** False when it is no use to begin with more. */
  get hasRoom(): boolean {
    return this.#bytes < this.#most * ROOM_SHARE;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

/** Reads the body, counting: what is too large is refused while it comes. */
export function readBody(call: Call): Refusal | null | Promise<Refusal | null> {
  const { request, parts } = call;
  const { headers } = request;
  const { bodyMaxBytes } = parts.settings;
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    return { code: 'unsupported_encoding', message: 'The body is compressed. Send it as it is.' };
  const told = headers['content-length'];
  if (told === undefined && headers['transfer-encoding'] === undefined) return null;
  if (told !== undefined && Number(told) > bodyMaxBytes) return tooLarge(bodyMaxBytes);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const idle = deadlines.set(Math.min(IDLE_MS, parts.settings.bodyIdleMs), () =>
      finish({ code: 'body_timeout', message: 'The body came too slowly.' }),
    );
    const whole = deadlines.set(WHOLE_MS, () => finish({ code: 'body_timeout', message: 'The body took too long.' }));
    const finish = (refusal: Refusal | null) => {
      deadlines.clear(idle);
      deadlines.clear(whole);
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
      call.failBody = null;
      if (refusal) request.pause();
      else call.bytes = chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks, size);
      resolve(refusal);
    };
    const onData = (chunk: Buffer) => {
      deadlines.restart(idle);
      size += chunk.length;
      if (size > bodyMaxBytes) return finish(tooLarge(bodyMaxBytes));
      if (!call.holdBytes(chunk.length)) return finish(overloadedRefusal());
      chunks.push(chunk);
    };
    const onEnd = () => finish(null);
    const onClose = () => {
      call.left = true;
      finish({ code: 'body_incomplete', message: 'The connection ended before the body did.' });
    };
    call.failBody = finish;
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
  });
}

function tooLarge(most: number): Refusal {
  return { code: 'body_too_large', message: `The body is larger than ${most} bytes. Send less, or in several calls.` };
}
