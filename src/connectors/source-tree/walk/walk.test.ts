import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScanResult } from '../model.ts';
import { scanTree } from '../scan.ts';
import { type TemporaryTree, temporaryTree } from '../temporary-tree.ts';
import { addIgnoreFile, isIgnored, NO_IGNORE_RULES } from './ignore-rules.ts';

const now = () => 0;

/** Paths of the files in which the scan saw the marker line. */
async function seenIn(tree: TemporaryTree, options: Partial<Parameters<typeof scanTree>[1]> = {}): Promise<string[]> {
  const { detections } = await scanTree(tree.root, { now, ...options });
  return detections.flatMap(({ places }) => places.map(({ path }) => path)).sort();
}

const MARKER = 'import openai\n';

function reasons(result: ScanResult): Record<string, string> {
  return Object.fromEntries(result.stats.skipped.map(({ path, why }) => [path, why]));
}

describe('links, pipes and devices', () => {
  const tree = temporaryTree({ 'a/x.py': MARKER });
  const outside = temporaryTree({ 'secret.py': 'import cohere\n' });
  const server = createServer();
  beforeAll(async () => {
    symlinkSync('..', join(tree.root, 'a/up'));
    symlinkSync(outside.root, join(tree.root, 'out'));
    symlinkSync(join(outside.root, 'secret.py'), join(tree.root, 'secret.py'));
    symlinkSync('nowhere', join(tree.root, 'dangling'));
    execFileSync('mkfifo', [join(tree.root, 'pipe.py')]);
    await new Promise<void>((resolve) => server.listen(join(tree.root, 'socket.py'), resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    tree.remove();
    outside.remove();
  });

  test('are listed with a reason and never followed, and the scan stays complete', async () => {
    const result = await scanTree(tree.root, { now });
    expect(result.detections.map(({ title, path }) => [title, path])).toEqual([['openai', 'a/x.py']]);
    expect(reasons(result)).toEqual({
      'a/up': 'symbolic link',
      dangling: 'symbolic link',
      out: 'symbolic link',
      'pipe.py': 'not a regular file',
      'secret.py': 'symbolic link',
      'socket.py': 'not a regular file',
    });
    expect(result.stats.complete).toBe(true);
  });

  test('a link given as the root is resolved once', async () => {
    symlinkSync(tree.root, join(outside.root, 'link'));
    const result = await scanTree(join(outside.root, 'link'), { now });
    expect(result.detections).toHaveLength(1);
  });
});

describe('large and strange files', () => {
  const tree = temporaryTree();
  afterAll(() => tree.remove());

  test('a file of 1 GB is not read whole', async () => {
    const fd = openSync(join(tree.root, 'huge.bin'), 'w');
    ftruncateSync(fd, 1024 ** 3);
    closeSync(fd);
    const text = openSync(join(tree.root, 'huge.unknown'), 'w');
    ftruncateSync(text, 1024 ** 3);
    closeSync(text);
    const result = await scanTree(tree.root, { now });
    expect(result.stats.bytes).toBeLessThan(20_000_000);
    expect(result.facts.filter(({ kind }) => kind === 'model-file')).toEqual([]);
  });

  test('a large weights file is hashed up to the limit and then gets no hash', async () => {
    const header = Buffer.from('GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1');
    const weights = temporaryTree({ 'small.gguf': header, 'large.gguf': Buffer.concat([header, Buffer.alloc(4096)]) });
    const result = await scanTree(weights.root, { now, limits: { fileHashBytes: 1024 } });
    weights.remove();
    const hashes = Object.fromEntries(
      result.facts.flatMap((fact) => (fact.kind === 'model-file' ? [[fact.key, fact.body.sha256]] : [])),
    );
    expect(hashes['large.gguf']).toBeNull();
    expect(hashes['small.gguf']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('text larger than a window is read on, with the right lines', async () => {
    const big = temporaryTree({ 'big.py': `${'# filler line that says nothing\n'.repeat(100_000)}import openai\n` });
    const result = await scanTree(big.root, { now });
    big.remove();
    expect(result.detections).toMatchObject([{ path: 'big.py', line: 100_001 }]);
  });

  test('text beyond the limit of one file is left out, and the result says so', async () => {
    const big = temporaryTree({ 'big.py': `${'# filler\n'.repeat(400_000)}import openai\n` });
    const result = await scanTree(big.root, { now, limits: { fileTextBytes: 3_000_000 } });
    big.remove();
    expect(result.detections).toEqual([]);
    expect(result.stats.incompleteBecause[0]).toMatch(/big\.py: larger than 3000000 bytes/);
  });

  test('a line of megabytes is searched near its words only, and in bounded time', async () => {
    const long = temporaryTree({
      'bundle.js': `var a="${'x,'.repeat(700_000)}";fetch("https://api.openai.com/v1");${'y;'.repeat(100_000)}`,
    });
    const startedAt = performance.now();
    const result = await scanTree(long.root, { now });
    long.remove();
    expect(result.detections.map(({ title }) => title)).toEqual(['openai']);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('encodings', () => {
  const latin = Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from('\nimport openai\n')]);
  const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const tree = temporaryTree({
    'bom.py': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(MARKER)]),
    'latin1.py': latin,
    'utf16le.py': utf16(`# ü\n${MARKER}`),
    'utf16be.py': utf16(`# ü\n${MARKER}`).swap16(),
    'utf16-without-mark.py': Buffer.from(`# plain\n${MARKER}`, 'utf16le'),
    'invalid.py': Buffer.concat([Buffer.from([0x80, 0xff, 0xc3, 0x28, 0x0a]), Buffer.from(MARKER)]),
    'crlf.py': '# one\r\nimport openai\r\n',
    'zero.py': Buffer.concat([Buffer.from(MARKER), Buffer.from([0])]),
    'empty.py': '',
  });
  afterAll(() => tree.remove());

  test('every text is read in its own, and binary data is not', async () => {
    const { detections } = await scanTree(tree.root, { now });
    const lines = Object.fromEntries(detections.flatMap(({ places }) => places.map(({ path, line }) => [path, line])));
    expect(lines).toEqual({
      'bom.py': 1,
      'latin1.py': 2,
      'utf16le.py': 2,
      'utf16be.py': 2,
      'utf16-without-mark.py': 2,
      'invalid.py': 2,
      'crlf.py': 2,
    });
  });
});

describe('names', () => {
  test('that are no UTF-8, or deceive, are read and shown in plain signs', async () => {
    const tree = temporaryTree();
    writeFileSync(
      Buffer.concat([Buffer.from(`${tree.root}/bad-`), Buffer.from([0xff, 0xfe]), Buffer.from('.py')]),
      MARKER,
    );
    mkdirSync(Buffer.concat([Buffer.from(`${tree.root}/dir-`), Buffer.from([0xe9])]));
    writeFileSync(
      Buffer.concat([Buffer.from(`${tree.root}/dir-`), Buffer.from([0xe9]), Buffer.from('/in.py')]),
      MARKER,
    );
    tree.write('line\nbreak.py', MARKER);
    tree.write('gpj\u202eyp.py', MARKER);
    const seen = await seenIn(tree);
    tree.remove();
    expect(seen).toEqual(['bad-\\xff\\xfe.py', 'dir-\\xe9/in.py', 'gpj\\u202eyp.py', 'line\\u000abreak.py']);
  });
});

describe('depth', () => {
  test('deeper folders than the limit are left out and named', async () => {
    const tree = temporaryTree({ [`${'d/'.repeat(70)}x.py`]: MARKER, 'd/y.py': MARKER });
    const result = await scanTree(tree.root, { now });
    tree.remove();
    expect(result.detections.flatMap(({ places }) => places.map(({ path }) => path))).toEqual(['d/y.py']);
    expect(result.stats.incompleteBecause[0]).toMatch(/deeper than 64 folders/);
  });
});

describe('permission', () => {
  test.skipIf(process.getuid?.() === 0)(
    'a file or folder that may not be read is listed (skipped as root, who may read everything)',
    async () => {
      const tree = temporaryTree({ 'open.py': MARKER, 'closed.py': MARKER, 'shut/x.py': MARKER });
      chmodSync(join(tree.root, 'closed.py'), 0);
      chmodSync(join(tree.root, 'shut'), 0);
      const result = await scanTree(tree.root, { now });
      chmodSync(join(tree.root, 'shut'), 0o700);
      tree.remove();
      expect(reasons(result)).toEqual({ 'closed.py': 'no permission', shut: 'no permission' });
      expect(result.stats.complete).toBe(false);
    },
  );
});

describe('files that change while the scan runs', () => {
  test('a file that vanishes is listed, and the rest is read', async () => {
    const tree = temporaryTree({ 'a.py': MARKER, 'b.py': MARKER });
    const result = await scanTree(tree.root, {
      now,
      onProgress: ({ phase, filesTotal }) => {
        if (phase === 'listing' && filesTotal !== null) execFileSync('rm', ['-f', join(tree.root, 'a.py')]);
      },
    });
    tree.remove();
    expect(result.detections[0]?.path).toBe('b.py');
    expect(reasons(result)).toEqual({ 'a.py': 'vanished while the scan ran' });
  });

  test('a file replaced by a pipe does not hold the scan', async () => {
    const tree = temporaryTree({ 'a.py': MARKER });
    const result = await scanTree(tree.root, {
      now,
      onProgress: ({ phase, filesTotal }) => {
        if (phase !== 'listing' || filesTotal === null) return;
        execFileSync('sh', ['-c', `rm "${join(tree.root, 'a.py')}" && mkfifo "${join(tree.root, 'a.py')}"`]);
      },
    });
    tree.remove();
    expect(reasons(result)).toEqual({ 'a.py': 'not a regular file' });
  });
});

describe('ignore files', () => {
  test('hold at every level, deeper ones can take back, and what is left out is counted', async () => {
    const tree = temporaryTree({
      '.gitignore': '*.log\nbuild/\n/only-root.py\n',
      'build/a.py': MARKER,
      'only-root.py': MARKER,
      'sub/only-root.py': MARKER,
      'sub/.gitignore': 'local.py\n!build/\n',
      'sub/local.py': MARKER,
      'sub/build/b.py': MARKER,
      'sub/deep/local.py': MARKER,
      '.assayignore': 'generated/\n',
      'generated/c.py': MARKER,
    });
    const result = await scanTree(tree.root, { now });
    const all = await seenIn(tree, { includeIgnored: true });
    tree.remove();
    expect(result.detections.flatMap(({ places }) => places.map(({ path }) => path)).sort()).toEqual([
      'sub/build/b.py',
      'sub/only-root.py',
    ]);
    expect(result.stats.ignored).toMatchObject({ files: 3, folders: 2 });
    expect(all).toHaveLength(7);
  });

  test('weights and environment files that they hide are told by name, and nothing else of them', async () => {
    const tree = temporaryTree({
      '.gitignore': 'models/\n.env\n*.bin\n',
      'models/deep/llama.gguf': 'GGUF',
      'models/readme.md': 'x',
      '.env': 'KEY=value\n',
      'node_modules/x/y.safetensors': 'x',
    });
    const { stats, facts } = await scanTree(tree.root, { now });
    tree.remove();
    expect(stats.ignored.worthKnowing.map(({ path }) => path).sort()).toEqual(['.env', 'models/deep/llama.gguf']);
    expect(facts.map(({ kind }) => kind)).toEqual(['repository']);
  });

  test('of the folders above hold for a part of a clone, unless that part is itself ignored', async () => {
    const tree = temporaryTree({
      '.gitignore': '*.skip.py\nvendored/\n',
      'app/a.skip.py': MARKER,
      'app/b.py': MARKER,
      'vendored/c.skip.py': MARKER,
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/info/exclude': 'app/d.py\n',
      'app/d.py': MARKER,
    });
    expect(await seenIn({ ...tree, root: join(tree.root, 'app') })).toEqual(['b.py']);
    expect(await seenIn({ ...tree, root: join(tree.root, 'vendored') })).toEqual(['c.skip.py']);
    tree.remove();
  });

  test('end where another repository begins, and the other repository is named', async () => {
    const tree = temporaryTree({
      '.gitignore': 'local.py\n',
      'sub/local.py': MARKER,
      'sub/.git': 'gitdir: ../.git/modules/sub\n',
      '.git/modules/sub/HEAD': `${'a'.repeat(40)}\n`,
    });
    const result = await scanTree(tree.root, { now });
    tree.remove();
    expect(result.detections[0]?.path).toBe('sub/local.py');
    expect(result.stats.nestedRepositories).toEqual([{ path: 'sub', commit: 'a'.repeat(40) }]);
  });

  test('agree with git over random patterns and paths', async () => {
    const tree = temporaryTree();
    execFileSync('git', ['-C', tree.root, 'init', '-q']);
    const names = fc.constantFrom('a', 'b', 'ab', 'a.py', 'x.log');
    const paths = fc.uniqueArray(
      fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      { minLength: 1, maxLength: 6 },
    );
    const pattern = fc.constantFrom(
      'a',
      '/a',
      'a/',
      '*.py',
      '!a',
      '!a.py',
      'a/*',
      'a/**',
      '**/b',
      '!**/b/',
      'a?',
      '[ab]',
      'x.*',
      '!x.log',
      'a/b',
      '/a/b/',
      '*',
      '!*/',
      '# a',
      '\\!a',
      'b ',
    );
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.array(pattern, { maxLength: 5 }),
        fc.array(pattern, { maxLength: 3 }),
        async (files, root, deeper) => {
          for (const name of ['a', 'b', 'ab', 'a.py', 'x.log', '.gitignore'])
            rmSync(join(tree.root, name), { recursive: true, force: true });
          for (const file of files) {
            // A path that needs a folder where a file already stands is no tree.
            try {
              tree.write(file, 'x');
            } catch {
              return;
            }
          }
          tree.write('.gitignore', `${root.join('\n')}\n`);
          if (files.some((file) => file.startsWith('a/'))) tree.write('a/.gitignore', `${deeper.join('\n')}\n`);
          const git = execFileSync('git', ['-C', tree.root, 'ls-files', '--others', '--exclude-standard', '-z'], {
            encoding: 'utf8',
          })
            .split('\0')
            .filter((path) => path !== '' && !path.endsWith('.gitignore'));
          const ours: string[] = [];
          const visit = (folder: string, rules: typeof NO_IGNORE_RULES, entries: string[]) => {
            const own =
              folder === ''
                ? addIgnoreFile(rules, '', root.join('\n'))
                : folder === 'a'
                  ? addIgnoreFile(rules, 'a', deeper.join('\n'))
                  : rules;
            for (const name of new Set(entries.map((entry) => entry.split('/')[0] ?? ''))) {
              const path = folder === '' ? name : `${folder}/${name}`;
              const below = entries
                .filter((entry) => entry.startsWith(`${name}/`))
                .map((entry) => entry.slice(name.length + 1));
              const isFolder = below.length > 0;
              if (isIgnored(own, path, isFolder)) continue;
              if (isFolder) visit(path, own, below);
              else ours.push(path);
            }
          };
          visit('', NO_IGNORE_RULES, files);
          expect(ours.sort()).toEqual(git.sort());
        },
      ),
      { numRuns: 50 },
    );
    tree.remove();
  });

  test('hostile patterns cost bounded time', () => {
    const rules = addIgnoreFile(NO_IGNORE_RULES, '', `${'**/a'.repeat(30)}\n${'*a'.repeat(200)}b\n**/*/**/x\n`);
    const startedAt = performance.now();
    for (let i = 0; i < 200; i++) isIgnored(rules, `${'a/'.repeat(60)}${'a'.repeat(80)}`, false);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('folders of tools', () => {
  test('dependencies and caches are left out, a virtual environment by its marker', async () => {
    const tree = temporaryTree({
      'node_modules/m/a.py': MARKER,
      'my-env/pyvenv.cfg': 'home = /usr\n',
      'my-env/lib/b.py': MARKER,
      '__pycache__/c.py': MARKER,
      'src/d.py': MARKER,
    });
    const seen = await seenIn(tree);
    const inside = await seenIn({ ...tree, root: join(tree.root, 'node_modules') });
    tree.remove();
    expect(seen).toEqual(['src/d.py']);
    expect(inside).toEqual(['m/a.py']);
  });
});
