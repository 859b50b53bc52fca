import { crc32 } from '#src/kernel/hash.ts';
import { equalBytes, octetText, utf8Text } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import type { BundleFiles, RandomAccess, Soon } from './bundle-files.ts';
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
  isPlainNameAt,
  LOCAL_HEADER_BYTES,
  readCentral,
  readEnd,
  readEnd64,
  ZIP_BYTES_MAX,
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
  const wrong = () =>
    new InvalidFormat('archive', 'The files of the ZIP do not fill it exactly: something was added or taken out.');
  if (count * CENTRAL_HEADER_BYTES > directory.length) throw wrong();
  const columns: Columns = {
    names: [],
    sums: new Uint32Array(count),
    sizes: new Uint32Array(count),
    offsets: new Uint32Array(count),
  };
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  // The names end to end, so that one text is made of all, and theirs are cut out of it.
  const letters = new Uint8Array(directory.length - count * CENTRAL_HEADER_BYTES);
  const nameEnds = new Uint32Array(count);
  let lettersEnd = 0;
  let place = 0;
  let offset = 0;
  for (let at = 0; at < directory.length; place++) {
    const { crc32: sum, sizeBytes, nameEnd } = readCentral(view, at);
    const nameAt = at + CENTRAL_HEADER_BYTES;
    const name = () => octetText(directory.subarray(nameAt, nameEnd)).slice(0, 80);
    if (!isPlainNameAt(directory, nameAt, nameEnd))
      throw new InvalidFormat('archive', `The ZIP holds a file called "${name()}", which no bundle has.`);
    if (!isCentralHeader(view, at, { nameBytes: nameEnd - nameAt, sizeBytes, offset }))
      throw new InvalidFormat(
        'archive',
        `The entry of ${name()} in the directory of the ZIP is not as a bundle has it: the file was changed, or is no bundle.`,
      );
    // More files than the end record counts have no room in these; that is told below.
    for (let i = nameAt; i < nameEnd; i++) letters[lettersEnd++] = directory[i] as number;
    nameEnds[place] = lettersEnd;
    columns.sums[place] = sum;
    columns.sizes[place] = sizeBytes;
    columns.offsets[place] = offset;
    offset += LOCAL_HEADER_BYTES + nameEnd - nameAt + sizeBytes;
    at = nameEnd;
  }
  if (place !== count || offset !== directoryOffset) throw wrong();
  cutNames(utf8Text(letters) ?? '', nameEnds, columns.names);
  return new ZipFiles(source, columns);
}

function cutNames(text: string, nameEnds: Uint32Array, names: string[]): void {
  let from = 0;
  let before: string | undefined;
  for (const to of nameEnds) {
    const name = text.slice(from, to);
    if (before !== undefined && bundleOrder(before, name) >= 0)
      throw new InvalidFormat('archive', `The files of the ZIP are out of order at ${name}.`);
    names.push(name);
    before = name;
    from = to;
  }
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

/** By the place of a file: name, CRC-32, bytes, and where its local header begins. */
type Columns = { names: string[]; sums: Uint32Array; sizes: Uint32Array; offsets: Uint32Array };

/** The files in the ZIP. A local header is compared when its file is read, so a file that nobody reads was not checked. */
class ZipFiles implements BundleFiles {
  readonly kind = 'zip';
  readonly names: readonly string[];
  readonly #columns: Columns;
  readonly #source: RandomAccess;

  constructor(source: RandomAccess, columns: Columns) {
    this.#source = source;
    this.#columns = columns;
    this.names = columns.names;
  }

  sizeBytesAt(place: number): number {
    return this.#columns.sizes[place] as number;
  }

  readAt(place: number): Soon<Uint8Array> {
    const headerBytes = this.#headerBytes(place);
    const whole = this.#source.read(this.#columns.offsets[place] as number, headerBytes + this.sizeBytesAt(place));
    return whole instanceof Promise ? whole.then((bytes) => this.#unwrap(place, bytes)) : this.#unwrap(place, whole);
  }

  async *chunksAt(place: number): AsyncGenerator<Uint8Array> {
    const offset = this.#columns.offsets[place] as number;
    const sizeBytes = this.sizeBytesAt(place);
    const headerBytes = this.#headerBytes(place);
    this.#checkHeader(place, await this.#source.read(offset, headerBytes));
    let crc = 0;
    for (let done = 0; done < sizeBytes; done += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, sizeBytes - done);
      const chunk = await this.#source.read(offset + headerBytes + done, length);
      crc = crc32(chunk, crc);
      yield chunk;
    }
    this.#checkSum(place, crc);
  }

  #headerBytes(place: number): number {
    return LOCAL_HEADER_BYTES + (this.names[place] as string).length;
  }

  #unwrap(place: number, whole: Uint8Array): Uint8Array {
    this.#checkHeader(place, whole);
    const contents = whole.subarray(this.#headerBytes(place));
    this.#checkSum(place, crc32(contents));
    return contents;
  }

  #checkHeader(place: number, bytes: Uint8Array): void {
    const name = this.names[place] as string;
    const entry = { name, crc32: this.#columns.sums[place] as number, sizeBytes: this.sizeBytesAt(place) };
    if (!isLocalHeader(bytes, entry))
      throw new InvalidFormat('archive', `The header in front of ${name} in the ZIP was changed.`);
  }

  #checkSum(place: number, crc: number): void {
    if (crc !== this.#columns.sums[place])
      throw new InvalidFormat('archive', `${this.names[place]} does not have the checksum the ZIP gives it.`);
  }
}
