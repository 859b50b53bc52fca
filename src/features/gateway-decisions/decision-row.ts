import type { RecordedDecision } from '#src/gateway/record/recorded.ts';
import { hashLeaf } from '#src/ledger/log/tree.ts';

/** A decision as it is stored: the bytes that are hashed, and the columns screens filter and sums add up. */
export type DecisionRow = {
  day: string;
  id: string;
  occurredAt: string;
  nodeId: string;
  sequence: number;
  tenantId: string | null;
  keyId: string | null;
  routeId: string | null;
  providerId: string | null;
  modelAsked: string | null;
  modelAnswered: string | null;
  policyId: string | null;
  outcome: string;
  refusal: string | null;
  ended: string;
  httpStatus: number;
  failOpen: boolean;
  found: readonly string[];
  notEvaluated: readonly string[];
  tokensInput: number;
  tokensOutput: number;
  costMicroUsd: number | null;
  totalUs: number;
  addedUs: number;
  firstByteUs: number | null;
  /** captured, or why it was missed. */
  payload: string | null;
  leafHash: Uint8Array;
  /** Canonical JSON in UTF-8. */
  body: Buffer;
};

/** The UTC day of an instant in Unix milliseconds. */
export function dayOfMs(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

export function rowOf(decision: RecordedDecision): DecisionRow {
  const body = decision.json.bytes();
  const at = new Date(decision.occurredAt).toISOString();
  const { timings, tokens } = decision;
  return {
    day: at.slice(0, 10),
    id: decision.id,
    occurredAt: at,
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
    refusal: decision.refusal?.code ?? null,
    ended: decision.end,
    httpStatus: decision.httpStatus,
    failOpen: decision.failOpen,
    found: decision.found,
    notEvaluated: decision.notEvaluated,
    tokensInput: Math.round(tokens.input),
    tokensOutput: Math.round(tokens.output),
    costMicroUsd: decision.costMicroUsd === null ? null : Math.round(decision.costMicroUsd),
    totalUs: Math.round(timings.totalUs),
    addedUs: Math.round(timings.addedUs),
    firstByteUs: timings.upstreamFirstByteUs === null ? null : Math.round(timings.upstreamFirstByteUs),
    payload: decision.payload?.state === 'missed' ? decision.payload.reason : (decision.payload?.state ?? null),
    leafHash: hashLeaf(body),
    body,
  };
}
