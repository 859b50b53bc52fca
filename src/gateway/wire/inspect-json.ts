const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export type JsonShape = {
  depth: number;
  /** Members of all objects together. Parsed, a text that gives a member twice has fewer. */
  members: number;
  /** Values in lists and objects, at most. */
  nodes: number;
};

/**
 * The depth and size of a JSON text before it is parsed, in one pass that jumps over strings. What it says of a text that
 * is not JSON means nothing; that is for the parser to find out. Stops early once a bound is passed.
 */
export function inspectJson(bytes: Uint8Array, bounds: { depth: number; nodes: number }): JsonShape {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let nodes = 1;
  for (let i = 0; i < buffer.length; i++) {
    switch (buffer[i]) {
      case QUOTE:
        i = endOfString(buffer, i);
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        nodes++;
        if (depth > deepest) deepest = depth;
        if (depth > bounds.depth) return { depth, members, nodes };
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x2c: // ,
        nodes++;
        if (nodes > bounds.nodes) return { depth: deepest, members, nodes };
        break;
    }
  }
  return { depth: deepest, members, nodes };
}

/** Names and roles end within this; looking for the end of so little costs less than asking the engine to. */
const SHORT_BYTES = 24;

/** Where the string that opens at `start` closes; the end of the text when it does not. */
function endOfString(buffer: Buffer, start: number): number {
  const near = Math.min(buffer.length, start + SHORT_BYTES);
  for (let i = start + 1; i < near; i++) {
    if (buffer[i] === QUOTE) return i;
    if (buffer[i] === BACKSLASH) break;
  }
  let at = start;
  for (;;) {
    at = buffer.indexOf(QUOTE, at + 1);
    if (at < 0) return buffer.length;
    let backslashes = 0;
    while (buffer[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

/** Members of all objects in a parsed value together. `value` is no deeper than the bound it was inspected with. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countMembers(item);
    return count;
  }
  for (const member of Object.keys(value)) {
    count++;
    const held = (value as Record<string, unknown>)[member];
    if (typeof held === 'object') count += countMembers(held);
  }
  return count;
}
