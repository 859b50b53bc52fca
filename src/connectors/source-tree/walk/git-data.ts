import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readGitIndex } from './git-index.ts';
import { readSmallFile } from './open-file.ts';

/** What a clone says of itself. Read from its own files: git is never run, so a hostile configuration or hook does nothing. */
export type GitData = {
  /** Folder of the working tree. */
  workTree: string;
  commit: string | null;
  branch: string | null;
  /** Address of `origin` (else of the first remote) without credentials, query and fragment. */
  remote: string | null;
  /** Text of `info/exclude`. */
  exclude: string;
};

const SMALL_FILE_BYTES = 1024 * 1024;
const PACKED_REFS_BYTES = 64 * 1024 * 1024;
const PARENTS_MAX = 64;
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const REF_NAME = /^refs\/[A-Za-z0-9][A-Za-z0-9._/+@#=,-]{0,250}$/;

/** The clone that `folder` (absolute) stands in, looking upwards; null where there is none. */
export async function findClone(folder: string): Promise<GitData | null> {
  let at = folder;
  for (let i = 0; i < PARENTS_MAX; i++) {
    const found = await readClone(at);
    if (found) return found;
    const parent = dirname(at);
    if (parent === at) return null;
    at = parent;
  }
  return null;
}

/** The clone whose working tree is exactly `workTree`, or null. */
export async function readClone(workTree: string): Promise<GitData | null> {
  const gitFolder = await gitFolderOf(workTree);
  if (!gitFolder) return null;
  const head = await readText(join(gitFolder, 'HEAD'), SMALL_FILE_BYTES);
  if (head === null) return null;
  const common = await commonFolderOf(gitFolder);
  const symbolic = /^ref: (refs\/\S+)\s*$/.exec(head)?.[1];
  const detached = head.trim();
  if (!symbolic && !COMMIT.test(detached)) return null;
  const branch = symbolic?.startsWith('refs/heads/') ? symbolic.slice('refs/heads/'.length) : null;
  return {
    workTree,
    commit: symbolic ? await commitOf(symbolic, gitFolder, common) : detached,
    branch: branch !== null && REF_NAME.test(symbolic ?? '') ? branch : null,
    remote: remoteOf((await readText(join(common, 'config'), SMALL_FILE_BYTES)) ?? ''),
    exclude: (await readText(join(common, 'info', 'exclude'), SMALL_FILE_BYTES)) ?? '',
  };
}

/** Paths that the clone tracks (from its working tree), or null where its index cannot be read. */
export async function trackedFiles(workTree: string): Promise<Set<string> | null> {
  const gitFolder = await gitFolderOf(workTree);
  if (!gitFolder) return null;
  const config = (await readText(join(await commonFolderOf(gitFolder), 'config'), SMALL_FILE_BYTES)) ?? '';
  const hashBytes = /^\s*objectformat\s*=\s*sha256\s*$/im.test(config) ? 32 : 20;
  return readGitIndex(join(gitFolder, 'index'), hashBytes);
}

async function gitFolderOf(workTree: string): Promise<string | null> {
  const dotGit = join(workTree, '.git');
  let stat: ReturnType<typeof lstatSync>;
  try {
    stat = lstatSync(dotGit);
  } catch {
    // Nothing there, or nothing that may be read: either way no clone that can be asked.
    return null;
  }
  if (stat?.isDirectory()) return dotGit;
  if (!stat?.isFile()) return null;
  const pointer = /^gitdir: (.{1,4096}?)\s*$/.exec((await readText(dotGit, SMALL_FILE_BYTES)) ?? '')?.[1];
  return pointer ? resolve(workTree, pointer) : null;
}

async function commonFolderOf(gitFolder: string): Promise<string> {
  const common = (await readText(join(gitFolder, 'commondir'), SMALL_FILE_BYTES))?.trim();
  return common ? resolve(gitFolder, common) : gitFolder;
}

async function commitOf(ref: string, gitFolder: string, common: string): Promise<string | null> {
  if (!REF_NAME.test(ref) || ref.includes('..')) return null;
  for (const folder of [gitFolder, common]) {
    const loose = (await readText(join(folder, ref), SMALL_FILE_BYTES))?.trim();
    if (loose && COMMIT.test(loose)) return loose;
  }
  const packed = (await readText(join(common, 'packed-refs'), PACKED_REFS_BYTES)) ?? '';
  for (const line of packed.split('\n')) {
    const [commit = '', name] = line.trim().split(' ');
    if (name === ref && COMMIT.test(commit)) return commit;
  }
  return null;
}

function remoteOf(config: string): string | null {
  const urls = new Map<string, string>();
  let remote: string | null = null;
  for (const line of config.split('\n')) {
    const section = /^\s*\[(.{0,300})\]\s*$/.exec(line);
    if (section) remote = /^remote "(.{1,200})"$/.exec(section[1] ?? '')?.[1] ?? null;
    const url = /^\s*url\s*=\s*(\S{1,2000})\s*$/.exec(line)?.[1];
    if (remote !== null && url && !urls.has(remote)) urls.set(remote, url);
  }
  const url = urls.get('origin') ?? urls.values().next().value;
  return url === undefined ? null : withoutCredentials(url);
}

/** `url` (also `user@host:path`) as an address that holds no user, password, query or fragment; null where it cannot be read as one. */
export function withoutCredentials(url: string): string | null {
  const scp = /^(?:[^@/\s]{1,200}@)?([A-Za-z0-9.-]{1,253}):(?!\/\/)(\S{1,1000})$/.exec(url);
  if (scp) return `ssh://${scp[1]}/${(scp[2] ?? '').replace(/^\/+/, '').replace(/[?#].*$/, '')}`;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // A path on this machine, or no address at all: neither says where the repository lives.
    return null;
  }
  if (parsed.protocol === 'file:' || parsed.host === '') return null;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

async function readText(path: string, maxBytes: number): Promise<string | null> {
  const bytes = await readSmallFile(path, maxBytes);
  return bytes === null ? null : bytes.toString('utf8');
}
