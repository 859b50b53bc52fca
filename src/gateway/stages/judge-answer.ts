import { type Call, nowUs, type Refusal } from '../call.ts';
import { TOOL_CALLS_MAX, type Verdict } from '../decision.ts';
import type { Screening } from '../screening/screening.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { parseArguments, textsBelow } from '../wire/text-fields.ts';
import { pushCheck } from './push-check.ts';
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

/**
 * Judges a tool call by the policy's manifest: the tool and its arguments. `mustWait`: allowed only once a person agrees,
 * which is asked for the whole answer together, at its end.
 */
export function judgeToolCall(call: Call, tool: ToolCall): { refusal: Refusal | null; mustWait: boolean } {
  const judged = call.policy?.checks.tool?.(tool.name, tool.argumentsText, tool.value);
  if (judged && !judged.allowed) {
    note(call, tool.name, false, judged.reason);
    pushCheck(call, 'check:tool_calls', 'blocked', judged.reason);
    const refusal: Refusal = {
      code: judged.code ?? 'tool_not_allowed',
      message: `The model called a tool in a way the policy does not allow: ${judged.reason}.`,
    };
    return { refusal, mustWait: false };
  }
  if (judged?.needsApproval) return { refusal: null, mustWait: true };
  note(call, tool.name, true, null);
  return { refusal: null, mustWait: false };
}

function note(call: Call, name: string, allowed: boolean, reason: string | null): void {
  if (call.toolCalls.length < TOOL_CALLS_MAX) call.toolCalls.push({ name: name.slice(0, 128), allowed, reason });
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
export function judgeWholeText(call: Call, text: string): Refusal | null {
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
  // An answer that only calls tools states nothing.
  if (checks.grounding === 'off' || text === '') return null;
  return judgeGrounding(call, text, checks.grounding, checks.groundingThreshold);
}

/** Notes whether an answer that has gone out already follows from its documents, where the policy asks for that. */
export function noteGrounding(call: Call, text: string): void {
  const { grounding, groundingThreshold } = call.policy?.checks ?? {};
  if (text !== '' && (grounding === 'observe' || grounding === 'flag'))
    judgeGrounding(call, text, grounding, groundingThreshold ?? 0);
}

function judgeGrounding(
  call: Call,
  text: string,
  mode: 'observe' | 'flag' | 'block',
  threshold: number,
): Refusal | null {
  const { grounding } = call.parts;
  const documents = (call.asked?.texts.fields ?? [])
    .filter((one) => one.role === 'document' || one.role === 'tool')
    .map((one) => one.text);
  const push = (outcome: Verdict['outcome'], reason: string | null, score: number | null, tookUs: number) =>
    pushCheck(call, 'check:grounding', outcome, reason, {
      action: mode,
      score,
      threshold,
      detectorVersion: grounding?.version ?? '1',
      charactersScanned: outcome === 'not_evaluated' ? 0 : text.length,
      tookUs: Math.round(tookUs),
    });
  const notChecked = (reason: string): Refusal | null => {
    push('not_evaluated', reason, null, 0);
    if (mode !== 'block') return null;
    if (call.policy?.policy.onFailure === 'closed')
      return {
        code: 'check_failed',
        message: `Whether the answer follows from its documents was not checked: ${reason}.`,
      };
    call.failOpen = true;
    return null;
  };
  if (grounding === null) return notChecked('no grounding check is configured');
  if (documents.length === 0) return notChecked('the request holds no documents, tool results or assay_context');
  const startedUs = nowUs();
  try {
    const checked = grounding.check({ answer: text, documents });
    if (checked.supported === null) return notChecked(checked.reason);
    const isGrounded = checked.supported >= threshold;
    const unsupported = Math.round(checked.decided * (1 - checked.supported));
    push(
      isGrounded ? 'clean' : mode === 'block' ? 'blocked' : 'flagged',
      `${unsupported} of ${checked.decided} statements that could be decided are not supported`,
      checked.supported,
      nowUs() - startedUs,
    );
    return isGrounded || mode !== 'block'
      ? null
      : { code: 'not_grounded', message: 'The answer does not follow from the documents of the request.' };
  } catch (error) {
    call.parts.log.error({ err: error, decision: call.id }, 'the grounding check failed');
    return notChecked('the check ended with an error');
  }
}
