import { createPrivateKey, createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as asn1js from 'asn1js';
import { sha256 } from '#src/kernel/hash.ts';

// Just enough DER to make what no authority would make.
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const { Sequence, Set: Members, ObjectIdentifier, OctetString, Integer, Null, Constructed, fromBER } = asn1js;

const octets = (bytes: Uint8Array) => new OctetString({ valueHex: new Uint8Array(bytes).buffer });
const oid = (value: string) => new ObjectIdentifier({ value });
const integer = (value: number | Uint8Array) =>
  typeof value === 'number' ? new Integer({ value }) : new Integer({ valueHex: new Uint8Array(value).buffer });
const sequence = (...value: asn1js.BaseBlock[]) => new Sequence({ value });
const tagged = (tagNumber: number, ...value: asn1js.BaseBlock[]) =>
  new Constructed({ idBlock: { tagClass: 3, tagNumber }, value });
const algorithm = (value: string) => sequence(oid(value), new Null());
const attribute = (type: string, value: asn1js.BaseBlock) => sequence(oid(type), new Members({ value: [value] }));
const der = (block: asn1js.BaseBlock) => new Uint8Array(block.toBER());

function certificateIn(file: string): { raw: Uint8Array; node: asn1js.Sequence } {
  const body = readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, '');
  const raw = new Uint8Array(Buffer.from(body, 'base64'));
  return { raw, node: fromBER(raw).result as asn1js.Sequence };
}

/** A time-stamp response made without openssl, with the key and certificate in `folder`. */
export async function stampWith(
  folder: string,
  { message, nonce }: { message: Uint8Array; nonce: Uint8Array },
  change: {
    wrongCertificateDigest?: boolean;
    otherContentType?: boolean;
    noSignedAttributes?: boolean;
    criticalExtension?: boolean;
  } = {},
): Promise<Uint8Array> {
  const own = certificateIn(join(folder, 'tsa.pem'));
  const between = certificateIn(join(folder, 'mid.pem'));
  const info = sequence(
    integer(1),
    oid('1.2.3.4.1'),
    sequence(algorithm(SHA256), octets(sha256(message))),
    integer(7),
    new asn1js.GeneralizedTime({ valueDate: new Date() }),
    integer(nonce),
    ...(change.criticalExtension
      ? [tagged(1, sequence(oid('1.2.3.4'), new asn1js.Boolean({ value: true }), octets(Uint8Array.of(5, 0))))]
      : []),
  );
  const content = der(info);
  const certificateDigest = sha256(change.wrongCertificateDigest ? content : own.raw);
  const attributes = [
    attribute('1.2.840.113549.1.9.3', oid(change.otherContentType ? '1.2.840.113549.1.7.1' : TST_INFO)),
    attribute('1.2.840.113549.1.9.4', octets(sha256(content))),
    attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octets(certificateDigest))))),
  ];
  const signed = change.noSignedAttributes ? content : der(new Members({ value: attributes }));
  const key = createPrivateKey(readFileSync(join(folder, 'tsa.key')));
  const signature = createSign('sha256').update(signed).sign(key);
  const [, serial, , issuer] = (own.node.valueBlock.value[0] as asn1js.Sequence).valueBlock.value;
  const signer = sequence(
    integer(1),
    sequence(issuer as asn1js.BaseBlock, serial as asn1js.BaseBlock),
    algorithm(SHA256),
    ...(change.noSignedAttributes ? [] : [tagged(0, ...attributes)]),
    algorithm('1.2.840.113549.1.1.1'),
    octets(signature),
  );
  const signedData = sequence(
    integer(3),
    new Members({ value: [algorithm(SHA256)] }),
    sequence(oid(TST_INFO), tagged(0, octets(content))),
    tagged(0, own.node, between.node),
    new Members({ value: [signer] }),
  );
  return der(sequence(sequence(integer(0)), sequence(oid('1.2.840.113549.1.7.2'), tagged(0, signedData))));
}
