import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { Resolve } from '#src/platform/outbound.ts';
import { storageError } from '#src/platform/storage-error.ts';
import { NOTE_BYTES_MAX } from '../log/note.ts';
import type { VerifierKey } from '../log/verifier-key.ts';
import type { KnownHead } from '../store/signer.ts';
import { syncFolder } from '../store/store-files.ts';
import {
  isSameHead,
  type Mirror,
  type MirroredHead,
  NEWEST,
  otherOrigin,
  placeBeside,
  readMirrored,
  refuseOlder,
  sizeInNote,
} from './mirror.ts';
import { type GitRemote, type GitRoute, readGitRemote, routeTo } from './mirror-git-remote.ts';
import { type GitResult, runGit } from './mirror-git-run.ts';

export type GitMirrorOptions = {
  /** A bare repository; made when it is not there. */
  path: string;
  /** Where every commit is pushed to: an absolute path, or an address of ssh or https. */
  remote?: string;
  /** Lets the remote be in a private network or on this machine. */
  allowPrivateAddress?: boolean;
  /** Finds addresses; for tests. */
  resolve?: Resolve;
  /** All keys the log signs or signed with. */
  keys: () => readonly VerifierKey[];
};

const BRANCH = 'refs/heads/main';
const REMOTE_TIP = 'refs/mirror/remote';
const REMOTE_TIMEOUT_MS = 20_000;
const RACES_MAX = 5;
// git takes a lock for milliseconds. One that is older was left by a process that was killed.
const STALE_LOCK_MS = 60_000;
// Three for each head: a blob, a tree, a commit.
const LOOSE_OBJECTS_MAX = 3_000;
const PACK_TIMEOUT_MS = 120_000;
const LOCAL_RECEIVE = 'git -c core.hooksPath=/dev/null -c core.alternateRefsCommand=true receive-pack';
const AUTHOR = 'Assay ledger';
const ADDRESS = 'ledger@localhost';
// The settings a fresh repository has, and those that only forbid. Anything else could run programs or redirect us.
const PLAIN_SETTINGS = new Set([
  'core.repositoryformatversion',
  'core.filemode',
  'core.bare',
  'core.ignorecase',
  'core.precomposeunicode',
  'core.symlinks',
  'core.logallrefupdates',
  'extensions.objectformat',
  'receive.denynonfastforwards',
  'receive.denydeletes',
]);

/**
 * A mirror in a git repository, one commit for each checkpoint, with it as its only file. The same checkpoints make the same commits, byte for
 * byte, so that copies can be compared by one hash; a branch only ever moves forward, here and at `remote`. A log that
 * continues a sealed one gets the branch `log-<id>`.
 */
export function openGitMirror(options: GitMirrorOptions): Mirror {
  const { path, keys, allowPrivateAddress: allowPrivate = false, resolve } = options;
  if (!isAbsolute(path)) throw new AppError('invalid_input', `"${path}" is not an absolute path for a git mirror.`);
  const remote = options.remote === undefined ? undefined : readGitRemote(options.remote);
  const routeOf = (to: GitRemote) => routeTo(to, { allowPrivate, resolve });
  const repository = new Repository(path);
  // One after the other: git's own locks are for accidents.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    name: `the git mirror ${path}`,
    add: (head) =>
      inTurn(async () => {
        const what = `What is to be added to the git mirror ${path}`;
        const { origin } = readMirrored(head.note, keys(), what, head.size);
        await repository.prepare();
        const branch = await repository.branchOf(origin);
        const isNew = await repository.commit(branch, head);
        await repository.pack();
        if (remote !== undefined) await repository.push(branch, remote, await routeOf(remote));
        return isNew;
      }),
    noteOf: (size, origin = keys()[0]?.name) =>
      inTurn(async () => (repository.isThere() ? repository.noteAt(await repository.branchOf(origin), size) : null)),
    knownHeads: () =>
      inTurn(async () => {
        if (!repository.isThere()) return [];
        await repository.prepare();
        const branch = await repository.branchOf(keys()[0]?.name);
        const tips = [branch];
        // A remote that cannot be reached knows nothing now; one that must not be reached is not asked.
        const route = remote && (await routeOf(remote).catch(() => null));
        if (remote && route && (await repository.fetch(branch, remote, route))) tips.push(REMOTE_TIP);
        const heads = await Promise.all(tips.map((tip) => repository.newestHead(tip, keys())));
        return heads.flatMap((head) => head ?? []);
      }),
  };
}

class Repository {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  isThere(): boolean {
    return existsSync(join(this.#path, 'HEAD'));
  }

  /** Makes the repository if need be. Throws `AppError('conflict')` for a folder that is something else. */
  async prepare(): Promise<void> {
    if (!this.isThere()) await this.#make();
    this.#removeStaleLocks();
    if (existsSync(join(this.#path, 'commondir')))
      throw new AppError('conflict', `${this.#path} belongs to another git repository. Choose a folder of its own.`);
    const listed = await this.#git(['config', '--file', join(this.#path, 'config'), '--no-includes', '--list', '-z']);
    for (const setting of this.#require(listed, 'has no settings').split('\0').filter(Boolean)) {
      const [key = '', value = ''] = setting.split('\n');
      if (!PLAIN_SETTINGS.has(key) || (key === 'core.bare' && value !== 'true'))
        throw new AppError(
          'conflict',
          `The git mirror ${this.#path} has the setting ${key.slice(0, 100)}=${value.slice(0, 40)}, which a mirror must not have. Give it a bare repository of its own.`,
        );
    }
  }

  // Made beside its place and moved there whole, so that a crash or another process never leaves half of one.
  async #make(): Promise<void> {
    const fresh = `${this.#path}.${randomBytes(6).toString('hex')}.new`;
    try {
      const flags = ['--bare', '--quiet', '--template=', '--initial-branch=main'];
      this.#require(await runGit(fresh, ['init', ...flags]), 'cannot be made');
      renameSync(fresh, this.#path);
      syncFolder(dirname(this.#path));
    } catch (error) {
      if (this.isThere()) return;
      if (existsSync(this.#path) && !(error instanceof AppError))
        throw new AppError('conflict', `${this.#path} is there and is no bare git repository. Choose another folder.`);
      throw storageError(error, `The git mirror ${this.#path} cannot be made`, 'choose another folder for it');
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }

  /** True when the head was not there yet. */
  async commit(branch: string, head: MirroredHead): Promise<boolean> {
    for (let races = 0; races < RACES_MAX; races++) {
      const tip = await this.#tip(branch);
      const kept = tip === null ? null : await this.noteAt(tip, head.size);
      if (kept !== null && isSameHead(kept, head, `The head of ${head.size} entries in the git mirror ${this.#path}`))
        return false;
      const newest = tip === null ? null : await this.#noteIn(tip);
      // What could not be read a moment ago looks as if it were not there; nothing may follow it because of that.
      if (tip !== null && newest === null)
        throw new AppError(
          'unavailable',
          `The git mirror ${this.#path} could not be read in full, so nothing was added to it. Try again.`,
        );
      if (newest !== null) refuseOlder(sizeInNote(newest), head, `The git mirror ${this.#path}`);
      const next = await this.#commitTree(head, tip);
      // Only from the tip that was looked at: another process may have been quicker.
      const moved = await this.#git(['update-ref', branch, next, tip ?? '0'.repeat(next.length)]);
      if (moved.ok) return true;
      if (races === RACES_MAX - 1) this.#require(moved, 'cannot be moved forward');
    }
    return false;
  }

  // The tree holds the newest head and nothing else: the earlier ones are in the commits before, so each costs the same.
  async #commitTree(head: MirroredHead, tip: string | null): Promise<string> {
    const written = await this.#git(['hash-object', '-w', '--stdin', '--no-filters'], { input: head.note });
    const blob = this.#require(written, 'cannot be written').trim();
    // A pipe that broke looks like the end of what was to be written.
    if (blob !== blobId(head.note, blob.length))
      throw new AppError('unavailable', `The git mirror ${this.#path} did not store what it was given. Try again.`);
    const listed = await this.#git(['mktree', '-z'], { input: `100644 blob ${blob}\t${NEWEST}\0` });
    const tree = this.#require(listed, 'cannot be written').trim();
    const date = `${Math.floor(head.signedAt.getTime() / 1000)} +0000`;
    const signature = {
      GIT_AUTHOR_NAME: AUTHOR,
      GIT_AUTHOR_EMAIL: ADDRESS,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: AUTHOR,
      GIT_COMMITTER_EMAIL: ADDRESS,
      GIT_COMMITTER_DATE: date,
    };
    const parents = tip === null ? [] : ['-p', tip];
    const input = `${messageOf(head.size)}\n`;
    const made = await this.#git(['commit-tree', tree, ...parents], { env: signature, input });
    return this.#require(made, 'cannot be written').trim();
  }

  /** Packs the loose objects once there are many: as files of their own they take ten times their size. */
  async pack(): Promise<void> {
    const counted = await this.#git(['count-objects']);
    if (Number(counted.output.split(' ')[0]) < LOOSE_OBJECTS_MAX) return;
    // Packs grow in a geometric row, so that none is written again more often than the logarithm of their number.
    const flags = ['-d', '-l', '-q', '--geometric=2'];
    const packed = await this.#git(['repack', ...flags], { timeoutMs: PACK_TIMEOUT_MS });
    this.#require(packed, 'cannot be packed');
  }

  async push(branch: string, { kind, address }: GitRemote, route: GitRoute): Promise<void> {
    // On this machine the hooks and settings of the other repository would run as us.
    const receive = kind === 'folder' ? [`--receive-pack=${LOCAL_RECEIVE}`] : [];
    const args = ['push', '--porcelain', '--quiet', '--no-verify', ...receive, '--', address, `${branch}:${branch}`];
    const pushed = await this.#git(args, { timeoutMs: REMOTE_TIMEOUT_MS, route });
    if (pushed.ok) return;
    // A line that begins with an exclamation mark is a branch that was refused: by our git, whose history the one there does
    // not lead to, or by the remote for a reason of its own. Without one nobody was reached.
    const refused = pushed.output.split('\n').find((line) => line.startsWith('!'));
    if (refused?.includes('[rejected]'))
      throw new AppError(
        'conflict',
        `The remote of the git mirror ${this.#path} refused the new checkpoint: its history is another or goes further. Look at it before anything else is signed.`,
      );
    const what =
      refused === undefined ? 'cannot be reached' : 'did not take the new checkpoint; whoever keeps it must look';
    throw new AppError('unavailable', `The remote of the git mirror ${this.#path} ${what}. ${pushed.complaint}`);
  }

  /** False when the remote cannot be reached, or has nothing yet. */
  async fetch(branch: string, { address }: GitRemote, route: GitRoute): Promise<boolean> {
    const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
    const args = ['fetch', ...flags, '--', address, `+${branch}:${REMOTE_TIP}`];
    return (await this.#git(args, { timeoutMs: REMOTE_TIMEOUT_MS, route })).ok;
  }

  async newestHead(tip: string, keys: readonly VerifierKey[]): Promise<KnownHead | null> {
    const note = await this.#noteIn(tip);
    if (note === null || otherOrigin(note, keys) !== null) return null;
    const where = `${NEWEST} in the git mirror ${this.#path}${tip === REMOTE_TIP ? ' (its remote)' : ''}`;
    return { checkpoint: readMirrored(note, keys, where), where };
  }

  /** Where a log lies: on the first branch, or on one of its own beside a log that was sealed. */
  async branchOf(origin: string | undefined): Promise<string> {
    const shown = await this.#git(['cat-file', 'blob', `${BRANCH}:${NEWEST}`]);
    const beside = shown.ok && origin !== undefined ? placeBeside(shown.output, origin) : null;
    return beside === null ? BRANCH : `refs/heads/log-${beside}`;
  }

  /** The head of that size among the commits of a branch, or null. */
  async noteAt(tip: string, size: number): Promise<string | null> {
    const newest = await this.#noteIn(tip);
    const largest = newest === null ? null : sizeInNote(newest);
    if (largest === null || largest < size) return null;
    if (largest === size) return newest;
    const found = await this.#git(['log', '--max-count=1', '--format=%H', `--grep=^${messageOf(size)}$`, tip, '--']);
    const commit = this.#require(found, 'cannot be read').trim();
    return commit === '' ? null : this.#noteIn(commit);
  }

  async #noteIn(commit: string): Promise<string | null> {
    const object = `${commit}:${NEWEST}`;
    const length = await this.#git(['cat-file', '-s', object]);
    if (!length.ok) return null;
    if (Number(length.output) > NOTE_BYTES_MAX)
      throw new AppError('conflict', `${object} in the git mirror ${this.#path} is too large for a checkpoint.`);
    return this.#require(await this.#git(['cat-file', 'blob', object]), 'cannot be read');
  }

  async #tip(ref: string): Promise<string | null> {
    const found = await this.#git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    return found.ok ? found.output.trim() : null;
  }

  #git(args: readonly string[], options: Parameters<typeof runGit>[2] = {}): Promise<GitResult> {
    return runGit(this.#path, args, options);
  }

  #require(result: GitResult, what: string): string {
    if (result.ok) return result.output;
    throw new AppError('unavailable', `The git mirror ${this.#path} ${what}. ${result.complaint}`);
  }

  // Beside a branch git locks HEAD, which leads to it.
  #removeStaleLocks(): void {
    const folders = ['.', 'refs/heads', dirname(REMOTE_TIP)].map((folder) => join(this.#path, folder));
    for (const folder of folders.filter((one) => existsSync(one)))
      for (const name of readdirSync(folder)) {
        const lock = join(folder, name);
        if (!name.endsWith('.lock')) continue;
        const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
        if (Date.now() - mtimeMs > STALE_LOCK_MS) rmSync(lock, { force: true });
      }
  }
}

/** By this line, which a commit holds alone, the head of a size is found again. */
function messageOf(size: number): string {
  return `Checkpoint of ${size} entries`;
}

/** The name git gives to a file with these contents: SHA-1 or SHA-256, told by its length in hex. */
function blobId(contents: string, length: number): string {
  const bytes = Buffer.from(contents);
  const hash = createHash(length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
