import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthorityOptions, makeAuthority, missingOpenssl } from '../../../tests/support/time-stamp-authority.ts';
import { utf8Bytes } from '../log/bytes.ts';
import { formatCheckpoint } from '../log/checkpoint.ts';
import { type TimestampCheck, TimestampProblem } from './timestamp-problem.ts';
import { formatTimestampRequest, nonceNumber } from './timestamp-request.ts';
import { type TimestampExpectation, verifyTimestamp } from './timestamp-verify.ts';

const missing = missingOpenssl();
if (missing) console.warn(`Time stamps are not tested: ${missing}.`);
const folder = mkdtempSync(join(tmpdir(), 'assay-tsa-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const message = utf8Bytes(formatCheckpoint('log.example/1', 5, new Uint8Array(32).fill(1)));
const nonce = nonceNumber(Uint8Array.from({ length: 16 }, (_, i) => i));
const request = formatTimestampRequest(message, nonce);

/** The check that failed, or `holds`. */
async function outcome(response: Uint8Array, expected: Partial<TimestampExpectation> & { trusted: string }) {
  try {
    await verifyTimestamp(response, { message, nonce, ...expected });
    return 'holds';
  } catch (error) {
    if (error instanceof TimestampProblem) return error.check;
    throw error;
  }
}

describe.skipIf(missing !== null)('a time stamp', () => {
  let authority: Awaited<ReturnType<typeof makeAuthority>>;
  let response: Uint8Array;
  let trusted = '';
  beforeAll(async () => {
    authority = await makeAuthority(join(folder, 'good'));
    response = await authority.reply(request);
    trusted = authority.root;
  });

  test('of a real authority holds, and says when, by whom and under which policy', async () => {
    const stamp = await verifyTimestamp(response, { message, nonce, trusted, nowMs: Date.now() });
    expect(stamp).toMatchObject({ authority: 'Test Stamping', policy: '1.2.3.4.1', accuracyMs: 1_500 });
    expect(Math.abs(stamp.stampedAtMs - Date.now())).toBeLessThan(120_000);
  });

  test('is one openssl itself accepts', () => {
    writeFileSync(join(folder, 'message'), message);
    writeFileSync(join(folder, 'answer.tsr'), response);
    const args = ['ts', '-verify', '-data', join(folder, 'message'), '-in', join(folder, 'answer.tsr')];
    const said = execFileSync('openssl', [...args, '-CAfile', join(authority.folder, 'root.pem')], { stdio: 'pipe' });
    expect(said.toString()).toContain('Verification: OK');
  });

  test('holds without a nonce, as in a bundle years later', async () => {
    expect(await outcome(response, { trusted, nonce: undefined, nowMs: Date.parse('2090-01-01') })).toBe('holds');
  });

  test.each<[TimestampCheck, string, Partial<TimestampExpectation>]>([
    ['imprint', 'of another text', { message: utf8Bytes('another text\n') }],
    ['nonce', 'with another nonce', { nonce: nonceNumber(new Uint8Array(16).fill(5)) }],
    ['policy', 'under another policy', { policies: ['1.2.3.4.5'] }],
    ['time', 'from the future', { nowMs: Date.parse('2020-01-01') }],
    ['chain', 'of nobody we trust', { trusted: '' }],
    [
      'format',
      'against a file of certificates that is damaged',
      { trusted: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    ],
    ['limit', 'against a file of certificates without end', { trusted: 'x'.repeat(2_000_000) }],
  ])('is refused (%s) %s', async (check, _, change) => {
    expect(await outcome(response, { trusted, ...change })).toBe(check);
  });

  test('asked for under a policy is made under it', async () => {
    const answer = await authority.reply(formatTimestampRequest(message, nonce, '1.2.3.4.5'));
    expect(await outcome(answer, { trusted, policies: ['1.2.3.4.5'] })).toBe('holds');
    const refused = await authority.reply(formatTimestampRequest(message, nonce, '1.9.9.9'));
    expect(await outcome(refused, { trusted })).toBe('status');
  });

  test('that is cut short anywhere, too long or followed by something is refused', async () => {
    for (let length = 0; length < response.length; length += 7)
      expect(await outcome(response.subarray(0, length), { trusted }), `${length} bytes`).not.toBe('holds');
    expect(await outcome(Uint8Array.of(...response, 0), { trusted })).toBe('format');
    expect(await outcome(new Uint8Array(70_000), { trusted })).toBe('limit');
    // Lists in lists in lists.
    const deep = new Uint8Array(4_000).map((_, i) => (i % 2 === 0 ? 0x30 : 0x80));
    expect(await outcome(deep, { trusted })).toBe('format');
  });

  test('noise is refused, never a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), async (noise, at) => {
        expect(await outcome(noise, { trusted })).not.toBe('holds');
        const changed = response.slice();
        changed.set(noise.subarray(0, 20), at % (response.length - 20));
        await outcome(changed, { trusted });
      }),
      { numRuns: 60 },
    );
  });

  test('with any byte flipped is refused, or says the same', async () => {
    const good = await verifyTimestamp(response, { message, nonce, trusted });
    let harmless = 0;
    const flip = async (at: number, bit: number) => {
      const changed = response.slice();
      changed[at] = (changed[at] as number) ^ (1 << bit);
      try {
        expect(await verifyTimestamp(changed, { message, nonce, trusted })).toEqual(good);
        harmless++;
      } catch (error) {
        if (!(error instanceof TimestampProblem)) throw error;
      }
    };
    await fc.assert(fc.asyncProperty(fc.nat({ max: response.length - 1 }), fc.nat({ max: 7 }), flip), { numRuns: 250 });
    // The status, a version number, an algorithm listed but not used: about one byte in eighty carries no statement.
    expect(harmless).toBeLessThan(25);
  }, 60_000);

  test.each<[string, TimestampCheck | 'holds', AuthorityOptions]>([
    ['an elliptic-curve key', 'holds', { key: 'ec' }],
    ['a short key', 'signature', { key: 'rsa:1024' }],
    ['an expired certificate', 'time', { notAfter: '20210101000000Z' }],
    ['a certificate of tomorrow', 'time', { notBefore: '20390101000000Z' }],
    [
      'SHA-512 for its own digest',
      'holds',
      { config: (text) => text.replace('signer_digest = sha256', 'signer_digest = sha512') },
    ],
    [
      'SHA-1 for its own digest',
      'signature',
      { config: (text) => text.replace('signer_digest = sha256', 'signer_digest = sha1') },
    ],
    [
      'the older certificate identifier',
      'signature',
      { config: (text) => text.replace('ess_cert_id_alg = sha256', 'ess_cert_id_alg = sha1') },
    ],
    [
      'a SHA-512 certificate identifier',
      'holds',
      { config: (text) => text.replace('ess_cert_id_alg = sha256', 'ess_cert_id_alg = sha512') },
    ],
    ['no intermediate certificate', 'chain', { config: (text) => text.replace(/^certs.*$/m, '') }],
  ])('of an authority with %s: %s', async (name, expected, options) => {
    const other = await makeAuthority(join(folder, name.replaceAll(' ', '-')), {
      ...options,
      keysOf: authority.folder,
    });
    expect(await outcome(await other.reply(request), { trusted: other.root })).toBe(expected);
  });

  // openssl refuses to stamp with such certificates, so they replace the good one after the fact: same key, same name.
  test.each([
    ['another purpose beside', 'extendedKeyUsage=critical,timeStamping,codeSigning\n'],
    ['a purpose that is not critical', 'extendedKeyUsage=timeStamping\n'],
    ['another purpose', 'extendedKeyUsage=critical,serverAuth\n'],
    ['no purpose', 'basicConstraints=CA:FALSE\n'],
    ['a key that may not sign', 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,keyAgreement\n'],
    ['a critical extension nobody knows', 'extendedKeyUsage=critical,timeStamping\n1.2.3.4=critical,ASN1:NULL\n'],
  ])('made with a certificate for %s is refused', async (name, extensions) => {
    const other = await makeAuthority(join(folder, name.replaceAll(' ', '-')), {
      extensions,
      keysOf: authority.folder,
    });
    const { stampWith } = await import('../../../tests/support/hand-made-stamp.ts');
    const answer = await stampWith(other.folder, { message, nonce });
    expect(await outcome(answer, { trusted: other.root })).toBe('certificate');
  });

  test('made by hand in the same way with a proper certificate holds, so it is the certificate that is refused', async () => {
    const { stampWith } = await import('../../../tests/support/hand-made-stamp.ts');
    expect(await outcome(await stampWith(authority.folder, { message, nonce }), { trusted })).toBe('holds');
    const spoil = (change: Parameters<typeof stampWith>[2]) => stampWith(authority.folder, { message, nonce }, change);
    expect(await outcome(await spoil({ wrongCertificateDigest: true }), { trusted })).toBe('certificate');
    expect(await outcome(await spoil({ otherContentType: true }), { trusted })).toBe('signature');
    expect(await outcome(await spoil({ noSignedAttributes: true }), { trusted })).toBe('signature');
    expect(await outcome(await spoil({ criticalExtension: true }), { trusted })).toBe('format');
  });

  test('of an authority we do not know is refused, whatever names it carries', async () => {
    const other = await makeAuthority(join(folder, 'twin'));
    expect(await outcome(await other.reply(request), { trusted })).toBe('chain');
    expect(await outcome(await other.reply(request), { trusted: trusted + other.root })).toBe('holds');
  });

  test('under a certificate that is no authority leads nowhere', async () => {
    // A stamping certificate of the same chain plays the authority.
    const tsa = readFileSync(join(authority.folder, 'tsa.pem'), 'utf8');
    expect(await outcome(response, { trusted: tsa })).toBe('chain');
    expect(await outcome(response, { trusted: readFileSync(join(authority.folder, 'mid.pem'), 'utf8') })).toBe('holds');
  });
});
