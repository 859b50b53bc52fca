import { readSmallFile } from './open-file.ts';

const INDEX_BYTES_MAX = 512 * 1024 * 1024;
const ENTRIES_MAX = 5_000_000;
const NAME_BYTES_MAX = 16_384;
const EXTENDED = 0x4000;

/**
 * Paths of the files a git index lists, for versions 2 to 4; null where it is missing, damaged or of another version.
 * `hashBytes` is 20, or 32 in a SHA-256 repository. Source: gitformat-index(5).
 */
export async function readGitIndex(path: string, hashBytes: number): Promise<Set<string> | null> {
  const bytes = await readSmallFile(path, INDEX_BYTES_MAX);
  return bytes === null ? null : parseGitIndex(bytes, hashBytes);
}

export function parseGitIndex(bytes: Buffer, hashBytes: number): Set<string> | null {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'DIRC') return null;
  const version = bytes.readUInt32BE(4);
  const count = bytes.readUInt32BE(8);
  if (version < 2 || version > 4 || count > ENTRIES_MAX) return null;
  const paths = new Set<string>();
  let at = 12;
  let previous: Buffer = Buffer.alloc(0);
  for (let i = 0; i < count; i++) {
    const flagsAt = at + 40 + hashBytes;
    if (flagsAt + 2 > bytes.length) return null;
    const flags = bytes.readUInt16BE(flagsAt);
    let nameAt = flagsAt + 2 + (version >= 3 && flags & EXTENDED ? 2 : 0);
    let kept = 0;
    if (version === 4) {
      const strip = readOffsetInteger(bytes, nameAt);
      if (!strip || strip.value > previous.length) return null;
      nameAt = strip.next;
      kept = previous.length - strip.value;
    }
    const end = bytes.indexOf(0, nameAt);
    if (end < 0 || kept + end - nameAt > NAME_BYTES_MAX) return null;
    const name = Buffer.concat([previous.subarray(0, kept), bytes.subarray(nameAt, end)]);
    paths.add(name.toString('utf8'));
    previous = name;
    // Up to version 3 an entry is padded with zeros to a multiple of eight bytes, at least one.
    at = version === 4 ? end + 1 : at + ((end - at + 8) & ~7);
  }
  return paths;
}

function readOffsetInteger(bytes: Buffer, start: number): { value: number; next: number } | null {
  let at = start;
  let byte = bytes[at++];
  if (byte === undefined) return null;
  let value = byte & 127;
  while (byte & 128) {
    byte = bytes[at++];
    if (byte === undefined || value > 2 ** 24) return null;
    value = ((value + 1) << 7) | (byte & 127);
  }
  return { value, next: at };
}
