import type { KnownFact } from '#src/facts/index.ts';
import { LICENCE_FILE, licenceOfText } from './licences.ts';
import { hasTests, languagesOf } from './source-identity.ts';
import type { GitData } from './walk/git-data.ts';
import type { LeftOut } from './walk/left-out.ts';
import { readSmallFile } from './walk/open-file.ts';
import type { TreePath } from './walk/tree-path.ts';

const LICENCE_BYTES_MAX = 64 * 1024;
const OWNERS_BYTES_MAX = 1024 * 1024;

/** The fact about the tree itself. Whether it is complete is said later, by `setCompleteness`. */
export function repositoryFact(parts: {
  source: { title: string };
  clone: GitData | null;
  paths: readonly string[];
  filesRead: number;
  bytesRead: number;
  leftOut: LeftOut;
  licence: string | null;
}): KnownFact<'repository'> {
  const { clone, paths, leftOut } = parts;
  return {
    kind: 'repository',
    key: '.',
    body: {
      name: parts.source.title,
      remote: clone?.remote ?? null,
      commit: clone?.commit ?? null,
      branch: clone?.branch ?? null,
      underVersionControl: clone ? 'yes' : 'unknown',
      filesRead: parts.filesRead,
      bytesRead: parts.bytesRead,
      filesSkipped: leftOut.count(),
      complete: true,
      incompleteBecause: [],
      languages: languagesOf(paths),
      hasTests: hasTests(paths),
      licence: parts.licence,
    },
  };
}

/** Said last, because making facts can itself reach a limit. */
export function setCompleteness(facts: readonly KnownFact[], leftOut: LeftOut): void {
  for (const fact of facts) {
    if (fact.kind !== 'repository') continue;
    fact.body.incompleteBecause = leftOut.incompleteBecause();
    fact.body.complete = fact.body.incompleteBecause.length === 0;
    fact.body.filesSkipped = leftOut.count();
  }
}

export async function licenceOf(files: readonly TreePath[]): Promise<string | null> {
  for (const file of files) {
    if (file.path.includes('/') || !LICENCE_FILE.test(file.path)) continue;
    const bytes = await readSmallFile(file.at, LICENCE_BYTES_MAX);
    const licence = bytes && licenceOfText(bytes.toString('utf8'));
    if (licence) return licence;
  }
  return null;
}

export async function ownersText(files: readonly TreePath[]): Promise<string | null> {
  for (const path of ['.github/CODEOWNERS', '.gitlab/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']) {
    const file = files.find((each) => each.path === path);
    const bytes = file && (await readSmallFile(file.at, OWNERS_BYTES_MAX));
    if (bytes) return bytes.toString('utf8');
  }
  return null;
}
