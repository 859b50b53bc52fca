import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as browser from './primitives.browser.ts';
import * as node from './primitives.node.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('SHA-256 of the FIPS 180-4 example is the published one in both builds', () => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(node.sha256Hex('abc')).toBe(expected);
  expect(browser.sha256Hex('abc')).toBe(expected);
});

test('the prefixed and paired hashes are the hash of the joined bytes, in both builds', () => {
  fc.assert(
    fc.property(fc.nat(255), bytes, digest, digest, (prefix, data, left, right) => {
      const plain = Buffer.from(node.sha256(Uint8Array.of(prefix, ...data)));
      expect(plain.equals(node.sha256Prefixed(prefix, data))).toBe(true);
      expect(plain.equals(browser.sha256Prefixed(prefix, data))).toBe(true);
      const paired = Buffer.from(node.sha256(Uint8Array.of(prefix, ...left, ...right)));
      expect(paired.equals(node.sha256Pair(prefix, left, right))).toBe(true);
      expect(paired.equals(browser.sha256Pair(prefix, left, right))).toBe(true);
    }),
  );
});

test('many are hashed into one memory at any alignment, in both builds', () => {
  const items = [0, 1, 32, 63, 64, 4_095, 4_096, 70_000, 3].map((size) => new Uint8Array(size).fill(size & 255));
  const expected = items.map((item) => node.sha256Hex(Uint8Array.of(0, ...item))).join('');
  for (const build of [node, browser])
    for (const offset of [0, 1, 2, 3]) {
      const target = new Uint8Array(items.length * 32 + offset).subarray(offset);
      build.sha256EachInto(0, items, target);
      expect(Buffer.from(target).toString('hex')).toBe(expected);
    }
});

test('pairs are hashed in place and at any alignment, in both builds', () => {
  for (const offset of [0, 1, 2, 3, 4]) {
    const memory = Uint8Array.from({ length: 64 * 5 + offset }, (_, i) => (i * 7 + 3) & 255);
    const source = memory.subarray(offset);
    const expected = [0, 1, 2, 3, 4].map((i) => node.sha256Hex(Uint8Array.of(1, ...source.slice(i * 64, i * 64 + 64))));
    for (const build of [node, browser]) {
      const own = Uint8Array.from(memory).subarray(offset);
      build.sha256PairsInto(1, own, 5, own);
      expect([0, 1, 2, 3, 4].map((i) => Buffer.from(own.subarray(i * 32, i * 32 + 32)).toString('hex'))).toEqual(
        expected,
      );
    }
  }
});

test('a hash of parts is the hash of the whole, in both builds', () => {
  for (const build of [node, browser]) {
    const running = build.startSha256();
    for (const part of ['a', '', 'bc']) running.update(new TextEncoder().encode(part));
    expect(running.hex()).toBe(build.sha256Hex('abc'));
  }
});

test('CRC-32 has the published check value, whole or in parts, in both builds', () => {
  const data = new TextEncoder().encode('123456789');
  for (const build of [node, browser]) {
    expect(build.crc32(data)).toBe(0xcbf43926);
    expect(build.crc32(data.subarray(4), build.crc32(data.subarray(0, 4)))).toBe(0xcbf43926);
  }
});

test('both builds accept and reject the same Ed25519 signatures', () => {
  // RFC 8032, section 7.1, test 2.
  const key = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex');
  const signature = Buffer.from(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    'hex',
  );
  const message = Uint8Array.of(0x72);
  // S + L: the same signature to a verifier that does not check the range of S.
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = 0n;
  for (let i = 63; i >= 32; i--) s = s * 256n + BigInt(signature[i] ?? 0);
  const malleable = Buffer.from(signature);
  for (let i = 0, rest = s + order; i < 32; i++, rest >>= 8n) malleable[32 + i] = Number(rest & 255n);
  for (const build of [node, browser]) {
    expect(build.verifyEd25519(key, message, signature)).toBe(true);
    expect(build.verifyEd25519(key, Uint8Array.of(0x73), signature)).toBe(false);
    expect(build.verifyEd25519(key, message, malleable)).toBe(false);
    expect(build.verifyEd25519(key, message, signature.subarray(1))).toBe(false);
    expect(build.verifyEd25519(new Uint8Array(32).fill(255), message, signature)).toBe(false);
  }
});

test('a digest among others is known by its place, in both builds', () => {
  const data = new TextEncoder().encode('abc');
  const digests = Uint8Array.of(9, ...node.sha256(data), ...node.sha256(new Uint8Array(0)));
  for (const build of [node, browser]) {
    expect(build.isSha256At(data, digests, 1)).toBe(true);
    expect(build.isSha256At(data, digests, 33)).toBe(false);
    for (let at = 1; at < 33; at++) {
      const changed = Uint8Array.from(digests);
      changed[at] = (changed[at] as number) ^ 1;
      expect(build.isSha256At(data, changed, 1)).toBe(false);
    }
  }
});
