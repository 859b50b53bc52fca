/** At once where that is possible: hundreds of thousands of promises for what is in memory already cost more than it. */
export type Soon<T> = T | Promise<T>;

/** The files of a bundle by their names, wherever they are and in the order they stand in. Names have slashes. */
export type BundleFiles = { kind: 'zip' | 'folder'; files: ReadonlyMap<string, HeldFile> };

export type HeldFile = {
  readonly sizeBytes: number;
  /** The whole file. Throws `InvalidFormat` when the container around it is wrong. */
  read(): Soon<Uint8Array>;
  /** The same in parts, for files too large to hold. */
  chunks(): AsyncIterable<Uint8Array>;
};

/** Bytes that are read here and there: a file on disk, a `File` in a browser. */
export type RandomAccess = {
  sizeBytes: number;
  /** Exactly `length` bytes from `offset`; the caller stays within the size. */
  read(offset: number, length: number): Soon<Uint8Array>;
};

/** The shape of a browser's Blob and File that is used. */
export type BlobLike = {
  size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
};

export function fromMemory(bytes: Uint8Array): RandomAccess {
  // Not the Buffer it may be: its subarray is several times slower.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return { sizeBytes: plain.length, read: (offset, length) => plain.subarray(offset, offset + length) };
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
  const advance = async (offset: number): Promise<Uint8Array> => {
    const filled = await source.read(offset, Math.min(WINDOW_BYTES, source.sizeBytes - offset));
    window = filled;
    start = offset;
    return filled;
  };
  return {
    sizeBytes: source.sizeBytes,
    read(offset, length) {
      const within = offset - start;
      if (within >= 0 && within + length <= window.length) return window.subarray(within, within + length);
      if (length >= WINDOW_BYTES) return source.read(offset, length);
      return advance(offset).then((filled) => filled.subarray(0, length));
    },
  };
}
