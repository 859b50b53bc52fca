/** Path to a value inside JSON: names of members and indexes of items, outermost first. */
export type JsonPath = readonly (string | number)[];

const DEPTH_MAX = 64;

/**
 * Walks JSON text and tells each string value with its path and where it stands, without building the values: what is large
 * and not wanted (pictures, say) costs one search for its closing quote. False where the text is no JSON or deeper than 64.
 */
export function walkJsonStrings(text: string, visit: (path: JsonPath, start: number, end: number) => void): boolean {
  const path: (string | number)[] = [];
  const open: ('{' | '[')[] = [];
  let at = 0;
  let key: string | null = null;
  for (;;) {
    at = skipBlanks(text, at);
    const sign = text[at];
    if (sign === undefined) return open.length === 0;
    if (sign === '{' || sign === '[') {
      if (open.length >= DEPTH_MAX) return false;
      open.push(sign);
      path.push(sign === '[' ? 0 : '');
      key = null;
      at += 1;
    } else if (sign === '}' || sign === ']') {
      if (open.pop() !== (sign === '}' ? '{' : '[')) return false;
      path.pop();
      at += 1;
      if (open.length === 0) return skipBlanks(text, at) >= text.length;
    } else if (sign === ',') {
      const last = path.length - 1;
      if (open[open.length - 1] === '[') path[last] = (path[last] as number) + 1;
      key = null;
      at += 1;
    } else if (sign === ':') at += 1;
    else if (sign === '"') {
      const end = endOfJsonString(text, at + 1);
      if (end < 0) return false;
      if (open[open.length - 1] === '{' && key === null) {
        key = text.slice(at + 1, end);
        path[path.length - 1] = key;
      } else visit(path, at + 1, end);
      at = end + 1;
    } else {
      const literal = /^[-+\w.]+/.exec(text.slice(at, at + 64))?.[0];
      if (literal === undefined) return false;
      at += literal.length;
    }
  }
}

/** The value of the JSON string whose content stands at `[start, end)`. */
export function jsonStringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`)).toWellFormed();
  } catch {
    // An escape that JSON does not know: the raw text is the best reading.
    return raw;
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 32) at += 1;
  return at;
}

function endOfJsonString(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at;
    at = text.indexOf('"', at + 1);
  }
  return -1;
}
