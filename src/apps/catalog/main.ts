// Run by the build: checks the whole catalog and writes it as one JSON file, so that a start parses no YAML.
import { writeFileSync } from 'node:fs';
import { loadCatalog } from '#src/catalog/load.ts';
import { AppError } from '#src/kernel/errors.ts';

const [folder, file] = process.argv.slice(2);
if (folder === undefined || file === undefined) throw new Error('usage: catalog FOLDER FILE');
try {
  writeFileSync(file, JSON.stringify(loadCatalog(folder)));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
