import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { toHex, utf8Text } from '#src/ledger/log/bytes.ts';
import { encodeEntryBundle } from '#src/ledger/log/tiles.ts';
import { hashLeaf, hashLeaves, MerkleTree } from '#src/ledger/log/tree.ts';
import { formatVerifierKey, keyFingerprint } from '#src/ledger/log/verifier-key.ts';
import { bundleKey, logKey, makeBundle, seed, unpack, witness } from '../support/bundle.ts';

/* What docs/spec prints is what the code makes, or stands in the example bundle beside it, so that it never goes stale. */

const read = (name: string) => readFileSync(new URL(`../../docs/spec/${name}`, import.meta.url));
const lines = (hex: string) => hex.match(/.{1,64}/g)?.join('\n') ?? '';

function expectPrinted(page: string, blocks: readonly string[]): void {
  const text = read(page).toString('utf8');
  for (const block of blocks)
    expect(text).toContain(
      block
        .trimEnd()
        .split('\n')
        .map((line) => (line === '' ? '' : `    ${line}`))
        .join('\n'),
    );
}

test('keys, entries, hashes, head, proof and file bytes in docs/spec/ledger.md follow from the seeds it names', async () => {
  const files = await unpack((await makeBundle({ size: 3, cosigned: true })).zip);
  const text = (name: string) => utf8Text(files.get(name) ?? new Uint8Array()) ?? '';
  const leaves = [0, 1, 2].map((i) => files.get(`entries/${i}.json`) as Uint8Array);
  const tree = new MerkleTree(hashLeaves(leaves));
  const { key } = logKey;
  expectPrinted('ledger.md', [
    `seed         ${toHex(seed(1))}\npublic key   ${toHex(key.publicKey)}\nvkey         ${formatVerifierKey(key)}\nfingerprint  ${keyFingerprint(key)}`,
    `bundles      ${formatVerifierKey(bundleKey.key)}\nwitness      ${formatVerifierKey(witness.key)}`,
    leaves.map((leaf) => utf8Text(leaf) ?? '').join('\n'),
    leaves.map((leaf, i) => `leaf hash ${i}  ${toHex(hashLeaf(leaf))}`).join('\n'),
    [1, 2, 3].map((size) => `root of ${size}    ${toHex(tree.root(size))}`).join('\n'),
    text('checkpoint'),
    `cosignature/v1\ntime 1795000000\n${text('checkpoint').split('\n').slice(0, 3).join('\n')}`,
    text('proofs/2.tlog-proof').split('\n').slice(0, 4).join('\n'),
    lines(toHex(encodeEntryBundle(leaves).subarray(0, 64))),
  ]);
});

test('the example bundle beside docs/spec/bundle.md holds under its policy, and is what the page prints', async () => {
  const zip = read('example-bundle.zip');
  const policy = read('example-policy').toString('utf8');
  const report = await verifyBundle(zip, { policy });
  expect(report).toMatchObject({ ok: true, firstProblem: null, facts: { entries: 8, blobs: 2 } });
  expect(report.facts.cosigners.map(({ name }) => name)).toEqual(['auditor']);
  const files = await unpack(zip);
  const text = (name: string) => utf8Text(files.get(name) ?? new Uint8Array()) ?? '';
  expectPrinted('bundle.md', [
    policy,
    text('manifest.note'),
    text('disclosures/4.json'),
    text('history/3.consistency'),
    lines(toHex(zip.subarray(0, 30 + 'README.txt'.length))),
    lines(toHex(zip.subarray(-22))),
  ]);
});
