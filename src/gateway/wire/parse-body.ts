import { isAscii, isUtf8 } from 'node:buffer';
import { countMembers, inspectJson } from './inspect-json.ts';

export type JsonObject = Record<string, unknown>;

export type BodyProblem = {
  code: 'invalid_utf8' | 'invalid_json' | 'json_too_complex' | 'duplicate_member';
  message: string;
};

/** `isAscii`: no sign beyond ASCII in any of its texts, also none that is escaped. */
export type ParsedBody = { value: JsonObject; isAscii: boolean } | { problem: BodyProblem };

/** Calls are nested about eight deep; tool schemas a little deeper. */
export const JSON_DEPTH_MAX = 64;
/** A batch of embeddings given as token lists is the largest honest body. */
export const JSON_NODES_MAX = 500_000;

/**
 * Parses the body of a call. Refuses what two parsers may read differently (a member given twice), what is no UTF-8 and
 * what is nested or divided beyond reason. The problem names the place, never the content.
 */
export function parseBody(bytes: Buffer): ParsedBody {
  const hasAsciiBytes = isAscii(bytes);
  if (!hasAsciiBytes && !isUtf8(bytes))
    return { problem: { code: 'invalid_utf8', message: `The body is not UTF-8: ${placeOfBadUtf8(bytes)}.` } };
  const shape = inspectJson(bytes, { depth: JSON_DEPTH_MAX, nodes: JSON_NODES_MAX });
  if (shape.depth > JSON_DEPTH_MAX)
    return complex(`The body is nested deeper than ${JSON_DEPTH_MAX} levels. Flatten it.`);
  if (shape.nodes > JSON_NODES_MAX)
    return complex(`The body holds more than ${JSON_NODES_MAX} values. Send it in several calls.`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString(hasAsciiBytes ? 'latin1' : 'utf8'));
  } catch (error) {
    return { problem: { code: 'invalid_json', message: `The body is not JSON${placeOf(error, bytes)}.` } };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: { code: 'invalid_json', message: 'The body is not a JSON object.' } };
  if (countMembers(value) !== shape.members)
    return {
      problem: {
        code: 'duplicate_member',
        message: 'An object in the body gives the same member twice. Give each once.',
      },
    };
  return { value: value as JsonObject, isAscii: hasAsciiBytes && !bytes.includes('\\u') };
}

function complex(message: string): ParsedBody {
  return { problem: { code: 'json_too_complex', message } };
}

function placeOfBadUtf8(bytes: Buffer): string {
  // Halving: a prefix that is good UTF-8 up to a cut code point.
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // A sequence cut by the edge is at most three bytes short.
    const isGood = [0, 1, 2, 3].some((less) => isUtf8(bytes.subarray(0, middle - less)));
    if (isGood) good = middle;
    else bad = middle;
  }
  return `near byte ${good}`;
}

/** The engine's message quotes the text; only the line and column are taken from it. */
function placeOf(error: unknown, bytes: Buffer): string {
  const match = error instanceof Error ? /position (\d+)/.exec(error.message) : null;
  if (!match) return bytes.length === 0 ? ': it is empty' : ': it ends too early or holds a sign that does not belong';
  const position = Number(match[1]);
  const before = bytes.toString('utf8').slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  return `: see line ${line}, column ${column}`;
}
