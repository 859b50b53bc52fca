import { extensionOf } from '../walk/tree-path.ts';

/** A Git LFS pointer: what stands in the repository in place of a large file. */
export type LfsPointer = { sha256: string; sizeBytes: number };

export const POINTER_BYTES_MAX = 1024;

/** Reads a Git LFS pointer; null where the bytes are none. Source: git-lfs specification, "The Pointer". */
export function readLfsPointer(bytes: Uint8Array): LfsPointer | null {
  if (bytes.length > POINTER_BYTES_MAX) return null;
  const text = Buffer.from(bytes).toString('latin1');
  if (!text.startsWith('version https://git-lfs.github.com/spec/')) return null;
  const sha256 = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  return sha256 && size ? { sha256, sizeBytes: Number(size) } : null;
}

/** First bytes that tell a data format from a file that only has its name; true where the format has none. */
export function hasMagicOf(path: string, head: Buffer): boolean {
  const text = head.toString('latin1', 0, 8);
  switch (extensionOf(path)) {
    case 'parquet':
      return text.startsWith('PAR1');
    case 'arrow':
    case 'feather':
      return text.startsWith('ARROW1') || text.startsWith('FEA1') || (head.length >= 4 && head.readInt32LE(0) === -1);
    case 'orc':
      return text.startsWith('ORC');
    case 'avro':
      return text.startsWith('Obj\x01');
    case 'npy':
      return text.startsWith('\x93NUMPY');
    case 'npz':
      return text.startsWith('PK');
    case 'h5':
    case 'hdf5':
      return text.startsWith('\x89HDF');
    default:
      return true;
  }
}
