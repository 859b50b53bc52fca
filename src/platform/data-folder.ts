import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { writeDurably } from './durable-file.ts';
import { makeFolders } from './make-folders.ts';
import { storageError } from './storage-error.ts';

/** The arrangement of files in a data folder. Raised when an older version could no longer read it. */
export const FORMAT = 1;
const FORMAT_FILE = 'format.json';
const Format = z.object({ format: z.number().int().positive() });

/**
 * Makes the data folder if it is not there, and returns its real path. Only its owner may enter it.
 * Throws `AppError` where it cannot be used: no permission, read-only or full disk, somebody else's, holding something
 * else, or written by a newer version. Nothing in it is changed then.
 */
export function openDataFolder(dataDir: string): string {
  try {
    return open(dataDir);
  } catch (error) {
    throw storageError(error, `The data folder ${dataDir} cannot be used`);
  }
}

function open(dataDir: string): string {
  // Only the folder itself is closed: an unprivileged database user has to pass through the ones above.
  makeFolders(dataDir, 0o700);
  const folder = realpathSync(dataDir);
  const known = readFormat(folder);
  if (known === null) {
    refuseForeignContent(folder);
    chmodSync(folder, 0o700);
    createFormat(folder);
  } else if (known > FORMAT)
    throw new AppError(
      'conflict',
      `The data folder ${dataDir} was written by a newer version of Assay (format ${known}, this version knows ${FORMAT}). Start that version, or choose another folder with ASSAY_DATA_DIR. Nothing was changed.`,
    );
  refuseForeignOwner(folder);
  return folder;
}

function readFormat(folder: string): number | null {
  let text: string;
  try {
    text = readFileSync(join(folder, FORMAT_FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = Format.safeParse(parse(text));
  if (parsed.success) return parsed.data.format;
  throw new AppError(
    'conflict',
    `${join(folder, FORMAT_FILE)} is damaged, so it is unknown which version wrote this data folder. If it was this one, write {"format":${FORMAT}} into the file. Nothing was changed.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said to be damaged by the caller, who knows the file.
    return null;
  }
}

function refuseForeignContent(folder: string): void {
  // A fresh volume holds lost+found; hidden files are left there by file managers and version control.
  const found = readdirSync(folder).find((name) => name !== 'lost+found' && !name.startsWith('.'));
  if (found !== undefined)
    throw new AppError(
      'conflict',
      `The folder ${folder} holds other things ("${found.slice(0, 80)}") and no Assay data. Choose an empty folder with ASSAY_DATA_DIR. Nothing was changed.`,
    );
}

function createFormat(folder: string): void {
  const temporary = join(folder, `.${FORMAT_FILE}-${randomBytes(6).toString('hex')}`);
  writeDurably(temporary, JSON.stringify({ format: FORMAT, createdAt: new Date().toISOString() }));
  try {
    linkSync(temporary, join(folder, FORMAT_FILE));
  } catch (error) {
    // Another process opened the same new folder at the same moment and wrote the same.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Two users on one folder would leave files the other cannot read. */
function refuseForeignOwner(folder: string): void {
  const user = process.getuid?.();
  const owner = statSync(join(folder, FORMAT_FILE)).uid;
  if (user !== undefined && owner !== user)
    throw new AppError(
      'forbidden',
      `The data folder ${folder} belongs to user ${owner} and this is user ${user}. Run Assay as that user, or choose another folder with ASSAY_DATA_DIR. Nothing was changed.`,
    );
}
