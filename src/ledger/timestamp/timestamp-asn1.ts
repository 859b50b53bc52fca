import { type AsnType, Constructed, fromBER, GeneralizedTime, OctetString } from 'asn1js';
import { type AlgorithmIdentifier, CryptoEngine, type PublicKeyInfo, RSASSAPSSParams } from 'pkijs';
import { TimestampProblem } from './timestamp-problem.ts';

/** An answer holds a few certificates; real ones are 3 to 8 kB. */
export const TIMESTAMP_BYTES_MAX = 64 * 1024;
const DEPTH_MAX = 24;
const NODES_MAX = 4_000;

/** One value in DER and nothing behind it. Throws `TimestampProblem`. */
export function parseAsn1(bytes: Uint8Array, what: string): AsnType {
  if (bytes.length > TIMESTAMP_BYTES_MAX)
    throw new TimestampProblem('limit', `${what} is larger than ${TIMESTAMP_BYTES_MAX} bytes.`);
  // A copy: the library keeps views on what it is given, and a pooled Buffer would not stay as it is.
  const limits = { maxDepth: DEPTH_MAX, maxNodes: NODES_MAX };
  const { offset, result } = readingAsn1(what, () => fromBER(new Uint8Array(bytes), limits));
  if (offset === -1 || result.error !== '') throw new TimestampProblem('format', `${what} is damaged or cut short.`);
  if (offset !== bytes.length) throw new TimestampProblem('format', `${what} has bytes behind its end.`);
  return result;
}

/** Runs a reader of the library, whose own errors are plain `Error`s, and says instead what could not be read. */
export function readingAsn1<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof TimestampProblem) throw cause;
    throw new TimestampProblem('format', `${what} cannot be read.`, { cause });
  }
}

/** The bytes of a value as they were received. */
export function rawBytes(node: AsnType): Uint8Array {
  return node.valueBeforeDecodeView;
}

/** The values inside of a SEQUENCE, SET or tagged value. */
export function childrenOf(node: AsnType | undefined, what: string): AsnType[] {
  // SEQUENCE and SET are kinds of it.
  if (node instanceof Constructed) return node.valueBlock.value as AsnType[];
  throw new TimestampProblem('format', `${what} is not built of other values.`);
}

export function octetsOf(node: AsnType | undefined, what: string): Uint8Array {
  if (node instanceof OctetString) return new Uint8Array(node.getValue());
  throw new TimestampProblem('format', `${what} is not a string of bytes.`);
}

/** Unix milliseconds. RFC 3161 allows UTC with a Z only; a local time would mean something else on every machine. */
export function timeOf(node: AsnType | undefined, what: string): number {
  const text = node instanceof GeneralizedTime ? String.fromCharCode(...node.valueBlock.valueHexView) : '';
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (!match) throw new TimestampProblem('format', `${what} is not a time in UTC.`);
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  if (Number.isNaN(atMs)) throw new TimestampProblem('format', `${what} is no moment of the calendar.`);
  return atMs;
}

const DIGESTS: Readonly<Record<string, 'SHA-256' | 'SHA-384' | 'SHA-512'>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};
const RSA = '1.2.840.113549.1.1.1';
const RSA_PSS = '1.2.840.113549.1.1.10';
const SIGNATURES: Readonly<Record<string, 'SHA-256' | 'SHA-384' | 'SHA-512'>> = {
  '1.2.840.113549.1.1.11': 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};
const RSA_BITS_MIN = 2_048;

/** The digest of `data` by a SHA-2 function; older ones are refused, as two texts can be made to share a digest. */
export async function digestBy(oid: string, data: Uint8Array, what: string): Promise<Uint8Array> {
  const name = DIGESTS[oid];
  if (!name)
    throw new TimestampProblem('signature', `${what} is hashed with ${oid}, which is not SHA-256, -384 or -512.`);
  return new Uint8Array(await crypto.subtle.digest(name, new Uint8Array(data)));
}

/**
 * Whether `signature` over `data` was made by `publicKey`: RSA of at least 2,048 bits or ECDSA, with SHA-2. `digest` is
 * the digest named beside a bare RSA signature, as in CMS. False also for what cannot be checked.
 */
export async function verifySignature(parts: {
  data: Uint8Array;
  signature: Parameters<CryptoEngine['verifyWithPublicKey']>[1];
  publicKey: PublicKeyInfo;
  algorithm: AlgorithmIdentifier;
  digest?: string;
}): Promise<boolean> {
  const { data, signature, publicKey, algorithm } = parts;
  const hash = hashOf(algorithm, parts.digest);
  if (!hash || isShortRsa(publicKey)) return false;
  const engine = new CryptoEngine({ name: 'webcrypto', crypto });
  try {
    return await engine.verifyWithPublicKey(new Uint8Array(data), signature, publicKey, algorithm, hash);
  } catch {
    // A key or signature the library or WebCrypto cannot read: for the caller one more signature that does not hold.
    return false;
  }
}

function hashOf(algorithm: AlgorithmIdentifier, digest: string | undefined): string | undefined {
  const named = digest === undefined ? undefined : DIGESTS[digest];
  const { algorithmId } = algorithm;
  if (algorithmId === RSA) return named;
  const own = algorithmId === RSA_PSS ? pssHash(algorithm) : SIGNATURES[algorithmId];
  return digest === undefined || named === own ? own : undefined;
}

function pssHash(algorithm: AlgorithmIdentifier): string | undefined {
  try {
    return DIGESTS[new RSASSAPSSParams({ schema: algorithm.algorithmParams }).hashAlgorithm.algorithmId];
  } catch {
    // Without parameters it would be SHA-1.
    return undefined;
  }
}

function isShortRsa(publicKey: PublicKeyInfo): boolean {
  const key = publicKey.parsedKey;
  if (!key || !('modulus' in key)) return false;
  const modulus = key.modulus.valueBlock.valueHexView;
  const leading = modulus.findIndex((byte) => byte !== 0);
  const bytes = leading < 0 ? 0 : modulus.length - leading;
  return bytes * 8 - Math.clz32(modulus[leading] ?? 0) + 24 < RSA_BITS_MIN;
}
