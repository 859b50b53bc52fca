import { expect, test } from 'vitest';
import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { blobOf, makeBundle, makeEntry, seed } from '../../../tests/support/bundle.ts';
import { concatBytes, toBase64, utf8Bytes } from '../log/bytes.ts';
import { commitTo } from '../log/commitment.ts';
import { putSealed } from '../store/sealed-blob.ts';
import { verifyBundle } from './verify-bundle.ts';

const CONTENT = utf8Bytes('name,score\nAda Example,1\n');
const salt = seed(8);

/** A bundle whose entry 4 has a sealed file, disclosed; `change` is made to the opening before it is committed to. */
async function bundleWith(change: Record<string, JsonValue> = {}, blobs = 1) {
  const parts: Uint8Array[] = [];
  const { opening } = await putSealed(
    {
      put: async (bytes) => {
        for await (const chunk of bytes) parts.push(chunk);
        return { sha256: '', sizeBytes: 0 };
      },
    },
    CONTENT,
  );
  const sealed = concatBytes(...parts);
  const value = { ...opening, ...change };
  const named = (bytes: Uint8Array) => ({
    sha256: sha256Hex(bytes),
    size: bytes.length,
    mediaType: 'text/csv',
    role: 'content',
  });
  return makeBundle({
    entry: (i) =>
      i === 4
        ? {
            ...makeEntry(4),
            commitments: { content: commitTo(value, salt) },
            blobs: [named(sealed), named(blobOf(5))].slice(0, blobs),
          }
        : makeEntry(i),
    disclosuresOf: async (i) => (i === 4 ? { content: { salt: toBase64(salt), value } } : null),
    openBlob: async function* (sha256) {
      yield [sealed, blobOf(5), blobOf(6)].find((blob) => sha256Hex(blob) === sha256) as Uint8Array;
    },
  });
}

test('a disclosed file is decrypted and is what its entry committed to', async () => {
  const { zip, policy } = await bundleWith();
  const report = await verifyBundle(zip, { policy });
  expect(report.firstProblem).toBeNull();
  expect(report.checked).toContainEqual(expect.objectContaining({ what: 'Opened files', count: 1 }));
});

test.each<[string, Record<string, JsonValue>, string, number?]>([
  ['another key', { key: toBase64(seed(1)) }, 'does not open with the key'],
  ['another nonce', { nonce: toBase64(seed(1).subarray(0, 12)) }, 'does not open with the key'],
  ['another tag', { tag: toBase64(seed(1).subarray(0, 16)) }, 'does not open with the key'],
  ['another digest', { sha256: sha256Hex('something else') }, 'has another SHA-256'],
  ['another size', { size: 3 }, `has ${CONTENT.length} bytes, not the 3`],
  ['a short key', { key: toBase64(seed(1).subarray(0, 16)) }, '"key"'],
  ['no size', { size: 'many' }, 'no digest and size'],
  ['two files', {}, 'names 2', 2],
])('%s in what was committed to is named', async (_what, change, sentence, blobs) => {
  const { zip, policy } = await bundleWith(change, blobs);
  const { ok, firstProblem } = await verifyBundle(zip, { policy });
  expect([ok, firstProblem?.rule]).toEqual([false, 'sealed-file']);
  expect(firstProblem?.sentence).toContain(sentence);
  expect(firstProblem?.sentence).toMatch(/entry 4/i);
});
