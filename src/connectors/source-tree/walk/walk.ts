import { type Dirent, lstatSync, opendirSync, readdirSync } from 'node:fs';
import type { ScanLimits } from '../limits.ts';
import type { Skipped } from '../model.ts';
import type { Pace } from '../pace.ts';
import { readClone } from './git-data.ts';
import {
  addIgnoreFile,
  IGNORE_FILE_BYTES_MAX,
  IGNORE_FILES,
  type IgnoreRules,
  isIgnored,
  NO_IGNORE_RULES,
} from './ignore-rules.ts';
import type { LeftOut } from './left-out.ts';
import { isFileError, readSmallFile, reasonOf } from './open-file.ts';
import { PSEUDO_FOLDERS, reasonToSkipFolder } from './skipped-folders.ts';
import { childOf, type TreePath } from './tree-path.ts';

/** The files of a tree, in path order, with what was left out and why. */
export type Listing = {
  files: TreePath[];
  ignored: { files: number; folders: number; worthKnowing: Skipped[] };
  nestedRepositories: { path: string; commit: string | null }[];
};

export type WalkOptions = {
  limits: ScanLimits;
  pace: Pace;
  leftOut: LeftOut;
  includeIgnored: boolean;
  /** Rules of the folders above the root, and the root's own path as those rules see it. */
  inherited: { rules: IgnoreRules; base: string };
  /** True for names that are worth telling although an ignore file leaves them out. */
  isWorthKnowing(name: string): boolean;
  onFolder(filesSoFar: number): void;
};

/** A folder to read. `base` is its path as the ignore rules see it: from the root of its own repository. */
type Folder = { at: TreePath; depth: number; rules: IgnoreRules; base: string };

const WORTH_KNOWING_MAX = 100;
const PEEK_DEPTH = 4;
const PEEK_ENTRIES_MAX = 2_000;
// A folder file this large holds tens of thousands of names: list it entry by entry, so that the bound holds.
const LARGE_FOLDER_BYTES = 4 * 1024 * 1024;

/** Lists the tree below `root` (absolute). Symbolic links are never followed, so no loop and no way out exists. */
export async function walkTree(root: string, options: WalkOptions): Promise<Listing> {
  const { limits, pace, leftOut } = options;
  const listing: Listing = {
    files: [],
    ignored: { files: 0, folders: 0, worthKnowing: [] },
    nestedRepositories: [],
  };
  const visited = new Set<string>();
  const pending: Folder[] = [{ at: { path: '', at: root }, depth: 0, ...options.inherited }];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    if (pace.isDue()) await pace.rest();
    if (pace.isTimeOver()) {
      leftOut.stopBecause(`the time limit of ${limits.timeMs / 1000} s was reached while listing the tree`);
      break;
    }
    const entries = readEntries(folder.at, visited, options);
    if (!entries) continue;
    const names = new Set(entries.map((entry) => entry.name.toString()));
    if (folder.depth > 0 && names.has('pyvenv.cfg')) {
      // A virtual environment can have any name; this file is what makes it one (PEP 405).
      leftOut.skip(folder.at.path, 'dependency folder');
      continue;
    }
    const entered = await enter(folder, names, listing, options);
    for (const entry of entries) {
      if (listing.files.length >= limits.files) {
        leftOut.stopBecause(`the limit of ${limits.files} files was reached`);
        pending.length = 0;
        break;
      }
      visit(entry, entered, pending, listing, options);
    }
    options.onFolder(listing.files.length);
  }
  listing.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return listing;
}

type Entry = Dirent<string> | Dirent<Buffer>;

function readEntries(folder: TreePath, visited: Set<string>, { limits, leftOut }: WalkOptions): Entry[] | null {
  try {
    const stat = lstatSync(folder.at, { bigint: true });
    if (!stat.isDirectory()) {
      leftOut.miss(folder.path, 'vanished while the scan ran');
      return null;
    }
    // The same folder again means that a mount leads back into the tree.
    const identity = `${stat.dev}:${stat.ino}`;
    if (stat.ino !== 0n && visited.has(identity)) {
      leftOut.skip(folder.path, 'the same folder was read under another path');
      return null;
    }
    visited.add(identity);
    let entries: Entry[] =
      Number(stat.size) > LARGE_FOLDER_BYTES ? readBounded(folder, limits.folderEntries) : list(folder);
    if (entries.length > limits.folderEntries) {
      leftOut.miss(folder.path, `more than ${limits.folderEntries} entries in one folder`);
      entries = entries.slice(0, limits.folderEntries);
    }
    return entries;
  } catch (error) {
    if (!isFileError(error)) throw error;
    leftOut.miss(folder.path || '.', reasonOf(error));
    return null;
  }
}

function list(folder: TreePath): Entry[] {
  const entries = readdirSync(folder.at, { withFileTypes: true, encoding: 'utf8' });
  // U+FFFD stands for bytes that are no UTF-8: such a name has to be read as bytes, or it cannot be opened.
  if (!entries.some((entry) => entry.name.includes('\uFFFD'))) return entries;
  return readdirSync(folder.at, { withFileTypes: true, encoding: 'buffer' });
}

function readBounded(folder: TreePath, max: number): Entry[] {
  const entries: Entry[] = [];
  const open = opendirSync(folder.at.toString(), { bufferSize: 1024 });
  try {
    for (let entry = open.readSync(); entry && entries.length <= max; entry = open.readSync()) entries.push(entry);
  } finally {
    open.closeSync();
  }
  return entries;
}

/** `folder` with the rules that hold inside it: those of its own ignore files added, the outer ones dropped in a nested repository. */
async function enter(folder: Folder, names: Set<string>, listing: Listing, options: WalkOptions): Promise<Folder> {
  let { rules, base } = folder;
  if (folder.depth > 0 && names.has('.git')) {
    const clone = await readClone(folder.at.at.toString());
    if (clone) {
      listing.nestedRepositories.push({ path: folder.at.path, commit: clone.commit });
      rules = NO_IGNORE_RULES;
      base = '';
    }
  }
  if (options.includeIgnored) return { ...folder, base };
  for (const name of IGNORE_FILES) {
    if (!names.has(name)) continue;
    const bytes = await readSmallFile(childOf(folder.at, name).at, IGNORE_FILE_BYTES_MAX);
    if (bytes) rules = addIgnoreFile(rules, base, bytes.toString('utf8'));
  }
  return { ...folder, rules, base };
}

function visit(entry: Entry, folder: Folder, pending: Folder[], listing: Listing, options: WalkOptions): void {
  const { leftOut, limits } = options;
  const at = childOf(folder.at, entry.name);
  const name = entry.name.toString();
  const base = folder.base === '' ? name : `${folder.base}/${name}`;
  const isFolder = entry.isDirectory();
  if (name === '.git') return;
  if (isIgnored(folder.rules, base, isFolder)) {
    noteIgnored(at, name, isFolder, listing, options);
    return;
  }
  if (isFolder) {
    const reason = reasonToSkipFolder(name) ?? (PSEUDO_FOLDERS.has(String(at.at)) ? 'kernel file system' : null);
    if (reason) leftOut.skip(at.path, reason);
    else if (folder.depth >= limits.depth) leftOut.miss(at.path, `deeper than ${limits.depth} folders`);
    else pending.push({ at, depth: folder.depth + 1, rules: folder.rules, base });
  } else if (entry.isFile()) listing.files.push(at);
  else if (entry.isSymbolicLink()) leftOut.skip(at.path, 'symbolic link');
  else leftOut.skip(at.path, 'not a regular file');
}

function noteIgnored(at: TreePath, name: string, isFolder: boolean, listing: Listing, options: WalkOptions): void {
  const { ignored } = listing;
  if (!isFolder) {
    ignored.files += 1;
    if (options.isWorthKnowing(name)) noteWorthKnowing(at.path, ignored.worthKnowing);
    return;
  }
  ignored.folders += 1;
  if (reasonToSkipFolder(name) === null) peek(at, PEEK_DEPTH, { left: PEEK_ENTRIES_MAX }, listing, options);
}

/** Looks at names below an ignored folder, bounded: weights that lie there run in production but are not in the repository. */
function peek(folder: TreePath, depth: number, budget: { left: number }, listing: Listing, options: WalkOptions): void {
  let entries: Entry[];
  try {
    entries = list(folder);
  } catch (error) {
    // An ignored folder that cannot be listed is no part of the repository, so nothing is missing.
    if (isFileError(error)) return;
    throw error;
  }
  for (const entry of entries) {
    if (budget.left-- <= 0) return;
    const at = childOf(folder, entry.name);
    const name = entry.name.toString();
    if (entry.isDirectory()) {
      if (depth > 1 && name !== '.git' && reasonToSkipFolder(name) === null)
        peek(at, depth - 1, budget, listing, options);
    } else if (entry.isFile() && options.isWorthKnowing(name)) noteWorthKnowing(at.path, listing.ignored.worthKnowing);
  }
}

function noteWorthKnowing(path: string, list: Skipped[]): void {
  if (list.length < WORTH_KNOWING_MAX) list.push({ path, why: 'left out by an ignore file' });
}
