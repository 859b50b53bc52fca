import type { Span } from './regions.ts';

/** Comments that begin with `#` at the start of a line or behind white space. Quotes are too loose in these languages to follow. */
export function lexHashes(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf('#'); at >= 0; ) {
    const before = at === 0 ? 10 : text.charCodeAt(at - 1);
    if (before !== 10 && before !== 32 && before !== 9) {
      at = text.indexOf('#', at + 1);
      continue;
    }
    const end = lineEnd(text, at);
    spans.push({ start: at, end, region: 'comment' });
    at = text.indexOf('#', end);
  }
  return spans;
}

/** `-- …` and slash-star comments. */
export function lexSql(text: string): Span[] {
  return lexPairs(text, /--|\/\*/g, (opening, at) =>
    opening === '--' ? lineEnd(text, at) : endOf(text, '*/', at + 2),
  );
}

export function lexMarkup(text: string): Span[] {
  return lexPairs(text, /<!--/g, (_, at) => endOf(text, '-->', at + 4));
}

function lexPairs(text: string, opening: RegExp, endFrom: (opening: string, at: number) => number): Span[] {
  const spans: Span[] = [];
  opening.lastIndex = 0;
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const end = endFrom(match[0], match.index);
    spans.push({ start: match.index, end, region: 'comment' });
    opening.lastIndex = end;
  }
  return spans;
}

/** Offset of the line break that ends the line `at` stands in, or the end of the text. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Offset just behind the next `closing`, or the end of the text. */
export function endOf(text: string, closing: string, from: number): number {
  const at = text.indexOf(closing, from);
  return at < 0 ? text.length : at + closing.length;
}
