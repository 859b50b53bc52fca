import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';

/** SHA-256 of `data`: 32 bytes. Source: FIPS 180-4. */
export function sha256(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer');
}

/** SHA-256 of `data` as 64 lower-case hex digits. A string is hashed as its UTF-8 bytes. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** SHA-256 of data that comes in parts. `hex` is called once, at the end. */
export function startSha256(): { update(data: Uint8Array): void; hex(): string } {
  const running = createHash('sha256');
  return { update: (data) => void running.update(data), hex: () => running.digest('hex') };
}

// The cost of a small hash in Node is the Buffer made for its digest, not the hash: taking the digest as a string of two
// bytes per unit and spelling it into memory that is already there is more than twice as fast (bench/ledger.ts).
// The 65 bytes of a node lie at offset 3, so that both children are aligned for 32-bit copies.
const nodeWords = new Uint32Array(17);
const nodeBytes = new Uint8Array(nodeWords.buffer);
const node = nodeBytes.subarray(3, 68);
// The types leave this encoding out; Node takes any that a Buffer has.
const UNITS = 'utf16le' as 'binary';
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
let prefixed = new Uint8Array(4_097);
const VIEWS_MAX = 4_096;
const views: (Uint8Array | undefined)[] = [];

/** SHA-256 of the byte `prefix` followed by `data`. */
export function sha256Prefixed(prefix: number, data: Uint8Array): Uint8Array {
  return spelled(hash('sha256', prefixedWith(prefix, data), UNITS), Buffer.allocUnsafe(32), 0);
}

/** SHA-256 of the byte `prefix` followed by `data`, written to `at` in `target`. */
export function sha256PrefixedInto(prefix: number, data: Uint8Array, target: Uint8Array, at: number): void {
  spelled(hash('sha256', prefixedWith(prefix, data), UNITS), target, at);
}

/** SHA-256 of the byte `prefix` followed by each of `items`, written into `target` one after the other. */
export function sha256EachInto(prefix: number, items: readonly Uint8Array[], target: Uint8Array): void {
  const units = unitsOf(target, items.length);
  for (let i = 0; i < items.length; i++) {
    const view = prefixedWith(prefix, items[i] as Uint8Array);
    spellAt(hash('sha256', view, UNITS), units, target, i);
  }
}

function prefixedWith(prefix: number, data: Uint8Array): Uint8Array {
  const sizeBytes = data.length + 1;
  if (prefixed.length < sizeBytes) {
    prefixed = new Uint8Array(sizeBytes * 2);
    views.length = 0;
  }
  prefixed[0] = prefix;
  prefixed.set(data, 1);
  return viewOf(sizeBytes);
}

// The target as units of two bytes, where it can be written in these: that is half the work.
function unitsOf(target: Uint8Array, digests: number): Uint16Array | null {
  if (!isLittleEndian || target.byteOffset % 2 !== 0) return null;
  return new Uint16Array(target.buffer, target.byteOffset, digests * 16);
}

function spellAt(digest: string, units: Uint16Array | null, target: Uint8Array, index: number): void {
  if (units === null) spelled(digest, target, index * 32);
  else for (let j = 0; j < 16; j++) units[index * 16 + j] = digest.charCodeAt(j);
}

// A view of each size is made once: making one costs as much as a quarter of a small hash.
function viewOf(sizeBytes: number): Uint8Array {
  const held = views[sizeBytes];
  if (held) return held;
  const view = prefixed.subarray(0, sizeBytes);
  if (sizeBytes < VIEWS_MAX) views[sizeBytes] = view;
  return view;
}

/** SHA-256 of the byte `prefix`, 32 bytes of `left` and 32 bytes of `right`. */
export function sha256Pair(prefix: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  node[0] = prefix;
  node.set(left, 1);
  node.set(right, 33);
  return spelled(hash('sha256', node, UNITS), Buffer.allocUnsafe(32), 0);
}

/** SHA-256 of the byte `prefix` and the 64 bytes from `at` on in `source`, written to `targetAt` in `target`. */
export function sha256PairAt(
  prefix: number,
  source: Uint8Array,
  at: number,
  target: Uint8Array,
  targetAt: number,
): void {
  node[0] = prefix;
  for (let i = 0; i < 64; i++) node[i + 1] = source[at + i] as number;
  spelled(hash('sha256', node, UNITS), target, targetAt);
}

/** Whether `length` bytes from `at` on in `a` are those from `bAt` on in `b`; not where one of them ends before. */
export function isSameSpan(a: Uint8Array, at: number, b: Uint8Array, bAt: number, length: number): boolean {
  if (at + length > a.length || bAt + length > b.length) return false;
  return compareSpans.call(a, b, bAt, bAt + length, at, at + length) === 0;
}

// Takes any bytes, not only a Buffer.
const compareSpans = Buffer.prototype.compare as (this: Uint8Array, ...args: Parameters<Buffer['compare']>) => number;

/**
 * For each of the first `pairs` pairs of 32-byte values in `source`, writes SHA-256 of the byte `prefix` and the pair
 * into `target`, one after the other. `source` and `target` may be the same memory.
 */
export function sha256PairsInto(prefix: number, source: Uint8Array, pairs: number, target: Uint8Array): void {
  const aligned = source.byteOffset % 4 === 0 ? source : new Uint8Array(source.subarray(0, pairs * 64));
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, pairs * 16);
  const units = unitsOf(target, pairs);
  node[0] = prefix;
  for (let i = 0; i < pairs; i++) {
    copyPair(words, i * 16);
    spellAt(hash('sha256', node, UNITS), units, target, i);
  }
}

// Written out: as a loop it costs as much as a tenth of the hash.
function copyPair(words: Uint32Array, from: number): void {
  nodeWords[1] = words[from] as number;
  nodeWords[2] = words[from + 1] as number;
  nodeWords[3] = words[from + 2] as number;
  nodeWords[4] = words[from + 3] as number;
  nodeWords[5] = words[from + 4] as number;
  nodeWords[6] = words[from + 5] as number;
  nodeWords[7] = words[from + 6] as number;
  nodeWords[8] = words[from + 7] as number;
  nodeWords[9] = words[from + 8] as number;
  nodeWords[10] = words[from + 9] as number;
  nodeWords[11] = words[from + 10] as number;
  nodeWords[12] = words[from + 11] as number;
  nodeWords[13] = words[from + 12] as number;
  nodeWords[14] = words[from + 13] as number;
  nodeWords[15] = words[from + 14] as number;
  nodeWords[16] = words[from + 15] as number;
}

/** Whether SHA-256 of `data` is the 32 bytes from `at` on in `digests`. */
export function isSha256At(data: Uint8Array, digests: Uint8Array, at: number): boolean {
  const digest = hash('sha256', data, UNITS);
  for (let i = 0; i < 16; i++)
    if (digest.charCodeAt(i) !== ((digests[at + 2 * i] as number) | ((digests[at + 2 * i + 1] as number) << 8)))
      return false;
  return true;
}

// A unit of UTF-16 is two bytes, the lower first.
function spelled(digest: string, target: Uint8Array, at: number): Uint8Array {
  for (let i = 0; i < 16; i++) {
    const unit = digest.charCodeAt(i);
    target[at + 2 * i] = unit & 255;
    target[at + 2 * i + 1] = unit >> 8;
  }
  return target;
}

/** CRC-32 of `data`, going on from `seed` (the value for the bytes before it). Source: PKWARE APPNOTE 4.4.7. */
export function crc32(data: Uint8Array, seed = 0): number {
  return zlibCrc32(data, seed);
}

// DER prefix of a SubjectPublicKeyInfo that holds an Ed25519 key (RFC 8410, section 4).
const SPKI_PREFIX = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

// Importing a key costs as much as one verification, and a bundle checks thousands of notes under the same few keys.
const importedKeys = new Map<string, KeyObject>();
const IMPORTED_KEYS_MAX = 64;

/** True when `signature` (64 bytes) over `message` was made by the Ed25519 key `publicKey` (32 bytes). Source: RFC 8032. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const name = Buffer.from(publicKey).toString('latin1');
  let key = importedKeys.get(name);
  if (!key) {
    key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
    if (importedKeys.size >= IMPORTED_KEYS_MAX) importedKeys.clear();
    importedKeys.set(name, key);
  }
  return verify(null, message, key, signature);
}
