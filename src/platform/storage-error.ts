import { AppError } from '#src/kernel/errors.ts';

const ANOTHER_DATA_FOLDER = 'choose another folder with ASSAY_DATA_DIR';

const NO_PERMISSION = `user ${process.getuid?.() ?? ''} may not write there`;

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space and try again',
  EDQUOT: 'the disk quota is used up. Free some space and try again',
  EROFS: 'the file system is read-only',
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  ENOTDIR: 'a part of that path is a file',
  EISDIR: 'a folder is in the way',
  EEXIST: 'a file is in the way',
  ENOENT: 'a folder above it does not exist and cannot be made',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'this process has too many files open. Raise the limit (ulimit -n)',
  EIO: 'the disk reports an error',
};
const NO_OTHER_PLACE_HELPS = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'EIO']);

/**
 * `error` as a sentence about `what` when the disk is the reason; any other error as it is. `instead` is the next step where
 * another place would help.
 */
export function storageError(error: unknown, what: string, instead = ANOTHER_DATA_FOLDER): unknown {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  if (!reason) return error;
  const nextStep = NO_OTHER_PLACE_HELPS.has(code) ? '' : `; ${instead}`;
  return new AppError('unavailable', `${what}: ${reason}${nextStep} (${code}).`, { cause: error });
}
