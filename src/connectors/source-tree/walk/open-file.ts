import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Why a file could not be read, in words for the list of what was left out. */
export type Unreadable = 'no permission' | 'vanished while the scan ran' | 'not a regular file' | 'read error';

export type OpenFile = { fd: number; sizeBytes: number };

// Without O_NONBLOCK the opening of a pipe that took the file's place would wait forever; O_NOFOLLOW refuses a link that did.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Calls `read` with the regular file at `at` opened, and closes it. Gives the reason instead where it cannot be read. */
export async function withFile<Value>(
  at: string | Buffer,
  read: (file: OpenFile) => Value | Promise<Value>,
): Promise<{ value: Value } | { why: Unreadable }> {
  let fd: number;
  try {
    fd = openSync(at, FLAGS);
  } catch (error) {
    return { why: reasonOf(error) };
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { why: 'not a regular file' };
    return { value: await read({ fd, sizeBytes: stat.size }) };
  } catch (error) {
    if (isFileError(error)) return { why: reasonOf(error) };
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Reads up to `length` bytes at `position` into `target` and returns how many there were: fewer at the end of the file,
 * also when it has become shorter since it was opened.
 */
export function readAt(fd: number, target: Uint8Array, length: number, position: number): number {
  let done = 0;
  while (done < length) {
    const count = readSync(fd, target, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** The first `maxBytes` of a small file of the tree, or null where it cannot be read. */
export async function readSmallFile(at: string | Buffer, maxBytes: number): Promise<Buffer | null> {
  const result = await withFile(at, ({ fd, sizeBytes }) => {
    const bytes = Buffer.allocUnsafe(Math.min(sizeBytes, maxBytes));
    return bytes.subarray(0, readAt(fd, bytes, bytes.length, 0));
  });
  return 'value' in result ? result.value : null;
}

export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;
}

export function reasonOf(error: unknown): Unreadable {
  const code = isFileError(error) ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return 'no permission';
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESTALE') return 'vanished while the scan ran';
  // ELOOP: a symbolic link stands where a file was listed. ENXIO: a socket or a pipe without a writer.
  if (code === 'ELOOP' || code === 'ENXIO' || code === 'EISDIR' || code === 'ENODEV') return 'not a regular file';
  return 'read error';
}
