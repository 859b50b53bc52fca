import { type Call, nowUs, type Refusal } from '../call.ts';
import { SPANS_MAX, TOOL_CALLS_MAX, type Verdict } from '../decision.ts';
import { argumentsDigest } from '../output/output-checks.ts';
import type { Screening } from '../screening/screening.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { parseArguments, textsBelow } from '../wire/text-fields.ts';
import { canaryRefusal } from './screen-request.ts';

/** What stops an answer, after its texts were judged. */
export function screeningRefusal(call: Call, screening: Screening): Refusal | null {
  if (screening.canaryLeak) {
    const refusal = canaryRefusal(call, screening);
    if (refusal) return refusal;
  }
  if (screening.blocked)
    return {
      code: 'output_blocked',
      message: `The policy of this gateway does not let this answer through (${screening.blocked.detector.detector}).`,
    };
  if (screening.failure !== null) {
    if (call.policy?.policy.onFailure === 'closed')
      return {
        code: 'check_failed',
        message: 'A check of the answer could not be made, and the policy lets nothing unchecked through.',
      };
    call.failOpen = true;
  }
  return null;
}

export type ToolCall = { name: string; path: string; argumentsText: string | null; value: unknown };

/** Judges a tool call by the policy's manifest: the tool, its arguments, and whether a person must agree first. */
export async function judgeToolCall(call: Call, tool: ToolCall): Promise<Refusal | null> {
  const checks = call.policy?.checks;
  if (!checks?.tool) {
    note(call, tool.name, true, null);
    return null;
  }
  const judged = checks.tool(tool.name, tool.argumentsText, tool.value);
  if (!judged.allowed) {
    note(call, tool.name, false, judged.reason);
    pushCheck(call, 'check:tool_calls', 'blocked', judged.reason);
    return {
      code: judged.code ?? 'tool_not_allowed',
      message: `The model called a tool in a way the policy does not allow: ${judged.reason}.`,
    };
  }
  if (judged.needsApproval) {
    const approval = await askApproval(call, tool);
    if (approval.state !== 'approved') {
      const reason = approval.state === 'denied' ? 'a person denied it' : 'a person must approve it first';
      note(call, tool.name, false, reason);
      pushCheck(call, 'check:tool_calls', 'blocked', reason);
      return {
        code: 'tool_needs_approval',
        message: `The call of a tool needs the approval of a person: ${reason}.${approval.id === '' ? '' : ` Approval ${approval.id}.`}`,
        ...(approval.id !== '' && { headers: { 'x-assay-approval-id': approval.id } }),
      };
    }
  }
  note(call, tool.name, true, null);
  return null;
}

async function askApproval(
  call: Call,
  tool: ToolCall,
): Promise<{ id: string; state: 'pending' | 'approved' | 'denied' }> {
  const { approvals, log } = call.parts;
  if (approvals === null) return { id: '', state: 'pending' };
  try {
    return await approvals.ask({
      decisionId: call.id,
      tenantId: call.tenantId ?? '',
      tool: tool.name,
      argumentsSha256: argumentsDigest(tool.argumentsText, tool.value),
    });
  } catch (error) {
    log.error({ err: error, decision: call.id }, 'an approval could not be asked for');
    return { id: '', state: 'pending' };
  }
}

function note(call: Call, name: string, allowed: boolean, reason: string | null): void {
  if (call.toolCalls.length < TOOL_CALLS_MAX) call.toolCalls.push({ name: name.slice(0, 128), allowed, reason });
}

export function pushCheck(
  call: Call,
  detector: `check:${string}`,
  outcome: Verdict['outcome'],
  reason: string | null,
  score: number | null = null,
): void {
  if (call.checks.length >= SPANS_MAX) return;
  call.checks.push({
    detector,
    direction: 'output',
    action: outcome === 'flagged' ? 'observe' : 'block',
    outcome,
    score,
    threshold: null,
    kinds: [],
    spans: [],
    charactersScanned: 0,
    fieldsScanned: 1,
    detectorVersion: '1',
    tookUs: 0,
    reason,
  });
}

/** The arguments as they may be passed on, or null when the policy blocks what is in them. */
export async function screenArguments(
  screening: Screening,
  path: string,
  argumentsText: string,
): Promise<string | null> {
  const parsed = parseArguments(argumentsText);
  if (parsed === null) {
    const text = await screening.text(path, argumentsText, 'assistant');
    return screening.blocked ? null : text;
  }
  const box: JsonObject = { value: parsed };
  let isChanged = false;
  for (const field of textsBelow(box, 'value', 'assistant').fields) {
    const text = await screening.text(`${path}.${field.path}`, field.text, 'assistant');
    if (screening.blocked) return null;
    if (text === field.text) continue;
    field.set(text);
    isChanged = true;
  }
  return isChanged ? JSON.stringify(box.value) : argumentsText;
}

/** Judges the text of a whole answer: its form, its length, and whether it follows from the documents of the request. */
export async function judgeWholeText(call: Call, text: string): Promise<Refusal | null> {
  const checks = call.policy?.checks;
  if (!checks) return null;
  if (checks.json !== null && text !== '') {
    const reason = checks.json(text);
    pushCheck(call, 'check:json_schema', reason === null ? 'clean' : 'blocked', reason);
    if (reason !== null)
      return { code: 'output_invalid', message: `The answer is not in the form the policy asks for: ${reason}.` };
  }
  if (checks.maxOutputTokens !== null) {
    const { output } = call.usage;
    const isLonger = output !== null && output > checks.maxOutputTokens * (call.asked?.choices ?? 1);
    pushCheck(call, 'check:max_output_tokens', isLonger ? 'blocked' : 'clean', isLonger ? `${output} tokens` : null);
    if (isLonger)
      return {
        code: 'output_too_long',
        message: `The answer is longer than the ${checks.maxOutputTokens} tokens the policy allows.`,
      };
  }
  return checks.grounding === 'off' ? null : judgeGrounding(call, text, checks.grounding);
}

async function judgeGrounding(call: Call, text: string, mode: 'observe' | 'block'): Promise<Refusal | null> {
  const { grounding } = call.parts;
  const fields = call.asked?.texts.fields ?? [];
  const documents = fields.filter((one) => one.role === 'document' || one.role === 'tool').map((one) => one.text);
  const question = fields.findLast((one) => one.role === 'user')?.text ?? '';
  const notChecked = (reason: string): Refusal | null => {
    pushCheck(call, 'check:grounding', 'not_evaluated', reason);
    if (mode === 'block' && call.policy?.policy.onFailure === 'closed')
      return { code: 'check_failed', message: 'Whether the answer follows from its documents could not be checked.' };
    call.failOpen ||= mode === 'block';
    return null;
  };
  if (grounding === null) return notChecked('no grounding check is configured');
  if (documents.length === 0) return notChecked('the request holds no documents');
  const startedUs = nowUs();
  try {
    const { score, grounded } = await grounding.check({ answer: text, documents, question });
    call.checksUs += nowUs() - startedUs;
    pushCheck(call, 'check:grounding', grounded ? 'clean' : mode === 'block' ? 'blocked' : 'flagged', null, score);
    return grounded || mode === 'observe'
      ? null
      : { code: 'not_grounded', message: 'The answer does not follow from the documents of the request.' };
  } catch (error) {
    call.parts.log.error({ err: error, decision: call.id }, 'the grounding check failed');
    return notChecked('the check ended with an error');
  }
}
