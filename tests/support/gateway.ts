import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJwtChecks } from '#src/gateway/callers/jwt.ts';
import type { Decision } from '#src/gateway/decision.ts';
import { type Gateway, type GatewayOptions, openGateway } from '#src/gateway/gateway.ts';
import type { LimitStore } from '#src/gateway/limits/limit-store.ts';
import { LocalLimits } from '#src/gateway/limits/local-limits.ts';
import type { DecisionWriter } from '#src/gateway/ports.ts';
import { Journal } from '#src/gateway/record/journal.ts';
import { decode } from '#src/gateway/record/recorded.ts';
import { QueuedSink } from '#src/gateway/record/sink.ts';
import {
  type CompiledPolicy,
  DEFAULT_TIMEOUTS,
  EMPTY_SNAPSHOT,
  type GatewayKey,
  type GatewayRoute,
  type GatewaySnapshot,
  NO_LIMITS,
  type PolicyDetector,
  type Provider,
  type Tenant,
} from '#src/gateway/snapshot.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { createLog } from '#src/platform/log.ts';
import { type Outbound, openOutbound } from '#src/platform/outbound.ts';

/** One request as a provider on loopback saw it. */
export type SeenRequest = {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  closedEarly: boolean;
};

export type FakeProvider = {
  url: string;
  seen: SeenRequest[];
  /** Answers the next requests; the last one given stays. */
  answer: (request: SeenRequest, response: ServerResponse) => void | Promise<void>;
  server: Server;
  close(): Promise<void>;
};

export async function openFakeProvider(answer: FakeProvider['answer'] = () => undefined): Promise<FakeProvider> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const one: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: '',
      closedEarly: false,
    };
    response.on('close', () => {
      if (!response.writableFinished) one.closedEarly = true;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      one.body = Buffer.concat(chunks).toString('utf8');
      seen.push(one);
      void provider.answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider: FakeProvider = {
    url: `http://127.0.0.1:${port}`,
    seen,
    answer,
    server,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return provider;
}

export const CLEAR_KEY = 'agk_test_0123456789abcdefghijklmnop';
export const OTHER_KEY = 'agk_test_other_9876543210zyxwvutsrq';

export function aKey(change: Partial<GatewayKey> = {}, clear = CLEAR_KEY): GatewayKey {
  return {
    id: 'gwk_1',
    tenantId: 'ten_1',
    name: 'test',
    sha256: sha256Hex(clear),
    prefix: clear.slice(0, 8),
    scopes: ['chat', 'embeddings', 'models'],
    models: null,
    expiresAt: null,
    state: 'active',
    limits: null,
    ...change,
  };
}

export function aTenant(change: Partial<Tenant> = {}): Tenant {
  return { id: 'ten_1', name: 'Tenant', state: 'active', policyId: null, limits: NO_LIMITS, captureDays: 0, ...change };
}

export function aDetector(
  detector: PolicyDetector['detector'],
  action: PolicyDetector['action'],
  change: Partial<PolicyDetector> = {},
): PolicyDetector {
  return { detector, direction: 'both', action, threshold: null, kinds: null, ...change };
}

export function aPolicy(change: Partial<CompiledPolicy> = {}): CompiledPolicy {
  const policy = {
    id: 'pol_1',
    version: 1,
    name: 'Default',
    detectors: [
      aDetector('injection_user', 'block', { direction: 'input', threshold: 0.8 }),
      aDetector('injection_document', 'flag', { direction: 'input' }),
      aDetector('personal_data', 'redact'),
      aDetector('secret', 'redact'),
    ],
    onFailure: 'closed',
    streamMode: 'hold_back',
    rules: [],
    output: { jsonSchema: null, maxOutputTokens: null, tools: null, grounding: 'off' },
    terms: [],
    patterns: [],
    ...change,
  } as Omit<CompiledPolicy, 'digest'>;
  return { ...policy, digest: sha256Hex(JSON.stringify(policy)) };
}

export function aProvider(change: Partial<Provider> = {}): Provider {
  return {
    id: 'prv_openai',
    name: 'OpenAI',
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:1/v1',
    secretName: 'provider.openai',
    authStyle: 'bearer',
    models: null,
    allowPrivateAddress: true,
    timeouts: { ...DEFAULT_TIMEOUTS, firstByteMs: 10_000, betweenEventsMs: 10_000 },
    maxRetries: 0,
    ...change,
  };
}

export function aRoute(change: Partial<GatewayRoute> = {}): GatewayRoute {
  return { id: 'rte_1', path: '/v1', providerId: 'prv_openai', policyId: 'pol_1', limits: null, ...change };
}

export function aSnapshot(provider: { url: string }, change: Partial<GatewaySnapshot> = {}): GatewaySnapshot {
  return {
    ...EMPTY_SNAPSHOT,
    version: 1,
    providers: [
      aProvider({ baseUrl: `${provider.url}/v1` }),
      aProvider({
        id: 'prv_anthropic',
        name: 'Anthropic',
        kind: 'anthropic',
        baseUrl: provider.url,
        authStyle: 'x-api-key',
        secretName: 'provider.anthropic',
      }),
    ],
    tenants: [aTenant()],
    keys: [aKey()],
    routes: [aRoute(), aRoute({ id: 'rte_2', path: '/v1/messages', providerId: 'prv_anthropic' })],
    policies: [aPolicy()],
    prices: [{ provider: 'openai', model: '*', inputMicroUsdPerMTok: 2_000_000, outputMicroUsdPerMTok: 8_000_000 }],
    ...change,
  };
}

export type TestGateway = {
  url: string;
  port: number;
  gateway: Gateway;
  folder: string;
  decisions: Decision[];
  setSnapshot(snapshot: GatewaySnapshot): void;
  /** The decisions once `count` calls have ended. */
  recorded(count?: number): Promise<Decision[]>;
  close(): Promise<void>;
};

/** A real gateway on loopback, with everything but the database. */
export async function openTestGateway(
  snapshot: GatewaySnapshot,
  options: Partial<Omit<GatewayOptions, 'sink' | 'source'>> & {
    writer?: DecisionWriter;
    limits?: LimitStore;
    journalBytes?: number;
  } = {},
): Promise<TestGateway> {
  let current = snapshot;
  const listeners = new Set<() => void>();
  const decisions: Decision[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'assay-gateway-'));
  const waiting = new Set<() => void>();
  const log = createLog({ level: 'silent' });
  const onError = () => undefined;
  const sink = new QueuedSink({
    journal: new Journal({
      folder: join(folder, 'journal'),
      mostBytes: options.journalBytes ?? 64 * 1024 * 1024,
      onError,
    }),
    writer: { writeRecorded: async (batch) => options.writer?.write(batch.map(decode)) },
    onError,
    batchMs: 5,
  });
  const outbounds: Outbound[] = [];
  const gateway = openGateway({
    source: {
      current: () => current,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      providerSecret: async (name) => `secret-of-${name}`,
    },
    sink,
    limits: new LocalLimits(),
    jwt: createJwtChecks(({ jwksUrl }) => {
      const outbound = openOutbound({ allowedHosts: [new URL(jwksUrl).origin], allowPrivate: true });
      outbounds.push(outbound);
      return outbound;
    }),
    clock: Date.now,
    log,
    salt: 'salt',
    ...options,
    onDecision: (decision) => {
      decisions.push(decision);
      options.onDecision?.(decision);
      for (const wake of waiting) wake();
    },
  });
  const port = await gateway.listen(0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    gateway,
    folder,
    decisions,
    setSnapshot: (next) => {
      current = next;
      for (const listener of listeners) listener();
    },
    recorded: async (count = 1) => {
      while (decisions.length < count)
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      return decisions;
    },
    close: async () => {
      await gateway.close();
      await Promise.all(outbounds.map((one) => one.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

export function chatAnswer(content: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-test-2026',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 },
    ...change,
  };
}

export function chatChunks(pieces: readonly string[]): string[] {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-test-2026' };
  const chunk = (delta: unknown, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    `data: ${JSON.stringify({ ...head, choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } })}\n\n`,
    'data: [DONE]\n\n',
  ];
}

export function sendEvents(response: ServerResponse, events: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(event);
  response.end();
}

export function messagesEvents(pieces: readonly string[]): string[] {
  const event = (type: string, body: Record<string, unknown>) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`;
  return [
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 11, output_tokens: 1 },
      },
    }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('ping', {}),
    ...pieces.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 9 } }),
    event('message_stop', {}),
  ];
}
