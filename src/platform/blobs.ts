import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '#src/kernel/errors.ts';
import { DAY_MS } from '#src/kernel/time.ts';
import type { Database } from './database/connect.ts';
import { storageError } from './storage-error.ts';

export type StoredBlob = { sha256: string; sizeBytes: number };

/** Bytes by their SHA-256 (64 lower-case hex digits): written once, never changed. */
export type Blobs = {
  /**
   * Stores the bytes; the same bytes again cost nothing more. Once it returns they survive a power cut.
   * Throws `too_large` past the limit and `unavailable` when the disk is full; nothing half-written stays then.
   */
  put(bytes: Uint8Array | AsyncIterable<Uint8Array>, mediaType: string): Promise<StoredBlob>;
  /** All the bytes, checked against the digest. Throws `not_found`, `too_large`, or `internal` when the file is damaged. */
  read(sha256: string): Promise<Uint8Array>;
  /** The bytes as they are read. Ends with an error when the file is missing or turns out to be damaged. */
  stream(sha256: string): Readable;
  has(sha256: string): Promise<boolean>;
  /** Destroys the files that were marked as erased in the database and returns how many. Safe to repeat and to cut short. */
  removeErased(): Promise<number>;
};

export type BlobLimits = {
  /** One blob. */
  blobBytes: number;
  /** What `read` brings into memory at once. */
  readBytes: number;
};

const DEFAULT_LIMITS: BlobLimits = { blobBytes: 1_073_741_824, readBytes: 268_435_456 };
const DIGEST = /^[0-9a-f]{64}$/;

/** Blobs in the data folder: `blobs/sha256/ab/abcd…`, with size and media type in the database. */
export function openBlobs(dataDir: string, database: Pick<Database, 'pool'>, limits: Partial<BlobLimits> = {}): Blobs {
  const { blobBytes, readBytes } = { ...DEFAULT_LIMITS, ...limits };
  const root = join(dataDir, 'blobs');
  const fileOf = (sha256: string) => {
    if (!DIGEST.test(sha256)) throw new AppError('invalid_input', 'A blob is named by 64 lower-case hex digits.');
    return join(root, 'sha256', sha256.slice(0, 2), sha256);
  };
  return {
    put: async (bytes, mediaType) => {
      const stored = await writeBlob(root, fileOf, bytes, blobBytes, async (sha256) => {
        // The same bytes come anew: they are kept again. Before the file is there, so that no removal under way takes it.
        await database.pool.query(
          'update blob set erased_at = null, removed_at = null where sha256 = $1 and erased_at is not null',
          [sha256],
        );
      }).catch((error: unknown) => {
        throw storageError(error, 'The content cannot be stored');
      });
      await database.pool.query(
        'insert into blob (sha256, size_bytes, media_type) values ($1, $2, $3) on conflict (sha256) do nothing',
        [stored.sha256, stored.sizeBytes, mediaType],
      );
      return stored;
    },
    read: async (sha256) => {
      const file = fileOf(sha256);
      const sizeBytes = await sizeOf(file);
      if (sizeBytes === null) throw missing(sha256);
      if (sizeBytes > readBytes)
        throw new AppError('too_large', `Blob ${sha256} has ${sizeBytes} bytes, more than ${readBytes} at once.`);
      const chunks: Buffer[] = [];
      for await (const chunk of checkedChunks(file, sha256)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    stream: (sha256) => Readable.from(checkedChunks(fileOf(sha256), sha256), { objectMode: false }),
    has: async (sha256) => (await sizeOf(fileOf(sha256))) !== null,
    removeErased: () => removeErased(database.pool, fileOf),
  };
}

// One at a time, each row held while its file goes: whoever stores the same bytes meanwhile waits, and then writes them.
async function removeErased(pool: Database['pool'], fileOf: (sha256: string) => string): Promise<number> {
  let removed = 0;
  for (;;) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query<{ sha256: string }>(
        'select sha256 from blob where erased_at is not null and removed_at is null limit 1 for update skip locked',
      );
      const sha256 = rows[0]?.sha256;
      if (sha256 !== undefined) {
        const file = fileOf(sha256);
        await rm(file, { force: true });
        if ((await sizeOf(dirname(file))) !== null) await sync(dirname(file));
        await client.query('update blob set removed_at = now() where sha256 = $1', [sha256]);
      }
      await client.query('commit');
      if (sha256 === undefined) return removed;
      removed++;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }
}

async function writeBlob(
  root: string,
  fileOf: (sha256: string) => string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  limitBytes: number,
  beforeKept: (sha256: string) => Promise<void>,
): Promise<StoredBlob> {
  const unfinished = join(root, 'unfinished');
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const temporary = join(unfinished, randomBytes(12).toString('hex'));
  try {
    const stored = await writeHashed(temporary, bytes instanceof Uint8Array ? [bytes] : bytes, limitBytes);
    const file = fileOf(stored.sha256);
    await beforeKept(stored.sha256);
    const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Over an equal file it changes nothing, over a damaged one it heals.
    await rename(temporary, file);
    await sync(dirname(file));
    if (made !== undefined) await sync(dirname(dirname(file)));
    return stored;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeHashed(
  file: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes)
        throw new AppError('too_large', `The content is larger than the ${limitBytes} bytes one item may have.`);
      hash.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done)).bytesWritten;
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* checkedChunks(file: string, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) {
      const bytes = chunk as Buffer;
      hash.update(bytes);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw missing(sha256);
    throw error;
  }
  if (hash.digest('hex') !== sha256)
    throw new AppError(
      'internal',
      `Blob ${sha256} is damaged: its content no longer has this digest. Restore the file from a backup.`,
      { details: { file } },
    );
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function missing(sha256: string): AppError {
  return new AppError('not_found', `Blob ${sha256} is not in the data folder.`);
}

/** Removes what processes that were killed while writing left behind. Returns how many files. */
export async function clearUnfinishedBlobs(dataDir: string, nowMs: number): Promise<number> {
  const folder = join(dataDir, 'blobs/unfinished');
  let removed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    // One that is being written right now is younger than any upload takes.
    const found = await stat(file).catch(() => null);
    if (!found || nowMs - found.mtimeMs < DAY_MS) continue;
    await rm(file, { force: true });
    removed++;
  }
  return removed;
}
