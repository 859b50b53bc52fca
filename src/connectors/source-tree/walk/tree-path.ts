import { join } from 'node:path';

/** A file or folder: `path` for people and keys (from the root, forward slashes), `at` for the file system. */
export type TreePath = {
  path: string;
  /** Bytes where a part of the name is no valid UTF-8, because such a name cannot be opened as text. */
  at: string | Buffer;
};

const SLASH = Buffer.from('/');
// Line breaks, terminal escapes and bidirectional overrides make a name read as something else.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export function childOf(folder: TreePath, name: Buffer | string): TreePath {
  const text = typeof name === 'string' ? name : showBytes(name);
  const shown = text.replace(DECEPTIVE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const path = folder.path === '' ? shown : `${folder.path}/${shown}`;
  if (typeof name === 'string' && typeof folder.at === 'string') return { path, at: join(folder.at, name) };
  return { path, at: Buffer.concat([Buffer.from(folder.at), SLASH, Buffer.from(name)]) };
}

/** The name as text, with every byte that is no valid UTF-8 written as `\xNN`, so that two names never look the same. */
function showBytes(name: Buffer): string {
  let shown = '';
  for (let i = 0; i < name.length; ) {
    const length = sequenceLength(name, i);
    if (length === 0) {
      shown += `\\x${(name[i] ?? 0).toString(16).padStart(2, '0')}`;
      i += 1;
    } else {
      shown += name.toString('utf8', i, i + length);
      i += length;
    }
  }
  return shown;
}

function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    const text = bytes.toString('utf8', at, at + length);
    if (!text.includes('\uFFFD')) return length;
  }
  return 0;
}

/** Last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Path of the folder that holds `path`; empty for the root. */
export function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

/** Extension in lower case without the dot; empty where there is none. */
export function extensionOf(path: string): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}
