// Which words of a text could be, or be part of, personal data or a secret. Everything a detector reports holds a digit, a
// sign that prose does not use inside words, or is a very long word; the rest of a text need not be held back or scanned.
// `risk.test.ts` holds the detectors to that.

/** What a UTF-16 unit is to the reader of words. */
export const UNIT = {
  /** A letter, or punctuation that never matters. */
  calm: 0,
  /** Ends a word: white space, and every sign of a script that is written without spaces. */
  space: 1,
  /** Makes its word risky. */
  risky: 2,
  /** A Latin capital letter. */
  upper: 3,
  /** A full stop: two inside one word make it risky. */
  dot: 4,
  /** Punctuation that is calm at the edge of a word and risky inside. */
  inner: 5,
  /** Four inside one word make it risky. */
  dash: 6,
  /** Quotation marks, brackets, marks of Markdown: no part of a word. */
  edge: 7,
} as const;

/** The class of every UTF-16 unit. */
export const UNIT_CLASS = unitClasses();

function unitClasses(): Uint8Array {
  const table = new Uint8Array(65_536).fill(UNIT.risky);
  const set = (from: number, to: number, kind: number) => table.fill(kind, from, to + 1);
  for (const sign of ' \t\n\r\v\f') table[sign.charCodeAt(0)] = UNIT.space;
  set(0x61, 0x7a, UNIT.calm);
  set(0x41, 0x5a, UNIT.upper);
  for (const sign of `'"()*|#`) table[sign.charCodeAt(0)] = UNIT.edge;
  for (const sign of ',;:!?`&$') table[sign.charCodeAt(0)] = UNIT.inner;
  table['.'.charCodeAt(0)] = UNIT.dot;
  table['-'.charCodeAt(0)] = UNIT.dash;
  // Letters that NFKC leaves alone, script by script.
  set(0xc0, 0x24f, UNIT.calm);
  set(0x370, 0x58f, UNIT.calm);
  set(0x5d0, 0x5ea, UNIT.calm);
  set(0x620, 0x64a, UNIT.calm);
  set(0x900, 0xdff, UNIT.calm);
  set(0x10a0, 0x10ff, UNIT.calm);
  // Dashes, quotation marks, dots and bullets, without the invisible ones among them.
  set(0x2010, 0x2027, UNIT.edge);
  set(0x2030, 0x205e, UNIT.edge);
  // White space beyond ASCII.
  table[0xa0] = UNIT.space;
  set(0x2000, 0x200a, UNIT.space);
  table[0x2028] = UNIT.space;
  table[0x2029] = UNIT.space;
  // Arrows, mathematics, box drawing, symbols; not the enclosed letters and digits (2460 to 24ff).
  set(0x2190, 0x23ff, UNIT.calm);
  set(0x2500, 0x2bff, UNIT.calm);
  // Written without spaces: every sign is a word of its own.
  set(0xe00, 0xeff, UNIT.space);
  set(0x1000, 0x109f, UNIT.space);
  set(0x1780, 0x17ff, UNIT.space);
  set(0x3000, 0x303f, UNIT.space);
  set(0x3041, 0x30ff, UNIT.space);
  set(0x3400, 0x9fff, UNIT.space);
  set(0xac00, 0xd7a3, UNIT.calm);
  // Emoji and other pictures; the mathematical letters (d835) and the rest of the upper planes stay risky.
  set(0xd83c, 0xd83e, UNIT.calm);
  set(0xdc00, 0xdfff, UNIT.calm);
  table[0xfe0f] = UNIT.calm;
  return table;
}

/** A word this long is risky whatever it is made of. */
export const LONG_WORD = 20;
/** A word of capitals this short may be the beginning of a number, such as the country of an IBAN. */
export const SHORT_CAPITALS = 5;

const MONTH =
  /^[("'*]{0,2}(?:jan|feb|fev|fév|mar|mär|apr|abr|avr|mai|maj|may|jun|jui|jul|aug|ago|aoû|sep|set|okt|oct|out|oca|nov|dec|dez|déc|dic)/i;

/** True for a word that is no data itself and may be the beginning of some: `DE`, `j.doe`, `March`. */
export function isWeakWord(text: string, start: number, end: number, dots: number): boolean {
  const length = end - start;
  if (length === 0) return false;
  if (dots > 0 && text.charCodeAt(end - 1) !== 0x2e) return true;
  if (UNIT_CLASS[text.charCodeAt(start)] !== UNIT.upper) return false;
  if (length <= SHORT_CAPITALS) {
    let isCapital = true;
    for (let i = start; i < end; i++) if (UNIT_CLASS[text.charCodeAt(i)] !== UNIT.upper) isCapital = false;
    if (isCapital) return true;
  }
  return length >= 3 && length <= 10 && MONTH.test(text.slice(start, end));
}
