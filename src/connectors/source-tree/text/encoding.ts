import { isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'binary';

const HEAD_BYTES = 8192;

/** How the bytes of a file are to be read, judged by its first 8 KiB. Anything with a zero byte that is no UTF-16 is `binary`. */
export function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, HEAD_BYTES);
  if (head.indexOf(0) < 0) return 'utf-8';
  return utf16WithoutMark(head) ?? 'binary';
}

/** Text in UTF-16 without a byte order mark: nearly every character is ASCII, so every second byte is zero. */
function utf16WithoutMark(head: Uint8Array): Encoding | null {
  if (head.length < 8) return null;
  const pairs = Math.floor(head.length / 2);
  let little = 0;
  let big = 0;
  for (let i = 0; i < pairs; i++) {
    const first = head[2 * i] ?? 0;
    const second = head[2 * i + 1] ?? 0;
    if (second === 0 && isPlain(first)) little += 1;
    if (first === 0 && isPlain(second)) big += 1;
  }
  if (little > pairs * 0.9) return 'utf-16le';
  return big > pairs * 0.9 ? 'utf-16be' : null;
}

function isPlain(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

/** `bytes` without a byte order mark, as UTF-8 (or as they are, where they are no UTF-16). */
export function asUtf8(bytes: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
    const text = (encoding === 'utf-16be' ? even.swap16() : even).toString('utf16le');
    return Buffer.from(text.replace(/^\uFEFF/, '').toWellFormed(), 'utf8');
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

/** Text of `bytes`: UTF-8 where they are, else Latin-1, in which every byte is a character. Always well formed. */
export function decode(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
}
