import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { fromBase64, toBase64 } from '../log/bytes.ts';
import type { KeyPurpose } from '../log/key-statement.ts';
import type { NoteSigner } from '../log/note.ts';
import { ED25519, formatKeyId, makeVerifierKey, type VerifierKey } from '../log/verifier-key.ts';
import { writeFileDurably } from './store-files.ts';

// DER prefix of a PKCS #8 private key that holds an Ed25519 seed (RFC 8410, section 7).
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A signer from a 32-byte seed. Source: RFC 8032. */
export function signerFromSeed(name: string, seed: Uint8Array, type: VerifierKey['type'] = ED25519): NoteSigner {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const key = makeVerifierKey(name, type, rawPublicKey(privateKey));
  return { key, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

/** The name under which a log signs the manifests of its bundles. Its checkpoints carry the bare origin. */
export function bundleKeyName(origin: string): string {
  return `${origin}/bundle`;
}

export function keyPath(dataDir: string, logId: string, purpose: KeyPurpose): string {
  return join(dataDir, 'keys', `${logId}.${purpose}.key`);
}

/** Where a key that took over from another is kept: its id is in the name, as both are there for a while. */
export function rotatedKeyPath(dataDir: string, logId: string, purpose: KeyPurpose, keyId: string): string {
  return join(dataDir, 'keys', `${logId}.${purpose}.${keyId}.key`);
}

/** Makes a key and stores it, readable by the owner only, before it is used for anything. */
export function createKey(pathOf: (keyId: string) => string, name: string): NoteSigner {
  const seed = randomBytes(32);
  const signer = signerFromSeed(name, seed);
  const path = pathOf(formatKeyId(signer.key.id));
  const material = toBase64(Buffer.concat([Uint8Array.of(ED25519), seed]));
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileDurably(path, Buffer.from(`PRIVATE+KEY+${name}+${formatKeyId(signer.key.id)}+${material}\n`), 0o600);
  return signer;
}

/**
 * Reads a key stored by `createKey`, in the form golang.org/x/mod/sumdb/note uses. Throws `AppError` when it is missing,
 * damaged or another log's.
 */
export function readKey(path: string, name: string): NoteSigner {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `The signing key ${path} cannot be read. The ledger ${name} can be signed with this key only: restore the file from a backup of the data folder, or point ASSAY_DATA_DIR at the folder that has it.`,
      { cause },
    );
  }
  const prefix = `PRIVATE+KEY+${name}+`;
  const [id, ...encoded] = text.startsWith(prefix) ? text.slice(prefix.length).trimEnd().split('+') : [];
  // The base64 may hold plus signs of its own.
  const material = fromBase64(encoded.join('+'));
  if (material?.length === 33 && material[0] === ED25519) {
    const signer = signerFromSeed(name, material.subarray(1));
    if (formatKeyId(signer.key.id) === id) return signer;
  }
  throw new AppError(
    'conflict',
    `The file ${path} does not hold the signing key of ${name}. Restore it from a backup.`,
  );
}
