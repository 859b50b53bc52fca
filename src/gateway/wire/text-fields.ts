import type { Role } from '#src/detectors/detect.ts';
import type { EndpointName } from './endpoints.ts';
import type { JsonObject } from './parse-body.ts';

/** A text in a body, and where it stands, so that it can be replaced. */
export type TextField = {
  /** What was passed on in its place, where something was taken out. */
  passed?: string;
  /** Such as `messages[2].content[0].text`. Put together when it is asked for: most texts hold nothing to tell a place of. */
  readonly path: string;
  readonly text: string;
  readonly role: Role;
  set(text: string): void;
};

export type TextFields = {
  fields: TextField[];
  /** Images, sounds and files, which no check looks into. */
  unread: number;
  /** Prompts given as token numbers: text that cannot be read here. */
  tokenLists: number;
};

// Members that never carry words to or from a model. Everything else does or may, also what is not known here.
const NO_TEXT =
  /^(?:type|role|model|object|status|detail|encoding_format|service_tier|finish_reason|stop_reason|system_fingerprint|signature|encrypted_content|media_type|cache_control|phase|id|call_id|[a-z_]{1,40}_ids?)$/;
const DATA = /^(?:data|url|file_data|b64_json|partial_image_b64|image_url|audio|embedding)$/;
const TOOL_RESULT =
  /^(?:tool_result|function_call_output|.{1,40}_tool_result|.{1,40}_call_output|.{1,40}_tool_call_output)$/;
const DOCUMENT = /^(?:document|search_result|input_file|file_search_call|web_search_call)$/;
/** Bytes written as letters, with or without the head of a data URL; words never look like this all the way through. */
const BINARY = /^(?:data:[\w.+-]+\/[\w.+-]+(?:;[\w.+=-]+)*;base64,)?[A-Za-z0-9+/_=-]+$/;
const BINARY_LEAST = 256;
/** A number this long may be an account or a card. */
const LONG_NUMBER = 1e8;

/** Every text in the body of a call, with who it comes from. */
export function requestTexts(endpoint: EndpointName, body: JsonObject): TextFields {
  const walk = new Walk();
  for (const member of Object.keys(body)) {
    const value = body[member];
    switch (member) {
      case 'messages':
        walk.turns(value, member, body);
        break;
      case 'input':
        if (endpoint === 'embeddings') walk.prompts(body, member, 'document');
        else if (Array.isArray(value)) walk.turns(value, member, body);
        else walk.prompts(body, member, 'user');
        break;
      case 'prompt':
        walk.prompts(body, member, 'user');
        break;
      default:
        walk.member(body, member, 'system');
    }
  }
  return walk.found;
}

/** Every text in an answer. */
export function answerTexts(body: JsonObject): TextFields {
  const walk = new Walk();
  for (const member of Object.keys(body)) walk.member(body, member, 'assistant');
  return walk.found;
}

/** Every text below one member of an object. */
export function textsBelow(holder: JsonObject, member: string, role: Role): TextFields {
  const walk = new Walk(true);
  walk.value(holder, member, null, role);
  return walk.found;
}

type Holder = Record<string | number, unknown>;

/** Where a value stands: the place around it and the step from there. */
class Place {
  readonly #around: Place | null;
  readonly #step: string | number;

  constructor(around: Place | null, step: string | number) {
    this.#around = around;
    this.#step = step;
  }

  get path(): string {
    const step = typeof this.#step === 'number' ? `[${this.#step}]` : this.#step;
    if (this.#around === null) return step;
    return typeof this.#step === 'number' ? this.#around.path + step : `${this.#around.path}.${step}`;
  }
}

class Field implements TextField {
  readonly text: string;
  readonly role: Role;
  readonly #place: Place;
  readonly #holder: Holder;
  readonly #member: string | number;

  constructor(place: Place, role: Role, text: string, holder: Holder, member: string | number) {
    this.text = text;
    this.role = role;
    this.#place = place;
    this.#holder = holder;
    this.#member = member;
  }

  get path(): string {
    return this.#place.path;
  }

  set(replaced: string): void {
    this.#holder[this.#member] = replaced;
  }
}

class Walk {
  readonly found: TextFields = { fields: [], unread: 0, tokenLists: 0 };
  /** In what a model or a caller is free to name, no member is known to hold no words. */
  readonly #isFree: boolean;

  constructor(isFree = false) {
    this.#isFree = isFree;
  }

  turns(turns: unknown, member: string, body: JsonObject): void {
    if (!Array.isArray(turns)) {
      this.value(body, member, null, 'user');
      return;
    }
    const place = new Place(null, member);
    for (let i = 0; i < turns.length; i++) {
      const turn = turns[i];
      const role = isObject(turn) ? roleOf(turn) : 'user';
      this.value(turns as unknown as Holder, i, place, role);
    }
  }

  prompts(holder: JsonObject, member: string, role: Role): void {
    const value = holder[member];
    if (Array.isArray(value) && value.length > 0) {
      const lists = typeof value[0] === 'number' ? [value] : value.filter((one) => Array.isArray(one));
      this.found.tokenLists += lists.length;
    }
    this.value(holder, member, null, role);
  }

  /** A member of the body itself. */
  member(body: JsonObject, member: string, role: Role): void {
    if (typeof body[member] !== 'string' || !NO_TEXT.test(member)) this.value(body, member, null, role);
  }

  value(holder: Holder, member: string | number, around: Place | null, role: Role): void {
    const value = holder[member];
    if (typeof value === 'string') this.#text(holder, member, around, role, value);
    else if (typeof value === 'number') {
      if (Math.abs(value) >= LONG_NUMBER && Number.isInteger(value) && typeof member === 'string' && !isClock(member))
        this.#add(holder, member, new Place(around, member), role, String(value));
    } else if (Array.isArray(value)) {
      if (value.length > 8 && value.every((one) => typeof one === 'number')) return;
      const place = new Place(around, member);
      for (let i = 0; i < value.length; i++) this.value(value as unknown as Holder, i, place, role);
    } else if (isObject(value)) this.#object(value, new Place(around, member), role);
  }

  #object(value: JsonObject, place: Place, role: Role): void {
    const type = value.type;
    let inner = role;
    if (typeof type === 'string' && role !== 'system') {
      if (TOOL_RESULT.test(type)) inner = 'tool';
      else if (DOCUMENT.test(type)) inner = 'document';
    }
    for (const member of Object.keys(value)) {
      const held = value[member];
      const { isWordless, isText } = readName(member);
      if (held !== undefined && !(isWordless && typeof held === 'string' && !this.#isFree))
        this.value(value, member, place, inner);
      // The name of a member is text too, where the model chooses it. After the value, which the new name then takes along.
      if (isText) this.#name(value, member, place, inner);
    }
  }

  #name(holder: JsonObject, member: string, place: Place, role: Role): void {
    this.found.fields.push({
      path: `${place.path}.{name}`,
      text: member,
      role,
      set: (text) => {
        holder[text] = holder[member];
        delete holder[member];
      },
    });
  }

  #text(holder: Holder, member: string | number, around: Place | null, role: Role, text: string): void {
    if (text.length === 0) return;
    // A place where files go, and nothing but a file in it: a text that only begins like one is a text.
    if (
      !this.#isFree &&
      text.length > BINARY_LEAST &&
      typeof member === 'string' &&
      DATA.test(member) &&
      BINARY.test(text)
    ) {
      this.found.unread++;
      return;
    }
    const place = new Place(around, member);
    if (member === 'arguments' && this.#nested(holder, member, place, role, text)) return;
    this.#add(holder, member, place, role, text);
  }

  /** Arguments are JSON inside a string: what counts are the values, not their spelling. */
  #nested(holder: Holder, member: string, place: Place, role: Role, text: string): boolean {
    const parsed = parseArguments(text);
    if (parsed === null) return false;
    const inner = new Walk(true);
    const box: JsonObject = { value: parsed };
    inner.below(box, 'value', place, role);
    this.found.unread += inner.found.unread;
    for (const field of inner.found.fields)
      this.found.fields.push({
        path: field.path,
        text: field.text,
        role: field.role,
        set: (replaced) => {
          field.set(replaced);
          holder[member] = JSON.stringify(box.value);
        },
      });
    return true;
  }

  /** What a member holds, at a place that has a name already. */
  below(holder: JsonObject, member: string, place: Place, role: Role): void {
    const value = holder[member];
    if (Array.isArray(value))
      for (let i = 0; i < value.length; i++) this.value(value as unknown as Holder, i, place, role);
    else if (isObject(value)) this.#object(value, place, role);
  }

  #add(holder: Holder, member: string | number, place: Place, role: Role, text: string): void {
    this.found.fields.push(new Field(place, role, text, holder, member));
  }
}

/** What the name of a member says about it. */
type MemberName = { isWordless: boolean; isText: boolean };

const namesRead = new Map<string, MemberName>();
const NAMES_MAX = 512;
const NAME_MAX_UNITS = 40;

/** The same few names come in every body: each is read once. */
function readName(member: string): MemberName {
  const known = namesRead.get(member);
  if (known !== undefined) return known;
  const read = { isWordless: NO_TEXT.test(member), isText: member.length >= 6 && /[@\d]/.test(member) };
  if (member.length > NAME_MAX_UNITS || read.isText) return read;
  if (namesRead.size >= NAMES_MAX) namesRead.clear();
  namesRead.set(member, read);
  return read;
}

/** Arguments of a tool call, or null when they are no JSON object or list. */
export function parseArguments(text: string): JsonObject | unknown[] | null {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  try {
    const value: unknown = JSON.parse(text);
    return depthOf(value, 0) > 64 ? null : (value as JsonObject);
  } catch {
    return null;
  }
}

function depthOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null || depth > 64) return depth;
  let deepest = depth;
  for (const held of Object.values(value)) deepest = Math.max(deepest, depthOf(held, depth + 1));
  return deepest;
}

function isClock(member: string): boolean {
  return /(?:^created|_at$|^seed$|tokens?$|time)/.test(member);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function roleOf(turn: JsonObject): Role {
  if (typeof turn.type === 'string' && TOOL_RESULT.test(turn.type)) return 'tool';
  switch (turn.role) {
    case 'system':
    case 'developer':
      return 'system';
    case 'assistant':
      return 'assistant';
    case 'tool':
    case 'function':
      return 'tool';
    default:
      return turn.type === 'function_call' || turn.type === 'reasoning' ? 'assistant' : 'user';
  }
}
