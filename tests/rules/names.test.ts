import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);

test('no folder or file has a name that says nothing', () => {
  const empty = /(^|\/)(utils?|helpers?|common|shared|lib|types|misc)(\/|\.[a-z]+$)/;
  expect(files.filter((file) => empty.test(file))).toEqual([]);
});

test('source files are named in kebab-case', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|node|browser|gen|e2e|config|module))*\.(ts|tsx|css|html|mjs)$/;
  const source = files.filter((file) => /^(src|tests|bench|scripts)\/.*\.(ts|tsx|css|html|mjs)$/.test(file));
  expect(source.filter((file) => !file.includes('/fixtures/') && !kebab.test(file.split('/').at(-1) ?? ''))).toEqual(
    [],
  );
});

test('no folder lies deeper than four below src, fixtures aside', () => {
  const deep = files.filter(
    (file) => file.startsWith('src/') && !file.includes('/fixtures/') && file.split('/').length > 6,
  );
  expect(deep).toEqual([]);
});

test('no word promises more than a tamper-evident log can keep', () => {
  const word = ['immut', 'able'].join('');
  const shown = files.filter(
    (file) =>
      /^(src|bin|catalog|docs|README|CHANGELOG)/.test(file) &&
      !file.startsWith('src/platform/http/') &&
      !file.includes('/fixtures/'),
  );
  expect(shown.filter((file) => readFileSync(file, 'utf8').toLowerCase().includes(word))).toEqual([]);
});
