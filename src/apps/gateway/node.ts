import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { noteApprovedCalls } from '#src/features/gateway-approvals/index.ts';
import { createDecisionWriter } from '#src/features/gateway-decisions/index.ts';
import { openPayloadStore } from '#src/features/gateway-payloads/index.ts';
import { openSnapshotSource } from '#src/features/gateway-policies/index.ts';
import { openStoredObjects } from '#src/features/gateway-stored-objects/index.ts';
import { noteKeyUse } from '#src/features/gateway-tenants/index.ts';
import type { GroundednessChecks } from '#src/features/groundedness-checks/index.ts';
import { createJwtChecks } from '#src/gateway/callers/jwt.ts';
import { type Gateway, openGateway } from '#src/gateway/gateway.ts';
import type { LimitStore } from '#src/gateway/limits/limit-store.ts';
import { LocalLimits } from '#src/gateway/limits/local-limits.ts';
import { RedisLimits } from '#src/gateway/limits/redis-limits.ts';
import { lexicalGrounding } from '#src/gateway/output/grounding.ts';
import type { EventTransport } from '#src/gateway/ports.ts';
import { Journal } from '#src/gateway/record/journal.ts';
import { LocalEvents } from '#src/gateway/record/local-events.ts';
import type { RecordedDecision } from '#src/gateway/record/recorded.ts';
import { QueuedSink } from '#src/gateway/record/sink.ts';
import { gatewayMetrics } from '#src/gateway/telemetry/metrics.ts';
import { OtlpExporter } from '#src/gateway/telemetry/otlp.ts';
import type { Clock } from '#src/kernel/time.ts';
import { type Config, readTls } from '#src/platform/config.ts';
import type { DataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import { type Outbound, openOutbound } from '#src/platform/outbound.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { openAnswerJudging } from './answer-judging.ts';
import { answerApprovalStatus, openApprovals } from './approvals.ts';
import { openChecks } from './checks.ts';
import { claimJournal, replayJournals } from './journals.ts';
import { gatewaySalt } from './salt.ts';
import { openSecondOpinion } from './second-opinion.ts';

const JOURNAL_MAX_BYTES = 512 * 1024 * 1024;
const REPLAY_EVERY_MS = 60_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

export type GatewayNode = {
  gateway: Gateway;
  /** Decisions as they are written, for monitors of this process. */
  events: LocalEvents;
  listen(port: number): Promise<string>;
  stop(): Promise<void>;
};

/** One process of the gateway, tied to the database it takes its configuration from and writes its decisions to. */
export async function openGatewayNode(parts: {
  config: Config;
  log: Log;
  database: Database;
  dataDir: string;
  secrets: Secrets;
  dataKeys: DataKeys;
  clock: Clock;
  metrics: Registry;
  /** What judges sampled answers, where this process has it already. */
  checks?: GroundednessChecks;
  /** In place of counting in this process, or in Redis where the settings name it. */
  limits?: LimitStore;
}): Promise<GatewayNode> {
  const { config, log, database, secrets, clock, metrics } = parts;
  // First: a folder that cannot be used ends the start, and nothing has to be taken down again.
  const secondOpinion = await openSecondOpinion({
    modelFolder: config.injectionModel,
    modelLabel: config.injectionLabel,
    secrets,
    log,
  });
  let url: string | null = null;
  const checks = parts.checks ?? (await openChecks({ ...parts, gatewayUrl: () => url }));
  const judging = await openAnswerJudging({ database, checks, log });
  const source = await openSnapshotSource({ database, secrets, clock, log });
  const salt = await gatewaySalt(secrets);
  const payloads = openPayloadStore({ database, dataKeys: parts.dataKeys, log });
  const writer = createDecisionWriter({
    database,
    clock,
    onWritten: async (client, decisions) => {
      await noteKeyUse(drizzle({ client }), keyUses(decisions));
      await noteApprovedCalls(drizzle({ client }), decisions);
    },
  });
  const onError = (error: unknown) =>
    log.error({ err: error }, 'decisions could not be written; they are kept and written later');
  const root = join(parts.dataDir, 'gateway-journal');
  const claimed = claimJournal(root);
  const journal = new Journal({ folder: claimed.folder, mostBytes: JOURNAL_MAX_BYTES, onError });
  const events = new LocalEvents();
  const transports: EventTransport[] = [events];
  if (config.natsUrl !== undefined) transports.push(await openNats(config.natsUrl));
  const sink = new QueuedSink({ journal, writer, onError, onWritten: (batch) => publish(transports, batch, log) });
  const { telemetry, close: closeTelemetry } = openTelemetry(config, log, () => gateway.nodeId);
  const outbounds: Outbound[] = [];
  const observe = gatewayMetrics(metrics, {
    backlog: () => sink.backlog,
    journalBytes: () => journal.bytes,
    inFlight: () => gateway.inFlight(),
    answerBytes: () => gateway.answerBytes(),
    payloadsWaiting: () => payloads.waiting,
    answersWaiting: () => checks.waiting,
  });
  // Each issuer's keys come from its own host and no other.
  const jwt = createJwtChecks(({ jwksUrl }) => {
    const outbound = openOutbound({
      allowedHosts: [new URL(jwksUrl).origin],
      allowPrivate: config.gatewayPrivateIssuers,
    });
    outbounds.push(outbound);
    return outbound;
  });
  const gateway = openGateway({
    source,
    sink,
    limits: parts.limits ?? openLimits(config, log),
    jwt,
    approvals: openApprovals(parts),
    secondOpinion,
    judging,
    storedObjects: openStoredObjects(parts),
    clock,
    log,
    salt,
    grounding: lexicalGrounding,
    capture: payloads,
    ...optionalTls(config),
    onDecision: (decision) => {
      observe(decision);
      telemetry?.add(decision);
    },
    beside: (request, response) =>
      answerProbe(request, response, { sink, metrics }) ||
      answerApprovalStatus(request, response, { database, prepared: gateway.prepared, jwt, clock, log }),
  });
  const replay = async () => {
    const found = await replayJournals(root, claimed.name, (batch) => writer.write(batch));
    if (found.decisions > 0) log.info(found, 'decisions of a process that is gone were written');
    if (found.damaged > 0) log.warn(found, 'lines of a journal are damaged and were kept aside');
  };
  await replay().catch(onError);
  const replaying = setInterval(() => void replay().catch(onError), REPLAY_EVERY_MS);
  replaying.unref();
  return {
    gateway,
    events,
    listen: async (port) => {
      const taken = await gateway.listen(port, config.host);
      const host = config.host.includes(':') ? `[${config.host}]` : config.host;
      url = `${config.tlsCertFile === undefined ? 'http' : 'https'}://${host}:${taken}`;
      return url;
    },
    stop: async () => {
      clearInterval(replaying);
      await gateway.close();
      await payloads.close();
      judging.close();
      if (!parts.checks) await checks.close();
      await secondOpinion.close();
      claimed.release();
      await closeTelemetry();
      await Promise.all(transports.map((one) => one.close?.()));
      await source.close();
      await Promise.all(outbounds.map((one) => one.close()));
    },
  };
}

function optionalTls(config: Config): { tls?: { cert: string; key: string } } {
  const tls = readTls(config);
  return tls ? { tls } : {};
}

async function openNats(url: string): Promise<EventTransport> {
  const { openNatsEvents } = await import('#src/gateway/record/nats-events.ts');
  return openNatsEvents(url);
}

function openLimits(config: Config, log: Log): LimitStore {
  if (config.redisUrl === undefined) return new LocalLimits();
  const redis = new Redis(config.redisUrl, {
    // A count that cannot be kept refuses the call; waiting for minutes would only pile calls up.
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    connectTimeout: 5_000,
    enableOfflineQueue: true,
  });
  redis.on('error', (error: Error) => log.warn({ err: error }, 'the store of limits does not answer'));
  return new RedisLimits(redis, (error) =>
    log.error({ err: error }, 'a reservation could not be settled; it stays charged'),
  );
}

function openTelemetry(
  config: Config,
  log: Log,
  nodeId: () => string,
): { telemetry: OtlpExporter | null; close(): Promise<void> } {
  if (config.otlpEndpoint === undefined) return { telemetry: null, close: async () => undefined };
  // The collector is named by whoever runs this process, and is mostly on the same machine.
  const outbound = openOutbound({ allowedHosts: [new URL(config.otlpEndpoint).origin], allowPrivate: true });
  const telemetry = new OtlpExporter({
    endpoint: config.otlpEndpoint,
    outbound,
    nodeId,
    onError: (error) => log.warn({ err: error }, 'telemetry was not taken by the collector'),
  });
  telemetry.start();
  return {
    telemetry,
    close: async () => {
      await telemetry.close();
      await outbound.close();
    },
  };
}

function publish(transports: readonly EventTransport[], batch: readonly RecordedDecision[], log: Log): void {
  for (const transport of transports)
    transport
      .publish(batch)
      .catch((error: unknown) => log.warn({ err: error }, 'monitors were not told of a batch of decisions'));
}

function keyUses(decisions: readonly RecordedDecision[]): { keyId: string; usedAtMs: number }[] {
  const last = new Map<string, number>();
  for (const { keyId, occurredAt, refusal } of decisions)
    if (keyId !== null && refusal?.stage !== 'identify') last.set(keyId, Math.max(occurredAt, last.get(keyId) ?? 0));
  return [...last].map(([keyId, usedAtMs]) => ({ keyId, usedAtMs }));
}

/** /health and /ready for whoever watches the process; /metrics for this machine only. */
function answerProbe(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { sink: QueuedSink; metrics: Registry },
): boolean {
  if (request.method !== 'GET') return false;
  const send = (status: number, body: string, type = 'application/json') => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };
  switch (request.url) {
    case '/health':
      send(200, '{"status":"ok"}');
      return true;
    case '/ready':
      if (parts.sink.hasRoom) send(200, '{"status":"ready"}');
      else send(503, '{"status":"decisions cannot be recorded"}');
      return true;
    case '/metrics':
      if (!LOOPBACK.has(request.socket.remoteAddress ?? '') || request.headers['x-forwarded-for'] !== undefined)
        return false;
      parts.metrics.metrics().then(
        (text) => send(200, text, parts.metrics.contentType),
        () => send(500, '{"status":"metrics cannot be read"}'),
      );
      return true;
    default:
      return false;
  }
}
