import { hash } from 'node:crypto';
import { type Call, statusOfRefusal } from '../call.ts';
import { errorBody } from '../wire/errors.ts';

/** After the last bytes of a stream that broke off, the caller gets this long to read them. */
const TEAR_DOWN_MS = 100;
/** A caller who does not read the end of an answer is let go. */
const LINGER_MS = 30_000;
/** Refused before the body was read: the rest of it is not worth reading. */
const UNREAD_STAGES = new Set(['admit', 'route', 'identify', 'authorize', 'read_body']);

/** Prepares what is still to be sent, so that its digest can be recorded; the result sends it. */
export function reply(call: Call): () => void {
  const { response, refusal } = call;
  if (response.headersSent) return () => endStream(call);
  const whole = refusal === null ? call.reply : refused(call);
  if (whole === null) return () => response.destroy();
  const body = typeof whole.body === 'string' ? Buffer.from(whole.body) : whole.body;
  call.responseBytes = body.length;
  call.responseSha256 = hash('sha256', body, 'hex');
  return () => {
    if (response.destroyed) return;
    const closes = refusal !== null && UNREAD_STAGES.has(call.stage) && !call.request.complete;
    response.writeHead(whole.status, {
      ...whole.headers,
      ...call.parts.headersOf(call),
      'content-length': String(body.length),
      ...(closes && { connection: 'close' }),
    });
    response.end(body);
    linger(call);
    if (closes) setTimeout(() => call.request.destroy(), TEAR_DOWN_MS).unref();
  };
}

function refused(call: Call): Call['reply'] {
  const { refusal } = call;
  if (refusal === null || call.left) return null;
  const body = errorBody(call.shape, refusal, call.requestId);
  return {
    status: statusOfRefusal(refusal),
    headers: { 'content-type': 'application/json', ...refusal.headers },
    body,
  };
}

function endStream(call: Call): void {
  const { response } = call;
  if (response.destroyed) return;
  if (!call.tearDown) {
    response.end(call.lastBytes.length === 1 ? call.lastBytes[0] : Buffer.concat(call.lastBytes));
    linger(call);
    return;
  }
  for (const bytes of call.lastBytes) response.write(bytes);
  response.uncork();
  setTimeout(() => response.destroy(), TEAR_DOWN_MS);
}

function linger(call: Call): void {
  const { response } = call;
  if (response.writableFinished) return;
  const late = setTimeout(() => response.destroy(), LINGER_MS);
  late.unref();
  response.once('close', () => clearTimeout(late));
}
