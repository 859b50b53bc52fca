/** A stretch of a text that is judged on its own. */
export type Segment = { start: number; end: number };

/** Shorter sentences are joined to the next, longer ones cut: both keep the number of segments in proportion to the text. */
const LEAST_UNITS = 12;
const MOST_UNITS = 400;
const ENDS = new Set([...'.!?\n。！？।؟…|'].map((sign) => sign.charCodeAt(0)));
/** In JSON, values end at quotes. */
const QUOTE = 34;

/** Cuts a text into sentences, lines and quoted values; linear, covers the whole text. */
export function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isEnd =
      (ENDS.has(unit) && !isInsideNumber(text, i)) ||
      (unit === QUOTE && isJsonEdge(text, i)) ||
      i - start >= MOST_UNITS;
    if (!isEnd || i + 1 - start < LEAST_UNITS) continue;
    segments.push({ start, end: i + 1 });
    start = i + 1;
  }
  if (start < text.length) segments.push({ start, end: text.length });
  return segments;
}

/** `3.14` and `example.com` do not end a sentence. */
function isInsideNumber(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 46 || at + 1 >= text.length) return false;
  const next = text.charCodeAt(at + 1);
  return next > 47 && next !== 8220 && next !== 8221;
}

function isJsonEdge(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  return next === 44 || next === 58 || next === 125 || next === 93;
}
