// Runs every benchmark in turn (or those named as arguments) and prints their tables. `--short` runs smaller sizes.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
  .sort();

let failed = 0;
for (const name of names.length > 0 ? names : all) {
  const file = join(folder, `${name}.ts`);
  if (!existsSync(file)) {
    console.error(`No benchmark is called ${name}. There are: ${all.join(', ')}.`);
    process.exit(2);
  }
  console.log(`\n## ${name}\n`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', file, ...flags], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
