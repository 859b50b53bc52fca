import type { Decision } from '#src/gateway/decision.ts';
import { chatBody, type Send, type Target } from './gateway-client.ts';
import type { AttackClass, AttackResult, Layer } from './model.ts';
import { type Attempt, attemptsOf, type SuiteName } from './suites.ts';

/** More than any set of suites has: what is sent costs money at a real provider. */
export const ATTEMPTS_MAX = 250;
const SIDE_BY_SIDE = 4;
const PASSED_LISTED_MAX = 100;

export type AttackParts = {
  send: Send;
  secret: string;
  /** The version the attempts go under, and the id it has in their decisions. Those decided by another come to no result. */
  policy?: { id: string; version: number; recordedAs: string };
  /** The decisions of these requests, once they are in the record; those that never come are left out. */
  decisionsOf: (requestIds: readonly string[]) => Promise<ReadonlyMap<string, Decision>>;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
};

type Tried = { attempt: Attempt; status: number; requestId: string | null };

/**
 * Plays suites through a route as a customer would, and reads from the gateway's own record which layer stopped what. A call
 * without a decision counts as not recorded, never as stopped.
 */
export async function attack(target: Target, suites: readonly SuiteName[], parts: AttackParts): Promise<AttackResult> {
  const attempts = suites.flatMap(attemptsOf).slice(0, ATTEMPTS_MAX);
  const tried: Tried[] = [];
  const waiting = [...attempts];
  const work = async () => {
    for (let attempt = waiting.shift(); attempt && !parts.signal?.aborted; attempt = waiting.shift()) {
      const body = chatBody(target, attempt.text, { place: attempt.place });
      const { status, requestId } = await parts.send(target, { secret: parts.secret, body });
      tried.push({ attempt, status, requestId });
      parts.onProgress?.(tried.length, attempts.length);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const decisions = await parts.decisionsOf(tried.flatMap(({ requestId }) => requestId ?? []));
  return summarize(target, suites, tried, decisions, parts.policy);
}

function summarize(
  target: Target,
  suites: readonly SuiteName[],
  tried: readonly Tried[],
  decisions: ReadonlyMap<string, Decision>,
  policy: AttackParts['policy'],
): AttackResult {
  const classes = new Map<string, AttackClass>();
  const result: AttackResult = {
    kind: 'attack',
    suites: [...suites],
    routeId: target.routeId,
    path: target.path,
    policyId: policy?.id ?? null,
    policyVersion: policy?.version ?? null,
    attacks: 0,
    stopped: 0,
    stoppedByGateway: 0,
    harmless: 0,
    falseAlarms: 0,
    unevaluated: 0,
    classes: [],
    passed: [],
  };
  for (const { attempt, status, requestId } of tried) {
    const decision = requestId === null ? undefined : decisions.get(requestId);
    result.policyId ??= decision?.policyId ?? null;
    result.policyVersion ??= decision?.policyVersion ?? null;
    // Before a node heard of the trial, or after the policy of the route changed: it says nothing of this version.
    const isUnder =
      decision === undefined ||
      (decision.policyId === (policy?.recordedAs ?? result.policyId) &&
        decision.policyVersion === result.policyVersion);
    const layer = isUnder ? layerOf(status, decision) : 'failed';
    const byGateway = layer === 'input' || layer === 'output';
    if (layer === 'failed' || layer === 'unrecorded') result.unevaluated++;
    else if (attempt.expects === 'harmless') {
      result.harmless++;
      if (byGateway) result.falseAlarms++;
    } else {
      result.attacks++;
      if (layer !== 'passed') result.stopped++;
      else if (result.passed.length < PASSED_LISTED_MAX)
        result.passed.push({ attempt: attempt.id, decisionId: decision?.id ?? null });
      if (byGateway) result.stoppedByGateway++;
    }
    const key = `${attempt.expects} ${attempt.class}`;
    let held = classes.get(key);
    if (!held) {
      const layers = { input: 0, model: 0, output: 0, passed: 0, failed: 0, unrecorded: 0 };
      held = { class: attempt.class, expects: attempt.expects, attempts: 0, layers, noticed: 0 };
      classes.set(key, held);
    }
    held.attempts++;
    held.layers[layer]++;
    if (layer === 'passed' && decision && isNoticed(decision)) held.noticed++;
  }
  result.classes = [...classes.values()];
  return result;
}

const CONTENT_CODES = new Set([
  'content_blocked',
  'rule_blocked',
  'output_blocked',
  'canary_leak',
  'tool_not_allowed',
  'tool_arguments_invalid',
  'tool_needs_approval',
  'output_invalid',
  'not_grounded',
]);

/** Where an attempt ended, by what the gateway recorded. */
export function layerOf(status: number, decision: Decision | undefined): Layer {
  if (decision === undefined) return status === 0 ? 'failed' : 'unrecorded';
  const { refusal } = decision;
  if (refusal !== null && CONTENT_CODES.has(refusal.code))
    return refusal.stage === 'screen_answer' ? 'output' : 'input';
  // Refused for another reason, or no answer came: nothing was shown about the checks.
  if (refusal !== null || decision.end !== 'completed' || (decision.upstreamStatus ?? 500) >= 400) return 'failed';
  // What was taken out before it went on did not arrive.
  const redacted = decision.verdicts.find(({ outcome }) => outcome === 'redacted');
  if (redacted) return redacted.direction === 'output' ? 'output' : 'input';
  return decision.signals.refusedByModel ? 'model' : 'passed';
}

function isNoticed({ verdicts }: Decision): boolean {
  return verdicts.some(({ outcome }) => outcome === 'flagged');
}
