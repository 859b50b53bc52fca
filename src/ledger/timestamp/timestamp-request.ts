import { Integer, Null, OctetString } from 'asn1js';
import { AlgorithmIdentifier, MessageImprint, TimeStampReq } from 'pkijs';
import { sha256 } from '#src/kernel/hash.ts';

const SHA256 = '2.16.840.1.101.3.4.2.1';
export const NONCE_BYTES = 16;

/**
 * A request (DER) to stamp `message` by its SHA-256, with the certificates in the answer.
 * `nonce`: 16 random bytes; the top bit is cleared, as it is sent as a positive number. Source: RFC 3161, section 2.4.1.
 */
export function formatTimestampRequest(message: Uint8Array, nonce: Uint8Array, policy?: string): Uint8Array {
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`a nonce is ${NONCE_BYTES} bytes long`);
  const imprint = new MessageImprint({
    hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new Null() }),
    hashedMessage: new OctetString({ valueHex: new Uint8Array(sha256(message)).buffer }),
  });
  const request = new TimeStampReq({
    version: 1,
    messageImprint: imprint,
    ...(policy === undefined ? {} : { reqPolicy: policy }),
    nonce: new Integer({ valueHex: new Uint8Array(nonceNumber(nonce)).buffer }),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

/** `nonce` as it is sent: positive, and without a zero in front, which DER forbids. */
export function nonceNumber(nonce: Uint8Array): Uint8Array {
  const number = nonce.slice();
  number[0] = ((number[0] ?? 0) & 0x7f) | 0x40;
  return number;
}
