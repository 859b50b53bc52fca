// Scan of a source tree against ripgrep over the same files: `rg --files` lists them, `rg --count` searches them for the same
// words that lead the scanner to its rules. The scanner also parses, hashes, relates and judges what it finds; the ratio says
// what that costs. `--short` uses a smaller tree; a path as an argument uses that one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RULES, scanTree } from '#src/connectors/source-tree/index.ts';
import { probesOf } from '#src/connectors/source-tree/match/probe.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const isShort = process.argv.includes('--short');
const given = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const trees =
  given.length > 0
    ? given
    : isShort
      ? [join(ROOT, 'node_modules/typescript')]
      : [join(ROOT, 'node_modules'), join(ROOT, 'src')];
const RUNS = 3;

/** Best of a few runs, in milliseconds: the machine's other work makes single runs slower, never faster. */
async function best(run: () => Promise<void> | void): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i++) {
    const startedAt = performance.now();
    await run();
    fastestMs = Math.min(fastestMs, performance.now() - startedAt);
  }
  return fastestMs;
}

function rg(words: readonly string[], root: string): string {
  const { stdout, error, status } = spawnSync(
    'rg',
    ['--no-ignore', '--hidden', '--glob', '!**/.git/**', ...words, root],
    { encoding: 'utf8', maxBuffer: 1024 ** 3 },
  );
  if (error) throw error;
  // 1 means that nothing matched.
  if (status !== 0 && status !== 1 && status !== 2) throw new Error(`rg ended with ${status}`);
  return stdout;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

async function measure(root: string, wordsFile: string): Promise<void> {
  let files = 0;
  let bytes = 0;
  let found = 0;
  const scanMs = await best(async () => {
    const result = await scanTree(root, { now: Date.now, includeIgnored: true });
    files = result.stats.files;
    bytes = result.stats.bytes;
    found = result.detections.length;
  });
  let listed = 0;
  const listMs = await best(() => {
    listed = rg(['--files'], root).split('\n').length - 1;
  });
  const search = ['--count', '--fixed-strings', '--ignore-case', '--file', wordsFile];
  const searchMs = await best(() => void rg(search, root));
  const oneThreadMs = await best(() => void rg([...search, '--threads', '1'], root));
  console.log(
    `\n${root.replace(ROOT, '')}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB read, ${found} detections (rg lists ${listed} files)\n`,
  );
  console.log(row(['', 'time', 'files/s', 'MB/s', 'scan takes this many times as long']));
  console.log(row(['---', '--:', '--:', '--:', '--:']));
  const line = (name: string, ms: number) =>
    console.log(
      row([
        name,
        `${ms.toFixed(0)} ms`,
        Math.round((files / ms) * 1000),
        (bytes / ms / 1000).toFixed(1),
        (scanMs / ms).toFixed(1),
      ]),
    );
  line('scan', scanMs);
  line('rg --files (lists only)', listMs);
  line('rg --count, same words', searchMs);
  line('rg --count, same words, one thread', oneThreadMs);
}

if (spawnSync('rg', ['--version']).error) {
  console.log('Skipped: ripgrep (`rg`) is not installed. On Debian: apt-get install ripgrep.');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const wordsFile = join(folder, 'words');
  const words = new Set(
    RULES.flatMap((rule) => probesOf(rule).flatMap((probe) => probe.words)).map((word) => word.toLowerCase()),
  );
  writeFileSync(wordsFile, `${[...words].join('\n')}\n`);
  console.log(`${RULES.length} rules, ${words.size} words that lead to them; best of ${RUNS} runs.`);
  try {
    for (const tree of trees) {
      if (existsSync(tree)) await measure(tree, wordsFile);
      else console.log(`Skipped: ${tree} is not there.`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
