// What a UTF-16 unit is, by number: called for every unit of every text, so tables and comparisons only.

export function isAsciiLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90);
}

export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** A letter, mark or digit of any script. Surrogates count: they are letters of rare scripts more often than signs. */
export function isWordUnit(unit: number): boolean {
  return ((UNIT_KIND[unit] ?? 0) & WORD) !== 0;
}

/** A sign of a script written without spaces between words: Han, kana, Thai, Lao, Khmer, Burmese. */
export function isUnspaced(unit: number): boolean {
  return ((UNIT_KIND[unit] ?? 0) & UNSPACED) !== 0;
}

const WORD = 1;
const UNSPACED = 2;
const UNIT_KIND = Uint8Array.from(
  { length: 65_536 },
  (_, unit) => (isWordSign(unit) ? WORD : 0) | (isSignOfUnspaced(unit) ? UNSPACED : 0),
);

function isWordSign(unit: number): boolean {
  if (unit < 128) return isAsciiLetter(unit) || isDigit(unit);
  if (unit < 0xc0) return unit === 0xaa || unit === 0xb5 || unit === 0xba;
  if (unit === 0xd7 || unit === 0xf7) return false;
  if (unit >= 0x2000 && unit <= 0x2bff) return false;
  if (unit >= 0x3000 && unit <= 0x3004) return false;
  if (unit >= 0x3008 && unit <= 0x3020) return false;
  if (unit >= 0xff00 && unit <= 0xff0f) return false;
  if (unit >= 0xff1a && unit <= 0xff20) return false;
  return !(
    unit === 0x0964 ||
    unit === 0x0965 ||
    unit === 0x060c ||
    unit === 0x061f ||
    unit === 0x06d4 ||
    unit === 0x30fb
  );
}

function isSignOfUnspaced(unit: number): boolean {
  return (
    (unit >= 0x3041 && unit <= 0x9fff) ||
    (unit >= 0x0e00 && unit <= 0x0eff) ||
    (unit >= 0x1000 && unit <= 0x109f) ||
    (unit >= 0x1780 && unit <= 0x17ff) ||
    (unit >= 0xf900 && unit <= 0xfaff)
  );
}

/** Characters without a shape of their own that can stand inside a word: zero-width, bidi control, soft hyphen, selectors. */
export function isInvisible(codePoint: number): boolean {
  return (
    codePoint === 0xad ||
    codePoint === 0x34f ||
    codePoint === 0x61c ||
    codePoint === 0x115f ||
    codePoint === 0x1160 ||
    codePoint === 0x17b4 ||
    codePoint === 0x17b5 ||
    (codePoint >= 0x180b && codePoint <= 0x180f) ||
    (codePoint >= 0x200b && codePoint <= 0x200f) ||
    (codePoint >= 0x202a && codePoint <= 0x202e) ||
    (codePoint >= 0x2060 && codePoint <= 0x206f) ||
    codePoint === 0x3164 ||
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f) ||
    codePoint === 0xfeff ||
    codePoint === 0xffa0 ||
    (codePoint >= 0xe0000 && codePoint <= 0xe001f) ||
    codePoint === 0xe007f ||
    (codePoint >= 0xe0100 && codePoint <= 0xe01ef)
  );
}

const MARK = /^\p{M}$/u;

/** A mark that joins the letter before it. */
export function isMark(codePoint: number): boolean {
  if (codePoint < 0x300) return false;
  if (codePoint <= 0x36f) return true;
  if (codePoint < 0x483) return false;
  return MARK.test(String.fromCodePoint(codePoint));
}
