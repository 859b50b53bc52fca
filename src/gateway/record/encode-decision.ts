import { canonicalJson } from '#src/kernel/canonical-json.ts';
import type { Attempt, Decision, Span, Verdict } from '../decision.ts';
import { JsonBytes } from './json-bytes.ts';

const out = new JsonBytes();

/**
 * The canonical JSON (RFC 8785) of a decision in UTF-8, as `canonicalJson` would write it, made without garbage because the
 * members and their order are known. The bytes are overwritten by the next call. Throws on a number that is none.
 */
export function encodeDecision(decision: Decision): Buffer {
  const { refusal, signals, timings, tokens, payload } = decision;
  out.begin();
  out.raw('{"attempts":[');
  list(decision.attempts, attempt);
  text('],"callerDigest":', decision.callerDigest);
  number(',"costMicroUsd":', decision.costMicroUsd);
  text(',"end":', decision.end);
  number(',"endedAt":', decision.endedAt);
  boolean(',"failOpen":', decision.failOpen);
  number(',"httpStatus":', decision.httpStatus);
  text(',"id":', decision.id);
  text(',"keyId":', decision.keyId);
  text(',"method":', decision.method);
  text(',"modelAnswered":', decision.modelAnswered);
  text(',"modelAsked":', decision.modelAsked);
  text(',"nodeId":', decision.nodeId);
  number(',"occurredAt":', decision.occurredAt);
  text(',"outcome":', decision.outcome);
  text(',"parentSpanId":', decision.parentSpanId);
  text(',"pathPattern":', decision.pathPattern);
  out.raw(payload === null ? ',"payload":null' : `,"payload":${canonicalJson(payload)}`);
  text(',"policyId":', decision.policyId);
  number(',"policyVersion":', decision.policyVersion);
  text(',"providerId":', decision.providerId);
  out.raw(refusal === null ? ',"refusal":null' : `,"refusal":${canonicalJson(refusal)}`);
  number(',"requestBytes":', decision.requestBytes);
  text(',"requestId":', decision.requestId);
  text(',"requestSha256":', decision.requestSha256);
  number(',"responseBytes":', decision.responseBytes);
  text(',"responseSha256":', decision.responseSha256);
  text(',"routeId":', decision.routeId);
  number(',"sequence":', decision.sequence);
  out.raw(',"signals":{');
  if (signals.groundable !== undefined) boolean('"groundable":', signals.groundable);
  boolean(signals.groundable === undefined ? '"logprobsAsked":' : ',"logprobsAsked":', signals.logprobsAsked);
  number(',"nAsked":', signals.nAsked);
  number(',"promptCharacters":', signals.promptCharacters);
  text(',"promptSimhash":', signals.promptSimhash);
  boolean(',"refusedByModel":', signals.refusedByModel);
  number(',"topLogprobs":', signals.topLogprobs);
  text('},"snapshotDigest":', decision.snapshotDigest);
  text(',"spanId":', decision.spanId);
  boolean(',"stream":', decision.stream);
  text(',"tenantId":', decision.tenantId);
  number(',"timings":{"addedUs":', timings.addedUs);
  number(',"checksUs":', timings.checksUs);
  number(',"queueUs":', timings.queueUs);
  number(',"totalUs":', timings.totalUs);
  number(',"upstreamFirstByteUs":', timings.upstreamFirstByteUs);
  number('},"tokens":{"input":', tokens.input);
  number(',"output":', tokens.output);
  text(',"source":', tokens.source);
  out.raw('},"toolCalls":[');
  list(decision.toolCalls, toolCall);
  text('],"traceId":', decision.traceId);
  number(',"tries":', decision.tries);
  number(',"upstreamStatus":', decision.upstreamStatus);
  out.raw(',"verdicts":[');
  list(decision.verdicts, verdict);
  out.raw(']}');
  return out.end();
}

function attempt(one: Attempt): void {
  text('{"failure":', one.failure);
  text(',"providerId":', one.providerId);
  text(',"spanId":', one.spanId);
  number(',"startedUs":', one.startedUs);
  number(',"status":', one.status);
  number(',"tookUs":', one.tookUs);
  out.raw('}');
}

function toolCall(one: Decision['toolCalls'][number]): void {
  boolean('{"allowed":', one.allowed);
  if (one.approvalId !== undefined) text(',"approvalId":', one.approvalId);
  text(',"name":', one.name);
  text(',"reason":', one.reason);
  out.raw('}');
}

function verdict(one: Verdict): void {
  text('{"action":', one.action);
  number(',"charactersScanned":', one.charactersScanned);
  text(',"detector":', one.detector);
  text(',"detectorVersion":', one.detectorVersion);
  text(',"direction":', one.direction);
  number(',"fieldsScanned":', one.fieldsScanned);
  out.raw(',"kinds":[');
  list(one.kinds, kind);
  text('],"outcome":', one.outcome);
  text(',"reason":', one.reason);
  number(',"score":', one.score);
  out.raw(',"spans":[');
  list(one.spans, span);
  number('],"threshold":', one.threshold);
  number(',"tookUs":', one.tookUs);
  out.raw('}');
}

function span(one: Span): void {
  number('{"end":', one.end);
  text(',"field":', one.field);
  text(',"kind":', one.kind);
  text(',"sha256":', one.sha256);
  number(',"start":', one.start);
  out.raw('}');
}

function kind(one: string): void {
  out.text(one);
}

function list<T>(items: readonly T[], write: (item: T) => void): void {
  for (let i = 0; i < items.length; i++) {
    if (i > 0) out.raw(',');
    write(items[i] as T);
  }
}

function text(member: string, value: string | null): void {
  out.raw(member);
  out.text(value);
}

function number(member: string, value: number | null): void {
  out.raw(member);
  out.number(value);
}

function boolean(member: string, value: boolean): void {
  out.raw(member);
  out.raw(value ? 'true' : 'false');
}
