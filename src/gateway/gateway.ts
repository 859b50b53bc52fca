import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Log } from '#src/platform/log.ts';
import type { Resolve } from '#src/platform/outbound.ts';
import { Call } from './call.ts';
import type { JwtChecks } from './callers/jwt.ts';
import type { Decision } from './decision.ts';
import type { LimitStore } from './limits/limit-store.ts';
import { serve } from './pipeline.ts';
import type {
  AnswerJudging,
  Approvals,
  GroundingCheck,
  PayloadCapture,
  SecondOpinion,
  SnapshotSource,
  StoredObjects,
} from './ports.ts';
import { type PreparedSnapshot, prepareSnapshot } from './prepared.ts';
import type { QueuedSink } from './record/sink.ts';
import type { BlockFindings } from './screening/known-turns.ts';
import { ScreenMemo } from './screening/memo.ts';
import type { TextFindings } from './screening/screening.ts';
import { recordBadHttp } from './stages/bad-http.ts';
import { BytesInFlight } from './stages/read-body.ts';
import { Upstreams } from './upstream/upstream.ts';

export type GatewaySettings = {
  bodyMaxBytes: number;
  answerMaxBytes: number;
  /** Of the bodies of all calls together. */
  inFlightMaxBytes: number;
  /** Of the answers of all calls together, from the provider until the caller has taken them. */
  answersInFlightMaxBytes: number;
  /** Between two pieces of a body. */
  bodyIdleMs: number;
  /** For the head of a request. */
  headersTimeoutMs: number;
  /** How long calls under way may go on when the gateway stops. */
  drainMs: number;
};

export const DEFAULT_SETTINGS: GatewaySettings = {
  bodyMaxBytes: 10 * 1024 * 1024,
  answerMaxBytes: 32 * 1024 * 1024,
  inFlightMaxBytes: 256 * 1024 * 1024,
  answersInFlightMaxBytes: 256 * 1024 * 1024,
  bodyIdleMs: 15_000,
  headersTimeoutMs: 10_000,
  drainMs: 25_000,
};

export type GatewayOptions = {
  source: SnapshotSource;
  sink: QueuedSink;
  limits: LimitStore;
  jwt: JwtChecks;
  clock: Clock;
  log: Log;
  /** Secret of this installation, for the hashes of addresses and findings. */
  salt: string;
  settings?: Partial<GatewaySettings>;
  capture?: PayloadCapture | null;
  approvals?: Approvals | null;
  grounding?: GroundingCheck | null;
  secondOpinion?: SecondOpinion | null;
  judging?: AnswerJudging | null;
  /** Absent: calls that name stored objects are refused. */
  storedObjects?: StoredObjects | null;
  /** Called once for each call, after its last byte was handed over. */
  onDecision?: (decision: Decision) => void;
  /** PEM; absent: plain HTTP. */
  tls?: { cert: string; key: string };
  /** Finds addresses; for tests. */
  resolve?: Resolve;
  /** Answers a path beside calls, such as /healthz. True when it did. */
  beside?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

/** What the stages need of the gateway around them. */
export type GatewayParts = {
  readonly sink: QueuedSink;
  readonly limits: LimitStore;
  readonly jwt: JwtChecks;
  readonly upstreams: Upstreams;
  readonly inFlight: BytesInFlight;
  readonly answersInFlight: BytesInFlight;
  readonly memo: ScreenMemo<TextFindings>;
  /** Of blocks of texts. */
  readonly turns: ScreenMemo<BlockFindings>;
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly salt: string;
  readonly nodeId: string;
  readonly capture: PayloadCapture | null;
  readonly approvals: Approvals | null;
  readonly grounding: GroundingCheck | null;
  readonly secondOpinion: SecondOpinion | null;
  readonly judging: AnswerJudging | null;
  readonly storedObjects: StoredObjects | null;
  readonly opinions: ScreenMemo<{ score: number; version: string }>;
  isDraining(): boolean;
  nextSequence(): number;
  callerDigest(socket: Socket): string | null;
  providerSecret(name: string): string | null | Promise<string | null>;
  headersOf(call: Call): Record<string, string>;
  /** Forgets a call that has ended. */
  letGo(call: Call): void;
  finished(call: Call, decision: Decision): void;
  noted(decision: Decision): void;
};

export type Gateway = {
  readonly server: Server;
  readonly nodeId: string;
  /** Resolves to the port. */
  listen(port: number, host: string): Promise<number>;
  /** The snapshot in force here. */
  prepared(): PreparedSnapshot;
  inFlight(): number;
  /** Bytes of answers that are held. */
  answerBytes(): number;
  /** Stops taking calls, lets those under way end, then closes. */
  close(): Promise<void>;
};

const SECRET_KEPT_MS = 10_000;
const RANDOM_POOL_BYTES = 4_096;

export function openGateway(options: GatewayOptions): Gateway {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const upstreams = new Upstreams(options.resolve);
  const memo = new ScreenMemo<TextFindings>();
  const turns = new ScreenMemo<BlockFindings>();
  const opinions = new ScreenMemo<{ score: number; version: string }>();
  const nextId = idMaker(options.clock);
  const nodeId = `gwn_${nextId('x').slice(2)}`;
  let prepared = prepareSnapshot(options.source.current());
  logBroken(options.log, prepared);
  const secrets = new Map<string, { value: string | null; untilMs: number }>();
  const stopWatching = options.source.onChange(() => {
    prepared = prepareSnapshot(options.source.current(), prepared);
    logBroken(options.log, prepared);
    // What was remembered may rest on planted values that changed.
    memo.clear();
    turns.clear();
    opinions.clear();
    secrets.clear();
    upstreams.keepOnly(new Set(prepared.providers.keys()));
  });
  let isDraining = false;
  let sequence = 0;
  const calls = new Set<Call>();
  const digests = new WeakMap<Socket, string>();
  const parts: GatewayParts = {
    sink: options.sink,
    limits: options.limits,
    jwt: options.jwt,
    upstreams,
    inFlight: new BytesInFlight(settings.inFlightMaxBytes),
    answersInFlight: new BytesInFlight(settings.answersInFlightMaxBytes),
    memo,
    turns,
    settings,
    clock: options.clock,
    log: options.log,
    salt: options.salt,
    nodeId,
    capture: options.capture ?? null,
    approvals: options.approvals ?? null,
    grounding: options.grounding ?? null,
    judging: options.judging ?? null,
    storedObjects: options.storedObjects ?? null,
    secondOpinion: options.secondOpinion ?? null,
    opinions,
    isDraining: () => isDraining,
    nextSequence: () => ++sequence,
    callerDigest: (socket) => {
      let digest = digests.get(socket);
      if (digest === undefined) {
        if (!socket.remoteAddress) return null;
        digest = sha256Hex(`${options.salt}\u0000${socket.remoteAddress}`).slice(0, 32);
        digests.set(socket, digest);
      }
      return digest;
    },
    providerSecret: (name) => {
      const known = secrets.get(name);
      if (known && known.untilMs > options.clock()) return known.value;
      return options.source.providerSecret(name).then((value) => {
        secrets.set(name, { value, untilMs: options.clock() + SECRET_KEPT_MS });
        return value;
      });
    },
    headersOf: (call) => ({
      'x-request-id': call.requestId,
      ...(call.shape === 'anthropic' && { 'request-id': call.requestId }),
      'x-assay-decision-id': call.id,
      ...(isDraining && { connection: 'close' }),
    }),
    letGo: (call) => {
      calls.delete(call);
      parts.inFlight.give(call.heldBytes);
      call.heldBytes = 0;
      call.endAnswer();
    },
    finished: (call, decision) => {
      parts.letGo(call);
      parts.noted(decision);
    },
    noted: (decision) => options.onDecision?.(decision),
  };

  const serverOptions = {
    maxHeaderSize: 16_384,
    headersTimeout: settings.headersTimeoutMs,
    // The body has timers of its own, which answer in words.
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    connectionsCheckingInterval: Math.min(5_000, settings.headersTimeoutMs),
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  };
  const onRequest: RequestListener = (request, response) => {
    if (options.beside?.(request, response)) return;
    const call = new Call(parts, prepared, request, response, nextId('dec'));
    calls.add(call);
    response.on('close', () => {
      call.endAnswer();
      if (response.writableFinished) return;
      call.left = true;
      call.abort?.();
    });
    response.on('error', () => undefined);
    void serve(call);
  };
  const server: Server = options.tls
    ? createTlsServer({ ...serverOptions, ...options.tls }, onRequest)
    : createServer(serverOptions, onRequest);
  // Silently leaving out headers beyond a count would let a part of a request go unseen; their size is limited.
  server.maxHeadersCount = 0;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
    recordBadHttp({
      parts,
      prepared,
      id: nextId('dec'),
      error,
      socket: socket as Socket,
      callOn: (one) => [...calls].find((call) => call.request.socket === one),
    }),
  );
  server.on('connect', (_request, socket: Duplex) => socket.destroy());

  return {
    server,
    nodeId,
    prepared: () => prepared,
    inFlight: () => calls.size,
    answerBytes: () => parts.answersInFlight.bytes,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: 1_024 }, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close: async () => {
      isDraining = true;
      stopWatching();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => {
        for (const call of calls) call.response.destroy();
        server.closeAllConnections();
      }, settings.drainMs);
      while (calls.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      server.closeIdleConnections();
      const linger = setTimeout(() => server.closeAllConnections(), 500);
      await closed;
      clearTimeout(late);
      clearTimeout(linger);
      await upstreams.close();
      await options.sink.close();
      await options.limits.close();
    },
  };
}

function logBroken(log: Log, prepared: PreparedSnapshot): void {
  for (const [policy, problem] of prepared.broken)
    log.error({ policy, problem }, 'a policy does not compile; calls under it are refused');
}

/** Ids from a pool of random bytes: asking the system for ten bytes costs more than the rest of an id. */
function idMaker(clock: Clock): (prefix: string) => string {
  let pool = randomBytes(RANDOM_POOL_BYTES);
  let at = 0;
  return (prefix) => {
    if (at + 10 > pool.length) {
      pool = randomBytes(RANDOM_POOL_BYTES);
      at = 0;
    }
    at += 10;
    return makeId(prefix, clock(), pool.subarray(at - 10, at));
  };
}
