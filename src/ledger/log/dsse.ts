import { CanonicalJsonError, parseUnambiguousJson } from '#src/kernel/canonical-json.ts';
import { verifyEd25519 } from '#src/kernel/hash.ts';
import { concatBytes, fromBase64, toBase64, utf8Bytes, utf8Text } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';

/** A payload with its type and signatures over both. Source: secure-systems-lab DSSE v1. */
export type DsseEnvelope = {
  payload: Uint8Array;
  payloadType: string;
  signatures: readonly { keyid?: string; signature: Uint8Array }[];
};

/** A key that may have signed. `keyid` is a hint only: it never decides, as nothing authenticates it. */
export type DsseKey = { name: string; keyid?: string; verify(message: Uint8Array, signature: Uint8Array): boolean };

const ENVELOPE_BYTES_MAX = 16 * 1024 * 1024;

/** What is signed: type and payload, each behind its length in bytes, so that neither can be taken for the other. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8Bytes(payloadType);
  return concatBytes(utf8Bytes(`DSSEv1 ${type.length} `), type, utf8Bytes(` ${payload.length} `), payload);
}

/** The JSON form of an envelope. */
export function formatDsseEnvelope(envelope: DsseEnvelope): string {
  return JSON.stringify({
    payload: toBase64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: envelope.signatures.map(({ keyid, signature }) => ({ keyid, sig: toBase64(signature) })),
  });
}

/** Throws `InvalidFormat` unless `bytes` are an envelope in JSON. Both alphabets of base64 are read, as DSSE asks. */
export function parseDsseEnvelope(bytes: Uint8Array): DsseEnvelope {
  if (bytes.length > ENVELOPE_BYTES_MAX) throw new InvalidFormat('limit', 'A DSSE envelope is at most 16 MiB long.');
  const value = readJson(bytes);
  const { payload, payloadType, signatures } = isRecord(value) ? value : {};
  const body = typeof payload === 'string' ? anyBase64(payload) : null;
  if (!body || typeof payloadType !== 'string' || !Array.isArray(signatures) || signatures.length === 0)
    throw new InvalidFormat('dsse', 'A DSSE envelope has payload, payloadType and at least one signature.');
  return { payload: body, payloadType, signatures: signatures.map(readSignature) };
}

/**
 * Names of the keys whose signature over the stored payload holds. Throws `InvalidFormat` when there are fewer than
 * `threshold`. Parse the payload only afterwards.
 */
export function verifyDsse(envelope: DsseEnvelope, keys: readonly DsseKey[], threshold = 1): string[] {
  const message = preAuthEncoding(envelope.payloadType, envelope.payload);
  const names = keys
    .filter((key) => envelope.signatures.some(({ signature }) => key.verify(message, signature)))
    .map(({ name }) => name);
  if (threshold < 1 || names.length < threshold)
    throw new InvalidFormat(
      'dsse',
      `The envelope has ${names.length} valid signatures of known keys and needs ${Math.max(threshold, 1)}.`,
    );
  return names;
}

export function ed25519DsseKey(name: string, publicKey: Uint8Array): DsseKey {
  return { name, verify: (message, signature) => verifyEd25519(publicKey, message, signature) };
}

function readSignature(value: unknown): DsseEnvelope['signatures'][number] {
  const { keyid, sig } = isRecord(value) ? value : {};
  const signature = typeof sig === 'string' ? anyBase64(sig) : null;
  if (!signature || (keyid !== undefined && typeof keyid !== 'string'))
    throw new InvalidFormat('dsse', 'A signature of the DSSE envelope is not readable.');
  return keyid === undefined ? { signature } : { keyid, signature };
}

function readJson(bytes: Uint8Array): unknown {
  const text = utf8Text(bytes);
  if (text === null) throw new InvalidFormat('dsse', 'The DSSE envelope is not UTF-8.');
  try {
    return parseUnambiguousJson(text);
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new InvalidFormat('dsse', `The DSSE envelope is ${error.message}.`);
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function anyBase64(text: string): Uint8Array | null {
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}
