import type { Socket } from 'node:net';
import type { Call } from '../call.ts';
import type { Decision, RefusalCode } from '../decision.ts';
import { REFUSAL_STATUS } from '../decision.ts';
import type { GatewayParts } from '../gateway.ts';
import type { PreparedSnapshot } from '../prepared.ts';
import { errorBody } from '../wire/errors.ts';

const MESSAGES: Partial<Record<RefusalCode, string>> = {
  bad_http: 'The request is not well-formed HTTP.',
  headers_too_large: 'The headers of the request are too large.',
  body_timeout: 'The request came too slowly.',
};

const answered = new WeakSet<Socket>();

/** Answers and records what is no HTTP request: it never becomes a call, and it is seen all the same. */
export function recordBadHttp(given: {
  parts: GatewayParts;
  prepared: PreparedSnapshot;
  id: string;
  error: NodeJS.ErrnoException;
  socket: Socket;
  callOn(socket: Socket): Call | undefined;
}): void {
  const { parts, prepared, id, error, socket } = given;
  // A connection that broke asked for nothing.
  if (
    error.code === 'ECONNRESET' ||
    error.code === 'HPE_INVALID_EOF_STATE' ||
    !socket.writable ||
    answered.has(socket)
  ) {
    socket.destroy();
    return;
  }
  answered.add(socket);
  const code: RefusalCode =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'body_timeout'
        : 'bad_http';
  const underWay = given.callOn(socket);
  if (underWay) {
    // Its own record tells of it. Past its body there is nothing more to say on a connection that speaks no HTTP.
    if (underWay.failBody) underWay.failBody({ code: 'bad_http', message: MESSAGES.bad_http ?? '' });
    else socket.destroy();
    return;
  }
  const status = REFUSAL_STATUS[code];
  const requestId = `req_${id.slice(4)}`;
  const body = errorBody('openai', { code, message: MESSAGES[code] ?? '' }, requestId);
  const reason =
    status === 431 ? 'Request Header Fields Too Large' : status === 408 ? 'Request Timeout' : 'Bad Request';
  const bytes = Buffer.from(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\nx-request-id: ${requestId}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  const at = parts.clock();
  const decision: Decision = {
    ...EMPTY,
    id,
    occurredAt: at,
    endedAt: at,
    nodeId: parts.nodeId,
    sequence: parts.nextSequence(),
    requestId,
    callerDigest: parts.callerDigest(socket),
    snapshotDigest: prepared.digest,
    refusal: { stage: 'http', code, httpStatus: status },
    httpStatus: status,
    responseBytes: bytes.length,
  };
  parts.sink.recordThen(decision, () => {
    socket.end(bytes, () => socket.destroySoon());
    parts.noted(decision);
  });
}

const EMPTY: Omit<
  Decision,
  'id' | 'occurredAt' | 'endedAt' | 'nodeId' | 'sequence' | 'requestId' | 'snapshotDigest' | 'httpStatus'
> = {
  tenantId: null,
  keyId: null,
  callerDigest: null,
  routeId: null,
  method: '',
  pathPattern: '',
  providerId: null,
  modelAsked: null,
  modelAnswered: null,
  stream: false,
  policyId: null,
  policyVersion: null,
  outcome: 'refused',
  refusal: null,
  end: 'refused',
  upstreamStatus: null,
  verdicts: [],
  failOpen: false,
  tokens: { input: 0, output: 0, source: 'estimated' },
  costMicroUsd: null,
  payload: null,
  requestSha256: null,
  responseSha256: null,
  requestBytes: 0,
  responseBytes: 0,
  timings: { queueUs: 0, checksUs: 0, upstreamFirstByteUs: null, totalUs: 0, addedUs: 0 },
  tries: 0,
  attempts: [],
  toolCalls: [],
  signals: {
    logprobsAsked: false,
    nAsked: 0,
    topLogprobs: 0,
    promptSimhash: '0000000000000000',
    promptCharacters: 0,
    refusedByModel: false,
  },
  traceId: null,
  spanId: null,
  parentSpanId: null,
};
