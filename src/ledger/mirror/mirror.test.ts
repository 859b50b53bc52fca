import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { AppError } from '#src/kernel/errors.ts';
import type { Resolve } from '#src/platform/outbound.ts';
import { smallLog } from '../../../tests/support/small-log.ts';
import type { Mirror, MirroredHead } from './mirror.ts';
import { openFolderMirror, publishedPlace } from './mirror-folder.ts';
import { openGitMirror } from './mirror-git.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-mirror-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const log = smallLog('log.example/1', 40);
const forked = smallLog(log.origin, 40, { from: 3, salt: 'other' });
const keys = () => [log.key];
const head = (size: number, of = log): MirroredHead => ({
  size,
  note: of.note(size),
  signedAt: new Date(1_790_000_000_000 + size * 1000),
});
let path = '';
let made = 0;
beforeEach(() => {
  path = join(folder, `m-${made++}`);
});

const git = (...args: string[]) =>
  execFileSync('git', ['--git-dir', path, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const withoutGit = (() => {
  try {
    execFileSync('git', ['--version'], { stdio: 'pipe' });
    return false;
  } catch {
    console.warn('Mirrors in git repositories are not tested: git is not installed.');
    return true;
  }
})();

const kinds: [string, () => Mirror][] = [['a folder', () => openFolderMirror({ folder: path, keys })]];
if (!withoutGit) kinds.push(['a git repository', () => openGitMirror({ path, keys })]);

describe.each(kinds)('a mirror in %s', (_, open) => {
  test('holds every head it was given, and knows the largest', async () => {
    expect(await open().knownHeads()).toEqual([]);
    for (const size of [3, 7, 20]) expect(await open().add(head(size))).toBe(true);
    for (const size of [3, 7, 20]) expect(await open().noteOf(size)).toBe(log.note(size));
    expect(await open().noteOf(4)).toBe(null);
    for (const { checkpoint, where } of await open().knownHeads()) {
      expect(checkpoint).toMatchObject({ size: 20, origin: log.origin });
      expect(where).toContain(path);
    }
  });

  test('stays as it is when a head is added again, even with more signatures', async () => {
    await open().add(head(5));
    const more = head(5).note.replace(/\n$/, `\n${head(5).note.split('\n').at(-2)}\n`);
    expect(await open().add({ ...head(5), note: more })).toBe(false);
    expect(await open().noteOf(5)).toBe(log.note(5));
  });

  test('takes no other root for a size, no older head and nothing that is not of this log', async () => {
    await open().add(head(5));
    await open().add(head(10));
    await expect(open().add(head(10, forked))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/two histories/),
    });
    await expect(open().add(head(7))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/older backup/),
    });
    const stranger = smallLog('log.example/2', 12);
    await expect(open().add(head(12, stranger))).rejects.toMatchObject({ code: 'conflict' });
    await expect(open().add({ ...head(12), size: 11 })).rejects.toMatchObject({ code: 'conflict' });
    await expect(open().add({ ...head(12), note: 'hello' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await open().noteOf(10)).toBe(log.note(10));
  });

  test('given one head by many at once, takes it once', async () => {
    const added = await Promise.all([1, 2, 3, 4].map(() => open().add(head(9))));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await open().noteOf(9)).toBe(log.note(9));
  });

  test('that cannot be written says so, and knows nothing', async () => {
    writeFileSync(path, 'a file is in the way');
    const failure = await open()
      .add(head(1))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(await open().knownHeads()).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('a file is in the way');
  });
});

describe('a mirror folder', () => {
  const open = () => openFolderMirror({ folder: path, keys });

  test('with a file that is no checkpoint of this log stops the signer; other files do not matter', async () => {
    await open().add(head(5));
    writeFileSync(join(path, 'checkpoints', 'README'), 'hello');
    writeFileSync(join(path, 'checkpoints', '12.99.new'), 'half');
    expect((await open().knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([5, 5]);
    for (const wrong of [
      '',
      'hello',
      forked.note(12).replace(/.{4}\n$/, 'AAA=\n'),
      log.note(11),
      'x'.repeat(300_000),
    ]) {
      writeFileSync(join(path, 'checkpoints', '12'), wrong);
      await expect(open().knownHeads(), wrong.slice(0, 20)).rejects.toMatchObject({ code: 'conflict' });
    }
  });

  test('whose newest file was lost between two steps is completed by the next round', async () => {
    await open().add(head(5));
    rmSync(join(path, 'checkpoint'));
    expect(await open().add(head(5))).toBe(false);
    expect(readFileSync(join(path, 'checkpoint'), 'utf8')).toBe(log.note(5));
  });

  test('can be a whole copy of the log: the tiles go first', async () => {
    const order: string[] = [];
    const publishTiles = async (at: string) => {
      order.push(at);
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, 'checkpoint'), log.note(6));
    };
    const whole = openFolderMirror({ folder: path, keys, publishTiles });
    await whole.add(head(5));
    expect(order).toEqual([path]);
    expect(readFileSync(join(path, 'checkpoint'), 'utf8')).toBe(log.note(6));
    expect((await whole.knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([5, 6]);
    const published = await publishedPlace(path, keys).knownHeads();
    expect(published.map(({ checkpoint }) => checkpoint.size)).toEqual([6]);
    expect(await publishedPlace(join(path, 'nowhere'), keys).knownHeads()).toEqual([]);
  });
});

describe.skipIf(withoutGit)('a git mirror', () => {
  const open = (remote?: string) => openGitMirror({ path, remote, keys });

  test('makes the same commits from the same checkpoints, whatever happened in between', async () => {
    for (const size of [3, 7, 20]) await open().add(head(size));
    const one = git('rev-parse', 'main');
    expect(git('rev-list', '--count', 'main')).toBe('3');
    expect(git('ls-tree', '-r', '--name-only', 'main')).toBe('checkpoint');
    expect(git('show', `main~1:checkpoint`)).toBe(log.note(7).trimEnd());
    path = join(folder, 'again');
    for (const size of [3, 3, 7, 7, 20, 20]) await open().add(head(size));
    expect(git('rev-parse', 'main')).toBe(one);
    expect(readdirSync(path).filter((name) => name.includes('index'))).toEqual([]);
  });

  test('costs the same for every head, however many there are', async () => {
    const bytesAt: number[] = [];
    for (let size = 1; size <= 8; size++) {
      await open().add(head(size));
      const objects = git('cat-file', '--batch-all-objects', '--batch-check=%(objectsize)').split('\n');
      bytesAt.push(objects.reduce((sum, one) => sum + Number(one), 0));
    }
    const costs = bytesAt.slice(1).map((bytes, i) => bytes - (bytesAt[i] as number));
    expect(Math.max(...costs) - Math.min(...costs)).toBeLessThan(20);
  });

  test('written while every head lay in a folder of the tree goes on, and still knows those heads', async () => {
    mkdirSync(path);
    git('init', '--bare', '--quiet', '--template=', '--initial-branch=main');
    const lines = [3, 7].flatMap((size) => [
      'commit refs/heads/main',
      `committer Assay ledger <ledger@localhost> ${1_790_000_000 + size} +0000`,
      ...[`Checkpoint of ${size} entries\n`].map((text) => `data ${text.length}\n${text}`),
      ...[`checkpoints/${size}`, 'checkpoint'].flatMap((name) => [
        `M 100644 inline ${name}`,
        `data ${Buffer.byteLength(log.note(size))}\n${log.note(size)}`,
      ]),
    ]);
    execFileSync('git', ['--git-dir', path, 'fast-import', '--quiet'], { input: `${lines.join('\n')}\n` });
    expect((await open().knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([7]);
    expect(await open().add(head(20))).toBe(true);
    expect(git('ls-tree', '-r', '--name-only', 'main')).toBe('checkpoint');
    for (const size of [3, 7, 20]) expect(await open().noteOf(size)).toBe(log.note(size));
    await expect(open().add(head(7, forked))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('packs its objects once there are thousands', async () => {
    mkdirSync(path);
    git('init', '--bare', '--quiet', '--template=', '--initial-branch=main');
    const commits = Array.from({ length: 1_010 }, (_, i) => {
      const note = i === 1_009 ? log.note(3) : `${i}\n`;
      return [
        'commit refs/heads/main',
        'committer Assay ledger <ledger@localhost> 1790000000 +0000',
        `data 5\nhead\nM 100644 inline checkpoint`,
        `data ${Buffer.byteLength(note)}\n${note}`,
      ].join('\n');
    });
    const loose = ['-c', 'fastimport.unpackLimit=100000', '--git-dir', path, 'fast-import', '--quiet'];
    execFileSync('git', loose, { input: `${commits.join('\n')}\n` });
    expect(Number(git('count-objects').split(' ')[0])).toBeGreaterThan(3_000);
    expect(await open().add(head(4))).toBe(true);
    expect(git('count-objects')).toBe('0 objects, 0 kilobytes');
    git('fsck', '--strict');
    expect((await open().knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([4]);
    expect(await open().add(head(5))).toBe(true);
  });

  test('runs no hook and takes no settings', async () => {
    await open().add(head(3));
    const marker = join(folder, `ran-${made}`);
    mkdirSync(join(path, 'hooks'), { recursive: true });
    for (const name of ['reference-transaction', 'post-update', 'pre-push', 'pre-commit']) {
      writeFileSync(join(path, 'hooks', name), `#!/bin/sh\ntouch ${marker}\n`);
      chmodSync(join(path, 'hooks', name), 0o755);
    }
    await open().add(head(4));
    expect(existsSync(marker)).toBe(false);
    // The same hooks do run for anybody else, so it is not that they could not.
    git('update-ref', 'refs/heads/side', 'main');
    expect(existsSync(marker)).toBe(true);
    for (const setting of [
      ['core.sshCommand', 'touch x'],
      ['include.path', '/etc/x'],
      ['core.worktree', '/'],
      ['url.x.insteadOf', 'y'],
    ]) {
      git('config', ...(setting as [string, string]));
      await expect(open().add(head(5)), setting[0]).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/which a mirror must not have/),
      });
      git('config', '--unset', setting[0] as string);
    }
    expect(await open().add(head(5))).toBe(true);
  });

  test('is a bare repository of its own, and its remote no trick', async () => {
    mkdirSync(path);
    writeFileSync(join(path, 'notes.txt'), 'mine');
    await expect(open().add(head(1))).rejects.toMatchObject({ code: 'conflict' });
    expect(readdirSync(path)).toEqual(['notes.txt']);
    for (const remote of [
      '--upload-pack=touch x',
      'ext::sh -c id',
      '/a/ext::b',
      'https://user:secret@host/x',
      'http://host/x',
      'relative',
      'file:///srv/ledger.git',
      '//host/share',
      'git@-oProxyCommand=id:x',
      'ssh://-oProxyCommand=id/x',
      'ssh://git:secret@host/x',
      'https://host/x?y',
      'git://host/x',
      '/a b',
    ])
      expect(() => openGitMirror({ path, remote, keys }), remote).toThrow(/The remote of a git mirror/);
    expect(() => openGitMirror({ path: 'relative', keys })).toThrow(/absolute/);
  });

  test('that began with a log that was sealed takes the next one on a branch of its own', async () => {
    for (const size of [3, 9]) await open().add(head(size));
    const first = git('rev-parse', 'main');
    const next = smallLog('log.example/2', 12);
    const later = openGitMirror({ path, keys: () => [next.key] });
    for (const size of [2, 5]) expect(await later.add(head(size, next))).toBe(true);
    expect(git('rev-parse', 'main')).toBe(first);
    expect(git('rev-list', '--count', 'log-2')).toBe('2');
    expect((await later.knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([5]);
    expect(await later.noteOf(5)).toBe(next.note(5));
    expect(await openGitMirror({ path, keys: () => [] }).noteOf(9, log.origin)).toBe(log.note(9));
    expect((await open().knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([9]);
  });

  test.each([
    'refs/heads/main.lock',
    'HEAD.lock',
  ])('goes on after a lock that a killed git left behind: %s', async (name) => {
    await open().add(head(3));
    const lock = join(path, name);
    writeFileSync(lock, '');
    await expect(open().add(head(4))).rejects.toMatchObject({ code: 'unavailable' });
    utimesSync(lock, new Date(0), new Date(0));
    expect(await open().add(head(4))).toBe(true);
  });

  test('knows its remote again after a lock that a killed git left behind', async () => {
    const remote = join(folder, `locked-${made}.git`);
    execFileSync('git', ['init', '--bare', '--quiet', '--initial-branch=main', remote]);
    await open(remote).add(head(3));
    expect(await open(remote).knownHeads()).toHaveLength(2);
    const lock = join(path, 'refs/mirror/remote.lock');
    // Another head there, so that what is known of it has to move.
    path = join(folder, `elsewhere-${made}`);
    await open(remote).add(head(3));
    await open(remote).add(head(5));
    path = join(folder, `m-${made - 1}`);
    writeFileSync(lock, '');
    const sizes = async () => (await open(remote).knownHeads()).map(({ checkpoint }) => checkpoint.size);
    expect(await sizes()).toEqual([3]);
    utimesSync(lock, new Date(0), new Date(0));
    expect(await sizes()).toEqual([3, 5]);
  });

  test('whose remote cannot take a head says why, and does not speak of another history', async () => {
    const remote = join(folder, `held-${made}.git`);
    execFileSync('git', ['init', '--bare', '--quiet', '--initial-branch=main', remote]);
    await open(remote).add(head(3));
    writeFileSync(join(remote, 'refs/heads/main.lock'), '');
    await expect(open(remote).add(head(4))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/did not take the new checkpoint; whoever keeps it must look\. .*main\.lock/),
    });
    rmSync(join(remote, 'refs/heads/main.lock'));
    await open(remote).add(head(4));
  });

  test('is pushed on, and knows what its remote knows', async () => {
    const local = path;
    const remote = join(folder, 'remote.git');
    const marker = join(folder, 'remote-hook-ran');
    path = remote;
    mkdirSync(path);
    git('init', '--bare', '--quiet', '--template=', '--initial-branch=main');
    mkdirSync(join(remote, 'hooks'));
    writeFileSync(join(remote, 'hooks', 'post-receive'), `#!/bin/sh\ntouch ${marker}\n`);
    chmodSync(join(remote, 'hooks', 'post-receive'), 0o755);
    path = local;
    await open(remote).add(head(3));
    await open(remote).add(head(9));
    path = remote;
    expect(git('rev-list', '--count', 'main')).toBe('2');
    expect(existsSync(marker)).toBe(false);

    // The machine is lost and set up again from an older backup; the remote remembers.
    path = join(folder, 'restored');
    await open().add(head(3));
    expect((await open(remote).knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([3, 9]);
    await expect(open(remote).add(head(5))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/refused the new checkpoint/),
    });
    await expect(open(join(folder, 'nowhere.git')).add(head(6))).rejects.toMatchObject({ code: 'unavailable' });
    expect((await open(join(folder, 'nowhere.git')).knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([
      6,
    ]);
  });
});

describe.skipIf(withoutGit)('the remote of a git mirror', () => {
  // Whoever connects is counted and hung up on: no program beyond that is needed to see who is called.
  async function listen() {
    let calls = 0;
    const server = createServer((socket) => {
      calls++;
      socket.on('error', () => undefined).destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return { port: (server.address() as AddressInfo).port, calls: () => calls };
  }
  const loopback: Resolve = (_host, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);

  test.each([
    'https',
    'ssh',
  ])('over %s is called at the address that was checked, and only where that is allowed', async (protocol) => {
    const { port, calls } = await listen();
    // A name nobody else can find: a connection shows that the checked address was used.
    const remote = `${protocol}://${protocol === 'ssh' ? 'git@' : ''}mirror.invalid:${port}/ledger.git`;
    const open = (allowPrivateAddress: boolean) =>
      openGitMirror({ path, remote, keys, allowPrivateAddress, resolve: loopback });
    await expect(open(false).add(head(3))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/private network/),
    });
    expect((await open(false).knownHeads()).map(({ checkpoint }) => checkpoint.size)).toEqual([3]);
    expect(calls()).toBe(0);
    await expect(open(true).add(head(3))).rejects.toMatchObject({ code: 'unavailable' });
    expect(calls()).toBe(1);
  });

  test('is never a link-local address, however it is written', async () => {
    for (const remote of [
      'https://169.254.169.254/x',
      'git@169.254.169.254:x',
      'ssh://git@[fe80::1]/x',
      'https://0x7f.1/x',
    ])
      await expect(openGitMirror({ path, remote, keys }).add(head(3)), remote).rejects.toMatchObject({
        code: 'forbidden',
      });
  });
});

const killed: [string, number][] = [
  ['folder', 1],
  ['folder', 17],
  ...(withoutGit
    ? []
    : ([
        ['git', 1],
        ['git', 3],
      ] as [string, number][])),
];
test.each(killed)(
  'killed while it writes, a %s mirror is complete after the next round (after %i)',
  async (kind, after) => {
    const fixture = join(import.meta.dirname, '../../../tests/faults/killed-mirror.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', fixture, kind, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) if (Number(line) >= after) child.kill('SIGKILL');
    await ended;
    const open = () => (kind === 'git' ? openGitMirror({ path, keys }) : openFolderMirror({ folder: path, keys }));
    const heads = (await open().knownHeads()).map(({ checkpoint }) => checkpoint.size);
    expect(Math.max(...heads)).toBeGreaterThanOrEqual(after);
    const from = Math.max(...heads);
    for (let size = from; size <= from + 3; size++) await open().add(head(size));
    expect(Math.max(...(await open().knownHeads()).map(({ checkpoint }) => checkpoint.size))).toBe(from + 3);
    for (let size = 1; size <= from + 3; size++) expect(await open().noteOf(size)).toBe(log.note(size));
    if (kind !== 'git') return;
    const tip = git('rev-parse', 'main');
    git('fsck', '--strict');
    path = join(folder, `reference-${made++}`);
    for (let size = 1; size <= from + 3; size++) await open().add(head(size));
    expect(git('rev-parse', 'main')).toBe(tip);
  },
  60_000,
);
