import type { Decision } from '#src/gateway/decision.ts';
import type { EventValue, MonitorEvent } from './model.ts';

/**
 * Where calls that belong to no AI system are kept: their numbers are needed, or every other system of the same node would
 * seem to have gaps.
 */
export const UNASSIGNED = 'unassigned';

/** To which AI system a call belongs; undefined for none. */
export type SystemOfCall = (call: Pick<Decision, 'routeId' | 'tenantId'>) => string | undefined;

const FAILED_ENDS: ReadonlySet<string> = new Set(['upstream_error', 'timeout']);
const CALLER_STAGES: ReadonlySet<string> = new Set(['identify', 'authorize']);

/** One call of the gateway as an operation of the AI system it belongs to. Numbers and classes only. Pure. */
export function eventOfDecision(decision: Decision, systemOf: SystemOfCall): MonitorEvent {
  const { routeId, refusal, verdicts, timings, tokens } = decision;
  const segment: Record<string, string> = {};
  if (decision.tenantId !== null) segment.tenant = decision.tenantId;
  if (decision.providerId !== null) segment.provider = decision.providerId;
  if (routeId !== null) segment.route = routeId;
  const has = (outcome: string) => verdicts.some((verdict) => verdict.outcome === outcome);
  const values: Record<string, EventValue> = {
    outcome: decision.outcome,
    end: decision.end,
    httpStatus: decision.httpStatus,
    error: FAILED_ENDS.has(decision.end) || decision.httpStatus >= 500,
    refused: decision.outcome === 'refused',
    unauthorized: refusal !== null && CALLER_STAGES.has(refusal.stage),
    refusalCode: refusal?.code ?? null,
    notEvaluated: decision.outcome === 'not_evaluated' || has('not_evaluated'),
    failOpen: decision.failOpen,
    flagged: has('flagged'),
    redacted: has('redacted'),
    blocked: has('blocked'),
    refusedByModel: decision.signals.refusedByModel,
    latencyMs: timings.totalUs / 1_000,
    firstByteMs: timings.upstreamFirstByteUs === null ? null : timings.upstreamFirstByteUs / 1_000,
    addedMs: timings.addedUs / 1_000,
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    costMicroUsd: decision.costMicroUsd,
    promptCharacters: decision.signals.promptCharacters,
    // Decisions recorded before it was told give the same events as before.
    ...(decision.signals.groundable !== undefined && { groundable: decision.signals.groundable }),
  };
  return {
    id: decision.id,
    source: `gateway:${decision.nodeId}`,
    sequence: decision.sequence,
    occurredAtMs: decision.occurredAt,
    systemId: systemOf(decision) ?? UNASSIGNED,
    modelVersion: (decision.modelAnswered ?? decision.modelAsked)?.slice(0, 200).toWellFormed() ?? null,
    segment,
    kind: 'operation',
    about: null,
    values,
  };
}
