import { verifyEd25519 } from '#src/kernel/hash.ts';
import { concatBytes, fromBase64, toBase64, utf8Bytes, utf8Text } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { ED25519_COSIGNATURE, formatKeyId, isKeyName, type VerifierKey } from './verifier-key.ts';

/** A text with signatures under it. Source: C2SP signed-note v1. */
export type Note = {
  /** Ends with a newline. */
  text: string;
  signatures: readonly NoteSignature[];
};

export type NoteSignature = {
  name: string;
  keyId: number;
  /** What follows the key id: 64 bytes of Ed25519, or 8 bytes of time and 64 of Ed25519 for a cosignature. */
  signature: Uint8Array;
};

export type NoteSigner = { key: VerifierKey; sign(message: Uint8Array): Uint8Array };

/** A signature that was checked. `cosignedAt` (Unix seconds) is there for cosignatures only. */
export type VerifiedSignature = { key: VerifierKey; cosignedAt?: number };

// Sixteen signatures must be accepted, and one of a post-quantum kind takes nearly 5 kB; golang/mod stops at 100.
export const NOTE_BYTES_MAX = 256 * 1024;
const SIGNATURES_MAX = 100;

const EM_DASH = '\u2014';

/** Throws `InvalidFormat` unless `bytes` are a signed note. Nothing is said about its signatures yet. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > NOTE_BYTES_MAX)
    throw new InvalidFormat('limit', `A note is at most ${NOTE_BYTES_MAX} bytes long.`);
  const whole = utf8Text(bytes);
  if (whole === null) throw new InvalidFormat('note', 'A note is UTF-8, and this is not.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole))
    throw new InvalidFormat('note', 'A note holds no control characters, and this one does.');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) throw new InvalidFormat('note', 'There is no empty line between text and signatures.');
  const block = whole.slice(split + 2);
  if (!block.endsWith('\n')) throw new InvalidFormat('note', 'The signatures do not end with a newline.');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > SIGNATURES_MAX)
    throw new InvalidFormat('limit', `A note with more than ${SIGNATURES_MAX} signatures is not read.`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** One line, without its newline: em dash, space, key name, space, base64. */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ');
  const raw = fromBase64(encoded);
  if (dash !== EM_DASH || !isKeyName(name) || rest.length > 0 || !raw || raw.length < 5)
    throw new InvalidFormat('note', `The line "${line.slice(0, 80)}" is not a signature.`);
  return { name, keyId: new DataView(raw.buffer, raw.byteOffset).getUint32(0), signature: raw.subarray(4) };
}

export function formatSignatureLine(signature: NoteSignature): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, signature.keyId);
  return `${EM_DASH} ${signature.name} ${toBase64(concatBytes(id, signature.signature))}\n`;
}

export function formatNote(note: Note): string {
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
}

/** The note of `text`, which ends with a newline, signed by each of `signers` in turn. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const message = utf8Bytes(text);
  const signatures = signers.map(({ key, sign }) => ({ name: key.name, keyId: key.id, signature: sign(message) }));
  return formatNote({ text, signatures });
}

/**
 * Checks every signature made by one of `keys`; those of other keys are passed over. Throws `InvalidFormat` when one of
 * a known key does not hold, even if another does, and when no known key has signed.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified = verifyKnownSignatures(note, keys);
  if (verified.length === 0) {
    const names = keys.map((key) => `${key.name} (key id ${formatKeyId(key.id)})`).join(', ');
    throw new InvalidFormat('signature', `The note is not signed by ${names || 'any key: none was given'}.`);
  }
  return verified;
}

/** As `verifyNote`, but a note none of the keys has signed gives an empty list. A key that signed twice counts once. */
export function verifyKnownSignatures(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified = new Map<VerifierKey, VerifiedSignature>();
  for (const signature of note.signatures) {
    const known = keys.filter((key) => key.name === signature.name && key.id === signature.keyId);
    if (known.length > 1)
      throw new InvalidFormat('signature', `Two known keys share the name ${signature.name} and one key id.`);
    const key = known[0];
    if (!key) continue;
    const checked = verifySignature(note.text, signature, key);
    if (!checked)
      throw new InvalidFormat('signature', `The signature of ${key.name} (key id ${formatKeyId(key.id)}) is wrong.`);
    if (!verified.has(key)) verified.set(key, checked);
  }
  return [...verified.values()];
}

function verifySignature(text: string, { signature }: NoteSignature, key: VerifierKey): VerifiedSignature | null {
  if (key.type !== ED25519_COSIGNATURE)
    return verifyEd25519(key.publicKey, utf8Bytes(text), signature) ? { key } : null;
  if (signature.length !== 72) return null;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (seconds >= 2n ** 63n) return null;
  const message = utf8Bytes(cosignedText(text, seconds));
  return verifyEd25519(key.publicKey, message, signature.subarray(8)) ? { key, cosignedAt: Number(seconds) } : null;
}

/** What a witness signs for the checkpoint `text` at `cosignedAt` (Unix seconds). Source: C2SP tlog-cosignature. */
export function cosignedText(text: string, cosignedAt: number | bigint): string {
  return `cosignature/v1\ntime ${cosignedAt}\n${text}`;
}

/** The signature line of a witness under the checkpoint `text`. `cosignedAt` is in Unix seconds. */
export function cosign(text: string, signer: NoteSigner, cosignedAt: number): NoteSignature {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(cosignedAt));
  const signature = signer.sign(utf8Bytes(cosignedText(text, cosignedAt)));
  return { name: signer.key.name, keyId: signer.key.id, signature: concatBytes(time, signature) };
}
