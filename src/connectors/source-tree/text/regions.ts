import type { Language } from './language.ts';
import { lexBraces } from './lex-braces.ts';
import { lexHashes, lexMarkup, lexSql } from './lex-comments.ts';
import { lexPython } from './lex-python.ts';

/**
 * What a place in a program is: `code`; a `comment`; a `docstring`; a `string` that begins and ends on one line; or a
 * `text`, a string of several lines, in which what looks like code is somebody else's.
 */
export type Region = 'code' | 'comment' | 'docstring' | 'string' | 'text';

/** Everything that is not code, in order: `[start, end)` offsets and what it is. */
export type Span = { start: number; end: number; region: Exclude<Region, 'code'> };

export type Regions = {
  at(offset: number): Region;
  /** Offset at which what stands at `offset` begins; the offset itself in code. */
  startOf(offset: number): number;
};

const NOTHING_BUT_CODE: Regions = { at: () => 'code', startOf: (offset) => offset };

/** Tells code from comments and strings in `text`. Cheap and forgiving: a wrong guess moves a confidence, nothing else. */
export function regionsOf(text: string, language: Language): Regions {
  const spans = lex(text, language);
  if (spans.length === 0) return NOTHING_BUT_CODE;
  const spanAt = (offset: number): Span | null => {
    let low = 0;
    let high = spans.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const span = spans[middle] as Span;
      if (offset < span.start) high = middle - 1;
      else if (offset >= span.end) low = middle + 1;
      else return span;
    }
    return null;
  };
  return {
    at: (offset) => spanAt(offset)?.region ?? 'code',
    startOf: (offset) => spanAt(offset)?.start ?? offset,
  };
}

function lex(text: string, language: Language): Span[] {
  switch (language) {
    case 'python':
    case 'notebook':
      return lexPython(text);
    case 'javascript':
    case 'go':
    case 'java':
    case 'kotlin':
    case 'scala':
    case 'groovy':
    case 'rust':
    case 'csharp':
    case 'php':
    case 'swift':
    case 'cpp':
    case 'dart':
    case 'terraform':
      return lexBraces(text, language);
    case 'shell':
    case 'yaml':
    case 'toml':
    case 'ini':
    case 'dockerfile':
    case 'make':
    case 'ruby':
    case 'r':
    case 'julia':
    case 'elixir':
      return lexHashes(text);
    case 'sql':
      return lexSql(text);
    case 'markup':
      return lexMarkup(text);
    default:
      return [];
  }
}
