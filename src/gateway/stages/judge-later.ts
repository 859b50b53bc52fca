import type { Call } from '../call.ts';
import type { Decision } from '../decision.ts';

/** What the answer of a call has to follow from, as it was passed on. */
export function documentsOf(call: Call): string[] {
  return (call.asked?.texts.fields ?? [])
    .filter((one) => one.role === 'document' || one.role === 'tool')
    .map((one) => one.passed ?? one.text);
}

/** Whether a whole answer of text was given something to follow from. */
export function isGroundable(call: Call): boolean {
  const isWhole = call.refusal === null && !call.left && (call.upstreamStatus ?? 0) < 300 && call.end === 'completed';
  const isText = call.endpoint?.name !== 'embeddings' && call.endpoint?.name !== 'models';
  return isWhole && isText && call.answerCharacters > 0 && hasDocuments(call);
}

function hasDocuments({ asked }: Call): boolean {
  return asked?.texts.fields.some(({ role, text }) => (role === 'document' || role === 'tool') && text !== '') ?? false;
}

/** Whether the text of the answer is to be kept to its end, because it may be judged. */
export function mayBeJudged(call: Call): boolean {
  const { judging } = call.parts;
  return judging !== null && call.route !== null && hasDocuments(call) && judging.mayWant(call.route.id, call.id);
}

/** Hands an answer that may be judged to who judges it, once it has gone out and its decision is kept. */
export function judgeLater(call: Call, decision: Decision): void {
  if (!decision.signals.groundable || !mayBeJudged(call)) return;
  call.parts.judging?.take({ decision, answer: call.answerText?.() ?? null, context: documentsOf(call) });
}
