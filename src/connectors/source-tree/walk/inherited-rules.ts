import { relative, resolve } from 'node:path';
import type { GitData } from './git-data.ts';
import {
  addIgnoreFile,
  IGNORE_FILE_BYTES_MAX,
  IGNORE_FILES,
  type IgnoreRules,
  isIgnored,
  NO_IGNORE_RULES,
} from './ignore-rules.ts';
import { readSmallFile } from './open-file.ts';

/** Ignore rules of the folders above the root, where the root is a part of a clone and not itself ignored by it. */
export async function inheritedRules(
  root: string,
  clone: GitData | null,
): Promise<{ rules: IgnoreRules; base: string; isRootIgnored: boolean }> {
  if (!clone) return { rules: NO_IGNORE_RULES, base: '', isRootIgnored: false };
  let rules = addIgnoreFile(NO_IGNORE_RULES, '', clone.exclude);
  const base = relative(clone.workTree, root).replaceAll('\\', '/');
  const parts = base === '' ? [] : base.split('/');
  for (let depth = 0; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join('/');
    for (const name of IGNORE_FILES) {
      const bytes = await readSmallFile(resolve(clone.workTree, folder, name), IGNORE_FILE_BYTES_MAX);
      if (bytes) rules = addIgnoreFile(rules, folder, bytes.toString('utf8'));
    }
    // Somebody who names an ignored folder wants it read; the rules that hide it then say nothing about what is in it.
    if (isIgnored(rules, parts.slice(0, depth + 1).join('/'), true))
      return { rules: NO_IGNORE_RULES, base: '', isRootIgnored: true };
  }
  return { rules, base, isRootIgnored: false };
}
