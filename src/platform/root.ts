import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the installation, where `migrations/`, `catalog/` and `dist/web/` are. Found upward from this code,
 * so it is the same for the sources, the bundle and a symbolic link, and never depends on the working directory.
 */
export function installationRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'migrations'))) return folder;
    if (dirname(folder) === folder)
      throw new Error(`the installation is incomplete: no folder above ${from} holds package.json and migrations/`);
  }
}
