import { hash, randomBytes } from 'node:crypto';
import type { AnswerTexts, Call } from '../call.ts';
import type { PayloadNote } from '../decision.ts';
import { requestTexts } from '../wire/text-fields.ts';
import { CONTEXT_MEMBER } from './understand.ts';

/** Of the texts of one direction. */
const CHARACTERS_MAX = 262_144;
const SALT_BYTES = 16;

/**
 * Hands the redacted texts of a call to the store of payloads and says what became of them. Only what the policy has taken
 * personal data and secrets out of is ever handed over: where it could not, that is said instead.
 */
export function capturePayload(call: Call): PayloadNote | null {
  const { asked, input, tenantId, captureDays } = call;
  if (captureDays === 0 || tenantId === null || asked?.body === undefined || asked.body === null || input === null)
    return null;
  const { capture } = call.parts;
  if (capture === null) return { state: 'missed', reason: 'no_store' };
  const isStopped = call.stage === 'screen_request' && call.refusal !== null;
  if (!input.screen.redacts || input.failure !== null || isStopped) return { state: 'missed', reason: 'not_redacted' };
  const request = new Bounded();
  for (const { path, role, text } of requestTexts(call.endpoint?.name ?? 'other', asked.body).fields)
    request.add({ field: path, role }, text);
  // What the caller declared as context is not in the body any more.
  for (const { path, role, text, passed } of asked.texts.fields)
    if (path.startsWith(CONTEXT_MEMBER)) request.add({ field: path, role }, passed ?? text);
  const { kind, answer } = answerOf(call);
  const document = JSON.stringify({
    // First, so that nobody can try out what the digest stands for.
    salt: randomBytes(SALT_BYTES).toString('hex'),
    v: 1,
    decision: call.id,
    model: call.modelAnswered ?? asked.model,
    request: { texts: request.texts, cutCharacters: request.cut },
    answer: answer && { texts: answer.texts, cutCharacters: answer.cut, whole: kind === 'whole' },
  });
  const sha256 = hash('sha256', document, 'hex');
  const isTaken = capture.take({
    decisionId: call.id,
    tenantId,
    occurredAt: call.occurredAt,
    keepDays: captureDays,
    document,
    sha256,
    personDigest: asked.person === null ? null : personDigest(call.parts.salt, asked.person),
  });
  if (!isTaken) return { state: 'missed', reason: 'queue_full' };
  return { state: 'captured', sha256, answer: kind, cutCharacters: request.cut + (answer?.cut ?? 0) };
}

/** By which payloads of an end user are found. */
export function personDigest(salt: string, person: string): string {
  return hash('sha256', `${salt}\u0000person\u0000${person}`, 'hex');
}

function answerOf(call: Call): { kind: (PayloadNote & { state: 'captured' })['answer']; answer: Bounded | null } {
  const { output } = call;
  if (output === null) return { kind: 'none', answer: null };
  // What stopped an answer is in it: of a stream only the part before is certain, of a whole answer nothing is.
  const found: AnswerTexts | null = call.answerTexts?.() ?? null;
  if (!output.screen.redacts || output.failure !== null || (found === null && call.refusal !== null))
    return { kind: 'not_redacted', answer: null };
  if (found === null || found.texts.length === 0) return { kind: 'none', answer: null };
  const answer = new Bounded();
  for (const { field, text } of found.texts) answer.add({ field }, text);
  return { kind: found.isWhole ? 'whole' : 'partial', answer };
}

/** Texts up to a number of characters. */
class Bounded {
  readonly texts: { field: string; role?: string; text: string }[] = [];
  cut = 0;
  #left = CHARACTERS_MAX;

  add(place: { field: string; role?: string }, text: string): void {
    const kept = text.length > this.#left ? text.slice(0, this.#left) : text;
    this.#left -= kept.length;
    this.cut += text.length - kept.length;
    if (kept !== '') this.texts.push({ ...place, text: kept });
  }
}
