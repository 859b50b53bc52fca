import { crc32 } from '#src/kernel/hash.ts';
import type { BundleFiles, RandomAccess } from './bundle-files.ts';
import { bundleOrder } from './bundle-format.ts';
import { equalBytes } from './bytes.ts';
import { InvalidFormat } from './invalid-format.ts';
import {
  COUNT_MARKER,
  centralHeader,
  END_BYTES,
  END64_BYTES,
  END64_LOCATOR_BYTES,
  endRecords,
  isPlainName,
  LOCAL_HEADER_BYTES,
  localHeader,
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
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  let offset = 0;
  let before: string | undefined;
  while (at < directory.length) {
    const entry = readCentral(directory, at);
    const expected = centralHeader({ ...entry, offset });
    if (!isPlainName(entry.name))
      throw new InvalidFormat(
        'archive',
        `The ZIP holds a file called "${entry.name.slice(0, 80)}", which no bundle has.`,
      );
    if (!equalBytes(directory.subarray(at, at + expected.length), expected))
      throw new InvalidFormat('archive', `The entry of ${entry.name} in the directory of the ZIP was changed.`);
    if (before !== undefined && bundleOrder(before, entry.name) >= 0)
      throw new InvalidFormat('archive', `The files of the ZIP are out of order at ${entry.name}.`);
    before = entry.name;
    entries.set(entry.name, entry);
    at += expected.length;
    offset += LOCAL_HEADER_BYTES + entry.name.length + entry.sizeBytes;
  }
  if (entries.size !== count || offset !== directoryOffset)
    throw new InvalidFormat(
      'archive',
      'The files of the ZIP do not fill it exactly: something was added or taken out.',
    );
  return zipFiles(source, entries);
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

function zipFiles(source: RandomAccess, entries: ReadonlyMap<string, ZipEntry>): BundleFiles {
  const find = (name: string): ZipEntry => {
    const entry = entries.get(name);
    if (!entry) throw new InvalidFormat('layout', `${name} is missing.`);
    return entry;
  };
  return {
    kind: 'zip',
    names: [...entries.keys()],
    sizeOf: (name) => find(name).sizeBytes,
    async read(name) {
      const entry = find(name);
      const headerBytes = LOCAL_HEADER_BYTES + name.length;
      const whole = await source.read(entry.offset, headerBytes + entry.sizeBytes);
      checkLocalHeader(entry, whole.subarray(0, headerBytes));
      const contents = whole.subarray(headerBytes);
      checkCrc(entry, crc32(contents));
      return contents;
    },
    async *chunks(name) {
      const entry = find(name);
      const headerBytes = LOCAL_HEADER_BYTES + name.length;
      checkLocalHeader(entry, await source.read(entry.offset, headerBytes));
      let crc = 0;
      for (let done = 0; done < entry.sizeBytes; done += CHUNK_BYTES) {
        const length = Math.min(CHUNK_BYTES, entry.sizeBytes - done);
        const chunk = await source.read(entry.offset + headerBytes + done, length);
        crc = crc32(chunk, crc);
        yield chunk;
      }
      checkCrc(entry, crc);
    },
  };
}

function checkLocalHeader(entry: ZipEntry, header: Uint8Array): void {
  if (!equalBytes(header, localHeader(entry)))
    throw new InvalidFormat('archive', `The header in front of ${entry.name} in the ZIP was changed.`);
}

function checkCrc(entry: ZipEntry, crc: number): void {
  if (crc !== entry.crc32)
    throw new InvalidFormat('archive', `${entry.name} does not have the checksum the ZIP gives it.`);
}
