import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';

/**
 * Throws `AppError('invalid_input')` for a folder that lies in the data folder, or holds it, whatever links lead there: what
 * is lost with the data, or reaches into it, mirrors nothing.
 */
export function requireElsewhere(path: string, dataDir: string): void {
  const [place, data] = [realPlace(path), realPlace(dataDir)];
  if (isWithin(place, data))
    throw new AppError('invalid_input', `${path} is inside the data folder. A mirror is worth something elsewhere.`);
  if (isWithin(data, place))
    throw new AppError('invalid_input', `${path} holds the data folder. Choose a folder of its own for the mirror.`);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** Where a path leads, of which the last parts may not be there yet. */
function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const parent = dirname(path);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && parent !== path) return join(realPlace(parent), basename(path));
    throw new AppError('invalid_input', `${path} cannot be followed to its place. Choose another folder.`, {
      cause: error,
    });
  }
}
