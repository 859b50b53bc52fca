import { randomUUID } from 'node:crypto';
import http, { STATUS_CODES } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyRequest, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { AppError } from '#src/kernel/errors.ts';
import { describeError } from './failure.ts';
import { type Gatekeeper, guardRoutes, type RouteEntry } from './guard.ts';
import { isApiPath, setHeaders } from './headers.ts';
import { describeApi } from './openapi.ts';
import { checkOrigins } from './origin.ts';
import { answerProbes, type ReadinessCheck } from './probes.ts';
import { answerProblems, PROBLEM_TYPE, problem, sendProblem } from './problem.ts';
import { recordRequests } from './request-log.ts';
import type { App, Routes } from './route.ts';
import { answerNotFound, serveWebApp } from './web-app.ts';

export type HttpLimits = {
  /** A JSON body. */
  bodyBytes: number;
  /** One uploaded file. */
  uploadBytes: number;
  /** Requests per minute, per caller address and route. */
  perMinute: number;
};

const DEFAULT_LIMITS: HttpLimits = { bodyBytes: 1_048_576, uploadBytes: 52_428_800, perMinute: 1_200 };
const REQUEST_TIMEOUT_MS = 120_000;
// Longer than the idle time of common proxies, so that the proxy is the one that hangs up.
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
const BROKEN_REQUESTS: Readonly<Record<string, [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large. Send fewer or shorter ones; cookies count.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time. Send it again.'],
};
// How long answers under way may take once the server is told to stop.
const CLOSE_GRACE_MS = 10_000;

export type HttpServerOptions = Gatekeeper & {
  log: FastifyBaseLogger;
  metrics: Registry;
  version: string;
  /** The built web app. Absent: only the API answers. */
  staticDir?: string;
  /** The address people reach the app at. */
  publicUrl?: string;
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  trustedProxy?: string[];
  /** PEM certificate and key. */
  tls?: { cert: string; key: string };
  /** What /ready asks, by name. */
  ready?: Readonly<Record<string, ReadinessCheck>>;
  limits?: Partial<HttpLimits>;
};

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route with its permission. Complete once the server is ready. */
    routeTable: readonly RouteEntry[];
  }
}

/**
 * The HTTP server with everything that guards a route, and no feature yet: register those with `mountRoutes`, then
 * `listen`. A route without a permission makes registration fail.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<App> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const behindProxy = (options.trustedProxy?.length ?? 0) > 0;
  const overTls = options.tls !== undefined || options.publicUrl?.startsWith('https://') === true;
  const app = makeInstance(options, limits);

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // Only JSON and uploads are read: a form or plain text is what another site can send without asking.
  app.removeContentTypeParser('text/plain');
  answerProblems(app);
  app.setNotFoundHandler(answerNotFound);

  app.decorate('routeTable', guardRoutes(app, options));
  limitEachRoute(app, limits.perMinute);
  await setHeaders(app, { overTls });
  checkOrigins(app, { publicUrl: options.publicUrl, checkHost: !behindProxy && options.tls === undefined });
  recordRequests(app, options.metrics);
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('rate_limited', `Too many requests. Wait ${Math.ceil(ttl / 1000)} seconds, then try again.`),
  });
  await app.register(multipart, {
    limits: {
      fileSize: limits.uploadBytes,
      files: 1,
      fields: 30,
      fieldSize: 262_144,
      fieldNameSize: 100,
      parts: 31,
      headerPairs: 40,
    },
  });
  await describeApi(app, options.version);
  answerProbes(app, {
    metrics: options.metrics,
    ready: options.ready ?? {},
    gatekeeper: options,
    behindProxy,
    version: options.version,
  });
  if (options.staticDir !== undefined) await serveWebApp(app, options.staticDir);
  closeInTime(app);
  return app;
}

/** Adds the routes of a feature under `prefix`, normally `/api/v1`. */
export async function mountRoutes(app: App, prefix: string, ...routes: Routes[]): Promise<void> {
  for (const add of routes)
    await app.register(async (scope) => add(scope.withTypeProvider<ZodTypeProvider>()), { prefix });
}

function makeInstance(options: HttpServerOptions, limits: HttpLimits): App {
  const { tls } = options;
  return Fastify({
    serverFactory: (handler) => {
      const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
      server.requestTimeout = REQUEST_TIMEOUT_MS;
      server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
      return server;
    },
    loggerInstance: options.log,
    logController: new QuietLog({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: limits.bodyBytes,
    trustProxy: options.trustedProxy ?? false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (_error, request, reply) =>
      sendProblem(reply, problem('invalid_input', 'The address is not well formed.', request)),
  }).withTypeProvider<ZodTypeProvider>();
}

/** What the parser of HTTP itself refuses never becomes a request, so it is answered on the socket. Source: RFC 9112, section 3. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const [status, message] = BROKEN_REQUESTS[error.code ?? ''] ?? [400, 'This is no valid HTTP request.'];
  const title = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ status, title, code: 'invalid_input', message, requestId: randomUUID() });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** The framework's own request lines hold whole addresses; ours (request-log.ts) do not. A broken stream is still told. */
class QuietLog extends LogController {
  override streamError(error: Error, request: FastifyRequest): void {
    request.log.info({ err: describeError(error) }, 'an answer ended early');
  }
}

function limitEachRoute(app: App, perMinute: number): void {
  app.addHook('onRoute', (route) => {
    if (!isApiPath(route.url)) return;
    const max = route.config?.perMinute ?? perMinute;
    route.config = { ...route.config, rateLimit: { max, timeWindow: 60_000 } };
  });
}

/** Lets answers under way finish, but not for ever. */
function closeInTime(app: App): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  });
  app.addHook('onClose', async () => clearTimeout(timer));
}
