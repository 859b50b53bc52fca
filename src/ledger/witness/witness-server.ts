import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '#src/kernel/errors.ts';
import { SyncFailed } from '../store/store-files.ts';
import { formatSize, REQUEST_BYTES_MAX, SIZE_MEDIA_TYPE } from './witness-protocol.ts';
import { type Rate, RateLimit, sourceOf } from './witness-rate.ts';
import type { WitnessAnswer, WitnessState } from './witness-state.ts';

/** The part of a log that is used. */
export type WitnessLog = Record<'info' | 'warn' | 'error', (details: object, message: string) => void>;

export type WitnessServer = {
  /** `http://host:port`. */
  readonly url: string;
  /** Rejects when the disk cannot be trusted any more; the process must end then. Resolves after `close`. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
};

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const CONNECTIONS_MAX = 256;
const DEFAULT_RATE: Rate = { burst: 100, perSecond: 20 };
// One second of a clock that is wrong is nothing; a minute is worth a word to the operator.
const CLOCK_WORD_SECONDS = 60;

/** Serves a witness over HTTP: `POST add-checkpoint`, `GET <origin hash>/checkpoint`, and at `/` who it is. */
export async function serveWitness(parts: {
  state: WitnessState;
  vkey: string;
  /** The name's path is also a prefix of the addresses, as witnesses are listed by their names. */
  name: string;
  host: string;
  port: number;
  log: WitnessLog;
  rate?: Rate;
}): Promise<WitnessServer> {
  const limit = new RateLimit(parts.rate ?? DEFAULT_RATE);
  const server = createServer((request, response) => {
    answer(parts, limit, request, response).catch((error: unknown) => {
      // The client went away in the middle of its request.
      if (request.errored) return;
      if (error instanceof SyncFailed) server.emit('untrusted-disk', error);
      parts.log.error({ err: error }, 'a request could not be answered');
      send(response, error instanceof AppError ? 503 : 500, 'The witness cannot answer; its operator sees why.\n');
    });
  });
  const ended = new Promise<void>((resolve, reject) => {
    server.once('close', resolve);
    server.once('untrusted-disk', reject);
  });
  // Whoever starts a server may have no use for its end.
  ended.catch(() => undefined);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = CONNECTIONS_MAX;
  server.maxHeadersCount = 64;
  await listen(server, parts.host, parts.port);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    ended,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new AppError('unavailable', `The witness cannot listen on ${host}:${port} (${error.code ?? error.message}).`, {
          cause: error,
        }),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

async function answer(
  parts: { state: WitnessState; vkey: string; name: string; log: WitnessLog },
  limit: RateLimit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const waitSeconds = limit.take(sourceOf(request.socket.remoteAddress ?? ''), performance.now());
  if (waitSeconds > 0) {
    response.setHeader('retry-after', String(waitSeconds));
    return refuse(request, response, 429, 'Too many requests from this address.\n');
  }
  const path = pathOf(request.url ?? '', parts.name);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (path === '/add-checkpoint') {
    if (method !== 'POST') return refuseMethod(request, response, 'POST');
    return addCheckpoint(parts, request, response);
  }
  const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
  if (hash === undefined && path !== '/') return refuse(request, response, 404, 'There is nothing at this address.\n');
  if (method !== 'GET') return refuseMethod(request, response, 'GET');
  if (hash === undefined) return send(response, 200, introduction(parts.vkey));
  const note = parts.state.noteOf(hash);
  if (note === null) return send(response, 404, 'This witness has cosigned no checkpoint of such a log.\n');
  response.setHeader('cache-control', 'no-cache');
  send(response, 200, note);
}

async function addCheckpoint(
  { state, log }: { state: WitnessState; log: WitnessLog },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) return refuse(request, response, 413, `A request is at most ${REQUEST_BYTES_MAX} bytes long.\n`);
  const result = state.submit(body);
  if (result.status === 200) {
    const aheadSeconds = state.secondsAhead(result.origin);
    if (aheadSeconds > CLOCK_WORD_SECONDS)
      log.warn({ origin: result.origin, aheadSeconds }, 'the clock is behind the last cosignature: it was set back');
    log.info({ origin: result.origin, size: result.size }, 'cosigned');
    return send(response, 200, result.lines);
  }
  log.info({ status: result.status, reason: result.sentence }, 'refused a checkpoint');
  sendRefusal(response, result);
}

function sendRefusal(response: ServerResponse, refusal: Exclude<WitnessAnswer, { status: 200 }>): void {
  if (refusal.status === 409) send(response, 409, formatSize(refusal.size), SIZE_MEDIA_TYPE);
  else send(response, refusal.status, `${refusal.sentence}\n`);
}

/** The body, or null when it is too long; it is not read any further then. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > REQUEST_BYTES_MAX) return null;
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  // Not destroyed on the way out: the answer goes over the same connection.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > REQUEST_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

// A witness called witness.example/w1 may be listed as https://witness.example/w1 and be reached there through a proxy
// that takes the path off or leaves it on.
function pathOf(url: string, name: string): string {
  const path = url.split('?')[0] ?? '';
  const slash = name.indexOf('/');
  const prefix = slash < 0 ? '' : name.slice(slash).replace(/\/+$/, '');
  return prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`)) ? path.slice(prefix.length) || '/' : path;
}

function introduction(vkey: string): string {
  return `A witness of append-only logs (c2sp.org/tlog-witness). Its key:\n${vkey}\n`;
}

function refuseMethod(request: IncomingMessage, response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed);
  refuse(request, response, 405, `Use ${allowed} for this address.\n`);
}

// What is left of a body is not waited for: the connection ends with the answer.
function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  if (!request.complete) response.setHeader('connection', 'close');
  send(response, status, text);
}

function send(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(text);
}
