import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '#src/kernel/errors.ts';

/*
 * Files that must be destroyable: AES-256-GCM under a key of their own. The leaf names the ciphertext and commits, salted,
 * to the opening. Both are needed: a plain hash of a guessable file can be confirmed by guessing, and as GCM does not bind
 * its key, ciphertext alone could be opened in two ways.
 */

/** What opens a sealed file, and what it must then be. Itself a personal value: whoever has it can read the file. */
export type Opening = {
  algorithm: 'AES-256-GCM';
  /** 32, 12 and 16 bytes in base64. */
  key: string;
  nonce: string;
  tag: string;
  /** Of the plaintext: 64 hex digits, and bytes. */
  sha256: string;
  size: number;
};

/** The field of the commitment to the opening of an entry's only sealed file. */
export const OPENING_FIELD = 'content';

type PutBlob = {
  put(bytes: AsyncIterable<Uint8Array>, mediaType: string): Promise<{ sha256: string; sizeBytes: number }>;
};

/** Encrypts the bytes into the blob store as they come. `sha256` is the digest of the ciphertext, which is as long. */
export async function putSealed(
  blobs: PutBlob,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<{ sha256: string; sizeBytes: number; opening: Opening }> {
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const plain = createHash('sha256');
  let size = 0;
  const sealed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      plain.update(chunk);
      size += chunk.length;
      yield cipher.update(chunk);
    }
    cipher.final();
  };
  const stored = await blobs.put(sealed(), 'application/octet-stream');
  return {
    ...stored,
    opening: {
      algorithm: 'AES-256-GCM',
      key: key.toString('base64'),
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      sha256: plain.digest('hex'),
      size,
    },
  };
}

/** The plaintext as it is read. Ends with an error where the file is not the one that was sealed. */
export function openSealed(sealed: AsyncIterable<Uint8Array>, opening: Opening): Readable {
  return Readable.from(plainChunks(sealed, opening), { objectMode: false });
}

async function* plainChunks(sealed: AsyncIterable<Uint8Array>, opening: Opening): AsyncGenerator<Uint8Array> {
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(opening.key, 'base64'),
    Buffer.from(opening.nonce, 'base64'),
    { authTagLength: 16 },
  ).setAuthTag(Buffer.from(opening.tag, 'base64'));
  const plain = createHash('sha256');
  for await (const chunk of sealed) {
    const bytes = decipher.update(chunk);
    plain.update(bytes);
    yield bytes;
  }
  try {
    decipher.final();
  } catch (cause) {
    throw new AppError('internal', 'The file does not open with its key. Restore it from a backup.', { cause });
  }
  if (plain.digest('hex') !== opening.sha256)
    throw new AppError('internal', 'The opened file is not the one that was stored. Restore it from a backup.');
}
