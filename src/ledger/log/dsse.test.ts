import { createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signerFromSeed } from '../store/keys.ts';
import { utf8Bytes, utf8Text } from './bytes.ts';
import {
  type DsseKey,
  ed25519DsseKey,
  formatDsseEnvelope,
  parseDsseEnvelope,
  preAuthEncoding,
  verifyDsse,
} from './dsse.ts';
import { InvalidFormat } from './invalid-format.ts';

const VECTOR = '../shared/data/ledger/dsse/hello-world.json';

describe.skipIf(!existsSync(VECTOR))('shared vector (skipped where ../shared is absent)', () => {
  test('the published envelope verifies, and not over another payload or type', () => {
    const vector = JSON.parse(readFileSync(VECTOR, 'utf8'));
    expect(utf8Text(preAuthEncoding(vector.payloadType, utf8Bytes(vector.body)))).toBe(vector.pae);
    const coordinate = (decimal: string) =>
      Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url');
    const key = createPublicKey({
      format: 'jwk',
      key: { kty: 'EC', crv: 'P-256', x: coordinate(vector.publicKey.x_dec), y: coordinate(vector.publicKey.y_dec) },
    });
    const signedBy: DsseKey = {
      name: 'published',
      verify: (message, signature) => verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature),
    };
    const envelope = parseDsseEnvelope(utf8Bytes(JSON.stringify(vector.envelope)));
    expect(verifyDsse(envelope, [signedBy])).toEqual(['published']);
    expect(() => verifyDsse({ ...envelope, payload: utf8Bytes('hello worle') }, [signedBy])).toThrow(InvalidFormat);
    expect(() => verifyDsse({ ...envelope, payloadType: 'http://example.com/Other' }, [signedBy])).toThrow(
      InvalidFormat,
    );
  });
});

const approver = signerFromSeed('approver', new Uint8Array(32).fill(1));
const second = signerFromSeed('second', new Uint8Array(32).fill(2));
const payload = utf8Bytes('{"_type":"https://in-toto.io/Statement/v1"}');
const payloadType = 'application/vnd.in-toto+json';
const message = preAuthEncoding(payloadType, payload);
const envelope = { payload, payloadType, signatures: [{ keyid: 'a', signature: approver.sign(message) }] };
const keys = [approver, second].map(({ key }) => ed25519DsseKey(key.name, key.publicKey));

test('an envelope is written, read and verified', () => {
  const read = parseDsseEnvelope(utf8Bytes(formatDsseEnvelope(envelope)));
  expect(read).toEqual(envelope);
  expect(verifyDsse(read, keys)).toEqual(['approver']);
});

test('one key that signs twice is one signature of a threshold of two', () => {
  const twice = { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };
  expect(() => verifyDsse(twice, keys, 2)).toThrow(/has 1 valid/);
  const both = { ...envelope, signatures: [...envelope.signatures, { signature: second.sign(message) }] };
  expect(verifyDsse(both, keys, 2)).toEqual(['approver', 'second']);
  expect(() => verifyDsse(both, keys, 0)).toThrow(InvalidFormat);
});

test('the lengths keep type and payload apart', () => {
  expect(preAuthEncoding('a 1', utf8Bytes('b'))).not.toEqual(preAuthEncoding('a', utf8Bytes('1 b')));
  expect(utf8Text(preAuthEncoding('\u00e9', new Uint8Array(0)))).toBe('DSSEv1 2 \u00e9 0 ');
});

test.each([
  ['no JSON', 'x'],
  ['a list', '[]'],
  ['no signature', JSON.stringify({ payload: '', payloadType: 'x', signatures: [] })],
  ['a payload twice', '{"payload":"","payload":"AAAA","payloadType":"x","signatures":[{"sig":"AAAA"}]}'],
  ['a payload that is not base64', '{"payload":"A","payloadType":"x","signatures":[{"sig":"AAAA"}]}'],
  ['a signature that is not base64', '{"payload":"AAAA","payloadType":"x","signatures":[{"sig":"A"}]}'],
  ['no type', '{"payload":"AAAA","signatures":[{"sig":"AAAA"}]}'],
])('an envelope with %s is refused', (_, text) => {
  expect(() => parseDsseEnvelope(utf8Bytes(text))).toThrow(InvalidFormat);
});
