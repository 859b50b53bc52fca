import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';

/**
 * The real path of a folder that may be scanned. Throws `invalid_input` in words when it is none, cannot be read, or is
 * outside `roots` (absolute; absent: anywhere).
 */
export async function scannablePath(path: string, roots?: readonly string[]): Promise<string> {
  if (path.includes('\0') || !isAbsolute(path))
    throw new AppError('invalid_input', 'path: give the absolute path of a folder on the machine that runs Assay.');
  // What is outside the roots is refused before anything is looked up, so that nobody can ask what exists there.
  const allowed = roots && [...roots, ...(await Promise.all(roots.map((root) => realpath(root).catch(() => root))))];
  if (roots && !allowed?.some((root) => isInside(path, root))) throw outside(roots);
  let real: string;
  try {
    real = await realpath(path);
    if (!(await stat(real)).isDirectory())
      throw new AppError('invalid_input', `path: ${path} is not a folder. Give the folder that holds the code.`);
    await access(real, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadable(path, error);
  }
  // A link inside a root may lead out of it.
  if (roots && !allowed?.some((root) => isInside(real, root))) throw outside(roots);
  return real;
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function outside(roots: readonly string[]): AppError {
  return new AppError(
    'forbidden',
    `path: scans from the web stay inside ${roots.join(', ')} (ASSAY_SCAN_ROOTS). Choose a folder there, or run "assay scan PATH --record" on the machine.`,
  );
}

function unreadable(path: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AppError('invalid_input', `path: there is no folder ${path} on the machine that runs Assay.`);
  if (code === 'EACCES' || code === 'EPERM')
    return new AppError(
      'invalid_input',
      `path: Assay may not read ${path}. Give its user the right to, and try again.`,
    );
  return new AppError('invalid_input', `path: ${path} cannot be read (${String(code)}).`, { cause: error });
}
