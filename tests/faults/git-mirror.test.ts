import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openGitMirror } from '#src/ledger/mirror/mirror-git.ts';
import { smallLog } from '../support/small-log.ts';
import { type Answer, buildProgram, FaultProcess, killProcesses } from './fault-process.ts';
import { FAULTS_TIMEOUT_MS, SEED, someOf } from './some-of.ts';
import { straceMissing } from './strace.ts';

const missing = process.platform === 'linux' ? (straceMissing() ?? gitMissing()) : 'there is no strace on this system';
if (missing) console.warn(`A git that fails under a mirror is not tested: ${missing}.`);

function gitMissing(): string | null {
  try {
    execFileSync('git', ['--version'], { stdio: 'pipe' });
    return null;
  } catch {
    return 'git is not installed';
  }
}

const CALLS = ['openat', 'read', 'write', 'fsync', 'rename', 'link', 'unlink', 'mkdir'] as const;
const FAULTS = ['error=EIO', 'error=ENOSPC', 'signal=KILL'] as const;
const HEADS = 3;

const parent = mkdtempSync(join(tmpdir(), 'assay-git-faults-'));
const program = join(parent, 'mirror-process.mjs');
const wrapper = join(parent, 'wrapper');
const template = join(parent, 'template');
const path = join(parent, 'mirror.git');
const remote = join(parent, 'remote.git');
const log = smallLog('log.example/1', 20);
const keys = () => [log.key];
const mirror = () => openGitMirror({ path, keys });
const git = (repository: string, ...args: string[]) =>
  execFileSync('git', ['--git-dir', repository, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

beforeAll(async () => {
  if (missing) return;
  await buildProgram('tests/faults/mirror-process.ts', program);
  mkdirSync(wrapper);
  // In front of the real git: the runs of git are counted, and the one that is asked for runs under strace.
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const strace = `strace -f -y -s 200 -e trace=${CALLS.join(',')}`;
  writeFileSync(
    join(wrapper, 'git'),
    `#!/bin/sh
read n < ${wrapper}/count; n=$((n + 1)); echo $n > ${wrapper}/count
read at inject < ${wrapper}/fault
[ "$at" = all ] && exec ${strace} -o ${wrapper}/calls.$n ${real} "$@"
[ "$at" = "$n" ] && exec ${strace} -e inject=$inject -o ${wrapper}/calls.$n ${real} "$@"
exec ${real} "$@"
`,
  );
  chmodSync(join(wrapper, 'git'), 0o755);
  mkdirSync(template);
});
afterEach(killProcesses);
afterAll(() => rmSync(parent, { recursive: true, force: true }));

function setFault(fault: string): void {
  for (const name of readdirSync(wrapper)) if (name.startsWith('calls.')) rmSync(join(wrapper, name));
  writeFileSync(join(wrapper, 'count'), '0\n');
  writeFileSync(join(wrapper, 'fault'), `${fault}\n`);
}

/** What was traced since `setFault`, by the number of the run of git, in lines. */
function traced(): [number, string[]][] {
  const names = readdirSync(wrapper).filter((name) => name.startsWith('calls.'));
  const runs = names.map((name): [number, string[]] => [
    Number(name.slice('calls.'.length)),
    readFileSync(join(wrapper, name), 'utf8').split('\n'),
  ]);
  return runs.sort(([a], [b]) => a - b);
}

// What git reads of the system before it does anything fails every program alike.
const isOfTheSystem = (line: string) =>
  / \w+\([^"]*"\/(?!tmp\/)/.test(line) || /\(\d+<\/(?!tmp\/|dev\/null)/.test(line);

/** Every place where a call of git can fail, as the wrapper takes it. strace counts calls in each process by themselves. */
function placesIn(runs: readonly (readonly [number, readonly string[]])[]): string[] {
  const places = new Set<string>();
  for (const [run, lines] of runs) {
    const counts = new Map<string, number>();
    for (const line of lines) {
      const [, pid, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
      if (call === undefined) continue;
      const nth = (counts.get(`${pid} ${call}`) ?? 0) + 1;
      counts.set(`${pid} ${call}`, nth);
      if (isOfTheSystem(line)) continue;
      for (const fault of FAULTS) places.add(`${run} ${call}:${fault}:when=${nth}`);
    }
  }
  return [...places];
}

function locksIn(repository: string): string[] {
  if (!existsSync(repository)) return [];
  const names = readdirSync(repository, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.lock')).map((name) => join(repository, name));
}

describe.skipIf(missing !== null)(
  `a git that fails under its mirror (seed ${SEED})`,
  { timeout: FAULTS_TIMEOUT_MS },
  () => {
    let running: FaultProcess;
    beforeEach(async () => {
      const searched = process.env.PATH;
      process.env.PATH = `${wrapper}:${searched}`;
      running = await FaultProcess.start(program, ['git', path, remote]);
      process.env.PATH = searched;
    });

    function putBack(): void {
      for (const folder of [path, remote]) rmSync(folder, { recursive: true, force: true });
      for (const [name, folder] of [
        ['mirror.git', path],
        ['remote.git', remote],
      ] as const)
        if (existsSync(join(template, name))) cpSync(join(template, name), folder, { recursive: true });
    }

    async function failEverywhere(
      command: { do: string; size?: number },
      expectAfter: (answer: Answer, where: string) => Promise<void>,
    ): Promise<Set<string>> {
      const tell = () => running.tell(command.do, command);
      putBack();
      setFault('all');
      expect(await tell()).toHaveProperty('done');
      const places = placesIn(traced());
      const met = new Set<string>();
      for (const place of someOf(places)) {
        putBack();
        setFault(place);
        const answer = await tell();
        const lines = traced().flatMap(([, found]) => found);
        const told = lines.find((line) => line.includes('(INJECTED)') || line.includes('killed by SIGKILL'));
        setFault('none');
        if (told !== undefined) met.add(place);
        const where = `${place}: ${told}`;
        // One sentence that says what is wrong, as for anything else that fails outside.
        if (answer.failed !== undefined) {
          expect(answer.name, where).toBe('AppError');
          expect(answer.failed.split('\n'), where).toHaveLength(1);
        }
        await expectAfter(answer, where);
      }
      return met;
    }

    /** The mirror and its remote hold heads up to `size` and nothing else, each commit after the one before. */
    async function expectChain(size: number, where: string): Promise<void> {
      for (const repository of [path, remote]) {
        git(repository, 'fsck', '--strict');
        const messages = git(repository, 'log', '--format=%s %P', 'main')
          .split('\n')
          .map((line) => line.split(' '));
        expect(messages.map(([, , count]) => Number(count)).reverse(), where).toEqual(
          Array.from({ length: size }, (_, i) => i + 1),
        );
        expect(
          messages.map((words) => words.length),
          where,
        ).toEqual(messages.map((_, i) => (i === size - 1 ? 4 : 5)));
      }
      expect(git(path, 'rev-parse', 'main')).toBe(git(remote, 'rev-parse', 'main'));
      for (let at = 1; at <= size; at++) expect(await mirror().noteOf(at), where).toBe(log.note(at));
    }

    async function expectRepaired(before: number, answer: Answer, where: string): Promise<void> {
      // Whatever failed, what was there is there, and what was acknowledged.
      const next = before + 1;
      for (let at = 1; at <= before; at++) expect(await mirror().noteOf(at), where).toBe(log.note(at));
      if (answer.done !== undefined) expect(await mirror().noteOf(next), where).toBe(log.note(next));
      // What a git that was killed leaves of its own is given up on after a minute; here it is made to be older.
      for (const lock of locksIn(path)) utimesSync(lock, new Date(0), new Date(0));
      for (const size of [next, next + 1]) {
        let added = await running.tell('add', { size });
        const locks = locksIn(remote);
        if (added.failed !== undefined && locks.length > 0) {
          // In the remote it is for whoever keeps that to remove.
          expect(added.failed, where).toMatch(/whoever keeps it must look\. .*\.lock/);
          for (const lock of locks) rmSync(lock);
          added = await running.tell('add', { size });
        }
        expect(added, where).toHaveProperty('done');
      }
      expect(await running.tell('know'), where).toEqual({ done: [next + 1, next + 1] });
      await expectChain(next + 1, where);
    }

    test('while it makes the repository leaves none or a whole one', async () => {
      mkdirSync(join(template, 'remote.git'));
      git(join(template, 'remote.git'), 'init', '--bare', '--quiet', '--template=', '--initial-branch=main');
      const met = await failEverywhere({ do: 'add', size: 1 }, async (answer, where) => {
        await expectRepaired(0, answer, where);
        expect(
          readdirSync(parent).filter((name) => name.endsWith('.new')),
          where,
        ).toEqual([]);
      });
      expect(met.size).toBeGreaterThan(0);
    });

    test('while it adds a head loses none, forks nothing, and the next round completes it', async () => {
      putBack();
      setFault('none');
      for (let size = 1; size <= HEADS; size++) expect(await running.tell('add', { size })).toEqual({ done: true });
      rmSync(template, { recursive: true });
      for (const [name, folder] of [
        ['mirror.git', path],
        ['remote.git', remote],
      ] as const)
        cpSync(folder, join(template, name), { recursive: true });
      const met = await failEverywhere({ do: 'add', size: HEADS + 1 }, async (answer, where) =>
        expectRepaired(HEADS, answer, where),
      );
      expect(met.size).toBeGreaterThan(0);
    });

    test('while it is asked what it knows never tells of a head that is not there', async () => {
      const met = await failEverywhere({ do: 'know' }, async (answer, where) => {
        const { done = [] } = answer as { done?: number[] };
        expect(
          done.filter((size) => size !== HEADS),
          where,
        ).toEqual([]);
        await expectRepaired(HEADS, answer.failed === undefined ? {} : answer, where);
      });
      expect(met.size).toBeGreaterThan(0);
    });
  },
);
