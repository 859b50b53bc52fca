import type { EndpointName } from '../wire/endpoints.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { isObject } from '../wire/text-fields.ts';

/** A piece of text in one event. Pieces of one channel, put together, are one text. */
export type Piece = {
  channel: string;
  /** tool: the arguments of a tool call, which mean nothing before they are whole. */
  kind: 'text' | 'tool';
  holder: JsonObject;
  member: string;
  text: string;
  /** Which tool the piece belongs to, where nothing before it says so. */
  tool?: { name: string; isText: boolean };
};

/** What one event of an answer holds. */
export type EventParts = {
  pieces: Piece[];
  /** Prefixes of channels that are whole after this event. */
  ends: string[];
  /** Names of tools being called, by channel. `isText`: its input is free text and no JSON. */
  tools: { channel: string; name: string; isText: boolean }[];
  /** Arguments told whole. They are pieces only where nothing was streamed of them before. */
  late: Piece[];
  /** Members that repeat or hold a text whole, to be judged on their own. */
  wholes: { holder: JsonObject; member: string }[];
  /** Places where single tokens repeat the text of this event. */
  tokens: JsonObject[];
  /** True for the event after which the answer is complete. */
  isEnd: boolean;
  /** True when the provider says that it failed. */
  isError: boolean;
  model: string | null;
  refused: boolean;
};

const SKIPPED =
  /^(?:type|role|id|index|object|model|finish_reason|stop_reason|signature|status|phase|[a-z_]{1,40}_id)$/;
const BINARY_DELTA = /(?:audio|image|partial_image)/;

export function readEventParts(endpoint: EndpointName, body: JsonObject): EventParts {
  const parts: EventParts = {
    pieces: [],
    ends: [],
    tools: [],
    late: [],
    wholes: [],
    tokens: [],
    isEnd: false,
    isError: false,
    model: typeof body.model === 'string' ? body.model : null,
    refused: false,
  };
  if (endpoint === 'messages') readMessages(body, parts);
  else if (endpoint === 'responses') readResponses(body, parts);
  else if (endpoint === 'chat_completions' || endpoint === 'completions') readChoices(body, parts);
  else for (const member of Object.keys(body)) parts.wholes.push({ holder: body, member });
  return parts;
}

function readChoices(body: JsonObject, parts: EventParts): void {
  if (isObject(body.error)) parts.isError = true;
  const { choices } = body;
  if (!Array.isArray(choices)) return;
  for (const choice of choices) {
    if (!isObject(choice)) continue;
    const at = `choices[${typeof choice.index === 'number' ? choice.index : 0}]`;
    if (typeof choice.text === 'string' && choice.text !== '')
      parts.pieces.push({ channel: `${at}.text`, kind: 'text', holder: choice, member: 'text', text: choice.text });
    if (isObject(choice.delta)) readDelta(choice.delta, at, parts);
    if (isObject(choice.message)) parts.wholes.push({ holder: choice, member: 'message' });
    if (choice.logprobs) parts.tokens.push(choice);
    if (choice.finish_reason === 'content_filter') parts.refused = true;
    if (typeof choice.finish_reason === 'string') parts.ends.push(at);
  }
}

function readDelta(delta: JsonObject, at: string, parts: EventParts): void {
  for (const member of Object.keys(delta)) {
    const value = delta[member];
    if (typeof value === 'string') {
      if (value === '' || SKIPPED.test(member)) continue;
      if (member === 'refusal') parts.refused = true;
      parts.pieces.push({ channel: `${at}.${member}`, kind: 'text', holder: delta, member, text: value });
    } else if (member === 'tool_calls' && Array.isArray(value)) {
      for (const call of value) if (isObject(call)) readToolDelta(call, `${at}.tool_calls[${call.index ?? 0}]`, parts);
    } else if (member === 'function_call' && isObject(value))
      readToolDelta({ function: value }, `${at}.function_call`, parts);
    else if (member === 'audio' && isObject(value)) {
      if (typeof value.transcript === 'string')
        parts.pieces.push({
          channel: `${at}.audio.transcript`,
          kind: 'text',
          holder: value,
          member: 'transcript',
          text: value.transcript,
        });
    } else if (Array.isArray(value) || isObject(value)) readUnknown(value, `${at}.${member}`, parts);
  }
}

function readToolDelta(call: JsonObject, channel: string, parts: EventParts): void {
  for (const part of [call.function, call.custom]) {
    if (!isObject(part)) continue;
    if (typeof part.name === 'string' && part.name !== '')
      parts.tools.push({ channel, name: part.name, isText: part === call.custom });
    for (const member of ['arguments', 'input']) {
      const text = part[member];
      if (typeof text === 'string') parts.pieces.push({ channel, kind: 'tool', holder: part, member, text });
    }
  }
}

/** A member that is not known here may still carry text: each string in it is a channel of its own. */
function readUnknown(value: unknown, channel: string, parts: EventParts): void {
  const holder = value as JsonObject;
  for (const member of Object.keys(holder)) {
    const held = holder[member];
    if (typeof held === 'string') {
      if (held !== '' && !SKIPPED.test(member))
        parts.pieces.push({ channel: `${channel}.${member}`, kind: 'text', holder, member, text: held });
    } else if (typeof held === 'object' && held !== null) readUnknown(held, `${channel}.${member}`, parts);
  }
}

function readMessages(body: JsonObject, parts: EventParts): void {
  const at = `content[${typeof body.index === 'number' ? body.index : 0}]`;
  switch (body.type) {
    case 'message_start':
      if (isObject(body.message)) {
        if (typeof body.message.model === 'string') parts.model = body.message.model;
        parts.wholes.push({ holder: body.message, member: 'content' });
      }
      break;
    case 'content_block_start': {
      const block = body.content_block;
      if (!isObject(block)) break;
      const isTool = typeof block.type === 'string' && block.type.endsWith('tool_use');
      if (isTool && typeof block.name === 'string') parts.tools.push({ channel: at, name: block.name, isText: false });
      for (const member of Object.keys(block))
        if (!(isTool && member === 'name')) parts.wholes.push({ holder: block, member });
      break;
    }
    case 'content_block_delta': {
      const { delta } = body;
      if (!isObject(delta)) break;
      for (const member of Object.keys(delta)) {
        const value = delta[member];
        if (typeof value === 'object' && value !== null) parts.wholes.push({ holder: delta, member });
        if (typeof value !== 'string' || SKIPPED.test(member) || value === '') continue;
        const isTool = member === 'partial_json';
        parts.pieces.push({
          channel: isTool ? at : `${at}.${member}`,
          kind: isTool ? 'tool' : 'text',
          holder: delta,
          member,
          text: value,
        });
      }
      break;
    }
    case 'content_block_stop':
      parts.ends.push(at);
      break;
    case 'message_delta':
      if (isObject(body.delta)) {
        if (body.delta.stop_reason === 'refusal') parts.refused = true;
        parts.wholes.push({ holder: body.delta, member: 'stop_sequence' });
      }
      break;
    case 'message_stop':
      parts.isEnd = true;
      break;
    case 'error':
      parts.isError = true;
      break;
    case 'ping':
      break;
    default:
      for (const member of Object.keys(body)) parts.wholes.push({ holder: body, member });
  }
}

const RESPONSE_ENDS = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);

/** Items that call a tool: the events that bring its arguments piece by piece, and the member that holds them whole. */
const CALLS: Record<string, { events: string; member: string; isText: boolean }> = {
  function_call: { events: 'response.function_call_arguments', member: 'arguments', isText: false },
  mcp_call: { events: 'response.mcp_call_arguments', member: 'arguments', isText: false },
  custom_tool_call: { events: 'response.custom_tool_call_input', member: 'input', isText: true },
  code_interpreter_call: { events: 'response.code_interpreter_call_code', member: 'code', isText: true },
};
const CALL_EVENTS = new Map(Object.values(CALLS).map(({ events, member }) => [events, member]));

function readResponses(body: JsonObject, parts: EventParts): void {
  const type = typeof body.type === 'string' ? body.type : '';
  const kind = type.replace(/\.(?:delta|done)$/, '');
  const isCall = CALL_EVENTS.has(kind);
  const channel = isCall
    ? `${kind} ${body.output_index ?? body.item_id ?? ''}`
    : `${kind} ${body.item_id ?? body.output_index ?? ''}.${body.content_index ?? body.summary_index ?? ''}`;
  if (isObject(body.response) && typeof body.response.model === 'string') parts.model = body.response.model;
  if (type === 'error' || type === 'response.failed') parts.isError = true;
  if (type.includes('refusal')) parts.refused = true;
  if (RESPONSE_ENDS.has(type)) parts.isEnd = true;
  if (type.endsWith('.delta') && typeof body.delta === 'string') {
    if (BINARY_DELTA.test(type) && !type.includes('transcript')) return;
    parts.pieces.push({ channel, kind: isCall ? 'tool' : 'text', holder: body, member: 'delta', text: body.delta });
    if (Array.isArray(body.logprobs) && body.logprobs.length > 0) parts.tokens.push(body);
    return;
  }
  if (type.endsWith('.done')) parts.ends.push(channel);
  if (type.endsWith('.done') && isCall) addLate(parts, channel, body, CALL_EVENTS.get(kind) ?? '');
  if (type === 'response.output_item.added') readCall(body.item, body.output_index, false, parts);
  if (type === 'response.output_item.done') readCall(body.item, body.output_index, true, parts);
  if (parts.isEnd && isObject(body.response) && Array.isArray(body.response.output))
    for (const [at, item] of body.response.output.entries()) readCall(item, at, true, parts);
  // What is told whole repeats what was streamed.
  if (parts.isEnd) parts.ends.push('');
  for (const member of Object.keys(body))
    if (typeof body[member] !== 'number') parts.wholes.push({ holder: body, member });
}

/** An item that calls a tool opens one channel, that of its own events. */
function readCall(item: unknown, outputIndex: unknown, isWhole: boolean, parts: EventParts): void {
  if (!isObject(item) || typeof item.type !== 'string') return;
  const call = CALLS[item.type];
  if (call === undefined) return;
  const channel = `${call.events} ${outputIndex ?? item.id ?? ''}`;
  const name = item.type === 'code_interpreter_call' ? 'code_interpreter' : item.name;
  if (isWhole) addLate(parts, channel, item, call.member, typeof name === 'string' ? name : '', call.isText);
  else if (typeof name === 'string') parts.tools.push({ channel, name, isText: call.isText });
  if (isWhole) parts.ends.push(channel);
}

function addLate(
  parts: EventParts,
  channel: string,
  holder: JsonObject,
  member: string,
  name: string | null = null,
  isText = false,
): void {
  const text = holder[member];
  if (typeof text !== 'string') return;
  parts.late.push({ channel, kind: 'tool', holder, member, text, ...(name !== null && { tool: { name, isText } }) });
}
