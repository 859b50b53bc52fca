import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** A secret under a key of its own, and that key under the master key. */
export type Envelope = { wrappedKey: Buffer; nonce: Buffer; ciphertext: Buffer };

/** 32 bytes that open every envelope. */
export type MasterKey = Uint8Array;

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const FINGERPRINT_BYTES = 8;
const WRAPPED_BYTES = 1 + FINGERPRINT_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** Names a master key without telling anything about it: 16 hex digits. */
export function fingerprintOf(key: MasterKey): string {
  return createHash('sha256')
    .update('assay master key\0')
    .update(key)
    .digest('hex')
    .slice(0, FINGERPRINT_BYTES * 2);
}

/**
 * Encrypts `plaintext` for the secret `id`. The id is bound to it: moved to another row, it no longer opens.
 * AES-256-GCM with a fresh key and nonce each time. Source: NIST SP 800-38D.
 */
export function seal(plaintext: Uint8Array, id: string, master: MasterKey): Envelope {
  const dataKey = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  return {
    wrappedKey: wrapKey(dataKey, id, master),
    nonce,
    ciphertext: encrypt(plaintext, dataKey, nonce, `assay secret\0${id}`),
  };
}

/** The plaintext, or null when `master` is not the key it was sealed with. Throws when the envelope was tampered with. */
export function unseal(envelope: Envelope, id: string, master: MasterKey): Buffer | null {
  const dataKey = unwrapKey(envelope.wrappedKey, id, master);
  return dataKey && decrypt(envelope.ciphertext, dataKey, envelope.nonce, `assay secret\0${id}`);
}

/** The same secret's key under another master key. Null when `from` is not the key it was wrapped with. */
export function rewrap(wrappedKey: Buffer, id: string, from: MasterKey, to: MasterKey): Buffer | null {
  const dataKey = unwrapKey(wrappedKey, id, from);
  return dataKey && wrapKey(dataKey, id, to);
}

/** The fingerprint of the master key an envelope needs. */
export function neededKey(wrappedKey: Buffer): string {
  return wrappedKey.toString('hex', 1, 1 + FINGERPRINT_BYTES);
}

/** 32 fresh bytes for AES-256. */
export function newDataKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** `plaintext` under `key`: nonce (12) | ciphertext | tag (16). `boundTo` says what it is and must be given again to open it. */
export function sealUnder(key: Uint8Array, plaintext: Uint8Array, boundTo: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  return Buffer.concat([nonce, encrypt(plaintext, key, nonce, boundTo)]);
}

/** What `sealUnder` was given. Throws when the key or `boundTo` is another one, or the bytes were changed. */
export function openUnder(key: Uint8Array, sealed: Uint8Array, boundTo: string): Buffer {
  return decrypt(Buffer.from(sealed.subarray(NONCE_BYTES)), key, sealed.subarray(0, NONCE_BYTES), boundTo);
}

/** A key under the master key: version (1) | fingerprint of the master key (8) | nonce (12) | encrypted key (32) and tag (16). */
export function wrapKey(dataKey: Uint8Array, id: string, master: MasterKey): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const head = Buffer.concat([Buffer.from([VERSION]), Buffer.from(fingerprintOf(master), 'hex'), nonce]);
  return Buffer.concat([head, encrypt(dataKey, master, nonce, `assay data key\0${id}`)]);
}

/** The key, or null when `master` is not the one it was wrapped with. Throws when it was tampered with. */
export function unwrapKey(wrappedKey: Buffer, id: string, master: MasterKey): Buffer | null {
  if (wrappedKey.length !== WRAPPED_BYTES || wrappedKey[0] !== VERSION)
    throw new Error('a wrapped key is not of the known form');
  if (neededKey(wrappedKey) !== fingerprintOf(master)) return null;
  const nonceAt = 1 + FINGERPRINT_BYTES;
  const nonce = wrappedKey.subarray(nonceAt, nonceAt + NONCE_BYTES);
  return decrypt(wrappedKey.subarray(nonceAt + NONCE_BYTES), master, nonce, `assay data key\0${id}`);
}

function encrypt(plaintext: Uint8Array, key: Uint8Array, nonce: Uint8Array, boundTo: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo));
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(sealed: Buffer, key: Uint8Array, nonce: Uint8Array, boundTo: string): Buffer {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
}
