import { basename } from 'node:path';
import { sha256Hex } from '#src/kernel/hash.ts';
import { shown } from './finding.ts';
import { purposeOf } from './purpose.ts';
import { CODE_LANGUAGES, type Language, languageOf } from './text/language.ts';
import type { GitData } from './walk/git-data.ts';

const LANGUAGES_MAX = 12;

/**
 * Key and title of a tree. A clone with a remote is known by it wherever it lies; anything else by its folder, whose path is
 * hashed because it can name people.
 */
export function identifySource(root: string, clone: GitData | null): { key: string; title: string } {
  const inside = clone && root !== clone.workTree ? root.slice(clone.workTree.length + 1).replaceAll('\\', '/') : '';
  const remote = clone?.remote ? remoteKey(clone.remote) : null;
  if (remote !== null)
    return {
      key: shown(inside === '' ? remote : `${remote}//${inside}`),
      title: shown(inside === '' ? remote.split('/').slice(-2).join('/') : `${remote.split('/').pop()}/${inside}`),
    };
  const name = shown(basename(root) || 'root');
  return { key: `folder:${name}-${sha256Hex(root).slice(0, 12)}`, title: name };
}

/** `github.com/org/name`, the same for every way of fetching it. */
function remoteKey(remote: string): string | null {
  const match = /^\w+:\/\/([^/]+)\/(.+?)(?:\.git)?\/*$/.exec(remote);
  return match ? `${(match[1] ?? '').toLowerCase()}/${match[2]}` : null;
}

/** Languages of the programs in the tree, most files first. */
export function languagesOf(paths: readonly string[]): string[] {
  const counts = new Map<Language, number>();
  for (const path of paths) {
    const language = languageOf(path);
    if ((CODE_LANGUAGES as readonly Language[]).includes(language))
      counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, LANGUAGES_MAX)
    .map(([language]) => language);
}

export function hasTests(paths: readonly string[]): boolean {
  return paths.some(
    (path) => purposeOf(path) === 'tests' && (CODE_LANGUAGES as readonly Language[]).includes(languageOf(path)),
  );
}
