/** At once where that is possible: hundreds of thousands of promises for what is in memory already cost more than it. */
export type Soon<T> = T | Promise<T>;

/**
 * The files of a bundle, wherever they are: their names, with slashes and in the order they stand in, and each file by its
 * place among them. Columns and no objects, as there may be hundreds of thousands.
 */
export type BundleFiles = {
  kind: 'zip' | 'folder';
  names: readonly string[];
  sizeBytesAt(place: number): number;
  /** The whole file. Throws `InvalidFormat` when the container around it is wrong. */
  readAt(place: number): Soon<Uint8Array>;
  /** The same in parts, for files too large to hold. */
  chunksAt(place: number): AsyncIterable<Uint8Array>;
};

/** A file that lies by itself. */
export type HeldFile = { sizeBytes: number; read(): Soon<Uint8Array>; chunks(): AsyncIterable<Uint8Array> };

/** An unpacked bundle. */
export function unpackedFiles(files: ReadonlyMap<string, HeldFile>): BundleFiles {
  const names = [...files.keys()].sort((a, b) => (a < b ? -1 : 1));
  const at = (place: number) => files.get(names[place] ?? '') as HeldFile;
  return {
    kind: 'folder',
    names,
    sizeBytesAt: (place) => at(place).sizeBytes,
    readAt: (place) => at(place).read(),
    chunksAt: (place) => at(place).chunks(),
  };
}

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
