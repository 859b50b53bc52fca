import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signerFromSeed } from '../store/keys.ts';
import { fromBase64, toBase64, utf8Bytes } from './bytes.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { InvalidFormat } from './invalid-format.ts';
import { cosign, formatNote, NOTE_BYTES_MAX, parseNote, signNote, verifyKnownSignatures, verifyNote } from './note.ts';
import { EMPTY_ROOT } from './tree.ts';
import {
  ED25519_COSIGNATURE,
  formatVerifierKey,
  keyFingerprint,
  makeVerifierKey,
  parseVerifierKey,
} from './verifier-key.ts';

const VECTORS = '../shared/data/ledger/note/c2sp-signed-note-example.json';
const seed = (byte: number) => new Uint8Array(32).fill(byte);
const log = signerFromSeed('ledger.example/log', seed(1));
const other = signerFromSeed('other.example/log', seed(2));
const witness = signerFromSeed('witness.example/w', seed(3), ED25519_COSIGNATURE);
const text = formatCheckpoint('ledger.example/log', 7, new Uint8Array(32).fill(9));
const signed = signNote(text, [log]);
const open = (note: string | Uint8Array, keys = [log.key]) =>
  verifyNote(parseNote(typeof note === 'string' ? utf8Bytes(note) : note), keys);

describe.skipIf(!existsSync(VECTORS))('shared vectors (skipped where ../shared is absent)', () => {
  type Vector = { name: string; note_b64: string; vkeys: string[]; accept: boolean; verified_names: string[] };
  const vectors: Vector[] = existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')).notes : [];
  test.each(vectors)('$name', ({ note_b64, vkeys, accept, verified_names }) => {
    const check = () => open(fromBase64(note_b64) as Uint8Array, vkeys.map(parseVerifierKey));
    if (accept) expect(check().map(({ key }) => key.name)).toEqual(verified_names);
    else expect(check).toThrow(InvalidFormat);
  });
});

test('the published example of golang.org/x/mod/sumdb/note verifies and is made again from its key', () => {
  const peter = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  const body = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const note = `${body}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
  expect(open(note, [peter]).map(({ key }) => key)).toEqual([peter]);
  const secret = fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz') as Uint8Array;
  expect(signNote(body, [signerFromSeed('PeterNeumann', secret.subarray(1))])).toBe(note);
});

test('a signed note is read back, signed again and verified', () => {
  const note = signNote(text, [log, other]);
  expect(formatNote(parseNote(utf8Bytes(note)))).toBe(note);
  expect(open(note, [log.key, other.key]).map(({ key }) => key.name)).toEqual([log.key.name, other.key.name]);
  expect(parseCheckpoint(parseNote(utf8Bytes(note)).text).size).toBe(7);
});

test('a cosignature carries its time, and counts for its own key type only', () => {
  const note = parseNote(utf8Bytes(signed));
  const cosigned = { ...note, signatures: [...note.signatures, cosign(text, witness, 1_795_000_000)] };
  expect(verifyNote(cosigned, [log.key, witness.key])).toEqual([
    { key: log.key },
    { key: witness.key, cosignedAt: 1_795_000_000 },
  ]);
  const sameKeyOtherType = makeVerifierKey(witness.key.name, 1, witness.key.publicKey);
  expect(verifyKnownSignatures(cosigned, [sameKeyOtherType])).toEqual([]);
});

test('a cosignature moved to another time does not hold', () => {
  const cosignature = cosign(text, witness, 1_795_000_000);
  const moved = new Uint8Array(cosignature.signature);
  moved[7] = (moved[7] as number) + 1;
  const note = { text, signatures: [{ ...cosignature, signature: moved }] };
  expect(() => verifyNote(note, [witness.key])).toThrow(/signature of witness.example\/w .* is wrong/);
});

test('signatures of unknown keys are passed over, also under a known name or a known id', () => {
  const sameName = signerFromSeed(log.key.name, seed(8));
  expect(open(signNote(text, [sameName, log, other]))).toEqual([{ key: log.key }]);
  expect(() => open(signNote(text, [sameName, other]))).toThrow(/is not signed by ledger.example\/log/);
});

test('one wrong signature of a known key voids the note, whatever else signed it', () => {
  const lines = signNote(text, [log, other]).split('\n');
  const otherLine = lines.at(-2) ?? '';
  const raw = fromBase64(otherLine.split(' ')[2] ?? '') as Uint8Array;
  raw[20] = (raw[20] as number) ^ 1;
  const spoiled = `${signed}\u2014 ${other.key.name} ${toBase64(raw)}\n`;
  expect(open(spoiled)).toHaveLength(1);
  expect(() => open(spoiled, [log.key, other.key])).toThrow(/signature of other.example\/log/);
  const twice = `${signNote(text, [log, other])}\u2014 ${other.key.name} ${toBase64(raw)}\n`;
  expect(() => open(twice, [log.key, other.key])).toThrow(/signature of other.example\/log/);
});

test('a key that signed twice counts once, and a note with sixteen signatures and more is read', () => {
  const strangers = Array.from({ length: 40 }, (_, i) => signerFromSeed(`stranger.example/${i}`, seed(50 + i)));
  expect(open(signNote(text, [...strangers, log, log]))).toHaveLength(1);
});

const line = signed.split('\n').at(-2) ?? '';
test.each([
  ['no signature', text],
  ['an empty signature block', `${text}\n`],
  ['no newline at the end', signed.slice(0, -1)],
  ['a control character', `\u0001${signed}`],
  ['a carriage return', signed.replace('\n', '\r\n')],
  ['a tab in the text', `\t${signed}`],
  ['a name with a space', `${text}\n\u2014 Bad Name ${line.split(' ')[2]}\n`],
  ['a name with a no-break space', `${text}\n\u2014 Bad\u00a0Name ${line.split(' ')[2]}\n`],
  ['a name with a plus', `${text}\n\u2014 a+b ${line.split(' ')[2]}\n`],
  ['no name', `${text}\n\u2014  ${line.split(' ')[2]}\n`],
  ['a line that is no signature', `${signed}Unexpected line.\n`],
  ['a hyphen for the dash', signed.replace('\u2014', '-')],
  ['base64 without padding', signed.replace('=\n', '\n')],
  [
    'base64 with bits behind the end',
    signed.replace(/(.)=\n$/, (_, last) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=\n`),
  ],
  ['a signature of nothing', `${text}\n\u2014 ${log.key.name} AAAAAA==\n`],
  ['an empty line between signatures', `${signed}\n${line}\n`],
  ['more signatures than are read', `${text}\n${`${line}\n`.repeat(101)}`],
  ['a third field', `${text}\n${line} x\n`],
])('a note with %s is refused', (_, note) => {
  expect(() => open(note)).toThrow(InvalidFormat);
});

test('a note that is not UTF-8 or far too long is refused', () => {
  expect(() => parseNote(Uint8Array.of(0xff, ...utf8Bytes(signed)))).toThrow(/UTF-8/);
  expect(() => parseNote(new Uint8Array(NOTE_BYTES_MAX + 1))).toThrow(/at most/);
});

// A name or key id that was changed makes the signature one of an unknown key.
function verifiedKeys(note: Uint8Array): number {
  try {
    return open(note, [log.key, other.key]).length;
  } catch (error) {
    if (error instanceof InvalidFormat) return 0;
    throw error;
  }
}

test('no byte of a signed note can be changed, other than in signatures nobody asked about', () => {
  const bytes = utf8Bytes(signNote(text, [log, other]));
  const irrelevantFrom = utf8Bytes(signed).length;
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [0, 3, 7]) {
      const changed = new Uint8Array(bytes);
      changed[at] = (changed[at] as number) ^ (1 << bit);
      const check = () => open(changed);
      // The second line is of a key not known here: it may change as long as it stays a signature line.
      if (at < irrelevantFrom) expect(check, `byte ${at} bit ${bit}`).toThrow(InvalidFormat);
      expect(verifiedKeys(changed), `byte ${at} bit ${bit}`).toBeLessThan(2);
    }
  }
});

describe('verifier keys', () => {
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

  test('a key is read and written in one form', () => {
    expect(formatVerifierKey(parseVerifierKey(vkey))).toBe(vkey);
    const formatted = formatVerifierKey(witness.key);
    expect(parseVerifierKey(formatted)).toEqual(witness.key);
    expect(keyFingerprint(witness.key)).toMatch(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
  });

  test('every part of a key text and every key text with one character changed is refused', () => {
    for (let from = 0; from <= vkey.length; from++)
      for (let to = from + 1; to <= vkey.length; to++)
        if (from > 0 || to < vkey.length) expect(() => parseVerifierKey(vkey.slice(from, to))).toThrow(InvalidFormat);
    for (let at = 0; at < vkey.length; at++) {
      const changed = vkey.slice(0, at) + String.fromCharCode(vkey.charCodeAt(at) + 1) + vkey.slice(at + 1);
      expect(() => parseVerifierKey(changed), changed).toThrow(InvalidFormat);
    }
  });

  test.each([
    [
      'a key of the wrong length, its id adjusted',
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    ],
    ['an unknown algorithm, its id adjusted', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
  ])('%s is refused', (_, text) => {
    expect(() => parseVerifierKey(text)).toThrow(InvalidFormat);
  });
});

describe('checkpoints', () => {
  const root = toBase64(new Uint8Array(32).fill(9));
  test('extension lines are kept', () => {
    expect(parseCheckpoint(`a\n1\n${root}\nmore\nand more\n`).extensions).toEqual(['more', 'and more']);
  });

  test('the empty tree has its own root', () => {
    expect(parseCheckpoint(formatCheckpoint('a', 0, EMPTY_ROOT)).size).toBe(0);
    expect(() => parseCheckpoint(`a\n0\n${root}\n`)).toThrow(/empty tree/);
  });

  test.each([
    ['two lines', `a\n1\n`],
    ['no newline at the end', `a\n1\n${root}`],
    ['an empty origin', `\n1\n${root}\n`],
    ['a size that is a word', `a\nbananas\n${root}\n`],
    ['a negative size', `a\n-34\n${root}\n`],
    ['a size with a leading zero', `a\n01\n${root}\n`],
    ['a size with a plus', `a\n+1\n${root}\n`],
    ['a size beyond 64 bits', `a\n3438945738945739845734895735\n${root}\n`],
    ['a root that is not base64', `a\n1\nThisIsn'tBase64\n`],
    ['a root of another length', `a\n1\nYmFuYW5hcw==\n`],
    ['an empty extension line', `a\n1\n${root}\n\n`],
    ['an empty extension line in the middle', `a\n1\n${root}\nx\n\ny\n`],
  ])('%s is no checkpoint', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(InvalidFormat);
  });
});
