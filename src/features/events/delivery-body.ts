import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#src/kernel/errors.ts';
import { callerOf } from '#src/platform/http/route.ts';

/** Whoever names no source is one of its own, by the key it comes with. */
export function defaultSource(request: FastifyRequest): string {
  return `http:${callerOf(request).id}`;
}

/** The bytes of a body, up to `maxBytes`. Throws `too_large` beyond; what was read before stays taken. */
export async function* bounded(body: Readable | undefined, maxBytes: number): AsyncGenerator<Buffer> {
  if (!body || typeof body[Symbol.asyncIterator] !== 'function')
    throw new AppError('invalid_input', 'The delivery is empty. Send events as a JSON array or as NDJSON, one a line.');
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new AppError('too_large', `A delivery may have ${maxBytes} bytes. Send the rest in another one.`);
    yield chunk;
  }
}
