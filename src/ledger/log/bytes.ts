const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The text `bytes` spell in UTF-8, a byte order mark included, or null when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text with one character per byte, so that bytes of any encoding can be split and compared. */
export function octetText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return text;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  const joined = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) BASE64_VALUE[BASE64.charCodeAt(i)] = i;

// Two characters for every 12 bits.
const BASE64_PAIRS = Array.from({ length: 4_096 }, (_, bits) => BASE64.charAt(bits >> 6) + BASE64.charAt(bits & 63));

/** Standard base64 with padding. Source: RFC 4648, section 4. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  const whole = bytes.length - (bytes.length % 3);
  for (let i = 0; i < whole; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text += (BASE64_PAIRS[group >> 12] as string) + (BASE64_PAIRS[group & 0xfff] as string);
  }
  if (bytes.length === whole) return text;
  const group = ((bytes[whole] ?? 0) << 16) | ((bytes[whole + 1] ?? 0) << 8);
  const last = bytes.length - whole === 2 ? BASE64.charAt((group >> 6) & 63) : '=';
  return `${text}${BASE64_PAIRS[group >> 12]}${last}=`;
}

/**
 * The bytes of a standard base64 text, or null when it is not the one text those bytes have: another alphabet, missing
 * padding, white space, bits set behind the end. Source: RFC 4648, sections 3.3 to 3.5.
 */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const sizeBytes = (text.length / 4) * 3 - padding;
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    const last = i + 4 === text.length;
    let group = 0;
    for (let j = 0; j < 4; j++) {
      const code = text.charCodeAt(i + j);
      const value = last && j >= 4 - padding ? 0 : code < 128 ? (BASE64_VALUE[code] as number) : -1;
      if (value < 0) return null;
      group = (group << 6) | value;
    }
    if (last && padding > 0 && (group & (padding === 2 ? 0xffff : 0xff)) !== 0) return null;
    if (at < sizeBytes) bytes[at++] = group >> 16;
    if (at < sizeBytes) bytes[at++] = (group >> 8) & 255;
    if (at < sizeBytes) bytes[at++] = group & 255;
  }
  return bytes;
}

/** Characters of base64 that spell 32 bytes, the size of a hash. */
export const BASE64_OF_32_LENGTH = 44;

/**
 * Writes the 32 bytes that the 44 characters from `from` on in `text` spell to `at` in `target`. False, with anything
 * written, when they are not what `fromBase64` takes. For the hundreds of thousands of hashes in proofs.
 */
export function base64Of32Into(text: Uint8Array, from: number, target: Uint8Array, at: number): boolean {
  if (from + BASE64_OF_32_LENGTH > text.length || text[from + 43] !== PADDING) return false;
  // Negative once, negative to the end: -1 has all bits set.
  let all = 0;
  for (let i = 0; i < 10; i++) {
    const group = base64Group(text, from + 4 * i);
    all |= group;
    target[at + 3 * i] = group >> 16;
    target[at + 3 * i + 1] = group >> 8;
    target[at + 3 * i + 2] = group;
  }
  const last = (valueAt(text, from + 40) << 12) | (valueAt(text, from + 41) << 6) | valueAt(text, from + 42);
  target[at + 30] = last >> 10;
  target[at + 31] = last >> 2;
  return all >= 0 && last >= 0 && (last & 3) === 0;
}

const PADDING = 61;

// The 24 bits of four characters, or a negative number.
function base64Group(text: Uint8Array, at: number): number {
  return (
    (valueAt(text, at) << 18) | (valueAt(text, at + 1) << 12) | (valueAt(text, at + 2) << 6) | valueAt(text, at + 3)
  );
}

function valueAt(text: Uint8Array, at: number): number {
  const code = text[at] as number;
  return code < 128 ? (BASE64_VALUE[code] as number) : -1;
}

const HEX_CODES = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HEX_OF = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_OF[byte];
  return text;
}

/** Whether `text` is `toHex(bytes)`, without making it. */
export function isHexOf(text: string, bytes: Uint8Array): boolean {
  return isHexAt(text, bytes, 0, bytes.length);
}

/** Whether `text` is the hex of `length` bytes from `at` on in `bytes`. */
export function isHexAt(text: string, bytes: Uint8Array, at: number, length: number): boolean {
  if (text.length !== length * 2) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] as number;
    if (text.charCodeAt(i * 2) !== HEX_CODES[byte >> 4] || text.charCodeAt(i * 2 + 1) !== HEX_CODES[byte & 15])
      return false;
  }
  return true;
}

const HEX_VALUE = new Int8Array(128).fill(-1);
HEX_CODES.forEach((code, value) => {
  HEX_VALUE[code] = value;
});

/** The bytes of a text of lower-case hex digits, or null when it is anything else. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  return hexInto(text, bytes, 0) ? bytes : null;
}

/** Writes the bytes of a text of lower-case hex digits to `at` in `target`. False when it is anything else. */
export function hexInto(text: string, target: Uint8Array, at: number): boolean {
  return hexAtInto(text, 0, text.length, target, at);
}

/** The same for `length` characters from `from` on in `text`. */
export function hexAtInto(text: string, from: number, length: number, target: Uint8Array, at: number): boolean {
  for (let i = 0; i < length; i += 2) {
    const high = text.charCodeAt(from + i);
    const low = text.charCodeAt(from + i + 1);
    if (!(high < 128 && low < 128)) return false;
    const byte = ((HEX_VALUE[high] as number) << 4) | (HEX_VALUE[low] as number);
    if (byte < 0) return false;
    target[at + (i >> 1)] = byte;
  }
  return true;
}

/** Whether `text` is lower-case hex digits and nothing else. */
export function isHex(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!(code < 128) || (HEX_VALUE[code] as number) < 0) return false;
  }
  return true;
}

const DECIMAL_DIGITS_MAX = 16;

/** The number an ASCII decimal without sign or leading zeroes spells, or null; also null above 2^53 - 1. */
export function fromDecimal(text: string): number | null {
  if (text.length === 0 || text.length > DECIMAL_DIGITS_MAX || (text.length > 1 && text.startsWith('0'))) return null;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return null;
    value = value * 10 + digit;
  }
  return Number.isSafeInteger(value) ? value : null;
}
