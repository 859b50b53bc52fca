import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder on disk for a test, filled from paths and contents; `remove` takes it away again. */
export type TemporaryTree = { root: string; write(path: string, content: string | Uint8Array): void; remove(): void };

export function temporaryTree(files: Readonly<Record<string, string | Uint8Array>> = {}): TemporaryTree {
  const root = mkdtempSync(join(tmpdir(), 'assay-tree-'));
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}
