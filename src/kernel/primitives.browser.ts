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
