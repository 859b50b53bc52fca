import { Integer, ObjectIdentifier } from 'asn1js';
import { IssuerAndSerialNumber, SignedData, type SignerInfo, TimeStampResp, TSTInfo } from 'pkijs';
import { sha256 } from '#src/kernel/hash.ts';
import { equalBytes, toHex } from '../log/bytes.ts';
import {
  childrenOf,
  digestBy,
  octetsOf,
  parseAsn1,
  rawBytes,
  readingAsn1,
  timeOf,
  verifySignature,
} from './timestamp-asn1.ts';
import {
  findChain,
  type ReadCertificate,
  readCertificate,
  readPem,
  requireStampingCertificate,
  subjectOf,
} from './timestamp-certificate.ts';
import { TimestampProblem } from './timestamp-problem.ts';

/** What a time stamp that holds says. */
export type Timestamp = {
  /** By the authority's clock, Unix milliseconds. */
  stampedAtMs: number;
  /** How far that may be off, where the authority says so. */
  accuracyMs: number | null;
  /** The common name in the certificate that stamped. */
  authority: string;
  /** Under which rules of its own the authority stamped: an object identifier. */
  policy: string;
  /** The authority's number for this stamp, hex. */
  serial: string;
  /** Of the certificate at the end of the chain, from the given file: SHA-256, hex. */
  anchorSha256: string;
};

export type TimestampExpectation = {
  /** What was stamped: the text of a checkpoint, its lines without signatures. */
  message: Uint8Array;
  /** PEM: the authorities the reader trusts. */
  trusted: string;
  /** The nonce that was sent, where the answer to an own request is checked. */
  nonce?: Uint8Array;
  /** Accepted policies; without it any. */
  policies?: readonly string[];
  /** The present, Unix milliseconds; a stamp from after it (and five minutes) is refused. */
  nowMs?: number;
};

const SHA256 = '2.16.840.1.101.3.4.2.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const FUTURE_MAX_MS = 300_000;
const STATUS_WORDS = ['granted', 'granted with changes', 'rejected', 'waiting', 'revocation warning', 'revoked'];

/**
 * Checks a whole time-stamp response (DER) against a text. Throws `TimestampProblem` with the first thing that is wrong.
 * Certificates must have been valid when the stamp was made; whether one was revoked later is not asked, as that would
 * need a network. Source: RFC 3161, RFC 5816, RFC 5652.
 */
export async function verifyTimestamp(response: Uint8Array, expected: TimestampExpectation): Promise<Timestamp> {
  const token = readResponse(response);
  const info = readInfo(token.content);
  await requireImprint(info, expected.message);
  if (expected.nonce && !isNonce(info, expected.nonce))
    throw new TimestampProblem('nonce', 'The answer does not repeat the nonce of the request: it is of another one.');
  if (expected.policies && !expected.policies.includes(info.policy))
    throw new TimestampProblem('policy', `The stamp was made under the policy ${info.policy}, which is not accepted.`);
  const signer = await requireSignature(token);
  requireStampingCertificate(signer);
  const stampedAtMs = timeOf(token.timeNode, 'The time of the stamp');
  if (expected.nowMs !== undefined && stampedAtMs > expected.nowMs + FUTURE_MAX_MS)
    throw new TimestampProblem(
      'time',
      `The stamp is of ${new Date(stampedAtMs).toISOString()}, which is still to come.`,
    );
  const anchors = readPem(expected.trusted);
  const chain = await findChain({ leaf: signer, others: token.certificates, anchors, atMs: stampedAtMs });
  return {
    stampedAtMs,
    accuracyMs: accuracyOf(info),
    authority: subjectOf(signer.certificate).replace(/^"|"$/g, ''),
    policy: info.policy,
    serial: toHex(info.serialNumber.valueBlock.valueHexView),
    anchorSha256: toHex(sha256(chain.at(-1)?.raw ?? new Uint8Array())),
  };
}

type Token = {
  content: Uint8Array;
  timeNode: ReturnType<typeof parseAsn1> | undefined;
  signerInfo: SignerInfo;
  certificates: ReadCertificate[];
};

function readResponse(bytes: Uint8Array): Token {
  const what = 'The answer of the time-stamp authority';
  const root = parseAsn1(bytes, what);
  const { status, timeStampToken } = readingAsn1(what, () => new TimeStampResp({ schema: root }));
  if (status.status > 1)
    throw new TimestampProblem(
      'status',
      `The time-stamp authority did not stamp: ${STATUS_WORDS[status.status] ?? `status ${status.status}`}${statusText(status.statusStrings)}.`,
    );
  if (timeStampToken?.contentType !== SIGNED_DATA)
    throw new TimestampProblem('format', 'The answer of the time-stamp authority holds no signed token.');
  const node = timeStampToken.content as ReturnType<typeof parseAsn1>;
  const certificates = readCertificates(node);
  const signed = readingAsn1(what, () => new SignedData({ schema: node }));
  const [signerInfo, ...more] = signed.signerInfos;
  if (!signerInfo || more.length > 0)
    throw new TimestampProblem('format', 'A time stamp has exactly one signer, and this has another number.');
  if (signed.encapContentInfo.eContentType !== TST_INFO)
    throw new TimestampProblem('format', 'The signed content is not a time stamp.');
  const content = octetsOf(signed.encapContentInfo.eContent, 'The signed content');
  const timeNode = childrenOf(parseAsn1(content, 'The time stamp'), 'The time stamp')[4];
  return { content, timeNode, signerInfo, certificates };
}

function statusText(strings: readonly { valueBlock: { value: string } }[] | undefined): string {
  const said = (strings ?? []).map(({ valueBlock }) => String(valueBlock.value)).join(' ');
  return said === '' ? '' : ` ("${said.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}")`;
}

// Taken from the bytes and not from the library's objects: their digest is compared.
function readCertificates(signedData: ReturnType<typeof parseAsn1>): ReadCertificate[] {
  const set = childrenOf(signedData, 'The token').find(
    ({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 0,
  );
  // Other kinds of certificates carry a tag of their own; only X.509 ones are a bare SEQUENCE.
  const nodes = set ? childrenOf(set, 'The certificates').filter(({ idBlock }) => idBlock.tagClass === 1) : [];
  return nodes.map((node) => readCertificate(rawBytes(node), 'A certificate in the token'));
}

function readInfo(content: Uint8Array): TSTInfo {
  const what = 'The time stamp';
  const info = readingAsn1(what, () => new TSTInfo({ schema: parseAsn1(content, what) }));
  if (info.version !== 1) throw new TimestampProblem('format', `The time stamp is of version ${info.version}, not 1.`);
  if (info.extensions?.some(({ critical }) => critical))
    throw new TimestampProblem('format', 'The time stamp has a critical extension, which is not checked here.');
  return info;
}

async function requireImprint(info: TSTInfo, message: Uint8Array): Promise<void> {
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  if (hashAlgorithm.algorithmId !== SHA256)
    throw new TimestampProblem(
      'imprint',
      `The text was stamped by its digest with ${hashAlgorithm.algorithmId}, not SHA-256.`,
    );
  if (!equalBytes(octetsOf(hashedMessage, 'The stamped digest'), sha256(message)))
    throw new TimestampProblem('imprint', 'The stamp is for another text than this checkpoint.');
}

function isNonce(info: TSTInfo, nonce: Uint8Array): boolean {
  return info.nonce instanceof Integer && equalBytes(unpadded(info.nonce.valueBlock.valueHexView), unpadded(nonce));
}

function unpadded(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(start < 0 ? bytes.length : start);
}

function accuracyOf({ accuracy }: TSTInfo): number | null {
  if (!accuracy) return null;
  return (accuracy.seconds ?? 0) * 1000 + (accuracy.millis ?? 0) + (accuracy.micros ?? 0) / 1000;
}

/** The certificate whose key signed the token: the one the token itself names by digest, under the signature. */
async function requireSignature({ content, signerInfo, certificates }: Token): Promise<ReadCertificate> {
  const { signedAttrs, digestAlgorithm } = signerInfo;
  if (!signedAttrs) throw new TimestampProblem('signature', 'The token has no signed attributes.');
  const attribute = (oid: string, name: string) => {
    const found = signedAttrs.attributes.filter(({ type }) => type === oid);
    const [only] = found;
    if (!only || found.length > 1 || only.values.length !== 1)
      throw new TimestampProblem('signature', `The token does not have ${name} exactly once among what is signed.`);
    return only.values[0] as ReturnType<typeof parseAsn1>;
  };
  const type = attribute(CONTENT_TYPE, 'the kind of content');
  if (!(type instanceof ObjectIdentifier) || type.getValue() !== TST_INFO)
    throw new TimestampProblem('signature', 'What is signed is not said to be a time stamp.');
  const digest = octetsOf(attribute(MESSAGE_DIGEST, 'the digest of the content'), 'The digest of the content');
  if (!equalBytes(digest, await digestBy(digestAlgorithm.algorithmId, content, 'The token')))
    throw new TimestampProblem('signature', 'The signed digest is not that of the time stamp.');
  const named = attribute(SIGNING_CERTIFICATE_V2, 'the digest of its certificate (ESSCertIDv2, RFC 5816)');
  const signer = await findNamed(named, certificates);
  requireSameSigner(signerInfo, signer);
  const isSigned = await verifySignature({
    data: new Uint8Array(signedAttrs.encodedValue),
    signature: signerInfo.signature,
    publicKey: signer.certificate.subjectPublicKeyInfo,
    algorithm: signerInfo.signatureAlgorithm,
    digest: digestAlgorithm.algorithmId,
  });
  if (!isSigned) throw new TimestampProblem('signature', 'The signature of the time-stamp authority is wrong.');
  return signer;
}

// SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, ... }, the first being the signer's. Source: RFC 5035.
async function findNamed(
  attribute: ReturnType<typeof parseAsn1>,
  certificates: readonly ReadCertificate[],
): Promise<ReadCertificate> {
  const what = 'The digest of the certificate';
  const [certs] = childrenOf(attribute, what);
  const [first] = childrenOf(certs, what);
  const fields = childrenOf(first, what);
  // The hash function comes first unless it is SHA-256.
  const hasAlgorithm = fields[0]?.idBlock.tagNumber === 16;
  const oid = hasAlgorithm ? childrenOf(fields[0], what)[0] : undefined;
  const algorithm = oid instanceof ObjectIdentifier ? oid.getValue() : SHA256;
  const wanted = octetsOf(fields[hasAlgorithm ? 1 : 0], what);
  for (const one of certificates) if (equalBytes(await digestBy(algorithm, one.raw, what), wanted)) return one;
  throw new TimestampProblem('certificate', 'The certificate the token was signed with is not in it.');
}

function requireSameSigner({ sid }: SignerInfo, { certificate }: ReadCertificate): void {
  if (!(sid instanceof IssuerAndSerialNumber)) return;
  if (!sid.issuer.isEqual(certificate.issuer) || !sid.serialNumber.isEqual(certificate.serialNumber))
    throw new TimestampProblem('certificate', 'The token names two different certificates as the one that signed it.');
}
