import { expect, test } from 'vitest';
import type { Decision } from '#src/gateway/decision.ts';
import { eventOfDecision, UNASSIGNED } from './decision-event.ts';

const decision: Decision = {
  id: 'dec_1',
  occurredAt: 1_795_422_600_000,
  endedAt: 1_795_422_601_000,
  nodeId: 'nod_1',
  sequence: 7,
  requestId: 'req_1',
  tenantId: 'ten_1',
  keyId: 'key_1',
  callerDigest: null,
  routeId: 'rte_1',
  method: 'POST',
  pathPattern: '/v1/chat/completions',
  providerId: 'prv_1',
  modelAsked: 'alias',
  modelAnswered: 'model-2026-01',
  stream: false,
  policyId: null,
  policyVersion: null,
  snapshotDigest: 'x',
  outcome: 'allowed',
  refusal: null,
  end: 'completed',
  upstreamStatus: 200,
  httpStatus: 200,
  verdicts: [],
  failOpen: false,
  tokens: { input: 10, output: 20, source: 'provider' },
  costMicroUsd: 900,
  requestSha256: null,
  responseSha256: null,
  requestBytes: 1,
  responseBytes: 1,
  timings: { queueUs: 0, checksUs: 10, upstreamFirstByteUs: 200_000, totalUs: 1_000_500, addedUs: 300 },
  tries: 1,
  toolCalls: [],
  signals: {
    logprobsAsked: false,
    nAsked: 1,
    topLogprobs: 0,
    promptSimhash: '0'.repeat(16),
    promptCharacters: 5,
    refusedByModel: false,
  },
  attempts: [],
  payload: null,
  traceId: null,
  spanId: null,
  parentSpanId: null,
};

test('a call is an operation of the system its route belongs to, numbered by its node', () => {
  const event = eventOfDecision(decision, ({ routeId }) => (routeId === 'rte_1' ? 'sys_1' : undefined));
  expect(event).toMatchObject({
    id: 'dec_1',
    source: 'gateway:nod_1',
    sequence: 7,
    systemId: 'sys_1',
    modelVersion: 'model-2026-01',
    segment: { tenant: 'ten_1', provider: 'prv_1', route: 'rte_1' },
    kind: 'operation',
  });
  expect(event.values).toMatchObject({
    latencyMs: 1_000.5,
    firstByteMs: 200,
    error: false,
    refused: false,
    costMicroUsd: 900,
  });
});

test('a call of no system keeps its number under no system', () => {
  expect(eventOfDecision(decision, () => undefined)).toMatchObject({ systemId: UNASSIGNED, sequence: 7 });
});

test('failures, refusals and calls without credentials are told apart', () => {
  const refused: Decision = {
    ...decision,
    outcome: 'refused',
    end: 'refused',
    httpStatus: 401,
    refusal: { stage: 'identify', code: 'bad_credentials', httpStatus: 401 },
  };
  expect(eventOfDecision(refused, () => 'sys_1').values).toMatchObject({
    error: false,
    refused: true,
    unauthorized: true,
    refusalCode: 'bad_credentials',
  });
  expect(eventOfDecision({ ...decision, end: 'timeout', httpStatus: 504 }, () => 'sys_1').values).toMatchObject({
    error: true,
    refused: false,
  });
});
