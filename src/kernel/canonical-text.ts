// RFC 8785 sets no limit; reader and writer are recursive, and a limit keeps hostile nesting from ending the process.
export const DEPTH_MAX = 512;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NONE = -1;

/**
 * Whether `text` is a JSON text in the one form RFC 8785 gives its value: one pass over it, nothing is made of it. The same
 * as `canonicalJson(JSON.parse(text)) === text` without an error, and several times faster. `places` is told where members stand.
 */
export function isCanonicalText(text: string, places: MemberPlaces | null = null): boolean {
  if (places) places.count = 0;
  return endOfValue(text, 0, 0, places) === text.length;
}

/**
 * Where the members of the outermost object stand in a text, and behind each the members of the object that it holds. Names
 * and strings with their quotes. `count` may be more than there is room for; those beyond are not noted.
 */
export class MemberPlaces {
  count = 0;
  /** 0 for the members of the outermost object, 1 for those within. */
  readonly depths: Uint8Array;
  readonly names: Uint32Array;
  readonly values: Uint32Array;
  readonly ends: Uint32Array;
  readonly room: number;

  constructor(room: number) {
    this.room = room;
    this.depths = new Uint8Array(room);
    this.names = new Uint32Array(room);
    this.values = new Uint32Array(room);
    this.ends = new Uint32Array(room);
  }
}

const NOTED_DEPTH_MAX = 1;

// Behind the value that begins at `at`, or NONE when it is not in canonical form.
function endOfValue(text: string, at: number, depth: number, places: MemberPlaces | null): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  if (first === OPEN_OBJECT) return depth > DEPTH_MAX ? NONE : endOfObject(text, at, depth, places);
  if (first === OPEN_LIST) return depth > DEPTH_MAX ? NONE : endOfList(text, at, depth);
  if (text.startsWith('true', at) || text.startsWith('null', at)) return at + 4;
  if (text.startsWith('false', at)) return at + 5;
  return endOfNumber(text, at);
}

function endOfObject(text: string, start: number, depth: number, places: MemberPlaces | null): number {
  if (text.charCodeAt(start + 1) === CLOSE_OBJECT) return start + 2;
  let before = NONE;
  let beforeEnd = NONE;
  for (let at = start + 1; ; at++) {
    if (text.charCodeAt(at) !== QUOTE) return NONE;
    const nameEnd = endOfString(text, at);
    if (nameEnd === NONE || text.charCodeAt(nameEnd) !== COLON) return NONE;
    if (before !== NONE && !isBelow(text, before, beforeEnd, at, nameEnd)) return NONE;
    before = at;
    beforeEnd = nameEnd;
    if (places === null) at = endOfValue(text, nameEnd + 1, depth + 1, null);
    else {
      const row = places.count++;
      places.depths[row] = depth;
      places.names[row] = at;
      places.values[row] = nameEnd + 1;
      at = endOfValue(text, nameEnd + 1, depth + 1, depth < NOTED_DEPTH_MAX ? places : null);
      places.ends[row] = at;
    }
    if (at === NONE) return NONE;
    const next = text.charCodeAt(at);
    if (next === CLOSE_OBJECT) return at + 1;
    if (next !== COMMA) return NONE;
  }
}

function endOfList(text: string, start: number, depth: number): number {
  if (text.charCodeAt(start + 1) === CLOSE_LIST) return start + 2;
  for (let at = start + 1; ; at++) {
    at = endOfValue(text, at, depth + 1, null);
    if (at === NONE) return NONE;
    const next = text.charCodeAt(at);
    if (next === CLOSE_LIST) return at + 1;
    if (next !== COMMA) return NONE;
  }
}

// Names in the order of their UTF-16 code units, none twice. Both spans are strings with their quotes.
function isBelow(text: string, a: number, aEnd: number, b: number, bEnd: number): boolean {
  for (let i = 1; ; i++) {
    const isEndOfA = a + i === aEnd - 1;
    if (isEndOfA || b + i === bEnd - 1) return isEndOfA && b + i < bEnd - 1;
    const unitOfA = text.charCodeAt(a + i);
    const unitOfB = text.charCodeAt(b + i);
    // An escape spells another unit than its own; before the first one the units are what they are.
    if (unitOfA === BACKSLASH || unitOfB === BACKSLASH)
      return (JSON.parse(text.slice(a, aEnd)) as string) < (JSON.parse(text.slice(b, bEnd)) as string);
    if (unitOfA !== unitOfB) return unitOfA < unitOfB;
  }
}

function endOfString(text: string, start: number): number {
  let hasSurrogates = false;
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // First what nearly all units are: anything above the quote that is not looked at below.
    if (unit > QUOTE && unit !== BACKSLASH && unit < 0xd800) continue;
    if (unit === QUOTE) return hasSurrogates && !text.slice(start, at).isWellFormed() ? NONE : at + 1;
    if (unit === BACKSLASH) {
      at = endOfEscape(text, at) - 1;
      if (at < start) return NONE;
    } else if (unit < 0x20) return NONE;
    else if (unit >= 0xd800 && unit < 0xe000) hasSurrogates = true;
  }
  return NONE;
}

const SHORT_ESCAPES = '"\\bfnrt';
// What has a short escape has no long one: \b, \t, \n, \f and \r.
const LONG_ESCAPE = /\\u00(?:0[0-7be-f]|1[0-9a-f])/y;

function endOfEscape(text: string, at: number): number {
  if (SHORT_ESCAPES.includes(text.charAt(at + 1)) && at + 1 < text.length) return at + 2;
  LONG_ESCAPE.lastIndex = at;
  return LONG_ESCAPE.test(text) ? at + 6 : NONE;
}

// Whole numbers of so many digits are below 2^53, and spelled as they are.
const PLAIN_DIGITS_MAX = 15;

function endOfNumber(text: string, start: number): number {
  let at = start;
  let isPlain = true;
  for (; ; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x30 && unit <= 0x39) continue;
    // Plus, minus, dot and e.
    if (unit !== 0x2b && unit !== 0x2d && unit !== 0x2e && unit !== 0x65) break;
    isPlain = false;
  }
  const digits = at - start;
  if (isPlain && digits > 0 && digits <= PLAIN_DIGITS_MAX)
    return digits === 1 || text.charCodeAt(start) !== 0x30 ? at : NONE;
  // As ECMAScript spells it: RFC 8785, section 3.2.2.3.
  const spelled = text.slice(start, at);
  return digits > 0 && String(Number(spelled)) === spelled ? at : NONE;
}
