import { AppError } from '#src/kernel/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space and try again',
  EDQUOT: 'the disk quota is used up. Free some space and try again',
  EROFS: 'the file system is read-only. Choose another folder with ASSAY_DATA_DIR',
  EACCES: `user ${process.getuid?.() ?? ''} may not. Change its owner, or choose another folder with ASSAY_DATA_DIR`,
  EPERM: `user ${process.getuid?.() ?? ''} may not. Change its owner, or choose another folder with ASSAY_DATA_DIR`,
  ENOTDIR: 'a part of that path is a file. Choose another folder with ASSAY_DATA_DIR',
  EEXIST: 'a file is in the way. Choose another folder with ASSAY_DATA_DIR',
  ENOENT: 'a folder above it does not exist and cannot be made. Choose another folder with ASSAY_DATA_DIR',
  ENAMETOOLONG: 'the path is too long. Choose another folder with ASSAY_DATA_DIR',
  EMFILE: 'this process has too many files open. Raise the limit (ulimit -n)',
  EIO: 'the disk reports an error',
};

/** `error` as a sentence about `what` when the disk is the reason; any other error as it is. */
export function storageError(error: unknown, what: string): unknown {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  return reason ? new AppError('unavailable', `${what}: ${reason} (${code}).`, { cause: error }) : error;
}
