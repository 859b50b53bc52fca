import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { fromBase64 } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { Leaf } from '../log/leaf-form.ts';
import { blobPath } from './bundle-format.ts';
import type { BundleReader } from './bundle-reader.ts';

/** A disclosed opening of the sealed file of an entry. Source: docs/spec/ledger.md, section 2.3. */
export type SealedFile = {
  index: number;
  /** Of the ciphertext. */
  blob: string;
  key: Uint8Array<ArrayBuffer>;
  nonce: Uint8Array<ArrayBuffer>;
  tag: Uint8Array<ArrayBuffer>;
  /** Of the content. */
  sha256: string;
  size: number;
};

/** What is decrypted at once, in a browser too; larger files are told of as not opened. */
export const SEALED_BYTES_MAX = 256 * 1024 * 1024;

const ALGORITHM = 'AES-256-GCM';

/** The opening among the disclosed values of an entry; null where `content` says something else, or nothing. */
export function sealedFileOf(index: number, blobs: Leaf['blobs'], value: JsonValue): SealedFile | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value.algorithm !== ALGORITHM) return null;
  const bytes = (member: 'key' | 'nonce' | 'tag', length: number): Uint8Array<ArrayBuffer> => {
    const text = value[member];
    const read = typeof text === 'string' ? fromBase64(text) : null;
    if (read?.length !== length)
      throw new InvalidFormat(
        'sealed-file',
        `The "${member}" that opens the file of entry ${index} is not the base64 of ${length} bytes.`,
      );
    return new Uint8Array(read);
  };
  const { sha256, size } = value;
  const [blob] = blobs;
  if (!blob || blobs.length > 1)
    throw new InvalidFormat('sealed-file', `Entry ${index} has an opening for one file and names ${blobs.length}.`);
  if (typeof sha256 !== 'string' || typeof size !== 'number')
    throw new InvalidFormat(
      'sealed-file',
      `The opening of the file of entry ${index} names no digest and size of the content.`,
    );
  return {
    index,
    blob: blob.sha256,
    key: bytes('key', 32),
    nonce: bytes('nonce', 12),
    tag: bytes('tag', 16),
    sha256,
    size,
  };
}

/** Decrypts each file that is there and compares the content with what its entry committed to. */
export async function checkSealedFiles(
  reader: BundleReader,
  sealed: readonly SealedFile[],
): Promise<{ opened: number; tooLarge: number }> {
  const count = { opened: 0, tooLarge: 0 };
  for (const one of sealed) {
    const path = blobPath(one.blob);
    if (!reader.has(path)) continue;
    if (reader.sizeOf(path) > SEALED_BYTES_MAX) {
      count.tooLarge++;
      continue;
    }
    const content = await open(one, await reader.take(path));
    if (content === null) throw differs(one, 'does not open with the key');
    if (content.length !== one.size) throw differs(one, `has ${content.length} bytes, not the ${one.size}`);
    if (sha256Hex(content) !== one.sha256) throw differs(one, 'has another SHA-256 than the one');
    count.opened++;
  }
  return count;
}

async function open({ key, nonce, tag }: SealedFile, ciphertext: Uint8Array): Promise<Uint8Array | null> {
  const sealed = new Uint8Array(ciphertext.length + tag.length);
  sealed.set(ciphertext);
  sealed.set(tag, ciphertext.length);
  const { subtle } = globalThis.crypto;
  try {
    const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: nonce, tagLength: 128 }, imported, sealed));
  } catch {
    // Says nothing but that it failed: key, nonce, tag or ciphertext is another one.
    return null;
  }
}

function differs({ index }: SealedFile, how: string): InvalidFormat {
  return new InvalidFormat('sealed-file', `The sealed file of entry ${index} ${how} that its entry commits to.`);
}
