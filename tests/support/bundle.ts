import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { type BundleFiles, fromMemory, type HeldFile, unpackedFiles } from '#src/ledger/bundle/bundle-files.ts';
import { type BundleInput, writeBundle } from '#src/ledger/bundle/bundle-write.ts';
import { verifyBundle } from '#src/ledger/bundle/verify-bundle.ts';
import { openZip } from '#src/ledger/bundle/zip-read.ts';
import { toBase64, toHex, utf8Bytes } from '#src/ledger/log/bytes.ts';
import { formatCheckpoint } from '#src/ledger/log/checkpoint.ts';
import { commitTo } from '#src/ledger/log/commitment.ts';
import { joinLeaf, type NewEntry, splitLeaf } from '#src/ledger/log/entry.ts';
import type { EntrySeries } from '#src/ledger/log/leaf-form.ts';
import { cosign, formatNote, type NoteSigner, parseNote, signNote } from '#src/ledger/log/note.ts';
import { hashLeaf, hashLeaves, MerkleTree } from '#src/ledger/log/tree.ts';
import { formatVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { bundleKeyName, signerFromSeed } from '#src/ledger/store/keys.ts';

/** The files of a bundle as an unpacked folder would give them. */
export function inMemory(contents: ReadonlyMap<string, Uint8Array>): BundleFiles {
  const files = new Map<string, HeldFile>();
  for (const [name, bytes] of contents)
    files.set(name, {
      sizeBytes: bytes.length,
      read: () => bytes,
      chunks: async function* () {
        yield bytes;
      },
    });
  return unpackedFiles(files);
}

/** The files of a bundle and their contents. */
export async function unpack(source: BundleFiles | Uint8Array): Promise<Map<string, Uint8Array>> {
  const files = source instanceof Uint8Array ? await openZip(fromMemory(source)) : source;
  const contents = new Map<string, Uint8Array>();
  for (const [place, name] of files.names.entries()) contents.set(name, await files.readAt(place));
  return contents;
}

export const ORIGIN = 'ledger.example/ledger/00112233445566778899aabbccddeeff';
export const seed = (byte: number) => new Uint8Array(32).fill(byte);
export const logKey = signerFromSeed(ORIGIN, seed(1));
export const bundleKey = signerFromSeed(bundleKeyName(ORIGIN), seed(2));
export const witness = signerFromSeed('witness.example/w', seed(3), 4);
export const AT = '2026-11-23T08:53:33.123Z';

const salt = seed(9);
const email = { email: 'person@example.org' };

export function makeEntry(i: number): NewEntry {
  const key = i === 0 ? logKey : i === 1 ? bundleKey : null;
  if (key)
    return {
      type: 'key.announced',
      actor: { kind: 'service', id: 'ledger' },
      subject: { kind: 'key', id: 'k' },
      body: { algorithm: 'Ed25519', purpose: i === 0 ? 'log' : 'bundle', vkey: formatVerifierKey(key.key) },
      dedupeKey: `k${i}`,
    };
  return {
    type: 'test.result',
    actor: { kind: 'service', id: 'judge' },
    subject: { kind: 'control', id: `C${i}` },
    body: { i, note: 'h\u00e9' },
    series: i % 3 === 0 ? undefined : `s${i % 3}`,
    commitments: i === 4 ? { person: commitTo(email, salt) } : undefined,
    blobs:
      i === 5 || i === 6
        ? [{ sha256: sha256Hex(blobOf(i)), size: blobOf(i).length, mediaType: 'text/plain', role: 'x' }]
        : undefined,
    dedupeKey: `e${i}`,
  };
}

export const blobOf = (i: number) => utf8Bytes(`evidence file ${i}`);

export type Made = { zip: Uint8Array; policy: string };

/** A small log and its bundle, with everything in it that a bundle can have. */
export async function makeBundle(
  change: Partial<BundleInput> & {
    size?: number;
    entry?: (i: number) => NewEntry;
    cosigned?: boolean;
    disclosuresAt?: number;
    /** Signs the heads, in place of `logKey`. */
    signer?: NoteSigner;
  } = {},
): Promise<Made> {
  const { size = 8, entry = makeEntry, cosigned = false, disclosuresAt = 4, signer = logKey, ...input } = change;
  const origin = input.origin ?? ORIGIN;
  const last = new Map<string, { seq: number; hash: string }>();
  const leaves = Array.from({ length: size }, (_, i) => {
    const made = entry(i);
    const before = made.series === undefined ? undefined : last.get(made.series);
    let series: EntrySeries | null = null;
    if (made.series !== undefined)
      series = before ? { id: made.series, seq: before.seq + 1, prev: before.hash } : { id: made.series, seq: 0 };
    const bytes = utf8Bytes(joinLeaf(splitLeaf(made, `ent_${i}`, AT), series));
    if (series) last.set(series.id, { seq: series.seq, hash: toHex(hashLeaf(bytes)) });
    return bytes;
  });
  const tree = new MerkleTree(hashLeaves(leaves));
  const text = formatCheckpoint(origin, size, tree.root());
  let checkpoint = signNote(text, [signer]);
  if (cosigned) {
    const note = parseNote(utf8Bytes(checkpoint));
    checkpoint = formatNote({ text, signatures: [...note.signatures, cosign(text, witness, 1_795_000_000)] });
  }
  const parts: Uint8Array[] = [];
  await writeBundle(
    {
      bundle: 'bnd_test',
      origin,
      exportedAt: AT,
      logKeys: [signer.key],
      bundleKey,
      bundleKeyIndex: 1,
      checkpoint,
      tree,
      indexes: leaves.map((_, i) => i),
      range: { from: 0, to: size },
      readLeaves: async (indexes) => indexes.map((i) => leaves[i] as Uint8Array),
      blobState: async () => 'given',
      openBlob: async function* (sha256) {
        yield [5, 6].map(blobOf).find((blob) => sha256Hex(blob) === sha256) as Uint8Array;
      },
      disclosuresOf: async (i): Promise<Record<string, { salt: string; value: JsonValue }> | null> =>
        i === disclosuresAt ? { person: { salt: toBase64(salt), value: email } } : null,
      history: size > 3 ? [{ size: 3, note: signNote(formatCheckpoint(origin, 3, tree.root(3)), [signer]) }] : [],
      ...input,
    },
    async (bytes) => {
      parts.push(new Uint8Array(bytes));
    },
  );
  return { zip: new Uint8Array(Buffer.concat(parts)), policy: `log ${formatVerifierKey(signer.key)}\nquorum none\n` };
}

/** The bundle of `makeBundle`, and that of a log which says that it continues that one at `root`, or at its true end. */
export async function makeLinkedBundles(root?: string): Promise<{ older: Uint8Array; newer: Uint8Array }> {
  const { zip: older } = await makeBundle();
  const { facts } = await verifyBundle(older);
  const origin = ORIGIN.replace(/.{4}$/, '0000');
  const [signer, ofBundles] = [signerFromSeed(origin, seed(4)), signerFromSeed(bundleKeyName(origin), seed(5))];
  const announce = (purpose: 'log' | 'bundle', { key }: NoteSigner): NewEntry => ({
    ...makeEntry(0),
    body: { algorithm: 'Ed25519', purpose, vkey: formatVerifierKey(key) },
    dedupeKey: purpose,
  });
  const previous = { origin: ORIGIN, size: facts.size, root: root ?? facts.root };
  const entries: NewEntry[] = [
    {
      type: 'log.continued',
      actor: { kind: 'service', id: 'ledger' },
      subject: { kind: 'ledger', id: ORIGIN },
      body: { reason: 'ended', previous },
      dedupeKey: 'log.continued',
    },
    announce('log', signer),
    announce('bundle', ofBundles),
  ];
  const { zip: newer } = await makeBundle({
    size: entries.length,
    entry: (i) => entries[i] as NewEntry,
    origin,
    signer,
    bundleKey: ofBundles,
    bundleKeyIndex: 2,
    disclosuresAt: -1,
    history: [],
  });
  return { older, newer };
}
