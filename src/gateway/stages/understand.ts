import type { Asked, Call, Refusal } from '../call.ts';
import { type JsonObject, parseBody } from '../wire/parse-body.ts';
import { isObject, requestTexts, textsBelow } from '../wire/text-fields.ts';
import { estimateAsciiTokens, estimateTokens } from '../wire/usage.ts';
import { modelOf } from './find-route.ts';

const TOOLS_MAX = 256;
const CHOICES_MAX = 128;
/** The caller's word for documents that are in the prompt as plain text, or only in the caller's memory. */
export const CONTEXT_MEMBER = 'assay_context';
const CONTEXT_MAX = 1_000;
const PERSON_MAX = 512;
/** What an answer is taken to need when the call does not say. */
const USUAL_OUTPUT_TOKENS = 1_024;

/** Reads what is asked for. The body is parsed once, here. */
export function understand(call: Call): Refusal | null {
  const { endpoint, bytes, request } = call;
  if (endpoint === null) throw new Error('no endpoint');
  const expectsBody = endpoint.name !== 'models' && endpoint.name !== 'other';
  if (bytes === null || bytes.length === 0) {
    if (expectsBody) return { code: 'invalid_json', message: 'The call has no body. Send a JSON object.' };
    call.asked = nothingAsked();
    return null;
  }
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    if (expectsBody) return { code: 'unsupported_content_type', message: 'The body must be of type application/json.' };
    return unreadable(call);
  }
  const parsed = parseBody(bytes);
  if ('problem' in parsed) return parsed.problem;
  const asked = readAsked(call, parsed.value, parsed.isAscii);
  if ('code' in asked) return asked;
  call.asked = asked;
  return null;
}

/** A body no check can read. Whether it may pass is what the policy says about checks that cannot be made. */
function unreadable(call: Call): Refusal | null {
  call.asked = { ...nothingAsked(), texts: { fields: [], unread: 1, tokenLists: 0 } };
  if (call.policy?.policy.onFailure === 'closed')
    return {
      code: 'check_failed',
      message: 'The body is not JSON, so no check can read it, and the policy lets nothing unchecked through.',
    };
  call.failOpen = true;
  return null;
}

function nothingAsked(): Asked {
  return {
    body: null,
    model: null,
    stream: false,
    maxTokens: null,
    choices: 1,
    turns: 0,
    tools: [],
    texts: { fields: [], unread: 0, tokenLists: 0 },
    characters: 0,
    tokens: 0,
    person: null,
  };
}

function readAsked(call: Call, body: JsonObject, isAscii: boolean): Asked | Refusal {
  const name = call.endpoint?.name ?? 'other';
  const wrong = (param: string, message: string): Refusal => ({
    code: 'invalid_request',
    message: `"${param}" ${message}.`,
    param,
  });
  let model: string | null = null;
  if (name !== 'other' || body.model !== undefined) {
    if (typeof body.model !== 'string' || body.model === '' || body.model.length > 256)
      return wrong('model', 'must be the name of a model');
    const allowed = modelOf(call, body.model);
    if ('code' in allowed) return allowed;
    model = body.model;
    if (allowed.model !== model) {
      body.model = allowed.model;
      call.outgoing = Buffer.alloc(0);
    }
  }
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== 'boolean')
    return wrong('stream', 'must be true or false');
  const isChat = name === 'chat_completions' || name === 'messages' || name === 'count_tokens';
  if (isChat && !Array.isArray(body.messages)) return wrong('messages', 'must be a list');
  if (isChat && (body.messages as unknown[]).some((turn) => !isObject(turn)))
    return wrong('messages', 'must be a list of objects');
  const { n } = body;
  if (n !== undefined && n !== null && !(typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= CHOICES_MAX))
    return wrong('n', `must be a whole number from 1 to ${CHOICES_MAX}`);
  const given = body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens ?? null;
  if (given !== null && !(typeof given === 'number' && Number.isInteger(given) && given >= 0))
    return wrong('max_tokens', 'must be a whole number');
  const context = takeContext(body);
  if (context === null) return wrong(CONTEXT_MEMBER, `must be a text, or a list of at most ${CONTEXT_MAX} texts`);
  const texts = requestTexts(name, body);
  if (context !== undefined) {
    texts.fields.push(...textsBelow(context, CONTEXT_MEMBER, 'document').fields);
    call.outgoing = Buffer.alloc(0);
  }
  let characters = 0;
  let tokens = 0;
  for (const field of texts.fields) {
    characters += field.text.length;
    tokens += isAscii ? estimateAsciiTokens(field.text) : estimateTokens(field.text);
  }
  const most = call.policy?.policy.output.maxOutputTokens ?? null;
  const maxTokens = clampTokens(call, body, given, most);
  return {
    body,
    model,
    stream: body.stream === true,
    maxTokens,
    choices: typeof n === 'number' ? n : 1,
    turns: Array.isArray(body.messages) ? body.messages.length : Array.isArray(body.input) ? body.input.length : 1,
    tools: toolNames(body),
    texts,
    characters,
    tokens,
    person: personOf(body),
  };
}

/**
 * Takes the documents an answer is to rest on out of the body: they are for the grounding check, and a provider would refuse
 * a member it does not know. Undefined where there are none, null where they are no texts.
 */
function takeContext(body: JsonObject): JsonObject | null | undefined {
  const given = body[CONTEXT_MEMBER];
  if (given === undefined) return undefined;
  const isList = Array.isArray(given) && given.length <= CONTEXT_MAX && given.every((one) => typeof one === 'string');
  if (typeof given !== 'string' && !isList) return null;
  delete body[CONTEXT_MEMBER];
  return { [CONTEXT_MEMBER]: given };
}

/** In the words of either API. Read before anything is redacted: it is only ever hashed. */
function personOf(body: JsonObject): string | null {
  const { metadata } = body;
  const named = body.safety_identifier ?? body.user ?? (isObject(metadata) ? metadata.user_id : null);
  return typeof named === 'string' && named !== '' && named.length <= PERSON_MAX ? named : null;
}

/** Puts the policy's limit on the length of answers in the place of a larger one, or of none. */
function clampTokens(call: Call, body: JsonObject, given: number | null, most: number | null): number | null {
  const name = call.endpoint?.name;
  const generates =
    name === 'chat_completions' || name === 'completions' || name === 'responses' || name === 'messages';
  if (most === null || !generates || (given !== null && given <= most)) return given;
  const member =
    name === 'responses'
      ? 'max_output_tokens'
      : name === 'chat_completions' && body.max_tokens === undefined && call.provider?.kind === 'openai'
        ? 'max_completion_tokens'
        : body.max_completion_tokens !== undefined
          ? 'max_completion_tokens'
          : 'max_tokens';
  body[member] = most;
  call.outgoing = Buffer.alloc(0);
  return most;
}

function toolNames(body: JsonObject): string[] {
  const names: string[] = [];
  for (const list of [body.tools, body.functions]) {
    if (!Array.isArray(list)) continue;
    for (const tool of list) {
      if (!isObject(tool)) continue;
      const name = tool.name ?? (isObject(tool.function) ? tool.function.name : undefined) ?? tool.type;
      if (typeof name === 'string' && names.length < TOOLS_MAX) names.push(name.slice(0, 128));
    }
  }
  return names;
}

/** What a call may cost at most, as far as can be told before it is made. */
export function tokensAtMost(asked: Asked, generates: boolean): { input: number; output: number } {
  return { input: asked.tokens, output: generates ? (asked.maxTokens ?? USUAL_OUTPUT_TOKENS) * asked.choices : 0 };
}
