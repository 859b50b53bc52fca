import { crc32 } from '#src/kernel/hash.ts';
import { equalBytes } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { BundleFiles, HeldFile, RandomAccess, Soon } from './bundle-files.ts';
import { bundleOrder } from './bundle-format.ts';
import {
  CENTRAL_HEADER_BYTES,
  COUNT_MARKER,
  END_BYTES,
  END64_BYTES,
  END64_LOCATOR_BYTES,
  endRecords,
  isCentralHeader,
  isLocalHeader,
  isPlainName,
  LOCAL_HEADER_BYTES,
  readCentral,
  readEnd,
  readEnd64,
  ZIP_BYTES_MAX,
  type ZipEntry,
} from './zip-format.ts';

// A bundle of a million entries has two million files; their directory takes about 140 MB.
const DIRECTORY_BYTES_MAX = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Opens a bundle in its ZIP form. Every byte of the structure is compared with what the writer had to write: what is read
 * here holds nothing hidden, before, between or behind. Throws `InvalidFormat` naming the first difference.
 */
export async function openZip(source: RandomAccess): Promise<BundleFiles> {
  if (source.sizeBytes > ZIP_BYTES_MAX) throw new InvalidFormat('limit', 'A bundle is smaller than 4 GiB.');
  const { directory, directoryOffset, count } = await readDirectory(source);
  const files = new Map<string, HeldFile>();
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  // One character for each byte, so that names are cut out of it at the places of the bytes.
  const names = new TextDecoder('latin1').decode(directory);
  let at = 0;
  let offset = 0;
  let before: string | undefined;
  while (at < directory.length) {
    const entry = readCentral(view, names, at);
    entry.offset = offset;
    if (!isPlainName(entry.name))
      throw new InvalidFormat(
        'archive',
        `The ZIP holds a file called "${entry.name.slice(0, 80)}", which no bundle has.`,
      );
    if (!isCentralHeader(view, at, entry))
      throw new InvalidFormat(
        'archive',
        `The entry of ${entry.name} in the directory of the ZIP is not as a bundle has it: the file was changed, or is no bundle.`,
      );
    if (before !== undefined && bundleOrder(before, entry.name) >= 0)
      throw new InvalidFormat('archive', `The files of the ZIP are out of order at ${entry.name}.`);
    before = entry.name;
    files.set(entry.name, new ZipFile(source, entry));
    at += CENTRAL_HEADER_BYTES + entry.name.length;
    offset += LOCAL_HEADER_BYTES + entry.name.length + entry.sizeBytes;
  }
  if (files.size !== count || offset !== directoryOffset)
    throw new InvalidFormat(
      'archive',
      'The files of the ZIP do not fill it exactly: something was added or taken out.',
    );
  return { kind: 'zip', files };
}

async function readDirectory(
  source: RandomAccess,
): Promise<{ directory: Uint8Array; directoryOffset: number; count: number }> {
  if (source.sizeBytes < END_BYTES) throw new InvalidFormat('archive', 'The file is too short to be a bundle.');
  const end = readEnd(await source.read(source.sizeBytes - END_BYTES, END_BYTES));
  const large = end.count === COUNT_MARKER;
  const endBytes = large ? END64_BYTES + END64_LOCATOR_BYTES + END_BYTES : END_BYTES;
  const endOffset = source.sizeBytes - endBytes;
  if (end.directoryOffset + end.directoryBytes !== endOffset)
    throw new InvalidFormat('archive', 'The ZIP does not say truly where its directory is: it was cut or added to.');
  if (end.directoryBytes > DIRECTORY_BYTES_MAX)
    throw new InvalidFormat('limit', 'The directory of the ZIP is larger than 256 MiB.');
  const tail = await source.read(endOffset, endBytes);
  const count = large ? readEnd64(tail) : end.count;
  if (!equalBytes(tail, endRecords(count, end.directoryBytes, end.directoryOffset)))
    throw new InvalidFormat('archive', 'The end of the ZIP was changed.');
  const directory = await source.read(end.directoryOffset, end.directoryBytes);
  return { directory, directoryOffset: end.directoryOffset, count };
}

/** A file in the ZIP. Its local header is compared when it is read, so a file that nobody reads was not checked. */
class ZipFile implements HeldFile {
  readonly #source: RandomAccess;
  readonly #entry: ZipEntry;

  constructor(source: RandomAccess, entry: ZipEntry) {
    this.#source = source;
    this.#entry = entry;
  }

  get sizeBytes(): number {
    return this.#entry.sizeBytes;
  }

  read(): Soon<Uint8Array> {
    const { offset, name, sizeBytes } = this.#entry;
    const whole = this.#source.read(offset, LOCAL_HEADER_BYTES + name.length + sizeBytes);
    return whole instanceof Promise ? whole.then((bytes) => this.#unwrap(bytes)) : this.#unwrap(whole);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const { offset, name, sizeBytes } = this.#entry;
    const headerBytes = LOCAL_HEADER_BYTES + name.length;
    this.#checkHeader(await this.#source.read(offset, headerBytes));
    let crc = 0;
    for (let done = 0; done < sizeBytes; done += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, sizeBytes - done);
      const chunk = await this.#source.read(offset + headerBytes + done, length);
      crc = crc32(chunk, crc);
      yield chunk;
    }
    this.#checkCrc(crc);
  }

  #unwrap(whole: Uint8Array): Uint8Array {
    this.#checkHeader(whole);
    const contents = whole.subarray(LOCAL_HEADER_BYTES + this.#entry.name.length);
    this.#checkCrc(crc32(contents));
    return contents;
  }

  #checkHeader(bytes: Uint8Array): void {
    if (!isLocalHeader(bytes, this.#entry))
      throw new InvalidFormat('archive', `The header in front of ${this.#entry.name} in the ZIP was changed.`);
  }

  #checkCrc(crc: number): void {
    if (crc !== this.#entry.crc32)
      throw new InvalidFormat('archive', `${this.#entry.name} does not have the checksum the ZIP gives it.`);
  }
}
