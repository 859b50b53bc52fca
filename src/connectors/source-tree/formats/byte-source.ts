import { readAt } from '../walk/open-file.ts';

/** Random access to the bytes of a file, bounded by what the file has. */
export type ByteSource = {
  sizeBytes: number;
  /** Up to `length` bytes at `offset`; fewer at the end. The result is valid until the next call. */
  read(offset: number, length: number): Buffer;
  /** Bytes fetched so far. */
  fetched(): number;
};

const WINDOW_BYTES = 64 * 1024;
const READ_BYTES_MAX = 64 * 1024 * 1024;

export function sourceOfFile(fd: number, sizeBytes: number): ByteSource {
  let window = Buffer.alloc(0);
  let windowAt = 0;
  let fetched = 0;
  return {
    sizeBytes,
    fetched: () => fetched,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, READ_BYTES_MAX, sizeBytes - offset));
      if (offset < 0 || wanted === 0) return Buffer.alloc(0);
      if (offset < windowAt || offset + wanted > windowAt + window.length) {
        const size = Math.max(wanted, Math.min(WINDOW_BYTES, sizeBytes - offset));
        const bytes = Buffer.allocUnsafe(size);
        window = bytes.subarray(0, readAt(fd, bytes, size, offset));
        windowAt = offset;
        fetched += window.length;
      }
      return window.subarray(offset - windowAt, offset - windowAt + wanted);
    },
  };
}

export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: buffer.length,
    fetched: () => buffer.length,
    read: (offset, length) =>
      offset < 0 ? Buffer.alloc(0) : buffer.subarray(offset, offset + Math.max(0, Math.min(length, READ_BYTES_MAX))),
  };
}
