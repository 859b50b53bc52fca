import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { isFileError } from './walk/open-file.ts';

/** The folder at `path`, absolute and without links. Throws `AppError` with what to do where there is none to read. */
export function openRoot(path: string): string {
  const absolute = resolve(path);
  let stat: ReturnType<typeof statSync>;
  let root: string;
  try {
    root = realpathSync(absolute);
    stat = statSync(root);
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (error.code === 'EACCES' || error.code === 'EPERM')
      throw new AppError(
        'forbidden',
        `${path} cannot be read: permission is denied. Scan it as a user who may read it.`,
        { cause: error },
      );
    if (error.code === 'ELOOP')
      throw new AppError(
        'invalid_input',
        `${path} is a symbolic link that leads to itself. Give the folder it should lead to.`,
        { cause: error },
      );
    throw new AppError('not_found', `${path} does not exist. Give the path of a folder on this machine.`, {
      cause: error,
    });
  }
  if (!stat?.isDirectory()) throw new AppError('invalid_input', `${path} is a file. Give the folder that holds it.`);
  return root;
}
