import { relative } from 'node:path';
import { type Examination, WINDOW_BYTES } from './examine-file.ts';
import type { ScanLimits } from './limits.ts';
import { createLineMatcher } from './match/line-matcher.ts';
import type { Pace } from './pace.ts';
import { formatRulesOf, RULES } from './rules/index.ts';
import type { TreeView } from './structures/reader.ts';
import { createStructureIndex } from './structures/structure-index.ts';
import { type GitData, trackedFiles } from './walk/git-data.ts';
import type { LeftOut } from './walk/left-out.ts';
import { folderOf, nameOf, type TreePath } from './walk/tree-path.ts';

type PreparedRules = Pick<Examination, 'matcher' | 'structures' | 'weightsRules' | 'dataRules'>;
let prepared: PreparedRules | undefined;

/** The rules, made ready once for all scans: matching keeps nothing between two texts. */
export function preparedRules(): PreparedRules {
  prepared ??= {
    matcher: createLineMatcher(RULES),
    structures: createStructureIndex(RULES),
    weightsRules: formatRulesOf(RULES, 'model'),
    dataRules: formatRulesOf(RULES, 'dataset'),
  };
  return prepared;
}

/** What the reading of all files of one tree shares. */
export async function prepareExamination(parts: {
  root: string;
  limits: ScanLimits;
  pace: Pace;
  leftOut: LeftOut;
  files: readonly TreePath[];
  clone: GitData | null;
  onSecret(value: string): void;
}): Promise<Examination> {
  const { clone, root } = parts;
  const tracked = clone ? await trackedFiles(clone.workTree) : null;
  const prefix = clone ? relative(clone.workTree, root).replaceAll('\\', '/') : '';
  return {
    limits: parts.limits,
    pace: parts.pace,
    leftOut: parts.leftOut,
    ...preparedRules(),
    tree: createTreeView(parts.files),
    isTracked: (path) =>
      tracked ? (tracked.has(prefix === '' ? path : `${prefix}/${path}`) ? 'yes' : 'no') : 'unknown',
    onSecret: parts.onSecret,
    counts: { textBytes: 0, hashedBytes: 0, bytes: 0, unreadable: 0 },
    window: Buffer.allocUnsafeSlow(WINDOW_BYTES),
  };
}

function createTreeView(files: readonly TreePath[]): TreeView {
  const paths = new Set(files.map((file) => file.path));
  const folders = new Map<string, string[]>();
  for (const { path } of files) {
    const folder = folderOf(path);
    const names = folders.get(folder);
    if (names) names.push(nameOf(path));
    else folders.set(folder, [nameOf(path)]);
  }
  return { has: (path) => paths.has(path), filesIn: (folder) => folders.get(folder) ?? [] };
}
