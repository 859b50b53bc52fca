import { sha256 } from '#src/kernel/hash.ts';
import { concatBytes, fromBase64, toBase64, utf8Bytes } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';

/** Signature types this code can check. Source: C2SP signed-note, "Signature types". */
export const ED25519 = 0x01;
export const ED25519_COSIGNATURE = 0x04;

/** A public key under a name. Name and id together say which key signed, and how. */
export type VerifierKey = {
  name: string;
  /** The first four bytes of a hash over name, type and key, as an unsigned number. */
  id: number;
  type: typeof ED25519 | typeof ED25519_COSIGNATURE;
  /** 32 bytes. */
  publicKey: Uint8Array;
};

/** Not empty, no space of any kind, no plus sign. Source: C2SP signed-note, "Format". */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note cannot hold them, so a name in it cannot either
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

export function makeVerifierKey(name: string, type: VerifierKey['type'], publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new InvalidFormat('verifier-key', `"${name}" cannot be the name of a key.`);
  if (publicKey.length !== 32) throw new InvalidFormat('verifier-key', 'An Ed25519 key is 32 bytes long.');
  const digest = sha256(concatBytes(utf8Bytes(`${name}\n`), Uint8Array.of(type), publicKey));
  return { name, id: new DataView(digest.buffer, digest.byteOffset).getUint32(0), type, publicKey };
}

/** `<name>+<id, 8 hex digits>+<base64 of type and key>`, the form keys are handed around in ("vkey"). */
export function formatVerifierKey(key: VerifierKey): string {
  const material = toBase64(concatBytes(Uint8Array.of(key.type), key.publicKey));
  return `${key.name}+${formatKeyId(key.id)}+${material}`;
}

export function formatKeyId(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** Throws `InvalidFormat` for a malformed key, an id that is not the key's, and a type this code cannot check. */
export function parseVerifierKey(text: string): VerifierKey {
  // Only the first two plus signs separate: base64 has its own.
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  const name = text.slice(0, Math.max(first, 0));
  const id = text.slice(first + 1, second);
  const material = second < 0 ? null : fromBase64(text.slice(second + 1));
  if (first < 0 || second < 0 || !isKeyName(name) || !/^[0-9a-fA-F]{8}$/.test(id) || !material)
    throw new InvalidFormat('verifier-key', `"${text.slice(0, 200)}" is not a verifier key (name+id+base64).`);
  const type = material[0];
  if (type !== ED25519 && type !== ED25519_COSIGNATURE)
    throw new InvalidFormat(
      'verifier-key',
      `The key of "${name}" has signature type 0x${(type ?? 0).toString(16).padStart(2, '0')}; this verifier checks 0x01 (Ed25519) and 0x04 (cosignature/v1).`,
    );
  const key = makeVerifierKey(name, type, material.subarray(1));
  if (formatKeyId(key.id) !== id.toLowerCase())
    throw new InvalidFormat('verifier-key', `The key id ${id} does not belong to the key of "${name}".`);
  return key;
}

/** For people to compare, in groups of four hex digits: the first 16 bytes of SHA-256 over the key in its text form. */
export function keyFingerprint(key: VerifierKey): string {
  const digest = sha256(utf8Bytes(formatVerifierKey(key)));
  let text = '';
  for (let i = 0; i < 16; i++) {
    text += (digest[i] as number).toString(16).padStart(2, '0');
    if (i % 2 === 1 && i < 15) text += ' ';
  }
  return text;
}
