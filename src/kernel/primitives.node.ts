import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

/** SHA-256 of `data`: 32 bytes. Source: FIPS 180-4. */
export function sha256(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer');
}

/** SHA-256 of `data` as 64 lower-case hex digits. A string is hashed as its UTF-8 bytes. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
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
