import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalog } from '#src/catalog/load.ts';
import type { Catalog } from '#src/catalog/model.ts';
import { installationRoot } from '#src/platform/root.ts';

/**
 * The catalog as the build checked and wrote it beside the bundle; from the YAML files where the sources run directly.
 * Throws `invalid_input` naming file and line where those are wrong.
 */
export function builtCatalog(): Catalog {
  const here = dirname(fileURLToPath(import.meta.url));
  for (const folder of [here, dirname(here)]) {
    const file = join(folder, 'catalog.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Catalog;
  }
  return loadCatalog(join(installationRoot(), 'catalog'));
}
