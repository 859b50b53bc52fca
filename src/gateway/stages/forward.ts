import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256Hex } from '#src/kernel/hash.ts';
import { type Call, nowUs, type Refusal } from '../call.ts';
import type { Attempt } from '../decision.ts';
import { type BodyReceiver, type ExchangeFailure, startExchange } from '../upstream/exchange.ts';
import { upstreamPath } from '../wire/endpoints.ts';
import { headersFromProvider, headersToProvider } from '../wire/headers.ts';
import { newSpanId, traceparent } from '../wire/traceparent.ts';
import { StreamedAnswer } from './answer-stream.ts';
import { answerWhole } from './answer-whole.ts';
import { failureRefusal, leftRefusal, overloadedRefusal } from './failure.ts';

const RETRIED_STATUS = new Set([408, 409, 429, 500, 502, 503, 504, 529]);
const RETRY_AFTER_MAX_MS = 8_000;
const BACKOFF_MS = 250;
const DISCARDED_MAX_BYTES = 65_536;
/** Tools that run at the provider: asking twice may do a thing twice. */
const SERVER_TOOL =
  /^(?:web_search|code_interpreter|code_execution|mcp|computer|file_search|image_generation|bash|text_editor|local_shell)/;

type Collected = { status: number; headers: IncomingHttpHeaders; chunks: Buffer[]; size: number };

/** Sends the call to its provider and the answer, judged, to the caller. */
export async function forward(call: Call): Promise<Refusal | null> {
  const prepared = await prepare(call);
  if ('code' in prepared) return prepared;
  const { provider } = call;
  if (provider === null) throw new Error('no provider');
  for (;;) {
    // An answer that cannot be held is not worth asking, and paying, for.
    if (!call.parts.answersInFlight.hasRoom) return overloadedRefusal();
    const sentUs = nowUs();
    const attempt = beginAttempt(call, provider.id, sentUs);
    prepared.request.headers.traceparent = traceparent(call.trace, attempt.spanId);
    const collected: { answer: Collected | null; stream: StreamedAnswer | null } = { answer: null, stream: null };
    const exchange = startExchange(prepared.pool, prepared.request, provider.timeouts, {
      head: (status, headers) => {
        call.upstreamStatus = status;
        attempt.status = status;
        call.upstreamFirstByteUs ??= nowUs() - call.startedUs;
        if (!isStream(status, headers)) return collecting(call, collected, status, headers);
        collected.stream = new StreamedAnswer(call, headersFromProvider(headers), sentUs);
        return collected.stream;
      },
    });
    call.abort = exchange.abort;
    if (call.left) exchange.abort();
    const failure = await exchange.done;
    call.abort = null;
    endAttempt(attempt, call, failure);
    if (collected.stream) return collected.stream.finish(failure);
    call.waitedUs += nowUs() - sentUs;
    if (call.left) return leftRefusal(call);
    const { answer } = collected;
    const waitMs = retryAfterMs(call, failure, answer);
    if (waitMs !== null) {
      const beforeUs = nowUs();
      await sleep(waitMs);
      call.waitedUs += nowUs() - beforeUs;
      if (call.left) return leftRefusal(call);
      call.keepAnswer(0);
      if (!call.parts.isDraining()) continue;
    }
    if (failure) return failureRefusal(call, failure);
    if (answer === null) return failureRefusal(call, { code: 'provider_bad_answer', neverSent: false });
    return answerWhole(
      call,
      answer.status,
      answer.headers,
      answer.chunks.length === 1 ? (answer.chunks[0] as Buffer) : Buffer.concat(answer.chunks, answer.size),
    );
  }
}

function beginAttempt(call: Call, providerId: string, sentUs: number): Attempt {
  const attempt: Attempt = {
    providerId,
    startedUs: Math.round(sentUs - call.startedUs),
    tookUs: 0,
    status: null,
    failure: null,
    spanId: newSpanId(),
  };
  call.attempts.push(attempt);
  return attempt;
}

function endAttempt(attempt: Attempt, call: Call, failure: ExchangeFailure | null): void {
  attempt.tookUs = Math.round(nowUs() - call.startedUs) - attempt.startedUs;
  attempt.failure = failure?.code === 'internal' ? 'given_up' : (failure?.code ?? null);
}

function isStream(status: number, headers: IncomingHttpHeaders): boolean {
  return status >= 200 && status < 300 && /^text\/event-stream\b/i.test(String(headers['content-type'] ?? ''));
}

function collecting(
  call: Call,
  collected: { answer: Collected | null },
  status: number,
  headers: IncomingHttpHeaders,
): BodyReceiver {
  const answer: Collected = { status, headers, chunks: [], size: 0 };
  collected.answer = answer;
  const most = status >= 400 ? 1_048_576 : call.parts.settings.answerMaxBytes;
  return {
    data: (chunk, flow) => {
      answer.size += chunk.length;
      if (answer.size > most) {
        flow.abort('answer_too_large');
        return true;
      }
      if (!call.holdAnswer(chunk.length)) {
        flow.abort('overloaded');
        return true;
      }
      answer.chunks.push(chunk);
      return true;
    },
  };
}

/** How long to wait before another try; null when there is none. Nothing has gone to the caller yet. */
function retryAfterMs(call: Call, failure: ExchangeFailure | null, answer: Collected | null): number | null {
  const { provider, asked } = call;
  if (provider === null || call.tries > provider.maxRetries) return null;
  const mayRepeat =
    !asked?.tools.some((name) => SERVER_TOOL.test(name)) &&
    (call.endpoint?.name !== 'other' || call.request.method === 'GET');
  if (failure) {
    if (
      failure.code === 'provider_address_refused' ||
      failure.code === 'answer_too_large' ||
      failure.code === 'overloaded' ||
      failure.code === 'provider_bad_answer'
    )
      return null;
    if (failure.code === 'provider_timeout' && !failure.neverSent) return null;
    if (!failure.neverSent && !mayRepeat) return null;
    return jittered(call.tries);
  }
  if (answer === null || !RETRIED_STATUS.has(answer.status) || !mayRepeat || answer.size > DISCARDED_MAX_BYTES)
    return null;
  const told = Number(answer.headers['retry-after']);
  if (!Number.isFinite(told) || answer.headers['retry-after'] === undefined) return jittered(call.tries);
  const toldMs = told * 1_000;
  // A longer pause is the caller's to make: it gets the answer as it is.
  return toldMs <= RETRY_AFTER_MAX_MS ? Math.max(0, toldMs) + Math.random() * 100 : null;
}

function jittered(tries: number): number {
  return BACKOFF_MS * 2 ** (tries - 1) * (0.5 + Math.random());
}

type Prepared = {
  pool: NonNullable<ReturnType<Call['parts']['upstreams']['poolOf']>>;
  request: { path: string; method: string; headers: Record<string, string>; body: Buffer | null };
};

async function prepare(call: Call): Promise<Prepared | Refusal> {
  const { provider, parts, request } = call;
  if (provider === null) throw new Error('no provider');
  const pool = parts.upstreams.poolOf(provider);
  if (pool === null) return failureRefusal(call, { code: 'provider_address_refused', neverSent: true });
  let secret: string | null = null;
  if (provider.secretName !== null && provider.authStyle !== 'none') {
    const known = parts.providerSecret(provider.secretName);
    secret = known instanceof Promise ? await known : known;
    if (secret === null)
      return {
        code: 'provider_secret_missing',
        message: 'The key of the provider is not stored. Tell the administrator.',
      };
  }
  const body = bodyToSend(call);
  const headers = headersToProvider(request.headers, provider, secret);
  const { 'idempotency-key': repeated } = headers;
  // Tenants share the account of the provider: the same word of two of them is not the same call.
  if (repeated !== undefined) headers['idempotency-key'] = sha256Hex(`${call.tenantId}\u0000${repeated}`);
  if (body !== null) {
    headers['content-type'] = request.headers['content-type'] ?? 'application/json';
    headers['content-length'] = String(body.length);
  }
  return {
    pool,
    request: { path: upstreamPath(provider, call.rest, call.query), method: request.method ?? 'POST', headers, body },
  };
}

const USAGE = Buffer.from('"stream_options":{"include_usage":true},');

/** The caller's own bytes, unless something had to be changed in them. */
function bodyToSend(call: Call): Buffer | null {
  const { asked, bytes, input, provider, endpoint } = call;
  if (bytes === null || asked === null) return bytes;
  const wantsUsage =
    asked.stream &&
    provider?.kind === 'openai' &&
    (endpoint?.name === 'chat_completions' || endpoint?.name === 'completions') &&
    asked.body !== null &&
    asked.body.stream_options === undefined;
  call.dropUsage = wantsUsage;
  if (input?.changed || call.outgoing !== null) {
    if (wantsUsage && asked.body) asked.body.stream_options = { include_usage: true };
    call.outgoing = Buffer.from(JSON.stringify(asked.body));
    return call.outgoing;
  }
  if (!wantsUsage) return bytes;
  // What a stream costs is told only when asked for. One member is put in front of the others.
  const open = bytes.indexOf(0x7b) + 1;
  return Buffer.concat([bytes.subarray(0, open), USAGE, bytes.subarray(open)]);
}
