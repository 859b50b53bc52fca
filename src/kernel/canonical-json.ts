import { DEPTH_MAX, isCanonicalText } from './canonical-text.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [member: string]: JsonValue | undefined };

/** Why a value or a text has no canonical form, or is not in it. */
export class CanonicalJsonError extends Error {
  override name = 'CanonicalJsonError';
}

/**
 * The one JSON text of `value`: members sorted by UTF-16 code units, ECMAScript numbers, no white space.
 * Members that are `undefined` are left out. Throws `CanonicalJsonError` on NaN, infinities, lone surrogates,
 * anything that is not JSON, and nesting deeper than 512. Source: RFC 8785.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return writeString(value);
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CanonicalJsonError(`${value} is not a JSON number`);
    return String(value);
  }
  if (depth > DEPTH_MAX) throw new CanonicalJsonError(`nested deeper than ${DEPTH_MAX} levels`);
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + write(value[i], depth + 1);
    return `${text}]`;
  }
  if (typeof value === 'object') {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new CanonicalJsonError('only plain objects have a canonical form');
    const record = value as Record<string, unknown>;
    const members = Object.keys(record);
    // The default sort compares UTF-16 code units, which is the order RFC 8785 section 3.2.3 asks for.
    if (!isAscending(members)) members.sort();
    let text = '{';
    let first = true;
    for (const member of members) {
      const held = record[member];
      if (held === undefined) continue;
      text += `${first ? '' : ','}${writeString(member)}:${write(held, depth + 1)}`;
      first = false;
    }
    return `${text}}`;
  }
  throw new CanonicalJsonError(`a ${typeof value} is not JSON`);
}

// Most objects are written with their members in order, and sorting few members costs as much as writing them.
function isAscending(members: readonly string[]): boolean {
  for (let i = 1; i < members.length; i++) if ((members[i - 1] as string) > (members[i] as string)) return false;
  return true;
}

const SHORT_LENGTH = 80;

function writeString(text: string): string {
  if (text.length <= SHORT_LENGTH && isPlain(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new CanonicalJsonError('a string holds a lone surrogate');
  return JSON.stringify(text);
}

/** Whether the text is printable ASCII without quote and backslash, which stands in JSON as it is. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126 || code === 34 || code === 92) return false;
  }
  return true;
}

/**
 * The value of a text that is already in canonical form. Throws `CanonicalJsonError` when it is not: other member order,
 * a member twice, white space, another spelling of a number or a string. Two different texts never give the same value.
 */
export function parseCanonicalJson(text: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CanonicalJsonError('not a JSON text');
  }
  if (!isCanonicalText(text)) throw new CanonicalJsonError('not in canonical form (RFC 8785)');
  return value;
}

/**
 * The value of a JSON text that is unambiguous though perhaps not canonical. Throws `CanonicalJsonError` on a member
 * given twice, on a lone surrogate and on a number beyond a double, which JSON.parse lets through. Source: RFC 7493.
 */
export function parseUnambiguousJson(text: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CanonicalJsonError('not a JSON text');
  }
  const twice = memberGivenTwice(text);
  if (twice !== undefined) throw new CanonicalJsonError(`the member ${JSON.stringify(twice)} is given twice`);
  canonicalJson(value);
  return value;
}

// Walks a text that JSON.parse has accepted, so that only the places of strings and brackets matter.
function memberGivenTwice(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let nameExpected = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === '"') {
      const end = endOfString(text, at);
      const members = open.at(-1);
      if (nameExpected && members) {
        const name: string = JSON.parse(text.slice(at, end + 1));
        if (members.has(name)) return name;
        members.add(name);
        nameExpected = false;
      }
      at = end;
    } else if (unit === '{') {
      open.push(new Set());
      nameExpected = true;
    } else if (unit === '[') open.push(null);
    else if (unit === '}' || unit === ']') open.pop();
    else if (unit === ',') nameExpected = Boolean(open.at(-1));
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text[at];
    if (unit === '\\') at++;
    else if (unit === '"') return at;
  }
  return text.length;
}
