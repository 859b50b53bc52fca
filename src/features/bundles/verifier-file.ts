import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { installationRoot } from '#src/platform/root.ts';

export const VERIFIER_FILE_NAME = 'assay-verifier.html';

/** The verifier as one HTML file, made by the build. Throws `unavailable` where it was not built. */
export async function readVerifier(): Promise<Buffer> {
  try {
    return await readFile(join(installationRoot(), 'dist/verifier', VERIFIER_FILE_NAME));
  } catch (cause) {
    throw new AppError('unavailable', 'The verifier is not built. Run "npm run build" in the installation.', { cause });
  }
}
