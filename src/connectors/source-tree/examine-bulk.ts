import { createHash } from 'node:crypto';
import type { Examination, FileReport } from './examine-file.ts';
import { type Finding, placeIn, shown } from './finding.ts';
import { sourceOfFile } from './formats/byte-source.ts';
import { dataFormatOf, weightsFormatFor, weightsFormatOf } from './formats/names.ts';
import { hasMagicOf, type LfsPointer, POINTER_BYTES_MAX, readLfsPointer } from './formats/pointers.ts';
import { readWeights } from './formats/read-weights.ts';
import { languageOf } from './text/language.ts';
import { type OpenFile, readAt } from './walk/open-file.ts';
import { extensionOf, folderOf, nameOf } from './walk/tree-path.ts';

const HEAD_BYTES = 8192;
const HASH_CHUNK_BYTES = 1024 * 1024;

/** Weights and data: header, digest, pointer. Null where the bytes are not what the name says. */
export async function examineBulk(path: string, open: OpenFile, shared: Examination): Promise<FileReport | null> {
  const source = sourceOfFile(open.fd, open.sizeBytes);
  const head = Buffer.from(source.read(0, open.sizeBytes <= POINTER_BYTES_MAX ? POINTER_BYTES_MAX : HEAD_BYTES));
  const pointer = readLfsPointer(open.sizeBytes <= POINTER_BYTES_MAX ? head : Buffer.alloc(0));
  const finding = weightsFormatFor(path) ? await weightsFinding(path, open, pointer, shared) : null;
  const found = finding ?? (await dataFinding(path, open, head, pointer, shared));
  shared.counts.bytes += source.fetched();
  return found && { path, language: languageOf(path), findings: [found], aiLines: [], hits: [] };
}

async function weightsFinding(
  path: string,
  open: OpenFile,
  pointer: LfsPointer | null,
  shared: Examination,
): Promise<Finding | null> {
  const rule = shared.weightsRules.get(extensionOf(path));
  const source = sourceOfFile(open.fd, open.sizeBytes);
  const weights = pointer
    ? { ...weightsFormatOf(path), suspiciousImports: [], header: {} }
    : await readWeights(path, source);
  if (!rule || !weights) return null;
  // HDF5 holds arrays of any kind: in a folder of data, and without layers, they are data.
  if (weights.format === 'hdf5' && weights.header.content !== 'keras' && dataFormatOf(path)) return null;
  shared.counts.bytes += pointer ? 0 : source.fetched();
  const sha256 = pointer?.sha256 ?? (await hashFile(path, open, shared));
  const sizeBytes = pointer?.sizeBytes ?? open.sizeBytes;
  const header = Object.fromEntries(Object.entries(weights.header).map(([name, value]) => [shown(name), shown(value)]));
  const storedAs = pointer ? 'lfs-pointer' : 'file';
  return {
    rule,
    line: null,
    fact: {
      kind: 'model-file',
      key: path,
      body: {
        place: placeIn(path, null),
        format: weights.format,
        sizeBytes,
        sha256,
        storedAs,
        canRunCode: weights.canRunCode,
        suspiciousImports: weights.suspiciousImports.map(shown),
        header,
      },
    },
    asset: {
      kind: 'model',
      identity: `file:${path}`,
      title: nameOf(path),
      details: {
        format: weights.format,
        sizeBytes: String(sizeBytes),
        storedAs,
        ...(sha256 === null ? {} : { sha256 }),
        ...(header['general.architecture'] ? { architecture: header['general.architecture'] } : {}),
      },
    },
  };
}

async function dataFinding(
  path: string,
  open: OpenFile,
  head: Buffer,
  pointer: LfsPointer | null,
  shared: Examination,
): Promise<Finding | null> {
  const data = dataFormatOf(path);
  const rule = shared.dataRules.get(extensionOf(path.replace(/\.(?:gz|zst|bz2|xz)$/i, '')));
  if (!data || !rule || open.sizeBytes === 0) return null;
  if (!pointer && !hasMagicOf(path, head)) return null;
  const folder = folderOf(path);
  return {
    rule,
    line: null,
    fact: {
      kind: 'dataset-file',
      key: path,
      body: {
        place: placeIn(path, null),
        format: data.format,
        sizeBytes: pointer?.sizeBytes ?? open.sizeBytes,
        sha256: pointer?.sha256 ?? (await hashFile(path, open, shared)),
        storedAs: pointer ? 'lfs-pointer' : 'file',
        licence: null,
      },
    },
    // The files of one folder are one dataset: shards and splits come together.
    asset: {
      kind: 'dataset',
      identity: `folder:${folder}`,
      title: nameOf(folder) || nameOf(path),
      details: { format: data.format },
    },
  };
}

/** SHA-256 of the whole file, read in chunks; null where it is larger than the limits allow. */
async function hashFile(path: string, open: OpenFile, shared: Examination): Promise<string | null> {
  const { limits, counts, pace, leftOut } = shared;
  if (open.sizeBytes > limits.fileHashBytes || counts.hashedBytes + open.sizeBytes > limits.hashBytes) {
    leftOut.skip(path, 'too large to hash within the limits');
    return null;
  }
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(HASH_CHUNK_BYTES, Math.max(1, open.sizeBytes)));
  let at = 0;
  for (;;) {
    const size = readAt(open.fd, chunk, chunk.length, at);
    if (size === 0) break;
    hash.update(chunk.subarray(0, size));
    at += size;
    counts.hashedBytes += size;
    counts.bytes += size;
    // A file that grows while it is read must not keep the scan forever.
    if (at > open.sizeBytes) break;
    if (pace.isDue()) await pace.rest();
    if (pace.isTimeOver()) return null;
  }
  if (at === open.sizeBytes) return hash.digest('hex');
  leftOut.miss(path, 'changed while it was read');
  return null;
}
