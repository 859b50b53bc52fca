import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { ByteSource } from './byte-source.ts';
import { sourceOfBytes } from './byte-source.ts';

export type ZipContent = {
  names: string[];
  /** Bytes of the wanted entries, each at most `entryBytesMax`. */
  wanted: Map<string, ByteSource>;
  /** What was refused or cut, in words; null where nothing was. */
  problem: string | null;
};

const ENTRIES_MAX = 20_000;
const WANTED_MAX = 40;
const TIME_MS = 20_000;

/** Reads from a ByteSource, so that the archive is never in memory as a whole. */
class SourceReader extends yauzl.RandomAccessReader {
  private readonly source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const read = (offset: number, length: number) => this.source.read(offset, length);
    let at = start;
    return new Readable({
      read(size) {
        const bytes = read(at, Math.min(size, end - at));
        at += bytes.length;
        this.push(bytes.length === 0 ? null : Buffer.from(bytes));
      },
    });
  }
}

/**
 * Lists an archive and reads the entries that `want` names, each up to `entryBytesMax`. An entry that declares more, or
 * unpacks to more than it declares, is refused, so that a bomb costs no more than the limit. Null where the bytes are no
 * archive.
 */
export async function readZip(
  source: ByteSource,
  want: (name: string) => boolean,
  entryBytesMax: number,
): Promise<ZipContent | null> {
  const archive = await open(source);
  if (!archive) return null;
  const content: ZipContent = { names: [], wanted: new Map(), problem: null };
  const deadline = performance.now() + TIME_MS;
  try {
    for (let entry = await next(archive); entry; entry = await next(archive)) {
      if (content.names.length >= ENTRIES_MAX || performance.now() > deadline) {
        content.problem = `only the first ${content.names.length} entries were read`;
        break;
      }
      content.names.push(entry.fileName);
      if (!want(entry.fileName) || content.wanted.size >= WANTED_MAX) continue;
      if (entry.uncompressedSize > entryBytesMax) {
        content.problem = `${entry.fileName.slice(0, 80)} would unpack to ${entry.uncompressedSize} bytes`;
        continue;
      }
      const bytes = await unpack(archive, entry, entryBytesMax);
      if (bytes) content.wanted.set(entry.fileName, sourceOfBytes(bytes));
      else content.problem = `${entry.fileName.slice(0, 80)} could not be unpacked within the limits`;
    }
  } catch (error) {
    // The library reports every defect of an archive as an Error; what was read before stays.
    content.problem = error instanceof Error ? 'the archive is damaged' : String(error);
  } finally {
    archive.close();
  }
  return content;
}

function open(source: ByteSource): Promise<yauzl.ZipFile | null> {
  return new Promise((resolve) => {
    const options = { lazyEntries: true, autoClose: false, validateEntrySize: true, strictFileNames: false };
    yauzl.fromRandomAccessReader(new SourceReader(source), source.sizeBytes, options, (error, archive) =>
      resolve(error ? null : archive),
    );
  });
}

function next(archive: yauzl.ZipFile): Promise<yauzl.Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (entry: yauzl.Entry | null, error?: Error) => {
      archive.removeAllListeners();
      if (error) reject(error);
      else resolve(entry);
    };
    archive.once('entry', (entry: yauzl.Entry) => settle(entry));
    archive.once('end', () => settle(null));
    archive.once('error', (error: Error) => settle(null, error));
    archive.readEntry();
  });
}

function unpack(archive: yauzl.ZipFile, entry: yauzl.Entry, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    archive.openReadStream(entry, (error, stream) => {
      if (error) {
        resolve(null);
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBytes) chunks.push(chunk);
        else stream.destroy();
      });
      stream.once('error', () => resolve(null));
      stream.once('close', () => resolve(null));
      stream.once('end', () => resolve(Buffer.concat(chunks)));
    });
  });
}
