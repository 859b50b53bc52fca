import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smallLog } from '../../../tests/support/small-log.ts';
import { concatBytes, utf8Bytes } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { cosign, formatSignatureLine, parseNote } from '../log/note.ts';
import { ED25519_COSIGNATURE } from '../log/verifier-key.ts';
import { signerFromSeed } from '../store/keys.ts';
import { readSubmission, refuseInconsistent } from './witness-decision.ts';
import {
  formatAddCheckpoint,
  formatSize,
  originHash,
  parseAddCheckpoint,
  parseCosignatures,
  parseSize,
} from './witness-protocol.ts';

const log = smallLog('log.example/1', 40);
const keysOf = (origin: string) => (origin === log.origin ? [log.key] : []);
const read = (request: Uint8Array) => readSubmission(request, keysOf);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

// The request in the specification, with its own names and hashes.
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

test('the example of the specification is read, and written back byte for byte', () => {
  const request = parseAddCheckpoint(utf8Bytes(EXAMPLE));
  expect(request.oldSize).toBe(20_852_014);
  expect(request.proof).toHaveLength(4);
  expect(text(formatAddCheckpoint({ ...request, note: text(request.note) }))).toBe(EXAMPLE);
});

test('any request that is written is read back as it was', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(fc.nat(), fc.array(hash, { maxLength: 63 }), fc.string(), (oldSize, proof, note) => {
      const request = parseAddCheckpoint(formatAddCheckpoint({ oldSize, proof, note }));
      expect(request).toEqual({ oldSize, proof, note: utf8Bytes(note) });
    }),
  );
});

describe('a malformed request is refused', () => {
  const hash = 'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=';
  const cases: [string, string | Uint8Array][] = [
    ['nothing', ''],
    ['no empty line', 'old 0\n'],
    ['no old size', `${hash}\n\nnote`],
    ['a leading zero', 'old 01\n\nnote'],
    ['a sign', 'old +1\n\nnote'],
    ['two spaces', 'old  1\n\nnote'],
    ['a space at the end', 'old 1 \n\nnote'],
    ['a size above 2^53', 'old 9007199254740993\n\nnote'],
    ['another word', 'new 1\n\nnote'],
    ['carriage returns', 'old 1\r\n\r\nnote'],
    ['a hash that is too short', 'old 1\nAAAA\n\nnote'],
    ['a hash without padding', `old 1\n${hash.slice(0, -1)}\n\nnote`],
    ['white space behind a hash', `old 1\n${hash} \n\nnote`],
    ['64 proof lines', `old 1\n${`${hash}\n`.repeat(64)}\nnote`],
    ['bytes that are not UTF-8', Uint8Array.of(0x6f, 0xff, 0x0a, 0x0a)],
    ['too many bytes', new Uint8Array(128 * 1024 + 1)],
  ];
  test.each(cases)('%s', (_, request) => {
    const bytes = typeof request === 'string' ? utf8Bytes(request) : request;
    expect(() => parseAddCheckpoint(bytes)).toThrow(InvalidFormat);
    expect(read(bytes)).toMatchObject({ status: 400 });
  });
});

test('every byte of a good request, flipped anyhow, is refused or leaves the meaning as it was', () => {
  const request = log.request(13, 38);
  const last = { size: 13, root: log.tree.root(13) };
  const good = read(request);
  if ('status' in good) throw new Error('the request is good');
  expect(refuseInconsistent(good, last)).toBe(null);
  for (let at = 0; at < request.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const changed = request.slice();
      changed[at] = (changed[at] as number) ^ (1 << bit);
      const submission = read(changed);
      if ('status' in submission) continue;
      const refusal = refuseInconsistent(submission, last);
      // What remains is a signature line of nobody we know beside the good one: impossible here, there is one line.
      expect(refusal, `byte ${at} bit ${bit}`).not.toBe(null);
    }
});

test('anything from outside is either read or refused, never a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat({ max: 400 }), (noise, oldSize, cut) => {
      const whole = log.request(Math.min(oldSize, 40), 40);
      for (const bytes of [noise, concatBytes(whole, noise), whole.subarray(0, cut), concatBytes(noise, whole)])
        read(bytes);
    }),
  );
});

describe('the status tells the client what to do', () => {
  const status = (request: Uint8Array, last: { size: number; root: Uint8Array } | null = null) => {
    const submission = read(request);
    return 'status' in submission ? submission.status : (refuseInconsistent(submission, last)?.status ?? 200);
  };
  const at = (size: number) => ({ size, root: log.tree.root(size) });
  const other = smallLog('log.example/2', 40);
  const forked = smallLog(log.origin, 40, { from: 5, salt: 'other' });

  test.each([
    ['the first head', 200, log.request(0, 7), null],
    ['the first head of all, empty', 200, log.request(0, 0), null],
    ['a head that continues', 200, log.request(7, 40), at(7)],
    ['a head after the empty one', 200, log.request(0, 9), at(0)],
    ['the same head again', 200, log.request(7, 7), at(7)],
    ['an unknown log', 404, other.request(0, 7), null],
    ['an old size above the checkpoint', 400, formatAddCheckpoint({ oldSize: 8, proof: [], note: log.note(7) }), at(8)],
    ['an older head', 409, log.request(7, 9), at(30)],
    ['an old size from nowhere', 409, log.request(7, 40), null],
    ['a fork with a proof of its own', 422, forked.request(7, 40), at(7)],
    ['another root of the same size', 422, forked.request(40, 40), at(40)],
    [
      'a proof where none may be',
      422,
      formatAddCheckpoint({ oldSize: 0, proof: [at(1).root], note: log.note(7) }),
      null,
    ],
    ['no proof', 422, formatAddCheckpoint({ oldSize: 7, proof: [], note: log.note(40) }), at(7)],
    [
      'a proof between equal heads',
      422,
      formatAddCheckpoint({ oldSize: 7, proof: [at(1).root], note: log.note(7) }),
      at(7),
    ],
  ])('%s: %i', (_, expected, request, last) => {
    expect(status(request, last)).toBe(expected);
  });

  test('a wrong signature of a known key is refused even beside a right one, and unknown keys are passed over', () => {
    const good = log.note(7);
    const line = good.split('\n').at(-2) ?? '';
    const wrong = `${line.slice(0, -4)}AAA=\n`;
    const unknown = formatSignatureLine({ name: 'somebody.else', keyId: 1, signature: new Uint8Array(64) });
    const request = (note: string) => formatAddCheckpoint({ oldSize: 0, proof: [], note });
    expect(status(request(good + wrong))).toBe(403);
    expect(status(request(good.replace(line, unknown.trimEnd())))).toBe(403);
    const submission = read(request(good + unknown));
    expect('status' in submission ? submission : submission.signatures).toHaveLength(1);
  });

  test('a checkpoint of size 0 with another root than that of the empty tree', () => {
    const note = parseNote(utf8Bytes(log.note(1)));
    const zero = note.text.replace('\n1\n', '\n0\n');
    const signed = {
      text: zero,
      signatures: [{ ...log.key, keyId: log.key.id, signature: log.signer.sign(utf8Bytes(zero)) }],
    };
    const whole = `${signed.text}\n${signed.signatures.map(formatSignatureLine).join('')}`;
    expect(status(formatAddCheckpoint({ oldSize: 0, proof: [], note: whole }))).toBe(422);
  });
});

test('an answer is signature lines and nothing else', () => {
  const witness = signerFromSeed('witness.example/w1', new Uint8Array(32).fill(9), ED25519_COSIGNATURE);
  const line = formatSignatureLine(cosign('text\n', witness, 1_700_000_000));
  expect(parseCosignatures(utf8Bytes(line + line))).toHaveLength(2);
  for (const bad of ['', line.slice(0, -1), `${line}\n`, `hello\n${line}`, line.repeat(17), 'x'.repeat(70_000)])
    expect(() => parseCosignatures(utf8Bytes(bad)), bad.slice(0, 40)).toThrow(InvalidFormat);
});

test('the size in a 409 is a decimal and a newline', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (size) => {
      expect(parseSize(utf8Bytes(formatSize(size)))).toBe(size);
    }),
  );
  for (const bad of ['', '\n', '12', '012\n', '12\n\n', '-1\n', '1e3\n', '9007199254740993\n', `${'1'.repeat(99)}\n`])
    expect(parseSize(utf8Bytes(bad)), bad).toBe(null);
});

test('a log is named by the SHA-256 of its origin', () => {
  expect(originHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
