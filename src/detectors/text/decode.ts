import { UPSIDE_DOWN } from './lookalikes.ts';
import { composed, type MappedText, MappedTextBuilder } from './mapped-text.ts';
import { isAsciiLetter, isDigit } from './signs.ts';

export type Encoding =
  | 'base64'
  | 'hex'
  | 'codes'
  | 'percent'
  | 'escape'
  | 'rot13'
  | 'shifted'
  | 'mirrored'
  | 'reversed'
  | 'accented'
  | 'upside-down';
export type DecodedView = { how: Encoding; mapped: MappedText };

/** Bounds that keep decoding linear: how much is decoded in all, how many pieces, how often nested. */
const MOST_UNITS = 65_536;
const MOST_PIECES = 32;
const MOST_DEPTH = 3;
const FEWEST_TEXT = 8;

/** What the text says after decoding what is encoded in it. Each view maps to the original text. */
export function decodedViews(source: MappedText): DecodedView[] {
  const views: DecodedView[] = [];
  let budget = MOST_UNITS;
  let level: MappedText[] = [source];
  for (let depth = 0; depth < MOST_DEPTH && level.length > 0; depth++) {
    const next: MappedText[] = [];
    for (const text of level) {
      for (const view of viewsOf(
        text.text.length > budget * 16 ? { ...text, text: text.text.slice(0, budget * 16) } : text,
      )) {
        if (views.length >= MOST_PIECES || view.mapped.text.length > budget) continue;
        budget -= view.mapped.text.length;
        const whole = { how: view.how, mapped: composed(text, view.mapped) };
        views.push(whole);
        next.push(whole.mapped);
      }
    }
    level = next;
  }
  return views;
}

function viewsOf(mapped: MappedText): DecodedView[] {
  const { text } = mapped;
  return [...runViews(text), ...wrappedViews(text), ...codeViews(text), ...escapedViews(text), ...wholeViews(text)];
}

const RUN = /[A-Za-z0-9+/_-]{12,}={0,2}/y;
const LEAST_RUN = 12;
const HEX_RUN = /^(?:[0-9a-fA-F]{2}){8,}$/;
const SPACED_HEX = /(?:(?:\\x|0x)?[0-9a-fA-F]{2}[ ,:]?(?=[\\0-9a-fA-F])){7,}(?:\\x|0x)?[0-9a-fA-F]{2}/g;

/** Six pairs in a row are no word of any language. */
const HEX_HINT = /[0-9a-fA-F]{2}[ ,:]{0,2}(?:(?:\\x|0x)?[0-9a-fA-F]{2}[ ,:]{0,2}){5}/;

const RUN_UNIT = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++)
  if (isAsciiLetter(unit) || isDigit(unit) || '+-/_'.includes(String.fromCharCode(unit))) RUN_UNIT[unit] = 1;

function isRunUnit(unit: number): boolean {
  return RUN_UNIT[unit] === 1;
}

function runViews(text: string): DecodedView[] {
  const views: DecodedView[] = [];
  let start = 0;
  for (let i = 0; i <= text.length && views.length < MOST_PIECES; i++) {
    if (i < text.length && isRunUnit(text.charCodeAt(i))) continue;
    if (i - start >= LEAST_RUN) {
      RUN.lastIndex = start;
      const run = RUN.exec(text)?.[0] ?? '';
      const decoded = HEX_RUN.test(run) ? null : (base64Text(run) ?? turnedBase64Text(run));
      if (decoded !== null) views.push({ how: 'base64', mapped: wholePiece(decoded, start, start + run.length) });
    }
    start = i + 1;
  }
  if (!hasHexDigits(text) || !HEX_HINT.test(text)) return views;
  for (const match of text.matchAll(SPACED_HEX)) {
    if (views.length >= MOST_PIECES) break;
    const decoded = hexText(match[0]);
    if (decoded !== null)
      views.push({ how: 'hex', mapped: wholePiece(decoded, match.index, match.index + match[0].length) });
  }
  return views;
}

const HEX_DIGITS = 12;
/** 1: a digit of hex, 2: what may stand between two pairs. */
const HEX_KIND = new Uint8Array(128);
for (const sign of '0123456789abcdefABCDEF') HEX_KIND[sign.charCodeAt(0)] = 1;
for (const sign of ' ,:\\x') HEX_KIND[sign.charCodeAt(0)] = 2;

/** Whether twelve digits of hex stand together with nothing between them but what may. */
function hasHexDigits(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const kind = HEX_KIND[text.charCodeAt(i)];
    if (kind === 1) {
      if (++digits === HEX_DIGITS) return true;
    } else if (kind !== 2) digits = 0;
  }
  return false;
}

/** Every unit of a decoded piece stands for the whole encoded run: half a base64 group means nothing to a reader. */
function wholePiece(decoded: string, start: number, end: number): MappedText {
  const builder = new MappedTextBuilder(decoded.length);
  builder.pushText(decoded, start, end);
  return builder.finish();
}

const BASE64_VALUES = new Int8Array(128).fill(-1);
for (const [i, sign] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  BASE64_VALUES[sign.charCodeAt(0)] = i;
}
BASE64_VALUES['-'.charCodeAt(0)] = 62;
BASE64_VALUES['_'.charCodeAt(0)] = 63;

function base64Text(run: string): string | null {
  const body = run.replace(/=+$/, '');
  if (body.length % 4 === 1 || body.length > MOST_UNITS) return null;
  // A word of small letters only is a word; encoded text mixes cases.
  if (!/[A-Z]/.test(body) || !/[a-z]/.test(body)) return null;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < body.length; i++) {
    held = ((held << 6) | (BASE64_VALUES[body.charCodeAt(i)] ?? 0)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (held >> bits) & 255;
    }
  }
  return readable(bytes.subarray(0, length));
}

const LEAST_TURNED_RUN = 24;
const SPACE = 32;
const LINE = 10;
const RETURN = 13;
const EQUALS = 61;

/** Base64 whose letters were turned by rot13, or that is written from its end. */
function turnedBase64Text(run: string): string | null {
  if (run.length < LEAST_TURNED_RUN) return null;
  return base64Text(rot13(run)) ?? base64Text([...run.replace(/=+$/, '')].reverse().join(''));
}

const FEWEST_LINES = 3;
const MOST_LINE = 80;

/** Base64 broken into lines or groups of one length, as mail programs write it. */
function wrappedViews(text: string): DecodedView[] {
  const views: DecodedView[] = [];
  let lines: { start: number; end: number }[] = [];
  const close = () => {
    const first = lines[0];
    const last = lines.at(-1);
    if (first !== undefined && last !== undefined && lines.length >= FEWEST_LINES && views.length < MOST_PIECES) {
      const decoded = base64Text(lines.map(({ start, end }) => text.slice(start, end)).join(''));
      if (decoded !== null) views.push({ how: 'base64', mapped: wholePiece(decoded, first.start, last.end) });
    }
    lines = [];
  };
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0;
    if (isRunUnit(unit) || unit === EQUALS) continue;
    const length = i - start;
    // Lines of whole quartets follow each other with one space or line end between them; a shorter one is the last.
    if (length > 0) {
      const last = lines.at(-1);
      const lineLength = last === undefined ? 0 : last.end - last.start;
      if (last !== undefined && (start - last.end > 2 || length > lineLength)) close();
      const isLine = lines.length > 0 || (length % 4 === 0 && length <= MOST_LINE);
      if (isLine) lines.push({ start, end: i });
      if (lines.length > 1 && length < lineLength) close();
    }
    if (unit !== SPACE && unit !== LINE && unit !== RETURN) close();
    start = i + 1;
  }
  close();
  return views;
}

/** Numbers of characters: `105 103 110` in decimal, `01101001` in binary. */
const DECIMAL_CODES = /(?<![\d.])\d{2,3}(?:[ ,;]{1,2}\d{2,3}){9,}(?![\d.])/g;
const BINARY_CODES = /(?<!\d)[01]{8}(?:[ ,]{0,2}[01]{8}){7,}(?!\d)/g;
const DIGITS_TOGETHER = /\d\d[ ,;]{0,2}\d\d/;

function codeViews(text: string): DecodedView[] {
  if (!DIGITS_TOGETHER.test(text)) return [];
  const views: DecodedView[] = [];
  for (const [pattern, digits, base] of [
    [DECIMAL_CODES, /\d+/g, 10],
    [BINARY_CODES, /[01]{8}/g, 2],
  ] as const) {
    for (const match of text.matchAll(pattern)) {
      if (views.length >= MOST_PIECES) break;
      if (match[0].length > MOST_UNITS) continue;
      const codes = (match[0].match(digits) ?? []).map((code) => Number.parseInt(code, base));
      if (codes.some((code) => code > 126 || (code < 32 && code !== 10))) continue;
      const decoded = readable(Uint8Array.from(codes));
      if (decoded !== null)
        views.push({ how: 'codes', mapped: wholePiece(decoded, match.index, match.index + match[0].length) });
    }
  }
  return views;
}

function hexText(run: string): string | null {
  const digits = run.replace(/\\x|0x|[ ,:]/g, '');
  if (digits.length % 2 !== 0 || digits.length > MOST_UNITS) return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  return readable(bytes);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes as text when they are text: valid UTF-8, hardly any control character, letters in it. */
function readable(bytes: Uint8Array): string | null {
  if (bytes.length < FEWEST_TEXT) return null;
  let printable = 0;
  let letters = 0;
  for (const byte of bytes) {
    if (byte >= 32 || byte === 9 || byte === 10 || byte === 13) printable++;
    if (isAsciiLetter(byte) || byte === 32 || byte >= 128) letters++;
  }
  if (printable < bytes.length * 0.97) return null;
  try {
    const text = UTF8.decode(bytes);
    // Encoded once more it may hold more digits than letters.
    return letters >= bytes.length * 0.6 || HEX_RUN.test(text) ? text : null;
  } catch (error) {
    // Not UTF-8: bytes of a picture or a key, which is what most long runs are.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const ESCAPE =
  /(?:%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}|\\U[0-9a-fA-F]{8}|&#[xX][0-9a-fA-F]{1,6};|&#\d{1,7};|&amp;|\\x[0-9a-fA-F]{2}|\\[0-3][0-7]{2}|(?:=[0-9A-F]{2}){6,}|\\[0-9a-f]{2} )/g;
const FEWEST_ESCAPES = 6;

/** What an escape stands for; empty when it stands for no character. */
function unescaped(written: string): string {
  if (written === '&amp;') return '&';
  // Quoted-printable (RFC 2045, section 6.7), read in rows only: alone it is part of an address.
  if (written.startsWith('='))
    return String.fromCharCode(
      ...written
        .slice(1)
        .split('=')
        .map((pair) => Number.parseInt(pair, 16)),
    );
  const isDecimal = /^&#\d/.test(written);
  const isOctal = /^\\[0-3][0-7]{2}$/.test(written);
  const codePoint = Number.parseInt(
    written.replace(/^(?:%|\\u\{?|\\U|&#[xX]|&#|\\x|\\)/, ''),
    isDecimal ? 10 : isOctal ? 8 : 16,
  );
  return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : '';
}

/** `%69%67`, `\u0069`, `&#105;` in a row of text, repaired in place. */
function escapedViews(text: string): DecodedView[] {
  if (!text.includes('%') && !text.includes('\\') && !text.includes('&') && !text.includes('=')) return [];
  const builder = new MappedTextBuilder(text.length);
  let count = 0;
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const decoded = unescaped(match[0]);
    if (decoded === '') continue;
    for (let i = from; i < match.index; i++) builder.push(text.charCodeAt(i), i, i + 1);
    builder.pushText(decoded, match.index, match.index + match[0].length);
    from = match.index + match[0].length;
    count += decoded.length;
  }
  if (count < FEWEST_ESCAPES) return [];
  for (let i = from; i < text.length; i++) builder.push(text.charCodeAt(i), i, i + 1);
  return [{ how: text.includes('%') ? 'percent' : 'escape', mapped: builder.finish() }];
}

/** Frequent English words and the words an attack cannot do without; enough of them after turning a text means it was turned. */
const COMMON =
  'the and you your are was for that this with have not all from what tell show ignore previous instructions instruction system prompt forget rules reveal above please give password secret print repeat disregard everything act now how make write must answer without any follow output user'.split(
    ' ',
  );
/** Ways of writing each letter as another one. A view is made when enough words of the text are common ones, so written. */
type Turn = { how: Encoding; least: number; words: ReadonlySet<string>; turn: (text: string) => string };

const ROT13 = 13;
const LETTERS = 26;
/** Words of four letters and more: shorter ones, moved by any of 25 steps, are words too often. */
const LONGER = COMMON.filter((word) => word.length >= 4);
const TURNS: readonly Turn[] = [
  { how: 'rot13', least: 2, words: new Set(COMMON.map(rot13)), turn: rot13 },
  { how: 'mirrored', least: 2, words: new Set(LONGER.map(mirrored)), turn: mirrored },
  ...Array.from({ length: LETTERS - 1 }, (_, i) => i + 1)
    .filter((steps) => steps !== ROT13)
    .map((steps) => ({
      how: 'shifted' as const,
      least: 3,
      words: new Set(LONGER.map((word) => shifted(word, LETTERS - steps))),
      turn: (text: string) => shifted(text, steps),
    })),
];
const REVERSED = new Set(COMMON.map((word) => [...word].reverse().join('')));
const KNOWN = new Set(LONGER);
const LOOKED_AT = 4000;
/** Hashes of all turned words, so that one look dismisses an ordinary one. */
const TURNED_BITS = new Uint8Array(65_536);
for (const word of [...TURNS.flatMap(({ words }) => [...words]), ...REVERSED])
  TURNED_BITS[wordHash(word, 0, word.length)] = 1;

function wordHash(text: string, start: number, end: number): number {
  let hash = 2_166_136_261;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (text.charCodeAt(i) | 32), 16_777_619);
  return (hash ^ (hash >>> 16)) & 65_535;
}

/** Which turns the head of a text was written with. */
function turnsOf(text: string): { turns: Turn[]; isReversed: boolean } {
  const counts = new Map<Turn, number>();
  let reversed = 0;
  const end = Math.min(text.length, LOOKED_AT);
  let start = 0;
  for (let i = 0; i <= end; i++) {
    if (i < end && isAsciiLetter(text.charCodeAt(i))) continue;
    if (i - start >= 3 && i - start <= 24 && TURNED_BITS[wordHash(text, start, i)] === 1) {
      const word = text.slice(start, i).toLowerCase();
      if (REVERSED.has(word)) reversed++;
      for (const turn of TURNS) if (turn.words.has(word)) counts.set(turn, (counts.get(turn) ?? 0) + 1);
    }
    start = i + 1;
  }
  return {
    turns: [...counts].filter(([turn, count]) => count >= turn.least).map(([turn]) => turn),
    isReversed: reversed >= 2,
  };
}

const ACCENTED = /[\u00c0-\u024f]/;
const FEWEST_ACCENTED = 2;
/** Letters that no accent can be taken from. */
const STROKED = new Map(
  [...'øoØOłlŁLđdĐDıiħhŧtƀb'].flatMap((sign, i, all) => (i % 2 === 0 ? [[sign, all[i + 1] ?? sign]] : [])),
);

/** English words written with accents that they do not have; null when there are hardly any. */
function withoutAccents(text: string): string | null {
  if (!ACCENTED.test(text)) return null;
  let bare = '';
  for (const unit of text.slice(0, MOST_UNITS)) {
    const code = unit.charCodeAt(0);
    bare += code < 0xc0 || code > 0x24f ? unit : (STROKED.get(unit) ?? unit.normalize('NFD').charAt(0));
  }
  let count = 0;
  for (const match of bare.slice(0, LOOKED_AT).matchAll(/[A-Za-z]{4,24}/g)) {
    const isChanged = text.slice(match.index, match.index + match[0].length) !== match[0];
    if (isChanged && KNOWN.has(match[0].toLowerCase()) && ++count >= FEWEST_ACCENTED) return bare;
  }
  return null;
}

function mayBeUpsideDown(text: string): boolean {
  return text.includes('ǝ') || text.includes('ɹ') || text.includes('ʇ');
}

function wholeViews(text: string): DecodedView[] {
  const views: DecodedView[] = [];
  const { turns, isReversed } = turnsOf(text);
  for (const { how, turn } of turns) views.push({ how, mapped: unitByUnit(text, turn(text.slice(0, MOST_UNITS))) });
  const bare = withoutAccents(text);
  if (bare !== null) views.push({ how: 'accented', mapped: unitByUnit(text, bare) });
  if (isReversed) views.push({ how: 'reversed', mapped: backwards(text.slice(0, MOST_UNITS), (unit) => unit) });
  if (mayBeUpsideDown(text) && /[ǝɹʇɯʎɐƃɥ][\s\S]{0,12}[ǝɹʇɯʎɐƃɥ]/.test(text)) {
    views.push({
      how: 'upside-down',
      mapped: backwards(text.slice(0, MOST_UNITS), (unit) => UPSIDE_DOWN.get(unit) ?? unit),
    });
  }
  return views;
}

function rot13(text: string): string {
  return shifted(text, ROT13);
}

/** Each letter moved so many steps along the alphabet. */
function shifted(text: string, steps: number): string {
  return text.replace(/[A-Za-z]/g, (sign) => {
    const unit = sign.charCodeAt(0);
    const first = unit < 97 ? 65 : 97;
    return String.fromCharCode(((unit - first + steps) % LETTERS) + first);
  });
}

/** The first letter for the last one, the second for the last but one. */
function mirrored(text: string): string {
  return text.replace(/[A-Za-z]/g, (sign) => {
    const unit = sign.charCodeAt(0);
    return String.fromCharCode((unit < 97 ? 155 : 219) - unit);
  });
}

function unitByUnit(original: string, derived: string): MappedText {
  const builder = new MappedTextBuilder(derived.length);
  for (let i = 0; i < Math.min(original.length, derived.length); i++) builder.push(derived.charCodeAt(i), i, i + 1);
  return builder.finish();
}

function backwards(text: string, turn: (unit: number) => number): MappedText {
  const builder = new MappedTextBuilder(text.length);
  for (let i = text.length - 1; i >= 0; i--) builder.push(turn(text.charCodeAt(i)), i, i + 1);
  return builder.finish();
}
