import { sha256Hex } from '#src/kernel/hash.ts';
import { type Call, nowUs, statusOfRefusal } from '../call.ts';
import type { Decision, Outcome, TokenCounts, Verdict } from '../decision.ts';
import { simhash } from '../record/simhash.ts';
import { capturePayload } from './capture.ts';
import { isGroundable } from './judge-later.ts';
import { costOf, priceOf, settle } from './limit.ts';
import { probabilitiesAsked } from './probabilities.ts';

/** Settles what the call used and tells everything about it, once. */
export function decisionOf(call: Call): Decision {
  const { parts, asked, policy, refusal } = call;
  const tokens = tokensOf(call);
  const price = priceOf(call);
  const costMicroUsd = price === null ? null : costOf(price, tokens);
  settle(call, { tokens: tokens.input + tokens.output, spendMicroUsd: costMicroUsd ?? 0 });
  const totalUs = nowUs() - call.startedUs;
  const httpStatus = statusOf(call);
  return {
    id: call.id,
    occurredAt: call.occurredAt,
    endedAt: parts.clock(),
    nodeId: parts.nodeId,
    sequence: parts.nextSequence(),
    requestId: call.requestId,
    tenantId: call.tenantId,
    keyId: call.keyId,
    callerDigest: parts.callerDigest(call.request.socket),
    routeId: call.route?.id ?? null,
    method: (call.request.method ?? '').slice(0, 20),
    pathPattern: call.pathPattern,
    providerId: call.provider?.id ?? null,
    modelAsked: asked?.model ?? null,
    modelAnswered: call.modelAnswered,
    stream: asked?.stream ?? false,
    policyId: policy?.policy.id ?? null,
    policyVersion: policy?.policy.version ?? null,
    snapshotDigest: call.prepared.digest,
    outcome: outcomeOf(call),
    refusal: refusal === null ? null : { stage: call.stage, code: refusal.code, httpStatus: statusOfRefusal(refusal) },
    end: refusal !== null && call.end === 'completed' ? 'refused' : call.end,
    upstreamStatus: call.upstreamStatus,
    httpStatus,
    verdicts: verdictsOf(call),
    failOpen: call.failOpen,
    tokens,
    costMicroUsd: call.tries === 0 ? null : costMicroUsd,
    payload: capturePayload(call),
    requestSha256: call.bytes === null ? null : sha256Hex(call.bytes),
    responseSha256: call.responseSha256,
    requestBytes: call.bytes?.length ?? 0,
    responseBytes: call.responseBytes,
    timings: {
      queueUs: 0,
      checksUs: Math.round(call.checksUs),
      upstreamFirstByteUs: call.upstreamFirstByteUs === null ? null : Math.round(call.upstreamFirstByteUs),
      totalUs: Math.round(totalUs),
      addedUs: Math.max(0, Math.round(totalUs - call.waitedUs)),
    },
    tries: call.tries,
    attempts: call.attempts,
    toolCalls: call.toolCalls,
    signals: signalsOf(call),
    traceId: call.trace.traceId,
    spanId: call.trace.spanId,
    parentSpanId: call.trace.parentSpanId,
  };
}

function verdictsOf(call: Call): Verdict[] {
  return [...(call.input?.verdicts() ?? []), ...(call.output?.verdicts() ?? []), ...call.checks];
}

const POLICY_REFUSED = new Set(['provider_unreachable', 'provider_timeout', 'provider_redirected', 'body_incomplete']);

function outcomeOf(call: Call): Outcome {
  const { refusal } = call;
  if (call.badAnswer) return 'not_evaluated';
  if (refusal !== null && (refusal.code === 'check_failed' || refusal.code === 'internal')) return 'refused';
  // A provider that fails or a caller who leaves is no decision of the policy.
  if (refusal !== null && !(POLICY_REFUSED.has(refusal.code) && call.tries > 0)) return 'refused';
  if (call.failOpen || call.input?.failure || call.output?.failure) return 'not_evaluated';
  return call.input?.changed || call.output?.changed ? 'changed' : 'allowed';
}

function statusOf(call: Call): number {
  if (call.response.headersSent) return call.response.statusCode;
  if (call.refusal !== null) return call.left ? 499 : statusOfRefusal(call.refusal);
  return call.reply?.status ?? call.upstreamStatus ?? 200;
}

function tokensOf(call: Call): TokenCounts {
  const isCalled = call.tries > 0 && (call.upstreamStatus === null || call.upstreamStatus < 400);
  if (!isCalled) return { input: 0, output: 0, source: 'estimated' };
  return call.usage.counts({ input: call.asked?.tokens ?? 0, output: Math.ceil(call.answerCharacters / 4) });
}

function signalsOf(call: Call): Decision['signals'] {
  const { asked } = call;
  const body = asked?.body ?? null;
  const prompt = asked?.texts.fields.findLast((one) => one.role === 'user' || one.role === 'document')?.text ?? '';
  const top = body?.top_logprobs;
  const legacy = body?.logprobs;
  return {
    logprobsAsked: body !== null && probabilitiesAsked(body) !== null,
    nAsked: asked?.choices ?? 0,
    topLogprobs: typeof top === 'number' ? top : typeof legacy === 'number' ? legacy : 0,
    promptSimhash: prompt === '' ? '0000000000000000' : simhash(prompt),
    promptCharacters: prompt.length,
    refusedByModel: call.modelRefused,
    groundable: isGroundable(call),
  };
}
