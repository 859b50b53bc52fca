import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { type BundleFiles, type HeldFile, type RandomAccess, unpackedFiles } from '../bundle/bundle-files.ts';

const FILES_MAX = 4_000_000;

export type BundleSource = { source: RandomAccess | BundleFiles; close(): Promise<void> };

/** Opens a bundle on disk: the file, or the folder it was unpacked into. Throws `AppError('not_found')`. */
export async function openBundlePath(path: string): Promise<BundleSource> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new AppError(
      'not_found',
      `${path} cannot be read. Give the path of a bundle, or of the folder it was unpacked into.`,
      { cause },
    );
  });
  if (found.isDirectory()) return { source: await openFolder(path), close: async () => undefined };
  if (!found.isFile()) throw new AppError('unsupported', `${path} is neither a file nor a folder.`);
  const handle = await open(path, 'r');
  const source: RandomAccess = {
    sizeBytes: found.size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new AppError('conflict', `${path} became shorter while it was read. Try again.`);
        done += bytesRead;
      }
      return bytes;
    },
  };
  return { source, close: () => handle.close() };
}

async function openFolder(folder: string): Promise<BundleFiles> {
  const files = new Map<string, HeldFile>();
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (item.isDirectory()) continue;
    const path = join(item.parentPath, item.name);
    const name = relative(folder, path).split(sep).join('/');
    // A link could lead out of the folder, and to something that changes between two looks.
    if (!item.isFile())
      throw new AppError('unsupported', `${name} in the bundle is not a plain file. Unpack the bundle again.`);
    const { size } = await stat(path);
    files.set(name, { sizeBytes: size, read: () => readFile(path), chunks: () => createReadStream(path) });
    if (files.size > FILES_MAX) throw new AppError('too_large', `${folder} holds more than ${FILES_MAX} files.`);
  }
  return unpackedFiles(files);
}
