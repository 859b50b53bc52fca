import { expect, test } from 'vitest';
import { toBase64, utf8Bytes } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import { formatHashLines, formatTlogProof, hashesOf, parseHashLines, parseTlogProof } from './tlog-proof.ts';

const hashes = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
const [h1, h2] = hashes.map(toBase64) as [string, string];
const HEADER = 'c2sp.org/tlog-proof@v1';

test.each([
  [
    'without extra data',
    { index: 5, path: `${h1}\n${h2}`, checkpoint: 'test checkpoint\n' },
    `${HEADER}\nindex 5\n${h1}\n${h2}\n\ntest checkpoint\n`,
  ],
  [
    'with extra data',
    { index: 10, path: h1, checkpoint: 'checkpoint data\n', extra: utf8Bytes('extra information') },
    `${HEADER}\nextra ${toBase64(utf8Bytes('extra information'))}\nindex 10\n${h1}\n\ncheckpoint data\n`,
  ],
  ['without hashes', { index: 0, path: '', checkpoint: 'checkpoint\n' }, `${HEADER}\nindex 0\n\ncheckpoint\n`],
])('a proof %s is written and read back', (_, proof, text) => {
  expect(formatTlogProof(proof)).toBe(text);
  expect(parseTlogProof(utf8Bytes(text))).toEqual({ extra: undefined, ...proof });
});

test('the checkpoint goes on to the end of the file, empty lines included', () => {
  expect(parseTlogProof(utf8Bytes(`${HEADER}\nindex 0\n\na\n\nb\n`)).checkpoint).toBe('a\n\nb\n');
});

test.each([
  ['another header', `wrong-header\nindex 0\n\ncheckpoint\n`],
  ['extra data that is not base64', `${HEADER}\nextra !!notbase64!!\nindex 0\n\ncheckpoint\n`],
  ['extra data behind the index', `${HEADER}\nindex 0\nextra AAAA\n\ncheckpoint\n`],
  ['no index', `${HEADER}\n\n\ncheckpoint\n`],
  ['an index that is a word', `${HEADER}\nindex notanumber\n\ncheckpoint\n`],
  ['a negative index', `${HEADER}\nindex -5\n\ncheckpoint\n`],
  ['an index with a leading zero', `${HEADER}\nindex 05\n\ncheckpoint\n`],
  ['an index of nothing', `${HEADER}\nindex \n\ncheckpoint\n`],
  ['a hash that is not base64', `${HEADER}\nindex 0\n!!notbase64!!\n\ncheckpoint\n`],
  ['a hash of another length', `${HEADER}\nindex 0\n${toBase64(new Uint8Array(64))}\n\ncheckpoint\n`],
  ['no checkpoint', `${HEADER}\nindex 0\n${h1}\n`],
  ['more hashes than a tree has levels', `${HEADER}\nindex 0\n${`${h1}\n`.repeat(64)}\ncheckpoint\n`],
  ['nothing', ''],
  ['far too many bytes', `${HEADER}\nindex 0\n${'a'.repeat(600 * 1024)}\n\n`],
])('a proof file with %s is refused', (_, text) => {
  expect(() => hashesOf(parseTlogProof(utf8Bytes(text)))).toThrow(InvalidFormat);
});

test('hash lines are written and read back, and nothing else is read', () => {
  expect(parseHashLines(utf8Bytes(formatHashLines(hashes)))).toEqual(hashes);
  expect(parseHashLines(new Uint8Array(0))).toEqual([]);
  for (const text of [h1, `${h1}\n\n`, `\n${h1}\n`, `${h1} \n`, 'x\n', '\n'])
    expect(() => parseHashLines(utf8Bytes(text)), JSON.stringify(text)).toThrow(InvalidFormat);
});
