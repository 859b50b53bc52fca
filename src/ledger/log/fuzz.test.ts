import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { AT, inMemory, logKey, makeBundle, makeEntry, ORIGIN, unpack } from '../../../tests/support/bundle.ts';
import { parseDisclosures, parseForeignManifest, parseManifest } from '../bundle/bundle-format.ts';
import { verifyBundle } from '../bundle/verify-bundle.ts';
import { concatBytes, utf8Bytes, utf8Text } from './bytes.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { parseDsseEnvelope } from './dsse.ts';
import { joinLeaf, splitLeaf } from './entry.ts';
import { InvalidFormat } from './invalid-format.ts';
import { readLeaf } from './leaf.ts';
import { parseNote, signNote } from './note.ts';
import { parsePolicy } from './policy.ts';
import { decodeEntryBundle } from './tiles.ts';
import { hashesOf, parseHashLines, parseTlogProof } from './tlog-proof.ts';
import { formatVerifierKey, parseVerifierKey } from './verifier-key.ts';

/** Whatever comes in, a reader gives a value or says with `InvalidFormat` what is wrong. Anything else is a crash. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    expect(error.message).toMatch(/\.$/);
  }
}

const text = (bytes: Uint8Array) => utf8Text(bytes) ?? '';
const note = signNote(formatCheckpoint(ORIGIN, 3, new Uint8Array(32)), [logKey]);
const leaf = joinLeaf(splitLeaf(makeEntry(5), 'ent_1', AT), { id: 's', seq: 1, prev: '00'.repeat(32) });

const readers: [string, string, (bytes: Uint8Array) => unknown][] = [
  ['a note', note, parseNote],
  ['a checkpoint', note.split('\n\n')[0] ?? '', (bytes) => parseCheckpoint(text(bytes))],
  ['a verifier key', formatVerifierKey(logKey.key), (bytes) => parseVerifierKey(text(bytes))],
  ['a policy', `# x\nlog ${formatVerifierKey(logKey.key)}\nquorum none\n`, parsePolicy],
  [
    'a proof file',
    `c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n${'A'.repeat(43)}=\n\n${note}`,
    (bytes) => hashesOf(parseTlogProof(bytes)),
  ],
  ['hash lines', `${'A'.repeat(43)}=\n`, parseHashLines],
  ['a leaf', leaf, (bytes) => readLeaf(bytes, { profile: true })],
  ['a leaf of another profile', leaf, (bytes) => readLeaf(bytes, { profile: false })],
  ['an envelope', '{"payload":"AAAA","payloadType":"x","signatures":[{"keyid":"k","sig":"AAAA"}]}', parseDsseEnvelope],
  [
    'a manifest',
    '{"format":"assay-bundle/v1","files":[],"entries":[{"index":0,"withheld":true}],"range":{"from":0,"to":1}}',
    parseManifest,
  ],
  [
    'a manifest without version',
    '{"origin":"a","size":3,"entries":[{"index":0}],"series":[{"id":"a","from":0,"to":1}]}',
    parseForeignManifest,
  ],
  ['disclosures', '{"a":{"salt":"AAAA","value":[1]}}', parseDisclosures],
  ['an entry bundle', '\u0000\u0001a\u0000\u0000', (bytes) => decodeEntryBundle(bytes, 2)],
];

describe.each(readers)('%s', (_, valid, read) => {
  test('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => survives(() => read(bytes))),
      { numRuns: 300 },
    );
  });

  test('survives what is almost right', () => {
    const bytes = utf8Bytes(valid);
    const splice = fc.tuple(fc.nat(bytes.length), fc.nat(12), fc.oneof(fc.uint8Array({ maxLength: 12 }), pieces));
    fc.assert(
      fc.property(fc.array(splice, { minLength: 1, maxLength: 4 }), (splices) => {
        let changed: Uint8Array = bytes;
        for (const [at, length, put] of splices)
          changed = concatBytes(changed.subarray(0, at), put, changed.subarray(at + length));
        survives(() => read(changed));
      }),
      { numRuns: 500 },
    );
  });
});

// What breaks readers of text more often than noise does.
const pieces = fc
  .constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    '\n',
    '\n\n',
    'null',
    '-1',
    '1e999',
    '"\\ud800"',
    '__proto__',
    '\u2014 ',
    '=',
    '+',
    '[[[[[[',
    '9007199254740993',
  )
  .map(utf8Bytes);

describe('a bundle', () => {
  let zip: Uint8Array;
  let files: Map<string, Uint8Array>;
  beforeAll(async () => {
    ({ zip } = await makeBundle({ size: 4, entry: (i) => makeEntry([0, 1, 5, 4][i] ?? 2), disclosuresAt: 3 }));
    files = await unpack(zip);
  });

  test('survives any change of its file, and is never right afterwards', async () => {
    const splice = fc.tuple(fc.nat(1_000_000), fc.nat(40), fc.uint8Array({ maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.array(splice, { minLength: 1, maxLength: 3 }), async (splices) => {
        let changed: Uint8Array = zip;
        for (const [where, length, put] of splices) {
          const at = where % (changed.length + 1);
          changed = concatBytes(changed.subarray(0, at), put, changed.subarray(at + length));
        }
        const isSame = changed.length === zip.length && changed.every((byte, i) => byte === zip[i]);
        expect((await verifyBundle(changed)).ok).toBe(isSame);
      }),
      { numRuns: 200 },
    );
  });

  test('survives files that are exchanged, emptied, added and taken out, and is never right afterwards', async () => {
    const names = fc.constantFrom(...files.keys());
    const step = fc.oneof(
      fc.tuple(fc.constant('drop' as const), names, names),
      fc.tuple(fc.constant('empty' as const), names, names),
      fc.tuple(fc.constant('copy' as const), names, names),
      fc.tuple(fc.constant('add' as const), names, names),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), async (steps) => {
        const changed = new Map(files);
        for (const [what, name, other] of steps) {
          if (what === 'drop') changed.delete(name);
          else if (what === 'empty') changed.set(name, new Uint8Array(0));
          else if (what === 'copy') changed.set(name, files.get(other) as Uint8Array);
          else changed.set(`${name}x`, files.get(other) as Uint8Array);
        }
        const isSame = changed.size === files.size && [...files].every(([name, bytes]) => changed.get(name) === bytes);
        expect((await verifyBundle(inMemory(changed))).ok).toBe(isSame);
      }),
      { numRuns: 200 },
    );
  });
});
