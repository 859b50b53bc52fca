import ignore, { type Ignore } from 'ignore';

/** The ignore rules that hold in one folder: its own and those of the folders above it, the deeper ones later. */
export type IgnoreRules = { matcher: Ignore | null };

export const NO_IGNORE_RULES: IgnoreRules = { matcher: null };

/** Names of ignore files, in the order in which they are added: a later one wins. */
export const IGNORE_FILES = ['.gitignore', '.assayignore'] as const;

export const IGNORE_FILE_BYTES_MAX = 512 * 1024;
const PATTERN_CHARS_MAX = 1024;
const PATTERNS_MAX = 10_000;
// Each `**` multiplies the ways in which a path can match; a hostile file must not make that number large.
const GLOBSTARS_MAX = 3;

/**
 * `parent` plus the patterns of `text`, an ignore file that stands in `folder` (path from the root, empty for the root itself).
 * Patterns are rebased to the root, because git lets a deeper file take back what a higher one ignores.
 */
export function addIgnoreFile(parent: IgnoreRules, folder: string, text: string): IgnoreRules {
  const patterns: string[] = [];
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    if (patterns.length >= PATTERNS_MAX) break;
    const pattern = rebase(line.endsWith('\r') ? line.slice(0, -1) : line, folder);
    if (pattern !== null) patterns.push(pattern);
  }
  if (patterns.length === 0) return parent;
  const matcher = ignore({ ignorecase: false });
  if (parent.matcher) matcher.add(parent.matcher);
  return { matcher: matcher.add(patterns) };
}

/** True when the rules leave out `path` (from the root, forward slashes). Folders above it are taken to be read. */
export function isIgnored(rules: IgnoreRules, path: string, isFolder: boolean): boolean {
  if (!rules.matcher || !ignore.isPathValid(path)) return false;
  return rules.matcher.test(isFolder ? `${path}/` : path).ignored;
}

function rebase(line: string, folder: string): string | null {
  if (line === '' || line.startsWith('#') || line.length > PATTERN_CHARS_MAX) return null;
  if (line.split('**').length - 1 > GLOBSTARS_MAX) return null;
  if (folder === '') return line;
  const negative = line.startsWith('!');
  let body = negative ? line.slice(1) : line;
  const bare = body.trimEnd();
  if (bare === '') return null;
  const slash = bare.indexOf('/');
  const isAnchored = slash >= 0 && slash < bare.length - 1;
  if (body.startsWith('/')) body = body.slice(1);
  const prefix = folder.replace(/[\\*?[\]!#]/g, '\\$&');
  return `${negative ? '!' : ''}/${prefix}/${isAnchored ? '' : '**/'}${body}`;
}
