import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** SHA-256 of `data`: 32 bytes. Source: FIPS 180-4. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}

/** SHA-256 of `data` as 64 lower-case hex digits. A string is hashed as its UTF-8 bytes. */
export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(nobleSha256(typeof data === 'string' ? utf8ToBytes(data) : data));
}

/** Whether SHA-256 of `data` is the 32 bytes from `at` on in `digests`. */
export function isSha256At(data: Uint8Array, digests: Uint8Array, at: number): boolean {
  return nobleSha256(data).every((byte, i) => byte === digests[at + i]);
}

/** SHA-256 of data that comes in parts. `hex` is called once, at the end. */
export function startSha256(): { update(data: Uint8Array): void; hex(): string } {
  const running = nobleSha256.create();
  return { update: (data) => void running.update(data), hex: () => bytesToHex(running.digest()) };
}

const pair = new Uint8Array(65);

/** SHA-256 of the byte `prefix` followed by `data`. */
export function sha256Prefixed(prefix: number, data: Uint8Array): Uint8Array {
  return nobleSha256.create().update(Uint8Array.of(prefix)).update(data).digest();
}

/** SHA-256 of the byte `prefix` followed by `data`, written to `at` in `target`. */
export function sha256PrefixedInto(prefix: number, data: Uint8Array, target: Uint8Array, at: number): void {
  target.set(sha256Prefixed(prefix, data), at);
}

/** SHA-256 of the byte `prefix` followed by each of `items`, written into `target` one after the other. */
export function sha256EachInto(prefix: number, items: readonly Uint8Array[], target: Uint8Array): void {
  for (const [i, item] of items.entries()) target.set(sha256Prefixed(prefix, item), i * 32);
}

/** SHA-256 of the byte `prefix`, 32 bytes of `left` and 32 bytes of `right`. */
export function sha256Pair(prefix: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  pair[0] = prefix;
  pair.set(left, 1);
  pair.set(right, 33);
  return nobleSha256(pair);
}

/** SHA-256 of the byte `prefix` and the 64 bytes from `at` on in `source`, written to `targetAt` in `target`. */
export function sha256PairAt(
  prefix: number,
  source: Uint8Array,
  at: number,
  target: Uint8Array,
  targetAt: number,
): void {
  pair[0] = prefix;
  pair.set(source.subarray(at, at + 64), 1);
  target.set(nobleSha256(pair), targetAt);
}

/** Whether `length` bytes from `at` on in `a` are those from `bAt` on in `b`; not where one of them ends before. */
export function isSameSpan(a: Uint8Array, at: number, b: Uint8Array, bAt: number, length: number): boolean {
  if (at + length > a.length || bAt + length > b.length) return false;
  for (let i = 0; i < length; i++) if (a[at + i] !== b[bAt + i]) return false;
  return true;
}

/**
 * For each of the first `pairs` pairs of 32-byte values in `source`, writes SHA-256 of the byte `prefix` and the pair
 * into `target`, one after the other. `source` and `target` may be the same memory.
 */
export function sha256PairsInto(prefix: number, source: Uint8Array, pairs: number, target: Uint8Array): void {
  pair[0] = prefix;
  for (let i = 0; i < pairs; i++) {
    pair.set(source.subarray(i * 64, i * 64 + 64), 1);
    target.set(nobleSha256(pair), i * 32);
  }
}

const CRC_TABLE = new Uint32Array(256).map((_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of `data`, going on from `seed` (the value for the bytes before it). Source: PKWARE APPNOTE 4.4.7. */
export function crc32(data: Uint8Array, seed = 0): number {
  let value = ~seed;
  for (const byte of data) value = (CRC_TABLE[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  return ~value >>> 0;
}

/** True when `signature` (64 bytes) over `message` was made by the Ed25519 key `publicKey` (32 bytes). Source: RFC 8032. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    // zip215: false is the strict RFC 8032 rule, the one OpenSSL applies, so both builds reject the same signatures.
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    // The library throws on encodings that are no curve point: for the caller that is one more bad signature.
    return false;
  }
}
