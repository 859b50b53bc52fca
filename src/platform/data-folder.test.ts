import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from './data-folder.ts';

let parent = '';
let folder = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'assay-data-'));
  folder = join(parent, 'a/b');
});
afterEach(() => rmSync(parent, { recursive: true }));

test('a new folder is made for its owner only and opens again', () => {
  expect(openDataFolder(folder)).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(openDataFolder(folder)).toBe(folder);
  expect(readdirSync(folder)).toEqual(['format.json']);
});

test('a symbolic link leads to the real folder', () => {
  openDataFolder(folder);
  symlinkSync(folder, join(parent, 'link'));
  expect(openDataFolder(join(parent, 'link'))).toBe(folder);
});

test('a folder of a newer version is refused and left alone', () => {
  openDataFolder(folder);
  writeFileSync(join(folder, 'format.json'), '{"format":2}');
  expect(() => openDataFolder(folder)).toThrow(/newer version of Assay \(format 2, this version knows 1\)/);
  expect(readFileSync(join(folder, 'format.json'), 'utf8')).toBe('{"format":2}');
});

test('a folder that holds something else is refused and left alone', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'thesis.txt'), '');
  expect(() => openDataFolder(folder)).toThrow(/holds other things \("thesis.txt"\)/);
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

test('a damaged format file is named', () => {
  openDataFolder(folder);
  writeFileSync(join(folder, 'format.json'), '{"for');
  expect(() => openDataFolder(folder)).toThrow(/format.json is damaged/);
});

test('a path through a file is a plain sentence', () => {
  writeFileSync(join(parent, 'file'), '');
  expect(() => openDataFolder(join(parent, 'file/data'))).toThrow(/cannot be used: a part of that path is a file/);
});
