import { describe, expect, test } from 'vitest';
import { signerFromSeed } from '../store/keys.ts';
import { utf8Bytes } from './bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { InvalidFormat } from './invalid-format.ts';
import { cosign, formatNote, type NoteSigner, parseNote, signNote } from './note.ts';
import { acceptCheckpoint, isQuorumMet, parsePolicy, parsePolicyText } from './policy.ts';
import { ED25519_COSIGNATURE, formatVerifierKey, makeVerifierKey } from './verifier-key.ts';

const signer = (name: string, byte: number, type?: 1 | 4) => signerFromSeed(name, new Uint8Array(32).fill(byte), type);
const log = signer('ledger.example/log', 1);
const witnesses = [1, 2, 3, 4, 5, 6].map((n) => signer(`witness.example/${n}`, 10 + n, ED25519_COSIGNATURE));
const [w1, w2, w3, w4, w5, w6] = witnesses.map(({ key }) => formatVerifierKey(key));
const logKey = formatVerifierKey(log.key);

const SPEC_EXAMPLE = `log ${logKey}

witness X1 ${w1}
witness X2 ${w2}
witness X3 ${w3}
group X-witnesses 2 X1 X2 X3

witness Y1 ${w4}
witness Y2 ${w5}
witness Y3 ${w6}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

test('the example of the specification is read, and its quorum follows from the groups', () => {
  const policy = parsePolicyText(SPEC_EXAMPLE);
  expect(policy.witnesses.size).toBe(6);
  expect(policy.groups.get('X-and-Y')).toEqual({ threshold: 2, members: ['X-witnesses', 'Y-witnesses'] });
  for (let mask = 0; mask < 64; mask++) {
    const has = (bit: number) => ((mask >> bit) & 1) === 1;
    const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'].filter((_, bit) => has(bit));
    const expected = Number(has(0)) + Number(has(1)) + Number(has(2)) >= 2 && (has(3) || has(4) || has(5));
    expect(isQuorumMet(policy, new Set(names)), names.join()).toBe(expected);
  }
});

test.each([
  ['only a quorum', 'quorum none\n'],
  [
    'white space, comments and no last newline',
    `\n# comment\n\t # another\n\twitness \t w1  ${w1}   https://w.example/  \n\n  quorum\tw1`,
  ],
  ['URLs', `log ${logKey} https://log.example/\nwitness w1 ${w1} anything\nquorum w1\n`],
  ['keywords as names', `witness all ${w1}\nwitness any ${w2}\ngroup group 2 all any\nquorum group\n`],
  ['definitions after the quorum', `quorum none\nwitness w1 ${w1}\n`],
])('%s can be written', (_, text) => {
  expect(parsePolicyText(text).quorum).not.toBe('');
});

test('names are octets, whatever they spell', () => {
  const bytes = Uint8Array.from([
    ...utf8Bytes('witness K'),
    0xe2,
    0x84,
    0xaa,
    0x80,
    ...utf8Bytes(` ${w1}\nquorum K`),
    0xe2,
    0x84,
    0xaa,
    0x80,
    0x0a,
  ]);
  expect(parsePolicy(bytes).witnesses.size).toBe(1);
  expect(() => parsePolicyText(`witness \u212a ${w1}\nquorum K\n`)).toThrow(/not defined/);
});

const samePublicKey = formatVerifierKey(
  makeVerifierKey('impostor.example', 4, (witnesses[0] as NoteSigner).key.publicKey),
);
test.each([
  ['a control octet', 'quorum none\n\u0001', /0x01/],
  ['a carriage return', 'quorum none\r\n', /0x0d/],
  ['a delete octet', 'quorum none\n\u007f', /0x7f/],
  ['an unknown keyword', 'quibble w1\nquorum none\n', /Line 1 .*quibble/],
  ['a comment behind a line', `witness w1 ${w1} https://w.example # comment\nquorum w1\n`, /Line 1/],
  ['a log without key', 'log\nquorum none\n', /Line 1/],
  ['a log with a bad key', 'log garbage\nquorum none\n', /not a verifier key/],
  ['a log twice', `log ${logKey}\nlog ${logKey} https://log.example/\nquorum none\n`, /Line 2.*already/],
  ['a witness without key', 'witness w1\nquorum none\n', /Line 1/],
  ['a witness with the key of a log', `witness w1 ${logKey}\nquorum w1\n`, /0x04/],
  ['a witness called none', `witness none ${w1}\nquorum none\n`, /reserved/],
  ['two witnesses of one name', `witness w1 ${w1}\nwitness w1 ${w2}\nquorum w1\n`, /twice/],
  ['two witnesses of one key', `witness w1 ${w1}\nwitness w2 ${samePublicKey}\nquorum w1\n`, /already/],
  ['a group named as a witness', `witness w1 ${w1}\ngroup w1 any w1\nquorum w1\n`, /twice/],
  ['a group without members', `witness w1 ${w1}\ngroup g1 1\nquorum w1\n`, /Line 2/],
  ['a group called none', `witness w1 ${w1}\ngroup none any w1\nquorum none\n`, /reserved/],
  ['a threshold of zero', `witness w1 ${w1}\ngroup g1 0 w1\nquorum g1\n`, /between 1 and 1/],
  ['a negative threshold', `witness w1 ${w1}\ngroup g1 -1 w1\nquorum g1\n`, /between/],
  ['a threshold that is no integer', `witness w1 ${w1}\ngroup g1 1.0 w1\nquorum g1\n`, /between/],
  ['a threshold above the members', `witness w1 ${w1}\ngroup g1 2 w1\nquorum g1\n`, /between/],
  ['an unknown member', `witness w1 ${w1}\ngroup g1 any w2\nquorum g1\n`, /earlier line/],
  ['a member defined later', `group g1 any w1\nwitness w1 ${w1}\nquorum g1\n`, /earlier line/],
  ['a group in itself', `witness w1 ${w1}\ngroup g1 any g1 w1\nquorum g1\n`, /earlier line/],
  ['none as a member', `witness w1 ${w1}\ngroup g1 any none w1\nquorum g1\n`, /earlier line/],
  ['a member twice in a group', `witness w1 ${w1}\ngroup g1 all w1 w1\nquorum g1\n`, /already/],
  [
    'a member of two groups',
    `witness w1 ${w1}\nwitness w2 ${w2}\ngroup g1 any w1 w2\ngroup g2 any w1\nquorum g1\n`,
    /already/,
  ],
  ['no quorum', `witness w1 ${w1}\n`, /no quorum/],
  ['two quorums', `witness w1 ${w1}\nquorum w1\nquorum w1\n`, /already/],
  ['a quorum of an unknown name', 'quorum unknown\n', /earlier line/],
  ['a quorum before what it names', `quorum w1\nwitness w1 ${w1}\n`, /earlier line/],
  ['a quorum without name', 'quorum\n', /Line 1/],
])('a policy with %s is refused', (_, text, expected) => {
  expect(() => parsePolicyText(text)).toThrow(expected);
  expect(() => parsePolicyText(text)).toThrow(InvalidFormat);
});

describe('a checkpoint under a policy', () => {
  const text = formatCheckpoint('ledger.example/log', 7, new Uint8Array(32).fill(9));
  const cosignedBy = (numbers: readonly number[], body = text, by = log) => {
    const note = parseNote(utf8Bytes(signNote(body, [by])));
    const cosignatures = numbers.map((n) => cosign(body, witnesses[n - 1] as NoteSigner, 1_795_000_000 + n));
    return utf8Bytes(formatNote({ text: body, signatures: [...note.signatures, ...cosignatures] }));
  };
  const policy = parsePolicyText(SPEC_EXAMPLE);

  test('is accepted with its quorum, and names who cosigned when', () => {
    const accepted = acceptCheckpoint(policy, cosignedBy([1, 3, 5]));
    expect(accepted.checkpoint.size).toBe(7);
    expect(accepted.log.name).toBe('ledger.example/log');
    expect(accepted.cosigners).toEqual([
      { name: 'X1', cosignedAt: 1_795_000_001 },
      { name: 'X3', cosignedAt: 1_795_000_003 },
      { name: 'Y2', cosignedAt: 1_795_000_005 },
    ]);
  });

  test('is refused below the quorum', () => {
    expect(() => acceptCheckpoint(policy, cosignedBy([1, 2]))).toThrow(/quorum "X-and-Y", and only X1, X2/);
    expect(() => acceptCheckpoint(policy, cosignedBy([]))).toThrow(/no witness of it has/);
  });

  test('is refused when a cosignature that is not needed is wrong', () => {
    const loose = parsePolicyText(`log ${logKey}\nwitness w1 ${w1}\nquorum none\n`);
    const elsewhere = parseNote(cosignedBy([1], formatCheckpoint('ledger.example/log', 8, new Uint8Array(32))));
    const own = parseNote(cosignedBy([]));
    const mixed = formatNote({ text, signatures: [...own.signatures, elsewhere.signatures[1] as never] });
    expect(() => acceptCheckpoint(loose, utf8Bytes(mixed))).toThrow(/witness.example\/1 .* is wrong/);
  });

  test('is refused without a signature of a listed log, and under the name of another log', () => {
    expect(() => acceptCheckpoint(policy, cosignedBy([1, 2, 4], text, signer('ledger.example/log', 9)))).toThrow(
      /is not signed by ledger.example\/log/,
    );
    const foreign = formatCheckpoint('other.example/log', 7, new Uint8Array(32));
    expect(() => acceptCheckpoint(policy, cosignedBy([1, 2, 4], foreign))).toThrow(/"other.example\/log", but/);
    expect(() => acceptCheckpoint(parsePolicyText('quorum none\n'), cosignedBy([]))).toThrow(/lists none/);
  });
});
