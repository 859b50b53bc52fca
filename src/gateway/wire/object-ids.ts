import type { EndpointName } from './endpoints.ts';
import type { JsonObject } from './parse-body.ts';
import { isObject } from './text-fields.ts';

// Providers keep files, batches, answers, threads, vector stores and fine-tuned models under the account of the key, which all
// tenants share. What names one of them is found here; whose it is, `stages/own-objects.ts` asks.
// After the API references of OpenAI and Anthropic; not compared with live answers.

/** A place of a call that names an object stored with the provider. */
export type ObjectReference = {
  id: string;
  /** The word before it in the path, or the member of the body or query. */
  place: string;
  inPath: boolean;
  /** The call is whole without the object, or it is granted otherwise: only one that is known to be another's is refused. */
  isCarried: boolean;
};

/** An object an answer names and a later call can name again. `expiresAt`: Unix milliseconds; null: kept until deleted. */
export type NamedObject = { id: string; expiresAt: number | null };

export const REFERENCES_MAX = 5_000;
const NAMED_MAX = 2_000;
const DEPTH_MAX = 64;
const DAY_MS = 86_400_000;
/** Answers, and results of message batches, are kept for 30 and 29 days; a day more does no harm. */
const USUAL_DAYS = 31;

const COLLECTIONS = new Set([
  'assistants',
  'batches',
  'certificates',
  'characters',
  'checkpoints',
  'completions',
  'containers',
  'conversations',
  'evals',
  'file_batches',
  'files',
  'items',
  'jobs',
  'messages',
  'output_items',
  'responses',
  'runs',
  'sessions',
  'skills',
  'steps',
  'threads',
  'uploads',
  'vector_stores',
  'versions',
  'videos',
]);
/** What follows a collection or one of its objects and is no id. */
const ACTIONS = new Set([
  'cancel',
  'compact',
  'complete',
  'content',
  'count_tokens',
  'edits',
  'events',
  'extensions',
  'input_items',
  'input_tokens',
  'parts',
  'pause',
  'permissions',
  'remix',
  'results',
  'resume',
  'search',
  'submit_tool_outputs',
]);
const MODELS = new Set(['models', 'deployments', 'engines']);
const PLAIN_WORD = /^(?:[a-z][a-z_-]{0,30}|v\d(?:beta|alpha)?)?$/;
/** Of OpenAI; the only models that belong to whoever made them. */
const TUNED_MODEL = /^ft:/;

const NAMING =
  /^(?:(?:input_|output_|error_)?file_ids?|training_file|validation_file|(?:previous_)?response_id|conversation(?:_id)?|vector_store_ids?|assistant_id|thread_id|run_id|message_id|container(?:_id)?|batch_id|upload_id|skill_id|eval_id|fine_tuning_job_id)$/;
/** On paths that are not known here every member may name an object, but for these. */
const OTHER_NAMING = /^(?!(?:tool_call|call|user|custom|client|request|organization|project|trace|span)_ids?$).*_ids?$/;
/** Words of the caller, or of its own tools. */
const NOT_SEARCHED = new Set(['metadata', 'parameters', 'arguments', 'schema', 'input_schema', 'json_schema']);
const CURSORS = new Set(['after', 'before', 'after_id', 'before_id']);

const NONE: readonly ObjectReference[] = [];

/** Every object a call names. Nothing of a chat call is looked at but its parts: texts are never searched. */
export function objectReferences(call: {
  endpoint: EndpointName;
  /** Below the provider's root. */
  path: string;
  query: string;
  body: JsonObject | null;
  /** A body that is no JSON, which only open policies let through. */
  unread: Buffer | null;
}): readonly ObjectReference[] {
  const { endpoint, body } = call;
  const found: ObjectReference[] = [];
  if (endpoint === 'other' || endpoint === 'models') {
    readPath(call.path, found);
    if (endpoint === 'other' && call.query !== '') readCursors(call.query, found);
  }
  if (call.unread !== null) readForm(call.unread, found);
  if (body === null) return found.length === 0 ? NONE : found;
  const { model } = body;
  if (typeof model === 'string' && TUNED_MODEL.test(model)) add(found, model, 'model', { isCarried: true });
  if (endpoint === 'other' || endpoint === 'responses') {
    search(body, endpoint === 'other', found, 0);
    if (endpoint === 'responses') readItems(body.input, found);
  } else if (endpoint === 'chat_completions' || endpoint === 'messages' || endpoint === 'count_tokens') {
    if (body.container !== undefined) search({ container: body.container }, false, found, 0);
    readTurns(body.messages, found);
  }
  return found.length === 0 ? NONE : found;
}

function add(
  found: ObjectReference[],
  id: unknown,
  place: string,
  { inPath = false, isCarried = false }: { inPath?: boolean; isCarried?: boolean } = {},
): void {
  if (typeof id === 'string' && id !== '' && found.length <= REFERENCES_MAX)
    found.push({ id, place, inPath, isCarried });
}

function readPath(path: string, found: ObjectReference[]): void {
  let before = '';
  for (const segment of path.split('/')) {
    const isId = MODELS.has(before)
      ? TUNED_MODEL.test(decoded(segment))
      : COLLECTIONS.has(before)
        ? segment !== '' && !COLLECTIONS.has(segment) && !ACTIONS.has(segment)
        : !PLAIN_WORD.test(segment);
    if (isId) add(found, decoded(segment), before, { inPath: true });
    before = segment;
  }
}

/** A part of a path or form as the provider reads it; what is no UTF-8 stays as it is. */
export function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function readCursors(query: string, found: ObjectReference[]): void {
  for (const [name, value] of new URLSearchParams(query))
    if (CURSORS.has(name)) add(found, value, name, { isCarried: true });
}

const FORM_FIELD = /name="([^"\r\n]{1,100})"\r\n(?:[^\r\n]{1,500}\r\n){0,4}\r\n([^\r\n]{1,256})\r\n--/g;
const PLAIN_FIELD = /(?:^|&)([^=&]{1,100})=([^&]{1,256})(?=&|$)/g;

/** Fields of a form that name objects. Files in it are not looked into. */
function readForm(bytes: Buffer, found: ObjectReference[]): void {
  const text = bytes.toString('latin1');
  const isMultipart = text.startsWith('--');
  for (const [, field = '', value = ''] of text.matchAll(isMultipart ? FORM_FIELD : PLAIN_FIELD)) {
    const member = (isMultipart ? field : decoded(field)).replace(/\[\w*\]$/, '');
    if (NAMING.test(member) || OTHER_NAMING.test(member)) add(found, isMultipart ? value : decoded(value), member);
  }
}

function search(value: unknown, isOther: boolean, found: ObjectReference[], depth: number): void {
  if (depth > DEPTH_MAX || found.length > REFERENCES_MAX) return;
  if (Array.isArray(value)) {
    for (const one of value) if (typeof one === 'object') search(one, isOther, found, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const isToolCall = typeof value.type === 'string' && value.type.endsWith('tool_use');
  for (const member of Object.keys(value)) {
    const held = value[member];
    if (NOT_SEARCHED.has(member) || (isToolCall && member === 'input')) continue;
    if (NAMING.test(member) || (isOther && OTHER_NAMING.test(member))) {
      for (const one of Array.isArray(held) ? held : [held]) add(found, isObject(one) ? one.id : one, member);
    }
    if (typeof held === 'object') search(held, isOther, found, depth + 1);
  }
}

/** Files in the parts of turns, and spoken answers that are named again. */
function readTurns(turns: unknown, found: ObjectReference[]): void {
  if (!Array.isArray(turns)) return;
  for (const turn of turns) {
    if (Array.isArray(turn.content)) search(turn.content, false, found, 0);
    if (turn.audio !== undefined && isObject(turn.audio)) add(found, turn.audio.id, 'audio');
  }
}

/** Items of an earlier answer. Those that come with their content are only looked at for being another's. */
function readItems(input: unknown, found: ObjectReference[]): void {
  if (!Array.isArray(input)) return;
  for (const item of input) {
    if (!isObject(item)) continue;
    const { type } = item;
    const isBare =
      type === 'item_reference' ||
      (type === undefined && item.content === undefined) ||
      (type === 'reasoning' && typeof item.encrypted_content !== 'string') ||
      (type === 'image_generation_call' && typeof item.result !== 'string');
    add(found, item.id, 'input', { isCarried: !isBare });
  }
}

/** Members of an answer that name what the call made. Others may name what several tenants use. */
const MADE =
  /^(?:output_file_id|error_file_id|result_files|fine_tuned_model|fine_tuned_model_checkpoint|container_id|thread_id|run_id)$/;
const FILE_MADE = /^(?:container_file_citation|image_file|(?:bash_)?code_execution_output)$/;

/**
 * The objects an answer names for its caller: what the call made, or what hangs on an object of the caller. `asked` are those
 * the call named itself.
 */
export function answerObjects(
  call: { endpoint: EndpointName; method: string; path: string; asked: ReadonlySet<string> },
  body: JsonObject,
  now: number,
): NamedObject[] {
  // The files of a vector store may have been put into it by anybody who was let.
  if (/\/vector_stores\/.*files$/.test(call.path) && call.method === 'GET') return [];
  const named = new Map<string, NamedObject>();
  const put = (id: unknown, expiresAt: number | null) => {
    if (typeof id !== 'string' || id === '' || call.asked.has(id) || named.size >= NAMED_MAX) return;
    if (!named.has(id)) named.set(id, { id, expiresAt });
  };
  // An event of a stream holds what it tells of.
  const whole = isObject(body.response) ? body.response : isObject(body.message) ? body.message : body;
  const usual = usualExpiry(call.endpoint, whole, now);
  if (call.endpoint !== 'messages') put(whole.id, toldExpiry(whole, now) ?? usual);
  for (const list of [whole.data, whole.output, body.item && [body.item]])
    for (const one of Array.isArray(list) ? list : []) if (isObject(one)) put(one.id, toldExpiry(one, now) ?? usual);
  for (const choice of Array.isArray(whole.choices) ? whole.choices : []) {
    const spoken = isObject(choice) ? (choice.message ?? choice.delta) : null;
    if (isObject(spoken) && isObject(spoken.audio)) put(spoken.audio.id, toldExpiry(spoken.audio, now));
  }
  findMade(body, usual, put, now, 0);
  if (call.method === 'POST' && isObject(whole.tool_resources)) findStores(whole.tool_resources, put);
  return [...named.values()];
}

function findMade(
  value: unknown,
  usual: number | null,
  put: (id: unknown, expiresAt: number | null) => void,
  now: number,
  depth: number,
): void {
  if (depth > DEPTH_MAX) return;
  if (Array.isArray(value)) {
    for (const one of value) if (typeof one === 'object') findMade(one, usual, put, now, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const isFileMade = typeof value.type === 'string' && FILE_MADE.test(value.type);
  for (const member of Object.keys(value)) {
    const held = value[member];
    if (NOT_SEARCHED.has(member)) continue;
    if (MADE.test(member) || (isFileMade && member === 'file_id'))
      for (const one of Array.isArray(held) ? held : [held]) put(one, null);
    // What answers with citations and with files made alike call a file.
    else if (member === 'image_file' && isObject(held)) put(held.file_id, null);
    else if (member === 'container' && isObject(held)) put(held.id, toldExpiry(held, now) ?? usual);
    if (typeof held === 'object') findMade(held, usual, put, now, depth + 1);
  }
}

function findStores(resources: JsonObject, put: (id: unknown, expiresAt: number | null) => void): void {
  for (const resource of Object.values(resources))
    if (isObject(resource) && Array.isArray(resource.vector_store_ids))
      for (const id of resource.vector_store_ids) put(id, null);
}

/** As the provider says it: in seconds since 1970, or as an instant. A day more, since clocks differ. */
function toldExpiry({ expires_at: told }: JsonObject, now: number): number | null {
  const at = typeof told === 'number' ? told * 1_000 : typeof told === 'string' ? Date.parse(told) : Number.NaN;
  return Number.isFinite(at) && at > 0 && at < now + 36_500 * DAY_MS ? at + DAY_MS : null;
}

function usualExpiry(endpoint: EndpointName, whole: JsonObject, now: number): number | null {
  const { id } = whole;
  // What belongs to a conversation is kept with it.
  if (whole.conversation) return null;
  const ends = endpoint !== 'other' || (typeof id === 'string' && /^(?:resp|msgbatch|chatcmpl)[-_]/.test(id));
  return ends ? now + USUAL_DAYS * DAY_MS : null;
}

/** Every list of objects of an answer: what is taken out of it is not told. True when something was. */
export function keepInLists(body: JsonObject, mayKeep: (id: string) => boolean): boolean {
  let isChanged = false;
  for (const member of Object.keys(body)) {
    const list = body[member];
    if (!Array.isArray(list)) continue;
    const kept = list.filter((one) => !isObject(one) || typeof one.id !== 'string' || mayKeep(one.id));
    if (kept.length === list.length) continue;
    isChanged = true;
    body[member] = kept;
    const ids = kept.flatMap((one) => (isObject(one) && typeof one.id === 'string' ? [one.id] : []));
    if (body.first_id !== undefined) body.first_id = ids[0] ?? null;
    if (body.last_id !== undefined) body.last_id = ids.at(-1) ?? null;
    if (typeof body.total === 'number') delete body.total;
  }
  return isChanged;
}

/** The ids of the objects in the lists of an answer. */
export function listedIds(body: JsonObject): string[] {
  return Object.values(body).flatMap((list) =>
    Array.isArray(list) ? list.flatMap((one) => (isObject(one) && typeof one.id === 'string' ? [one.id] : [])) : [],
  );
}
