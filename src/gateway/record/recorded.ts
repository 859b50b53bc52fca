import type { Decision, Verdict } from '../decision.ts';
import { encodeDecision } from './encode-decision.ts';
import { type DecisionJson, JournalPages } from './journal-pages.ts';

/**
 * A decision that was encoded: what it is searched and summed by, and its canonical JSON. Everything else of it is bytes
 * outside the heap, so that thousands that wait for the database are nothing to the garbage collector.
 */
export type RecordedDecision = Pick<
  Decision,
  | 'id'
  | 'occurredAt'
  | 'endedAt'
  | 'nodeId'
  | 'sequence'
  | 'tenantId'
  | 'keyId'
  | 'routeId'
  | 'providerId'
  | 'modelAsked'
  | 'modelAnswered'
  | 'policyId'
  | 'outcome'
  | 'refusal'
  | 'end'
  | 'httpStatus'
  | 'failOpen'
  | 'tokens'
  | 'costMicroUsd'
  | 'timings'
  | 'payload'
  | 'toolCalls'
> & {
  /** Names of the checks that found something, and of those that were not made; each once, in order. */
  found: readonly string[];
  notEvaluated: readonly string[];
  json: DecisionJson;
};

/** Takes a batch for good, all of it or nothing, like `DecisionWriter`. What it needs of the JSON it reads before it resolves. */
export type RecordedWriter = { writeRecorded(batch: readonly RecordedDecision[]): Promise<void> };

/** `json` is the decision's own, encoded. */
export function recordedOf(decision: Decision, json: DecisionJson): RecordedDecision {
  const { verdicts } = decision;
  return {
    id: decision.id,
    occurredAt: decision.occurredAt,
    endedAt: decision.endedAt,
    nodeId: decision.nodeId,
    sequence: decision.sequence,
    tenantId: decision.tenantId,
    keyId: decision.keyId,
    routeId: decision.routeId,
    providerId: decision.providerId,
    modelAsked: decision.modelAsked,
    modelAnswered: decision.modelAnswered,
    policyId: decision.policyId,
    outcome: decision.outcome,
    refusal: decision.refusal,
    end: decision.end,
    httpStatus: decision.httpStatus,
    failOpen: decision.failOpen,
    tokens: decision.tokens,
    costMicroUsd: decision.costMicroUsd,
    timings: decision.timings,
    payload: decision.payload,
    toolCalls: decision.toolCalls.length === 0 ? NO_TOOL_CALLS : decision.toolCalls,
    found: checksWith(verdicts, (outcome) => outcome !== 'clean' && outcome !== 'not_evaluated'),
    notEvaluated: checksWith(verdicts, (outcome) => outcome === 'not_evaluated'),
    json,
  };
}

/** Encodes decisions that come as objects, such as those of a process that is gone. */
export function encodeAll(decisions: readonly Decision[]): RecordedDecision[] {
  const pages = new JournalPages();
  return decisions.map((decision) => recordedOf(decision, pages.put(encodeDecision(decision))));
}

/** The whole decision again. */
export function decode(recorded: RecordedDecision): Decision {
  return JSON.parse(recorded.json.text()) as Decision;
}

const NONE: readonly string[] = [];
const NO_TOOL_CALLS: Decision['toolCalls'] = [];

function checksWith(verdicts: readonly Verdict[], holds: (outcome: Verdict['outcome']) => boolean): readonly string[] {
  if (!verdicts.some(({ outcome }) => holds(outcome))) return NONE;
  return [...new Set(verdicts.filter(({ outcome }) => holds(outcome)).map(({ detector }) => detector))].sort();
}
