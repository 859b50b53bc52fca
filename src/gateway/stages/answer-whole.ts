import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { type AnswerTexts, type Call, nowUs, type Refusal } from '../call.ts';
import type { Screening } from '../screening/screening.ts';
import { headersFromProvider, limitHeaders } from '../wire/headers.ts';
import { inspectJson } from '../wire/inspect-json.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { answerTexts, isObject } from '../wire/text-fields.ts';
import { approveTools, needsApproval } from './approve-tools.ts';
import { failureRefusal } from './failure.ts';
import { judgeToolCall, judgeWholeText, screeningRefusal, type ToolCall } from './judge-answer.ts';
import { mayBeJudged } from './judge-later.ts';
import { claimObjects, namesObjects } from './own-objects.ts';
import { screeningFor } from './screen-request.ts';

const DEPTH_MAX = 128;
/** Vectors are numbers; an answer of embeddings holds millions. */
const NODES_MAX = 20_000_000;

/** Judges an answer that came whole and makes it the reply. The provider's bytes go out where nothing was taken out. */
export async function answerWhole(
  call: Call,
  status: number,
  headers: IncomingHttpHeaders,
  bytes: Buffer,
): Promise<Refusal | null> {
  if (status >= 300 && status < 400) return failureRefusal(call, { code: 'provider_redirected', neverSent: false });
  call.stage = 'screen_answer';
  const kept = { ...headersFromProvider(headers), ...limitHeaders(call.limitStates, call.shape) };
  const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(String(headers['content-type'] ?? ''));
  const body = isJson ? readJson(bytes) : null;
  if (status >= 400) {
    call.end = 'upstream_error';
    return answerError(call, status, kept, body);
  }
  if (body === null) return answerUnread(call, status, kept, bytes, isJson);
  call.usage.read(body);
  if (typeof body.model === 'string') call.modelAnswered = body.model.slice(0, 256);
  const claimed = namesObjects(call) ? await claimObjects(call, body) : null;
  if (claimed?.refusal) return claimed.refusal;
  const screening = screeningFor(call, call.policy?.output as never);
  call.output = screening;
  const startedUs = nowUs();
  const waitedUs = call.waitedUs;
  try {
    await screenFields(call, screening, body);
  } catch (error) {
    call.parts.log.error({ err: error, decision: call.id }, 'a check of an answer could not be made');
    screening.fail('the check ended with an error');
  }
  call.checksUs += nowUs() - startedUs - (call.waitedUs - waitedUs);
  const refusal = screeningRefusal(call, screening) ?? (await judgeForm(call, body));
  if (refusal) return refusal;
  const reply = screening.changed || claimed?.changed ? Buffer.from(JSON.stringify(body)) : bytes;
  call.reply = { status, headers: kept, body: reply };
  if (call.captureDays > 0) call.answerTexts = () => textsOf(call, body);
  if (mayBeJudged(call)) call.answerText = () => answersOf(body).join('\n\n');
  return null;
}

function textsOf(call: Call, body: JsonObject): AnswerTexts {
  const isText = call.endpoint?.name !== 'embeddings' && call.endpoint?.name !== 'models';
  return {
    isWhole: true,
    texts: isText ? answerTexts(body).fields.map(({ path, text }) => ({ field: path, text })) : [],
  };
}

function readJson(bytes: Buffer): JsonObject | null {
  if (!isUtf8(bytes)) return null;
  const shape = inspectJson(bytes, { depth: DEPTH_MAX, nodes: NODES_MAX });
  if (shape.depth > DEPTH_MAX || shape.nodes > NODES_MAX) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

async function screenFields(call: Call, screening: Screening, body: JsonObject): Promise<void> {
  if (call.endpoint?.name === 'embeddings' || call.endpoint?.name === 'models') return;
  let changed = 0;
  for (const field of answerTexts(body).fields) {
    call.answerCharacters += field.text.length;
    const judged = screening.text(field.path, field.text, 'assistant');
    const text = typeof judged === 'string' ? judged : await judged;
    if (screening.blocked) return;
    if (text === field.text) continue;
    field.set(text);
    changed++;
  }
  if (changed > 0) dropTokens(body);
}

/** Single tokens and their alternatives repeat the text: what was taken out of it must not stay in them. */
function dropTokens(body: JsonObject): void {
  for (const choice of Array.isArray(body.choices) ? body.choices : [])
    if (isObject(choice) && choice.logprobs) choice.logprobs = null;
  for (const item of Array.isArray(body.output) ? body.output : [])
    for (const part of isObject(item) && Array.isArray(item.content) ? item.content : [])
      if (isObject(part) && part.logprobs) part.logprobs = [];
}

async function judgeForm(call: Call, body: JsonObject): Promise<Refusal | null> {
  call.modelRefused = hasRefused(body);
  for (const tool of toolCallsOf(body)) {
    const { refusal, mustWait } = judgeToolCall(call, tool);
    if (refusal) return refusal;
    if (mustWait) needsApproval(call, tool);
  }
  if (!call.policy?.checks.isOn) return null;
  // Each choice is an answer of its own.
  for (const text of answersOf(body)) {
    const refusal = judgeWholeText(call, text);
    if (refusal) return refusal;
  }
  return approveTools(call);
}

function hasRefused(body: JsonObject): boolean {
  if (body.stop_reason === 'refusal') return true;
  for (const choice of Array.isArray(body.choices) ? body.choices : []) {
    if (!isObject(choice)) continue;
    if (choice.finish_reason === 'content_filter') return true;
    if (isObject(choice.message) && typeof choice.message.refusal === 'string') return true;
  }
  return false;
}

function toolCallsOf(body: JsonObject): ToolCall[] {
  const found: ToolCall[] = [];
  const add = (name: unknown, path: string, text: unknown, value: unknown = null) => {
    if (typeof name === 'string')
      found.push({ name, path, argumentsText: typeof text === 'string' ? text : null, value });
  };
  for (const choice of Array.isArray(body.choices) ? body.choices : []) {
    const message = isObject(choice) && isObject(choice.message) ? choice.message : {};
    for (const one of Array.isArray(message.tool_calls) ? message.tool_calls : []) {
      if (!isObject(one)) continue;
      const path = 'choices.message.tool_calls';
      if (isObject(one.function)) add(one.function.name, path, one.function.arguments);
      // The input of a custom tool is free text.
      else if (isObject(one.custom)) add(one.custom.name, path, null, one.custom.input);
    }
    if (isObject(message.function_call))
      add(message.function_call.name, 'choices.message.function_call', message.function_call.arguments);
  }
  for (const block of Array.isArray(body.content) ? body.content : [])
    if (isObject(block) && typeof block.type === 'string' && block.type.endsWith('tool_use'))
      add(block.name, 'content', null, block.input);
  for (const item of Array.isArray(body.output) ? body.output : []) {
    if (!isObject(item)) continue;
    if (item.type === 'function_call' || item.type === 'mcp_call') add(item.name, 'output', item.arguments);
    else if (item.type === 'custom_tool_call') add(item.name, 'output', null, item.input);
    else if (item.type === 'code_interpreter_call') add('code_interpreter', 'output', null, item.code);
  }
  return found;
}

function answersOf(body: JsonObject): string[] {
  const answers: string[] = [];
  for (const choice of Array.isArray(body.choices) ? body.choices : []) {
    if (!isObject(choice)) continue;
    const text = isObject(choice.message) ? choice.message.content : choice.text;
    if (typeof text === 'string') answers.push(text);
  }
  const parts: string[] = [];
  const collect = (content: unknown) => {
    for (const part of Array.isArray(content) ? content : [])
      if (isObject(part) && typeof part.text === 'string') parts.push(part.text);
  };
  collect(body.content);
  for (const item of Array.isArray(body.output) ? body.output : [])
    if (isObject(item) && item.type === 'message') collect(item.content);
  if (parts.length > 0) answers.push(parts.join(''));
  return answers.length > 0 ? answers : [''];
}

/** A provider's error goes to the caller as it is; what it quotes is judged like any text. */
async function answerError(
  call: Call,
  status: number,
  headers: Record<string, string>,
  body: JsonObject | null,
): Promise<Refusal | null> {
  if (body === null) {
    const message = `The provider answered with status ${status} and no readable error.`;
    const error =
      call.shape === 'anthropic'
        ? { type: 'error', error: { type: 'api_error', message }, request_id: call.requestId }
        : { error: { message, type: 'upstream_error', param: null, code: null } };
    call.reply = { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(error) };
    return null;
  }
  const screening = screeningFor(call, call.policy?.output as never);
  call.output = screening;
  try {
    for (const field of answerTexts(body).fields) {
      const text = await screening.text(field.path, field.text, 'assistant');
      if (text !== field.text) field.set(text);
    }
  } catch {
    screening.fail('the check ended with an error');
  }
  const refusal = screeningRefusal(call, screening);
  if (refusal) return refusal;
  call.reply = { status, headers, body: JSON.stringify(body) };
  if (call.captureDays > 0) call.answerTexts = () => textsOf(call, body);
  return null;
}

/** An answer no check can read: sounds and files of other paths may pass where the policy is open; a call for text never. */
function answerUnread(
  call: Call,
  status: number,
  headers: Record<string, string>,
  bytes: Buffer,
  isJson: boolean,
): Refusal | null {
  const isEmpty = bytes.length === 0;
  if (call.endpoint?.name !== 'other' || (isJson && !isEmpty))
    return failureRefusal(call, { code: 'provider_bad_answer', neverSent: false });
  if (!isEmpty) {
    if (call.policy?.policy.onFailure === 'closed')
      return {
        code: 'check_failed',
        message: 'The answer is not JSON, so no check can read it, and the policy lets nothing unchecked through.',
      };
    call.failOpen = true;
  }
  call.reply = { status, headers, body: bytes };
  return null;
}
