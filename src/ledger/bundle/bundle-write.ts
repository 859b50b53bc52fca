import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { crc32, sha256Hex, startSha256 } from '#src/kernel/hash.ts';
import { ByteBlocks } from '../log/byte-blocks.ts';
import { equalBytes, toBase64, utf8Bytes } from '../log/bytes.ts';
import { readLeaf } from '../log/leaf.ts';
import { type NoteSigner, signNote } from '../log/note.ts';
import { formatHashLines, formatTlogProof } from '../log/tlog-proof.ts';
import { hashLeaf, type MerkleTree } from '../log/tree.ts';
import { formatVerifierKey, type VerifierKey } from '../log/verifier-key.ts';
import {
  type BundleEntry,
  type BundleFile,
  type BundleManifest,
  type BundleRange,
  type BundleSeries,
  blobPath,
  CHECKPOINT,
  disclosurePath,
  entryPath,
  formatManifestAround,
  formatManifestFile,
  historyPath,
  historyProofPath,
  MANIFEST,
  MANIFEST_NOTE,
  MIRRORS,
  manifestNoteText,
  POLICY,
  proofPath,
  README,
  TIMESTAMPS,
} from './bundle-format.ts';
import { policyText, readmeText } from './bundle-texts.ts';
import { type Sink, ZipWriter } from './zip-write.ts';

export type Disclosures = Record<string, { salt: string; value: JsonValue }>;

/** What others said about the checkpoint, and who they are by the operator's word. */
export type BundleVouchers = {
  /** For the template of a policy; their cosignatures are in the checkpoint. */
  witnesses: readonly { name: string; vkey: string; url: string }[];
  /** `response` is a TimeStampResp in DER, `trusted` the PEM the operator trusts for it. */
  timestamps: readonly { authority: string; response: Uint8Array; trusted: string }[];
  mirrors: readonly { name: string; place: 'folder' | 'git'; mirroredAt: string }[];
};

export const NO_VOUCHERS: BundleVouchers = { witnesses: [], timestamps: [], mirrors: [] };

/** Everything a bundle is made of. The tree must have the root of the checkpoint. */
export type BundleInput = {
  bundle: string;
  origin: string;
  exportedAt: string;
  /** The keys that sign the log now, oldest first; more than one while a new one takes over. */
  logKeys: readonly VerifierKey[];
  bundleKey: NoteSigner;
  /** The entry that announced the bundle key; among `indexes`. */
  bundleKeyIndex: number;
  checkpoint: string;
  tree: MerkleTree;
  /** Entries to hold, ascending. */
  indexes: readonly number[];
  range: BundleRange | null;
  series?: readonly BundleSeries[];
  /** Leaves in the order asked for, a few hundred at a time. */
  readLeaves(indexes: readonly number[]): Promise<readonly Uint8Array[]>;
  /** Whether an evidence file is put in, and if not, why. */
  blobState(sha256: string): Promise<'given' | 'withheld' | 'erased'>;
  /** The bytes of an evidence file that is given. Asked twice: for its digest, then for its contents. */
  openBlob(sha256: string): AsyncIterable<Uint8Array>;
  disclosuresOf?(index: number): Promise<Disclosures | null>;
  /** Earlier heads, below the size of the checkpoint. */
  history: readonly { size: number; note: string }[];
  vouchers?: BundleVouchers;
};

const PAGE = 256;

/** Writes a bundle of version 1 from front to back. Memory grows by about 1 KB for each entry. */
export async function writeBundle(input: BundleInput, sink: Sink): Promise<void> {
  const zip = new ZipWriter(sink);
  const files = new FileList();
  const file = async (path: string, contents: Uint8Array | string): Promise<void> => {
    const bytes = typeof contents === 'string' ? utf8Bytes(contents) : contents;
    files.add({ path, sha256: sha256Hex(bytes), size: bytes.length });
    await zip.file(path, bytes);
  };
  const { entries, blobs } = await surveyEntries(input);
  const summary = summarize(input, entries);
  const vouchers = input.vouchers ?? NO_VOUCHERS;

  // In bundle order, which is the order of the names.
  await file(README, readmeText(summary, input.logKeys));
  for (const sha256 of [...blobs].sort()) await writeBlob(input, sha256, zip, files);
  await file(CHECKPOINT, input.checkpoint);
  const byName = input.indexes.map(String).sort().map(Number);
  if (input.disclosuresOf)
    for (const index of byName) {
      const disclosures = await input.disclosuresOf(index);
      if (disclosures) await file(disclosurePath(index), canonicalJson(disclosures));
    }
  for (const page of pages(byName)) {
    const leaves = await input.readLeaves(page);
    for (const [i, index] of page.entries()) await file(entryPath(index), leaves[i] as Uint8Array);
  }
  if (vouchers.mirrors.length > 0) await file(MIRRORS, mirrorsText(summary, vouchers));
  for (const { size, note } of sortedBySizeName(input.history)) {
    await file(historyPath(size), note);
    await file(historyProofPath(size), formatHashLines(input.tree.consistencyProof(size)));
  }
  await file(POLICY, policyText(input.logKeys, vouchers.witnesses));
  for (const index of byName) {
    const path = input.tree.inclusionProof(index).map(toBase64).join('\n');
    await file(proofPath(index), formatTlogProof({ index, path, checkpoint: input.checkpoint }));
  }
  for (const [path, contents] of timestampFiles(vouchers)) await file(path, contents);
  await writeManifest(input, summary, files, zip);
  await zip.finish();
}

/** The list of files as it will stand in the manifest: bytes from the start, as objects it would weigh several times more. */
class FileList {
  readonly #text = new ByteBlocks();

  add(file: BundleFile): void {
    this.#text.append(utf8Bytes(`${this.#text.sizeBytes > 0 ? ',' : ''}${formatManifestFile(file)}`));
  }

  blocks(): Generator<Uint8Array> {
    return this.#text.blocks();
  }
}

async function writeManifest(
  input: BundleInput,
  summary: Omit<BundleManifest, 'files'>,
  files: FileList,
  zip: ZipWriter,
): Promise<void> {
  const { before, after } = formatManifestAround(summary);
  const parts = [utf8Bytes(before), ...files.blocks(), utf8Bytes(after)];
  const running = startSha256();
  let size = 0;
  let crc = 0;
  for (const part of parts) {
    running.update(part);
    crc = crc32(part, crc);
    size += part.length;
  }
  await zip.stream(MANIFEST, size, crc, inTurn(parts));
  const text = manifestNoteText(input.origin, running.hex());
  await zip.file(MANIFEST_NOTE, utf8Bytes(signNote(text, [input.bundleKey])));
}

async function* inTurn(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

// The order is that of the names: `ca.2.pem`, `ca.pem`, `checkpoint.2.tsr`, `checkpoint.tsr`.
function timestampFiles({ timestamps }: BundleVouchers): [string, Uint8Array | string][] {
  const files = timestamps.flatMap(({ response, trusted }, i): [string, Uint8Array | string][] => {
    const number = i === 0 ? '' : `.${i + 1}`;
    return [
      [`${TIMESTAMPS}checkpoint${number}.tsr`, response],
      [`${TIMESTAMPS}ca${number}.pem`, trusted],
    ];
  });
  return files.sort(([a], [b]) => (a < b ? -1 : 1));
}

function mirrorsText({ origin, size }: Omit<BundleManifest, 'files'>, { mirrors }: BundleVouchers): string {
  return canonicalJson({ origin, size, mirrors: mirrors.map((mirror) => ({ ...mirror })) });
}

function summarize(input: BundleInput, entries: readonly BundleEntry[]): Omit<BundleManifest, 'files'> {
  return {
    bundle: input.bundle,
    origin: input.origin,
    exportedAt: input.exportedAt,
    size: input.tree.size,
    entries,
    range: input.range,
    series: input.series ?? [],
    key: { index: input.bundleKeyIndex, vkey: formatVerifierKey(input.bundleKey.key) },
  };
}

// Reads all leaves once to learn which files they name and which of these will be missing.
async function surveyEntries(input: BundleInput): Promise<{ entries: BundleEntry[]; blobs: Set<string> }> {
  const states = new Map<string, 'given' | 'withheld' | 'erased'>();
  const entries: BundleEntry[] = [];
  for (const page of pages(input.indexes)) {
    const leaves = await input.readLeaves(page);
    for (const [i, index] of page.entries()) {
      const bytes = leaves[i];
      if (!bytes || !equalBytes(hashLeaf(bytes), input.tree.leafHash(index)))
        throw new Error(`the stored entry ${index} is not the one the tree was made of`);
      const entry: BundleEntry = { index };
      for (const { sha256 } of readLeaf(bytes, { profile: true }).blobs) {
        const state = states.get(sha256) ?? (await input.blobState(sha256));
        states.set(sha256, state);
        if (state !== 'given') entry[state] = true;
      }
      entries.push(entry);
    }
  }
  return { entries, blobs: new Set([...states].flatMap(([sha256, state]) => (state === 'given' ? [sha256] : []))) };
}

async function writeBlob(input: BundleInput, sha256: string, zip: ZipWriter, files: FileList): Promise<void> {
  const running = startSha256();
  let size = 0;
  let crc = 0;
  for await (const chunk of input.openBlob(sha256)) {
    running.update(chunk);
    crc = crc32(chunk, crc);
    size += chunk.length;
  }
  if (running.hex() !== sha256) throw new Error(`the stored evidence file ${sha256} is damaged: its SHA-256 differs`);
  files.add({ path: blobPath(sha256), sha256, size });
  await zip.stream(blobPath(sha256), size, crc, input.openBlob(sha256));
}

function* pages(indexes: readonly number[]): Generator<number[]> {
  for (let from = 0; from < indexes.length; from += PAGE) yield indexes.slice(from, from + PAGE);
}

function sortedBySizeName<T extends { size: number }>(heads: readonly T[]): T[] {
  return [...heads].sort((a, b) => (`${a.size}.` < `${b.size}.` ? -1 : 1));
}
