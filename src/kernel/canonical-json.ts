export type JsonValue = null | boolean | number | string | JsonValue[] | { [member: string]: JsonValue | undefined };

const DEPTH_MAX = 64;

/** Why a value has no canonical form. */
export class CanonicalJsonError extends Error {
  override name = 'CanonicalJsonError';
}

/**
 * The one JSON text of `value`: members sorted by UTF-16 code units, ECMAScript numbers, no white space.
 * Members that are `undefined` are left out. Throws `CanonicalJsonError` on NaN, infinities, lone surrogates,
 * anything that is not JSON, and nesting deeper than 64. Source: RFC 8785.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new CanonicalJsonError(`nested deeper than ${DEPTH_MAX} levels`);
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CanonicalJsonError(`${value} is not a JSON number`);
    return JSON.stringify(value);
  }
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
    // The default sort compares UTF-16 code units, which is the order RFC 8785 section 3.2.3 asks for.
    const members = Object.keys(record).sort();
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

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new CanonicalJsonError('a string holds a lone surrogate');
  return JSON.stringify(text);
}
