import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, nowUs, type Refusal } from '../call.ts';
import { TOOL_CALLS_MAX } from '../decision.ts';
import { argumentsToApprove } from '../output/output-checks.ts';
import type { ApprovalAnswer } from '../ports.ts';
import { pushCheck } from './push-check.ts';

/** How long an answer may be held for a person, whatever the caller prefers. */
const WAIT_MAX_SECONDS = 300;
const ASK_AGAIN_MS = 1_000;
/** What a caller who does not wait is told to let pass before asking again. */
const RETRY_AFTER_SECONDS = 15;

/** Notes a call of a tool that a person has to agree to. The arguments are those that would be passed on. */
export function needsApproval(call: Call, tool: { name: string; argumentsText: string | null; value: unknown }): void {
  const { text, sha256 } = argumentsToApprove(tool.argumentsText, tool.value);
  const rule = call.policy?.policy.output.tools?.find(({ name }) => name === tool.name);
  call.toApprove.push({
    tool: tool.name.slice(0, 128),
    argumentsText: text,
    argumentsSha256: sha256,
    decideWithinMinutes: rule?.decideWithinMinutes ?? null,
    useWithinMinutes: rule?.useWithinMinutes ?? null,
  });
}

/**
 * The last check of an answer: whether people approved every tool call in it that needs it. Approvals are used up only when
 * the whole answer goes out. A caller who says `Prefer: wait=60` (RFC 7240 section 4.3) has the answer held that long.
 */
export async function approveTools(call: Call): Promise<Refusal | null> {
  if (call.toApprove.length === 0) return null;
  if (call.toApprove.length > TOOL_CALLS_MAX)
    return unanswered(call, [], `one answer calls more than ${TOOL_CALLS_MAX} tools that need approval`);
  const untilMs = performance.now() + 1_000 * preferredWait(call.request.headers.prefer);
  for (;;) {
    const answers = await ask(call);
    if (answers === null) return unanswered(call, [], 'nobody can be asked now');
    const worst = answers.find(({ state }) => state !== 'approved' && state !== 'waiting');
    if (worst !== undefined || performance.now() >= untilMs || call.left || call.parts.isDraining())
      return concluded(call, answers);
    if (answers.every(({ state }) => state === 'approved')) return concluded(call, answers);
    const startedUs = nowUs();
    await sleep(ASK_AGAIN_MS);
    call.waitedUs += nowUs() - startedUs;
  }
}

function preferredWait(header: string | string[] | undefined): number {
  const found = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?:$|[,;\s])/i.exec(String(header ?? ''));
  return found === null ? 0 : Math.min(Number(found[1]), WAIT_MAX_SECONDS);
}

async function ask(call: Call): Promise<ApprovalAnswer[] | null> {
  const { approvals, log } = call.parts;
  const { policy } = call.policy ?? {};
  if (approvals === null || policy === undefined || call.tenantId === null || call.route === null) return null;
  try {
    return await approvals.ask({
      decisionId: call.id,
      tenantId: call.tenantId,
      keyId: call.keyId,
      routeId: call.route.id,
      policyId: policy.id,
      policyVersion: policy.version,
      calls: call.toApprove,
    });
  } catch (error) {
    log.error({ err: error, decision: call.id }, 'an approval could not be asked for');
    return null;
  }
}

const REASONS: Record<ApprovalAnswer['state'], string | null> = {
  approved: null,
  waiting: 'a person must approve it first',
  refused: 'a person refused it',
  unable: 'no person can be asked about it',
};

function concluded(call: Call, answers: readonly ApprovalAnswer[]): Refusal | null {
  const worst = answers.find(({ state }) => state !== 'approved' && state !== 'waiting');
  const open = worst ?? answers.find(({ state }) => state === 'waiting');
  if (open !== undefined) return unanswered(call, answers, REASONS[open.state] ?? '');
  for (const [at, { tool }] of call.toApprove.entries()) note(call, tool, null, answers[at]);
  pushCheck(call, 'check:tool_approval', 'clean', null);
  return null;
}

function unanswered(call: Call, answers: readonly ApprovalAnswer[], reason: string): Refusal {
  for (const [at, { tool }] of call.toApprove.entries()) {
    const answer = answers[at];
    const own = answer && REASONS[answer.state];
    note(call, tool, own ?? (answer ? 'another call of the same answer is not approved' : reason), answer);
  }
  pushCheck(call, 'check:tool_approval', 'blocked', reason);
  const known = answers.filter(({ id }) => id !== '');
  const first = known.find(({ state }) => state !== 'approved') ?? known[0];
  const waits = known.some(({ state }) => state === 'waiting');
  return {
    code: 'tool_needs_approval',
    message: `The call of a tool needs the approval of a person: ${reason}.${first === undefined ? '' : ` Approval ${first.id}.`}${waits ? ' Make the same call again once it is approved.' : ''}`,
    details: {
      approvals: known.map(({ id, state, expiresAt }) => ({
        id,
        tool: call.toApprove[answers.findIndex((one) => one.id === id)]?.tool,
        state,
        expires_at: new Date(expiresAt).toISOString(),
        status_path: `/approvals/${id}`,
      })),
    },
    headers: {
      // The clients of both providers repeat a call by themselves only where the answer does not forbid it.
      'x-should-retry': 'false',
      ...(first && { 'x-assay-approval-id': first.id, 'x-assay-approval-state': first.state }),
      ...(waits && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
    },
  };
}

function note(call: Call, tool: string, reason: string | null, answer: ApprovalAnswer | undefined): void {
  if (call.toolCalls.length >= TOOL_CALLS_MAX) return;
  const approvalId = answer === undefined || answer.id === '' ? {} : { approvalId: answer.id };
  call.toolCalls.push({ name: tool, allowed: reason === null, reason, ...approvalId });
}
