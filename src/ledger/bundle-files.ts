import { concatBytes } from './bytes.ts';

/** The files of a bundle, wherever they are. Names have slashes; `read` and `chunks` are asked for listed names only. */
export type BundleFiles = {
  kind: 'zip' | 'folder';
  /** In the order they stand in. */
  names: readonly string[];
  sizeOf(name: string): number;
  /** The whole file. Throws `InvalidFormat` when the container around it is wrong. */
  read(name: string): Promise<Uint8Array>;
  /** The same in parts, for files too large to hold. */
  chunks(name: string): AsyncIterable<Uint8Array>;
};

/** Bytes that are read here and there: a file on disk, a `File` in a browser. */
export type RandomAccess = {
  sizeBytes: number;
  /** Exactly `length` bytes from `offset`; the caller stays within the size. */
  read(offset: number, length: number): Promise<Uint8Array>;
};

/** The shape of a browser's Blob and File that is used. */
export type BlobLike = {
  size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
};

export function fromMemory(bytes: Uint8Array): RandomAccess {
  return { sizeBytes: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

export function fromBlob(blob: BlobLike): RandomAccess {
  return {
    sizeBytes: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

const WINDOW_BYTES = 1024 * 1024;

/** Reads a megabyte at a time, so that thousands of small files in a row cost a few reads. */
export function withReadAhead(source: RandomAccess): RandomAccess {
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  return {
    sizeBytes: source.sizeBytes,
    async read(offset, length) {
      const within = offset - start;
      if (within >= 0 && within + length <= window.length) return window.subarray(within, within + length);
      if (length >= WINDOW_BYTES) return source.read(offset, length);
      const held = Math.min(WINDOW_BYTES, source.sizeBytes - offset);
      window = await source.read(offset, held);
      start = offset;
      return window.subarray(0, length);
    },
  };
}

/** All of `parts` in one. */
export async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  for await (const part of parts) collected.push(part);
  return concatBytes(...collected);
}
