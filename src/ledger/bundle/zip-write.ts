import { crc32 } from '#src/kernel/hash.ts';
import { ByteBlocks } from '../log/byte-blocks.ts';
import { bundleOrder } from './bundle-format.ts';
import { centralHeader, endRecords, isPlainName, localHeader, ZIP_BYTES_MAX, type ZipEntry } from './zip-format.ts';

/** Where the bytes of an archive go. Resolves when more may come. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** Writes a bundle's ZIP from front to back. Files come in bundle order; anything else is an error of the caller. */
export class ZipWriter {
  readonly #sink: Sink;
  readonly #directory = new ByteBlocks();
  #count = 0;
  #offset = 0;
  #before: string | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Bytes written so far. */
  get sizeBytes(): number {
    return this.#offset;
  }

  async file(name: string, contents: Uint8Array): Promise<void> {
    await this.#begin({ name, sizeBytes: contents.length, crc32: crc32(contents), offset: this.#offset });
    await this.#write(contents);
  }

  /** A file too large to hold. `sizeBytes` and `crc` were found out by reading it before. */
  async stream(name: string, sizeBytes: number, crc: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#begin({ name, sizeBytes, crc32: crc, offset: this.#offset });
    const end = this.#offset + sizeBytes;
    for await (const chunk of chunks) await this.#write(chunk);
    if (this.#offset !== end) throw new Error(`${name} changed its size while it was being written`);
  }

  async finish(): Promise<void> {
    const directoryOffset = this.#offset;
    for (const block of this.#directory.blocks()) await this.#write(block);
    await this.#write(endRecords(this.#count, this.#offset - directoryOffset, directoryOffset));
  }

  async #begin(entry: ZipEntry): Promise<void> {
    if (!isPlainName(entry.name)) throw new Error(`${entry.name} is no name for a file in a bundle`);
    if (this.#before !== undefined && bundleOrder(this.#before, entry.name) >= 0)
      throw new Error(`${entry.name} comes after ${this.#before}, which is not the order of a bundle`);
    this.#before = entry.name;
    this.#directory.append(centralHeader(entry));
    this.#count++;
    await this.#write(localHeader(entry));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.length;
    if (this.#offset > ZIP_BYTES_MAX) throw new RangeError('a bundle is smaller than 4 GiB');
    await this.#sink(bytes);
  }
}
