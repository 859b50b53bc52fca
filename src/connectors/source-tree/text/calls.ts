const CALL_CHARS_MAX = 4_000;
const CLOSING: Readonly<Record<string, true>> = { ')': true, ']': true, '}': true };
const OPENING: Readonly<Record<string, true>> = { '(': true, '[': true, '{': true };

/**
 * Text between the bracket that opened just before `start` and the one that closes it, quotes respected, at most 4,000
 * characters: the arguments of a call, over as many lines as they take.
 */
export function callText(text: string, start: number): string {
  const end = Math.min(text.length, start + CALL_CHARS_MAX);
  let depth = 1;
  for (let i = start; i < end; i++) {
    const sign = text[i] as string;
    if (sign === '"' || sign === "'" || sign === '`') i = endOfQuoted(text, i, end);
    else if (OPENING[sign]) depth += 1;
    else if (CLOSING[sign]) {
      depth -= 1;
      if (depth === 0) return text.slice(start, i);
    }
  }
  return text.slice(start, end);
}

/** Offset of the last sign of the quoted text that opens at `at`. */
function endOfQuoted(text: string, at: number, end: number): number {
  const quote = text[at] as string;
  if (text.startsWith(quote.repeat(3), at)) {
    const close = text.indexOf(quote.repeat(3), at + 3);
    return close < 0 || close > end ? end : close + 2;
  }
  for (let i = at + 1; i < end; i++) {
    const sign = text[i];
    if (sign === '\\') i += 1;
    else if (sign === quote) return i;
    else if (sign === '\n' && quote !== '`') return i;
  }
  return end;
}

/** Value of the string literal that opens at `at` in `text` (any quote, triple included), or null where none does. */
export function literalAt(text: string, at: number, maxChars: number): string | null {
  const opening = /^[rRuUbBfF$@]{0,2}("""|'''|["'`])/.exec(text.slice(at, at + 8));
  const quote = opening?.[1];
  if (!opening || !quote) return null;
  const start = at + opening[0].length;
  const end = Math.min(text.length, start + maxChars);
  for (let i = start; i < end; i++) {
    if (text[i] === '\\') i += 1;
    else if (text.startsWith(quote, i)) return text.slice(start, i);
    else if (text[i] === '\n' && quote.length === 1 && quote !== '`') return null;
  }
  return null;
}
