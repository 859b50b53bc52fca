// Weight of the first screens: what a browser loads for the sign-in page and for the overview, each file once, and the chart
// library that no first screen may load. Of the files as the server sends them, so nothing here depends on the machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WEB = join(ROOT, 'dist/web');
execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), 'web'], { stdio: ['ignore', 'ignore', 'inherit'] });
const assets = readdirSync(join(WEB, 'assets'));

/** The files that `html` and the pages named load at once: what is linked, and what those import without waiting. */
function loadedBy(html: string, pages: readonly string[]): Set<string> {
  const loaded = new Set<string>();
  const open = [...html.matchAll(/assets\/([\w.-]+)/g)].map(([, name = '']) => name);
  for (const page of pages)
    open.push(...assets.filter((name) => name.startsWith(`${page}-`) && /\.(js|css)$/.test(name)));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (loaded.has(name) || !existsSync(join(WEB, 'assets', name))) continue;
    loaded.add(name);
    if (!name.endsWith('.js')) continue;
    const text = readFileSync(join(WEB, 'assets', name), 'utf8');
    for (const [, , imported = ''] of text.matchAll(/(?:import|from)\s*(["'])\.\/([\w.-]+\.js)\1/g))
      open.push(imported);
  }
  return loaded;
}

function kilobytes(names: Iterable<string>, ending: '' | '.gz' | '.br'): string {
  let bytes = 0;
  for (const name of names) {
    const packed = join(WEB, 'assets', `${name}${ending}`);
    // Files too small to be worth packing are sent as they are.
    bytes += statSync(existsSync(packed) ? packed : join(WEB, 'assets', name)).size;
  }
  return (bytes / 1000).toFixed(0);
}

const html = readFileSync(join(WEB, 'index.html'), 'utf8');
console.log('| screen | files | kB brotli | kB gzip | kB unpacked |');
console.log('|---|---|---|---|---|');
for (const [screen, pages] of [
  ['sign-in', ['sign-in-page']],
  ['overview', ['shell', 'overview-page']],
] as const) {
  const files = loadedBy(html, pages);
  console.log(
    `| ${screen} | ${files.size} | ${kilobytes(files, '.br')} | ${kilobytes(files, '.gz')} | ${kilobytes(files, '')} |`,
  );
}
