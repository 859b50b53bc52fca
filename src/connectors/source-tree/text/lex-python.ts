import { lineEnd } from './lex-comments.ts';
import type { Span } from './regions.ts';

const HASH = 35;
const DOUBLE = 34;
const SINGLE = 39;
const BACKSLASH = 92;
const NEWLINE = 10;

/** Comments, docstrings and strings of Python. A string that is a statement of its own counts as a docstring. */
export function lexPython(text: string): Span[] {
  const spans: Span[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === HASH) {
      const end = lineEnd(text, i);
      spans.push({ start: i, end, region: 'comment' });
      i = end;
    } else if (code === DOUBLE || code === SINGLE) {
      const isTriple = text.charCodeAt(i + 1) === code && text.charCodeAt(i + 2) === code;
      const end = isTriple ? endOfTriple(text, i + 3, code) : endOfString(text, i + 1, code);
      const start = i + (isTriple ? 3 : 1);
      if (isTriple && depth === 0 && beginsStatement(text, i)) spans.push({ start: i, end, region: 'docstring' });
      else spans.push({ start, end, region: text.slice(start, end).includes('\n') ? 'text' : 'string' });
      i = end - 1;
    } else if (code === 40 || code === 91 || code === 123) depth += 1;
    else if (code === 41 || code === 93 || code === 125) depth = Math.max(0, depth - 1);
  }
  return spans;
}

function beginsStatement(text: string, quote: number): boolean {
  for (let i = quote - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === NEWLINE) return true;
    const isPrefix = quote - i <= 2 && 'rRuUbBfF'.includes(text[i] ?? ' ');
    if (code !== 32 && code !== 9 && !isPrefix) return false;
  }
  return true;
}

function endOfTriple(text: string, from: number, quote: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === quote && text.charCodeAt(i + 1) === quote && text.charCodeAt(i + 2) === quote) return i + 3;
  }
  return text.length;
}

/** Offset just behind a one-line string; a string that is not closed ends with its line. */
export function endOfString(text: string, from: number, quote: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === quote) return i + 1;
    else if (code === NEWLINE) return i;
  }
  return text.length;
}
