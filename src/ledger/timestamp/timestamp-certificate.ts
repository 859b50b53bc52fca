import { BitString } from 'asn1js';
import { BasicConstraints, Certificate, ExtKeyUsage } from 'pkijs';
import { equalBytes } from '../log/bytes.ts';
import { parseAsn1, readingAsn1, verifySignature } from './timestamp-asn1.ts';
import { TimestampProblem } from './timestamp-problem.ts';

/** A certificate and its bytes as they were received. */
export type ReadCertificate = { raw: Uint8Array; certificate: Certificate };

const CERTIFICATES_MAX = 64;
const PEM_BYTES_MAX = 1024 * 1024;
const PATH_MAX = 6;
// Certificates that all could have issued each other would make the number of paths explode.
const TRIES_MAX = 2_000;

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const ANY_USAGE = '2.5.29.37.0';
// Critical ones that are checked here, or say nothing that would have to be: policies and other names of the subject.
const KNOWN_CRITICAL = new Set([BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, '2.5.29.32', '2.5.29.17']);

export function readCertificate(raw: Uint8Array, what = 'A certificate'): ReadCertificate {
  const certificate = readingAsn1(what, () => new Certificate({ schema: parseAsn1(raw, what) }));
  return { raw, certificate };
}

/** The certificates of a PEM file, in its order; text between them is passed over. Throws `TimestampProblem`. */
export function readPem(text: string): ReadCertificate[] {
  if (text.length > PEM_BYTES_MAX)
    throw new TimestampProblem('limit', 'The file of certificates is larger than 1 MiB.');
  const found = [...text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (found.length > CERTIFICATES_MAX)
    throw new TimestampProblem('limit', `The file holds more than ${CERTIFICATES_MAX} certificates.`);
  return found.map(([, body = '']) => readCertificate(decodeBase64(body), 'A certificate in the given file'));
}

function decodeBase64(body: string): Uint8Array {
  try {
    return Uint8Array.from(atob(body.replace(/\s+/g, '')), (octet) => octet.charCodeAt(0));
  } catch (cause) {
    throw new TimestampProblem('format', 'A certificate in the given file is not base64.', { cause });
  }
}

/**
 * Throws `TimestampProblem` unless the certificate is one to stamp with: extended key usage critical, and time stamping
 * alone. Source: RFC 3161, section 2.3.
 */
export function requireStampingCertificate({ certificate }: ReadCertificate): void {
  refuseUnknownCritical(certificate);
  const usage = extension(certificate, EXTENDED_KEY_USAGE);
  const purposes = usage ? purposesOf(usage.value) : [];
  if (!usage?.critical || purposes.length !== 1 || purposes[0] !== TIME_STAMPING)
    throw new TimestampProblem(
      'certificate',
      `The certificate of ${subjectOf(certificate)} is not one for time stamps: its extended key usage must be critical and name time stamping alone.`,
    );
  const bits = keyUsageOf(certificate);
  // Digital signature or non-repudiation.
  if (bits !== null && (bits & 0b11000000) === 0)
    throw new TimestampProblem('certificate', `The key of ${subjectOf(certificate)} may not sign.`);
}

/**
 * The path from `leaf` to one of `anchors`, both included. `others` are certificates that may lie between; all must be
 * valid at `atMs`. Throws `TimestampProblem('chain')`, or `('time')` when only validity is missing.
 */
export async function findChain(parts: {
  leaf: ReadCertificate;
  others: readonly ReadCertificate[];
  anchors: readonly ReadCertificate[];
  atMs: number;
}): Promise<ReadCertificate[]> {
  const { leaf, others, anchors, atMs } = parts;
  if (others.length > CERTIFICATES_MAX || anchors.length > CERTIFICATES_MAX)
    throw new TimestampProblem('limit', `More than ${CERTIFICATES_MAX} certificates are not tried.`);
  const isValid = ({ certificate }: ReadCertificate) => isValidAt(certificate, atMs);
  const search = { tries: TRIES_MAX };
  // Authorities renew certificates under one name and key; an expired twin must not hide the valid one.
  const path =
    (await extend([leaf], others.filter(isValid), anchors.filter(isValid), search)) ??
    (await extend([leaf], others, anchors, search));
  if (!path)
    throw new TimestampProblem(
      'chain',
      `The certificate of ${subjectOf(leaf.certificate)} does not lead to an authority of the given file.`,
    );
  for (const { certificate } of path) requireValidAt(certificate, atMs);
  return path;
}

async function extend(
  path: readonly ReadCertificate[],
  others: readonly ReadCertificate[],
  anchors: readonly ReadCertificate[],
  search: { tries: number },
): Promise<ReadCertificate[] | null> {
  const last = path.at(-1);
  if (!last || path.length >= PATH_MAX) return null;
  const issued = (issuer: ReadCertificate, isAnchor: boolean) =>
    search.tries-- > 0 && hasIssued(issuer, last, path.length - 1, isAnchor);
  for (const anchor of anchors) if (await issued(anchor, true)) return [...path, anchor];
  for (const other of others) {
    if (path.some(({ raw }) => equalBytes(raw, other.raw)) || !(await issued(other, false))) continue;
    const found = await extend([...path, other], others, anchors, search);
    if (found) return found;
  }
  return null;
}

// `below`: authorities between this issuer and the leaf.
async function hasIssued(
  { certificate: issuer }: ReadCertificate,
  { certificate: subject }: ReadCertificate,
  below: number,
  isAnchor: boolean,
): Promise<boolean> {
  if (!issuer.subject.isEqual(subject.issuer) || !mayIssue(issuer, below, isAnchor)) return false;
  return verifySignature({
    data: subject.tbsView,
    signature: subject.signatureValue,
    publicKey: issuer.subjectPublicKeyInfo,
    algorithm: subject.signatureAlgorithm,
  });
}

function mayIssue(issuer: Certificate, below: number, isAnchor: boolean): boolean {
  refuseUnknownCritical(issuer);
  const constraints = extension(issuer, BASIC_CONSTRAINTS);
  // Roots of the first version have no extensions; that they are authorities was said by who put them into the file.
  if (!constraints) return isAnchor && !issuer.extensions?.length;
  const { cA, pathLenConstraint } = readingAsn1(
    'The basic constraints',
    () => new BasicConstraints({ schema: parseAsn1(constraints.value, 'The basic constraints') }),
  );
  const bits = keyUsageOf(issuer);
  const usage = extension(issuer, EXTENDED_KEY_USAGE);
  const purposes = usage ? purposesOf(usage.value) : [TIME_STAMPING];
  return (
    cA === true &&
    (pathLenConstraint === undefined || Number(pathLenConstraint) >= below) &&
    // Certificate signing.
    (bits === null || (bits & 0b00000100) !== 0) &&
    purposes.some((purpose) => purpose === TIME_STAMPING || purpose === ANY_USAGE)
  );
}

function isValidAt({ notBefore, notAfter }: Certificate, atMs: number): boolean {
  return atMs >= notBefore.value.getTime() && atMs <= notAfter.value.getTime();
}

function requireValidAt(certificate: Certificate, atMs: number): void {
  if (isValidAt(certificate, atMs)) return;
  const [fromMs, toMs] = [certificate.notBefore.value.getTime(), certificate.notAfter.value.getTime()];
  const day = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : 'an unknown day');
  throw new TimestampProblem(
    'time',
    `The certificate of ${subjectOf(certificate)} was valid from ${day(fromMs)} to ${day(toMs)}, not on ${day(atMs)}.`,
  );
}

function refuseUnknownCritical(certificate: Certificate): void {
  const unknown = certificate.extensions?.find(({ critical, extnID }) => critical && !KNOWN_CRITICAL.has(extnID));
  if (unknown)
    throw new TimestampProblem(
      'certificate',
      `The certificate of ${subjectOf(certificate)} has the critical extension ${unknown.extnID}, which is not checked here.`,
    );
}

function extension(certificate: Certificate, oid: string): { critical: boolean; value: Uint8Array } | null {
  const found = (certificate.extensions ?? []).filter(({ extnID }) => extnID === oid);
  const [only] = found;
  if (!only) return null;
  if (found.length > 1) throw new TimestampProblem('certificate', `A certificate has the extension ${oid} twice.`);
  return { critical: only.critical, value: new Uint8Array(only.extnValue.getValue()) };
}

function purposesOf(value: Uint8Array): string[] {
  const what = 'The extended key usage';
  return readingAsn1(what, () => new ExtKeyUsage({ schema: parseAsn1(value, what) }).keyPurposes);
}

// The first eight bits, or null when the extension is absent.
function keyUsageOf(certificate: Certificate): number | null {
  const usage = extension(certificate, KEY_USAGE);
  if (!usage) return null;
  const bits = parseAsn1(usage.value, 'The key usage');
  if (!(bits instanceof BitString)) throw new TimestampProblem('format', 'The key usage is no string of bits.');
  return bits.valueBlock.valueHexView[0] ?? 0;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** The name a certificate carries, for people: common name or organization. */
export function subjectOf(certificate: Certificate): string {
  const { typesAndValues } = certificate.subject;
  for (const oid of [COMMON_NAME, ORGANIZATION]) {
    const found = typesAndValues.find(({ type }) => type === oid);
    const value: unknown = found?.value.valueBlock.value;
    if (typeof value === 'string' && value !== '') return `"${value.slice(0, 100)}"`;
  }
  return 'an authority without a name';
}
