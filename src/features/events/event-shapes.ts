import { isDeepStrictEqual } from 'node:util';
import { toInstant } from '#src/kernel/time.ts';
import type { PlacedEvent } from './event-part.ts';
import { EVENT_LIMITS } from './model.ts';
import { instantOf, isKind, isOwnSource, isUsualInstant, type ParseContext } from './parse-event.ts';

const SCALAR_ROLES = [
  'id',
  'source',
  'sequence',
  'occurredAt',
  'systemId',
  'system',
  'modelVersion',
  'kind',
  'about',
] as const;
/** Whose value a place in a shape holds. */
type Role = (typeof SCALAR_ROLES)[number] | 'segment' | 'values';
type Place = { piece: number; offset: number };
type Span = { from: Place; to: Place };

/** An event without its values: what stands before each of them, and after the last. */
type Shape = {
  pieces: readonly string[];
  roles: readonly Role[];
  segment: Span | undefined;
  values: Span | undefined;
};

const SHAPES_KEPT = 8;
const SHAPES_TRIED_MAX = 1_000;
const SCALARS: ReadonlySet<string> = new Set<string>(SCALAR_ROLES);
const NUMBER_CHARACTERS = 40;
const SEQUENCE_DIGITS = 15;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNUSUAL = /[\u0000-\u001f\u007f\\]/;

/**
 * Places events of a delivery without taking them apart: most have the shape of one that was read in full before, so that
 * only their values are looked at, and their content is stored as it came instead of being spelled anew. Only what is usual
 * is taken here; `parseEventText` reads everything else, and alone decides what is refused.
 */
export class EventShapes {
  readonly #context: ParseContext;
  #shapes: Shape[] = [];
  #tried = 0;
  // Where each piece and each value of the event at hand stands; one set for all.
  #pieceAt: number[] = [];
  #from: number[] = [];
  #to: number[] = [];

  constructor(context: ParseContext) {
    this.#context = context;
  }

  /** Undefined where the event has no known shape, or anything unusual in it. `text` is well-formed. */
  place(text: string, line: number): PlacedEvent | undefined {
    for (let k = 0; k < this.#shapes.length; k++) {
      const shape = this.#shapes[k] as Shape;
      if (!this.#matches(shape, text)) continue;
      if (k > 0) {
        this.#shapes.splice(k, 1);
        this.#shapes.unshift(shape);
      }
      return this.#read(shape, text, line);
    }
    return undefined;
  }

  /** Remembers the shape of an event that `parseEventText` has taken. */
  learn(text: string): void {
    if (this.#tried >= SHAPES_TRIED_MAX) return;
    this.#tried++;
    const shape = shapeOf(text);
    // One that is known had something unusual in its values.
    if (!shape || this.#shapes.some(({ pieces }) => isDeepStrictEqual(pieces, shape.pieces))) return;
    this.#shapes.unshift(shape);
    if (this.#shapes.length > SHAPES_KEPT) this.#shapes.pop();
  }

  #matches({ pieces, roles }: Shape, text: string): boolean {
    let at = 0;
    for (let k = 0; k < roles.length; k++) {
      const piece = pieces[k] as string;
      if (!text.startsWith(piece, at)) return false;
      this.#pieceAt[k] = at;
      at += piece.length;
      const end = endOfScalar(text, at);
      if (end === -1) return false;
      this.#from[k] = at;
      this.#to[k] = end;
      at = end;
    }
    const last = pieces[roles.length] as string;
    this.#pieceAt[roles.length] = at;
    return at + last.length === text.length && text.startsWith(last, at);
  }

  #read(shape: Shape, text: string, line: number): PlacedEvent | undefined {
    const { roles } = shape;
    const { nowMs, systemOf, defaultSource } = this.#context;
    let [id, source, systemId, kind]: (string | undefined)[] = [undefined, defaultSource];
    let about: string | null = null;
    let modelVersion = 'null';
    let sequence: number | null = null;
    let occurredAtMs = Number.NaN;
    let occurredAt: string | undefined;
    for (let k = 0; k < roles.length; k++) {
      const role = roles[k] as Role;
      const from = this.#from[k] as number;
      const to = this.#to[k] as number;
      const isText = text.charCodeAt(from) === QUOTE;
      if (role === 'values') {
        if (isText && to - from - 2 > EVENT_LIMITS.textCharacters) return undefined;
        continue;
      }
      if (isText ? to - from - 2 > EVENT_LIMITS.idCharacters : role === 'segment') return undefined;
      if (role === 'segment') continue;
      const given = isText ? text.slice(from + 1, to - 1) : text.slice(from, to);
      if (role === 'occurredAt') {
        if (isText && isUsualInstant(given)) {
          occurredAt = given;
          occurredAtMs = Date.parse(given);
        } else occurredAtMs = instantOf(isText ? given : Number(given));
      } else if (role === 'sequence') {
        if (given === 'null') continue;
        if (isText || !isCount(given)) return undefined;
        sequence = Number(given);
      } else if (!isText) {
        if (given !== 'null' || (role !== 'about' && role !== 'modelVersion')) return undefined;
      } else if (given === '') return undefined;
      else if (role === 'id') id = given;
      else if (role === 'source') source = given;
      else if (role === 'about') about = given;
      else if (role === 'modelVersion') modelVersion = text.slice(from, to);
      else if (role === 'kind') kind = given;
      else systemId = systemOf(given);
    }
    const ahead = occurredAtMs - nowMs;
    // Also where there is no instant.
    if (!(ahead <= EVENT_LIMITS.futureMs)) return undefined;
    if (id === undefined || source === undefined || systemId === undefined || kind === undefined) return undefined;
    if (!isKind(kind) || isOwnSource(source)) return undefined;
    const segment = this.#slice(shape.segment, text);
    const body = `{"modelVersion":${modelVersion},"segment":${segment},"values":${this.#slice(shape.values, text)}}`;
    const skewed = ahead > EVENT_LIMITS.skewMs;
    occurredAt ??= toInstant(occurredAtMs);
    return { id, source, sequence, occurredAtMs, occurredAt, systemId, kind, about, body, line, skewed };
  }

  #slice(span: Span | undefined, text: string): string {
    if (span === undefined) return '{}';
    const { from, to } = span;
    return text.slice(
      (this.#pieceAt[from.piece] as number) + from.offset,
      (this.#pieceAt[to.piece] as number) + to.offset,
    );
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const DELETE = 0x7f;

/** Where a text without escapes, a number without exponent, true, false or null ends; -1 for anything else. */
function endOfScalar(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) {
    for (let at = from + 1; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) return at + 1;
      if (unit === BACKSLASH || unit < SPACE || unit === DELETE) return -1;
    }
    return -1;
  }
  if (first === MINUS || isDigit(first)) return endOfNumber(text, from);
  if (text.startsWith('true', from) || text.startsWith('null', from)) return from + 4;
  return text.startsWith('false', from) ? from + 5 : -1;
}

function endOfNumber(text: string, from: number): number {
  const isNegative = text.charCodeAt(from) === MINUS;
  const start = isNegative ? from + 1 : from;
  let at = endOfDigits(text, start);
  if (at === start || (text.charCodeAt(start) === ZERO && at > start + 1)) return -1;
  if (text.charCodeAt(at) === DOT) {
    const fraction = at + 1;
    at = endOfDigits(text, fraction);
    if (at === fraction) return -1;
  }
  if (at - from > NUMBER_CHARACTERS) return -1;
  // A negative zero is stored as zero.
  return isNegative && text.charCodeAt(start) === ZERO && Number(text.slice(from, at)) === 0 ? -1 : at;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

const isDigit = (unit: number) => unit >= ZERO && unit <= NINE;
const isCount = (text: string) => text.length <= SEQUENCE_DIGITS && endOfDigits(text, 0) === text.length;

/** The shape of a JSON object of one event. Undefined where it holds more than members that are known, each once, with scalars. */
function shapeOf(text: string): Shape | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const pieces: string[] = [];
  const roles: Role[] = [];
  const spans: { segment?: Span; values?: Span } = {};
  let at = 0;
  let pieceFrom = 0;
  const skip = (unit: string): boolean => {
    while (text[at] === ' ') at++;
    if (text[at] !== unit) return false;
    at++;
    return true;
  };
  const place = (): Place => ({ piece: pieces.length, offset: at - pieceFrom });
  const scalar = (role: Role): boolean => {
    while (text[at] === ' ') at++;
    const end = endOfScalar(text, at);
    if (end === -1) return false;
    pieces.push(text.slice(pieceFrom, at));
    roles.push(role);
    at = end;
    pieceFrom = end;
    return true;
  };
  // Members of an object, its opening bracket behind.
  const members = (take: (name: string) => boolean): boolean => {
    const names = new Set<string>();
    if (skip('}')) return true;
    do {
      if (!skip('"')) return false;
      const end = text.indexOf('"', at);
      const name = text.slice(at, end);
      // Of a name that comes twice only the last value counts.
      if (end === -1 || names.has(name)) return false;
      names.add(name);
      at = end + 1;
      if (!skip(':') || !take(name)) return false;
    } while (skip(','));
    return skip('}');
  };
  const object = (role: 'segment' | 'values'): boolean => {
    if (!skip('{')) return false;
    at--;
    const from = place();
    at++;
    if (!members(() => scalar(role))) return false;
    spans[role] = { from, to: place() };
    return true;
  };
  const isShape =
    skip('{') &&
    members((name) => {
      if (name === 'segment' || name === 'values') return object(name);
      return SCALARS.has(name) && scalar(name as Role);
    });
  if (!isShape || (roles.includes('system') && roles.includes('systemId'))) return undefined;
  pieces.push(text.slice(pieceFrom));
  return { pieces, roles, segment: spans.segment, values: spans.values };
}
