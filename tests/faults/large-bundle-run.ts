// Writes a bundle of many entries to a file, or verifies one, in a process of its own, and prints the most memory it held.

import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { writeBundle } from '#src/ledger/bundle/bundle-write.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { utf8Bytes } from '#src/ledger/log/bytes.ts';
import { formatCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { joinLeaf, splitLeaf } from '#src/ledger/log/entry.ts';
import { signNote } from '#src/ledger/log/note.ts';
import { HASH_BYTES, hashLeaf, MerkleTree } from '#src/ledger/log/tree.ts';
import { openBundlePath } from '#src/ledger/store/store-bundle-source.ts';
import { AT, bundleKey, logKey, makeEntry, ORIGIN } from '../support/bundle.ts';

const [, , mode, file = '', count = '0'] = process.argv;
const size = Number(count);

/** Made anew each time it is asked for, as a database would read it: what is measured is the bundle's own memory. */
function leafOf(index: number): Uint8Array {
  if (index < 2) return utf8Bytes(joinLeaf(splitLeaf(makeEntry(index), `ent_${index}`, AT), null));
  const entry = {
    type: 'test.result' as const,
    actor: { kind: 'service' as const, id: 'judge' },
    subject: { kind: 'test', id: `test-${index % 50}` },
    body: { run: index, result: 'pass', note: 'x'.repeat(200) },
    dedupeKey: `e${index}`,
  };
  return utf8Bytes(joinLeaf(splitLeaf(entry, `ent_${index}`, AT), null));
}

async function write(): Promise<void> {
  const hashes = new Uint8Array(size * HASH_BYTES);
  for (let i = 0; i < size; i++) hashes.set(hashLeaf(leafOf(i)), i * HASH_BYTES);
  const tree = new MerkleTree(hashes);
  const out = createWriteStream(file);
  await writeBundle(
    {
      bundle: 'bnd_large',
      origin: ORIGIN,
      exportedAt: AT,
      logKeys: [logKey.key],
      bundleKey,
      bundleKeyIndex: 1,
      checkpoint: signNote(formatCheckpoint(ORIGIN, size, tree.root()), [logKey]),
      tree,
      indexes: Array.from({ length: size }, (_, i) => i),
      range: { from: 0, to: size },
      readLeaves: async (indexes) => indexes.map(leafOf),
      blobState: async () => 'given',
      openBlob: async function* () {},
      history: [],
    },
    async (bytes) => {
      if (!out.write(new Uint8Array(bytes))) await once(out, 'drain');
    },
  );
  out.end();
  await once(out, 'finish');
}

async function verify(): Promise<object> {
  const { source, close } = await openBundlePath(file);
  const { ok, firstProblem, facts } = await verifyBundle(source);
  await close();
  return { ok, firstProblem, entries: facts.entries };
}

/** What the system's own counter calls the most also counts the process that started this one, up to when this program began. */
function peakBytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kib = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return (kib === undefined ? process.resourceUsage().maxRSS : Number(kib)) * 1024;
}

const result = mode === 'write' ? await write() : await verify();
console.log(JSON.stringify({ ...result, peakBytes: peakBytes() }));
