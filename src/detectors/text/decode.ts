import { UPSIDE_DOWN } from './lookalikes.ts';
import { composed, type MappedText, MappedTextBuilder } from './mapped-text.ts';
import { isAsciiLetter, isDigit } from './signs.ts';

export type Encoding = 'base64' | 'hex' | 'percent' | 'escape' | 'rot13' | 'reversed' | 'upside-down';
export type DecodedView = { how: Encoding; mapped: MappedText };

/** Bounds that keep decoding linear: how much is decoded in all, how many pieces, how often nested. */
const MOST_UNITS = 65_536;
const MOST_PIECES = 32;
const MOST_DEPTH = 2;
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
  return [...runViews(text), ...escapedViews(text), ...wholeViews(text)];
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

/** Base64 whose letters were turned by rot13 as well. */
function turnedBase64Text(run: string): string | null {
  return run.length < LEAST_TURNED_RUN ? null : base64Text(rot13(run));
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
  if (printable < bytes.length * 0.97 || letters < bytes.length * 0.6) return null;
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    // Not UTF-8: bytes of a picture or a key, which is what most long runs are.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const ESCAPE =
  /(?:%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}|&#x[0-9a-fA-F]{1,6};|&#\d{1,7};|\\x[0-9a-fA-F]{2})/g;
const FEWEST_ESCAPES = 6;

/** `%69%67`, `\u0069`, `&#105;` in a row of text, repaired in place. */
function escapedViews(text: string): DecodedView[] {
  if (!text.includes('%') && !text.includes('\\') && !text.includes('&#')) return [];
  const builder = new MappedTextBuilder(text.length);
  let count = 0;
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const codePoint = Number.parseInt(
      match[0].replace(/^(?:%|\\u\{?|&#x|&#|\\x)/, ''),
      match[0].startsWith('&#') && !match[0].startsWith('&#x') ? 10 : 16,
    );
    if (!(codePoint > 0 && codePoint <= 0x10ffff)) continue;
    for (let i = from; i < match.index; i++) builder.push(text.charCodeAt(i), i, i + 1);
    builder.pushText(String.fromCodePoint(codePoint), match.index, match.index + match[0].length);
    from = match.index + match[0].length;
    count++;
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
const TURNED = {
  rot13: new Set(COMMON.map(rot13)),
  reversed: new Set(COMMON.map((word) => [...word].reverse().join(''))),
};
const LOOKED_AT = 4000;
/** Hashes of all turned words, so that one look dismisses an ordinary one. */
const TURNED_BITS = new Uint8Array(65_536);
for (const word of [...TURNED.rot13, ...TURNED.reversed]) TURNED_BITS[wordHash(word, 0, word.length)] = 1;

function wordHash(text: string, start: number, end: number): number {
  let hash = 2_166_136_261;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (text.charCodeAt(i) | 32), 16_777_619);
  return (hash ^ (hash >>> 16)) & 65_535;
}

/** How many words of the head of a text are common ones after turning it. */
function turnedWords(text: string): { rot13: number; reversed: number } {
  const counts = { rot13: 0, reversed: 0 };
  const end = Math.min(text.length, LOOKED_AT);
  let start = 0;
  for (let i = 0; i <= end; i++) {
    if (i < end && isAsciiLetter(text.charCodeAt(i))) continue;
    if (i - start >= 3 && i - start <= 24 && TURNED_BITS[wordHash(text, start, i)] === 1) {
      const word = text.slice(start, i).toLowerCase();
      if (TURNED.rot13.has(word)) counts.rot13++;
      if (TURNED.reversed.has(word)) counts.reversed++;
    }
    start = i + 1;
  }
  return counts;
}

function mayBeUpsideDown(text: string): boolean {
  return text.includes('ǝ') || text.includes('ɹ') || text.includes('ʇ');
}

function wholeViews(text: string): DecodedView[] {
  const views: DecodedView[] = [];
  const turned = turnedWords(text);
  if (turned.rot13 >= 2) views.push({ how: 'rot13', mapped: unitByUnit(text, rot13(text.slice(0, MOST_UNITS))) });
  if (turned.reversed >= 2)
    views.push({ how: 'reversed', mapped: backwards(text.slice(0, MOST_UNITS), (unit) => unit) });
  if (mayBeUpsideDown(text) && /[ǝɹʇɯʎɐƃɥ][\s\S]{0,12}[ǝɹʇɯʎɐƃɥ]/.test(text)) {
    views.push({
      how: 'upside-down',
      mapped: backwards(text.slice(0, MOST_UNITS), (unit) => UPSIDE_DOWN.get(unit) ?? unit),
    });
  }
  return views;
}

function rot13(text: string): string {
  return text.replace(/[A-Za-z]/g, (sign) => {
    const unit = sign.charCodeAt(0);
    const first = unit < 97 ? 65 : 97;
    return String.fromCharCode(((unit - first + 13) % 26) + first);
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
