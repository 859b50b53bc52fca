import { utf8Bytes } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';

/*
 * The one form of ZIP that bundles use: every field is fixed or follows from names and contents, so a reader can compare
 * every byte with what the writer had to write. Nothing is compressed, so nothing can unpack to more than it is.
 * Source of the fields: PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16.
 */

export type ZipEntry = {
  /** ASCII, with slashes. */
  name: string;
  sizeBytes: number;
  crc32: number;
  /** Where the local header begins. */
  offset: number;
};

export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_HEADER_BYTES = 46;
export const END_BYTES = 22;
export const END64_BYTES = 56;
export const END64_LOCATOR_BYTES = 20;

/** Offsets are 32-bit, and the highest value is a marker. */
export const ZIP_BYTES_MAX = 0xffff_fffe;
/** From this many entries on the count stands in the ZIP64 end record. */
export const COUNT_MARKER = 0xffff;

const LOCAL_SIGNATURE = 0x0403_4b50;
const CENTRAL_SIGNATURE = 0x0201_4b50;
const END_SIGNATURE = 0x0605_4b50;
const END64_SIGNATURE = 0x0606_4b50;
const END64_LOCATOR_SIGNATURE = 0x0706_4b50;

const VERSION = 20;
const VERSION_ZIP64 = 45;
// 1980-01-01 00:00, the first moment the format can say.
const DOS_DATE = 0x0021;

const NAME_MAX = 200;

/** A plain path inside the archive: ASCII letters, digits, dot, dash, underscore; no part is empty or begins with a dot. */
export function isPlainName(name: string): boolean {
  return isPlainNameAt(utf8Bytes(name), 0, name.length);
}

/** The same for a name that stands in `bytes`. */
export function isPlainNameAt(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > NAME_MAX || bytes[to - 1] === SLASH) return false;
  let first = true;
  for (let i = from; i < to; i++) {
    const code = bytes[i] as number;
    const isLetterOrDigit = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
    if (!isLetterOrDigit && (first || !(code === DOT || code === DASH || code === UNDERSCORE || code === SLASH)))
      return false;
    first = code === SLASH;
  }
  return to > from;
}

const DASH = 45;
const DOT = 46;
const SLASH = 47;
const UNDERSCORE = 95;

export function localHeader(entry: ZipEntry): Uint8Array {
  const bytes = new Uint8Array(LOCAL_HEADER_BYTES + entry.name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, LOCAL_SIGNATURE, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(12, DOS_DATE, true);
  writeContents(view, 14, entry);
  view.setUint16(26, entry.name.length, true);
  writeName(bytes, LOCAL_HEADER_BYTES, entry.name);
  return bytes;
}

export function centralHeader(entry: ZipEntry): Uint8Array {
  const bytes = new Uint8Array(CENTRAL_HEADER_BYTES + entry.name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CENTRAL_SIGNATURE, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, VERSION, true);
  view.setUint16(14, DOS_DATE, true);
  writeContents(view, 16, entry);
  view.setUint16(28, entry.name.length, true);
  view.setUint32(42, entry.offset, true);
  writeName(bytes, CENTRAL_HEADER_BYTES, entry.name);
  return bytes;
}

/** Whether `bytes` begin with `localHeader(entry)`: every field compared, without making it. */
export function isLocalHeader(bytes: Uint8Array, entry: Omit<ZipEntry, 'offset'>): boolean {
  const { name, crc32, sizeBytes } = entry;
  if (bytes.length < LOCAL_HEADER_BYTES + name.length) return false;
  // Version, flags, method, time and date in 4 + 6 + 4 bytes; the length of the extra field behind that of the name.
  const isFixed =
    uint32At(bytes, 0) === LOCAL_SIGNATURE &&
    uint32At(bytes, 4) === VERSION &&
    uint32At(bytes, 8) === 0 &&
    uint32At(bytes, 10) === DOS_DATE << 16 &&
    uint32At(bytes, 14) === crc32 &&
    uint32At(bytes, 18) === sizeBytes &&
    uint32At(bytes, 22) === sizeBytes &&
    uint32At(bytes, 26) === name.length;
  if (!isFixed) return false;
  for (let i = 0; i < name.length; i++) if (bytes[LOCAL_HEADER_BYTES + i] !== name.charCodeAt(i)) return false;
  return true;
}

// A DataView for each of hundreds of thousands of headers would cost more than all that is read through it.
function uint32At(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** Whether `centralHeader(entry)` stands at `at`, for an entry whose name, sum and size stand there. */
export function isCentralHeader(
  view: DataView,
  at: number,
  entry: { nameBytes: number; sizeBytes: number; offset: number },
): boolean {
  return (
    view.getUint32(at, true) === CENTRAL_SIGNATURE &&
    view.getUint16(at + 4, true) === VERSION &&
    view.getUint32(at + 6, true) === VERSION &&
    view.getUint32(at + 10, true) === 0 &&
    view.getUint16(at + 14, true) === DOS_DATE &&
    view.getUint32(at + 20, true) === entry.sizeBytes &&
    view.getUint32(at + 28, true) === entry.nameBytes &&
    view.getUint32(at + 32, true) === 0 &&
    view.getUint16(at + 36, true) === 0 &&
    view.getUint32(at + 38, true) === 0 &&
    view.getUint32(at + 42, true) === entry.offset
  );
}

function writeContents(view: DataView, at: number, { crc32, sizeBytes }: ZipEntry): void {
  view.setUint32(at, crc32, true);
  view.setUint32(at + 4, sizeBytes, true);
  view.setUint32(at + 8, sizeBytes, true);
}

function writeName(bytes: Uint8Array, at: number, name: string): void {
  for (let i = 0; i < name.length; i++) bytes[at + i] = name.charCodeAt(i);
}

/** What stands behind the central directory: the end record, with the ZIP64 ones before it where the count needs them. */
export function endRecords(count: number, directoryBytes: number, directoryOffset: number): Uint8Array {
  const large = count >= COUNT_MARKER;
  const bytes = new Uint8Array(large ? END64_BYTES + END64_LOCATOR_BYTES + END_BYTES : END_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  if (large) {
    view.setUint32(0, END64_SIGNATURE, true);
    view.setBigUint64(4, BigInt(END64_BYTES - 12), true);
    view.setUint16(12, VERSION_ZIP64, true);
    view.setUint16(14, VERSION_ZIP64, true);
    view.setBigUint64(24, BigInt(count), true);
    view.setBigUint64(32, BigInt(count), true);
    view.setBigUint64(40, BigInt(directoryBytes), true);
    view.setBigUint64(48, BigInt(directoryOffset), true);
    view.setUint32(56, END64_LOCATOR_SIGNATURE, true);
    view.setBigUint64(64, BigInt(directoryOffset + directoryBytes), true);
    view.setUint32(72, 1, true);
    at = END64_BYTES + END64_LOCATOR_BYTES;
  }
  view.setUint32(at, END_SIGNATURE, true);
  view.setUint16(at + 8, Math.min(count, COUNT_MARKER), true);
  view.setUint16(at + 10, Math.min(count, COUNT_MARKER), true);
  view.setUint32(at + 12, directoryBytes, true);
  view.setUint32(at + 16, directoryOffset, true);
  return bytes;
}

/** Reads the end record, which is the last 22 bytes. `count` may be the marker for a ZIP64 record. */
export function readEnd(bytes: Uint8Array): { count: number; directoryBytes: number; directoryOffset: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < END_BYTES || view.getUint32(0, true) !== END_SIGNATURE)
    throw new InvalidFormat(
      'archive',
      'The file does not end as a ZIP of this form does: it was cut, added to, or is no bundle.',
    );
  return {
    count: view.getUint16(10, true),
    directoryBytes: view.getUint32(12, true),
    directoryOffset: view.getUint32(16, true),
  };
}

/** The count in a ZIP64 end record. */
export function readEnd64(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== END64_SIGNATURE)
    throw new InvalidFormat('archive', 'The ZIP64 end record is not where it belongs.');
  return Number(view.getBigUint64(32, true));
}

/**
 * Reads one central header at `at` in the directory. Only its own length is checked, and that the name is plain ASCII is not;
 * the caller compares with what it had to be. Throws `InvalidFormat`.
 */
export function readCentral(view: DataView, at: number): Omit<ZipEntry, 'name' | 'offset'> & { nameEnd: number } {
  if (at + CENTRAL_HEADER_BYTES > view.byteLength)
    throw new InvalidFormat('archive', 'The directory of the ZIP ends within an entry.');
  const nameEnd = at + CENTRAL_HEADER_BYTES + view.getUint16(at + 28, true);
  if (nameEnd > view.byteLength) throw new InvalidFormat('archive', 'The directory of the ZIP ends within a name.');
  return { crc32: view.getUint32(at + 16, true), sizeBytes: view.getUint32(at + 24, true), nameEnd };
}
