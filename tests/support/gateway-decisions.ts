import type { Decision } from '#src/gateway/decision.ts';
import { makeId } from '#src/kernel/id.ts';
import { seededRandom } from '#src/statistics/random.ts';

/** An ordinary decision of a call that was allowed, to be varied. Number `n` gives the same one every time. */
export function sampleDecision(n: number, occurredAt: number, change: Partial<Decision> = {}): Decision {
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(6, n);
  return {
    id: makeId('dec', occurredAt, random),
    occurredAt,
    endedAt: occurredAt + 420,
    nodeId: 'node-a',
    sequence: n,
    requestId: `req_${n}`,
    tenantId: 'gtn_acme',
    keyId: 'gky_one',
    callerDigest: 'c'.repeat(32),
    routeId: 'grt_chat',
    method: 'POST',
    pathPattern: '/v1/chat/completions',
    providerId: 'gpr_openai',
    modelAsked: 'gpt-4o',
    modelAnswered: 'gpt-4o-2024-08-06',
    stream: false,
    policyId: 'gpo_default',
    policyVersion: 3,
    snapshotDigest: 'd'.repeat(64),
    outcome: 'allowed',
    refusal: null,
    end: 'completed',
    upstreamStatus: 200,
    httpStatus: 200,
    verdicts: [
      {
        detector: 'injection_user',
        direction: 'input',
        action: 'block',
        outcome: 'clean',
        score: 0.02,
        threshold: 0.5,
        kinds: [],
        spans: [],
        charactersScanned: 900,
        fieldsScanned: 2,
        detectorVersion: 'injection/3',
        tookUs: 80,
        reason: null,
      },
    ],
    failOpen: false,
    tokens: { input: 220, output: 90, source: 'provider' },
    costMicroUsd: 1_450,
    requestSha256: 'a'.repeat(64),
    responseSha256: 'b'.repeat(64),
    requestBytes: 1_200,
    responseBytes: 800,
    timings: {
      queueUs: 10,
      checksUs: 150,
      upstreamFirstByteUs: 380_000,
      totalUs: 420_000 + (n % 50) * 1_000,
      addedUs: 400,
    },
    tries: 1,
    toolCalls: [],
    signals: {
      logprobsAsked: false,
      nAsked: 1,
      topLogprobs: 0,
      promptSimhash: simhashOf(n),
      promptCharacters: 640,
      refusedByModel: false,
    },
    attempts: [],
    payload: null,
    traceId: null,
    spanId: null,
    parentSpanId: null,
    ...change,
  };
}

/** The same call, stopped by a detector. */
export function blockedDecision(n: number, occurredAt: number, change: Partial<Decision> = {}): Decision {
  const [verdict] = sampleDecision(n, occurredAt).verdicts;
  return sampleDecision(n, occurredAt, {
    outcome: 'refused',
    refusal: { stage: 'screen_request', code: 'content_blocked', httpStatus: 403 },
    end: 'refused',
    httpStatus: 403,
    upstreamStatus: null,
    modelAnswered: null,
    ...(verdict && {
      verdicts: [
        {
          ...verdict,
          outcome: 'blocked',
          score: 0.97,
          kinds: ['instruction_override'],
          spans: [
            { field: 'messages[1].content', start: 12, end: 48, kind: 'instruction_override', sha256: 'e'.repeat(64) },
          ],
        },
      ],
    }),
    ...change,
  });
}

/** A hash unlike those of other numbers, as of prompts that have nothing in common. */
export function simhashOf(n: number): string {
  const random = seededRandom(n * 7919 + 13);
  return [0, 1, 2, 3]
    .map(() =>
      Math.floor(random() * 65_536)
        .toString(16)
        .padStart(4, '0'),
    )
    .join('');
}
