import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Why system calls cannot be made to fail here, in plain words; null when they can. */
export function straceMissing(): string | null {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'pipe' });
    return null;
  } catch {
    return 'strace is not installed, or may not be used here';
  }
}

export type Traced = {
  /** Lets go of the process, which runs on. Resolves to the calls that were seen, a line each. */
  detach(): Promise<string[]>;
};

/**
 * Watches the system calls of a running process, those on `paths` only when there are any. With `inject`, such as
 * `fsync:error=EIO:when=2`, lets one of them fail, or with `write:signal=KILL:when=40` ends the process there.
 */
export async function traceProcess(
  pid: number,
  options: { calls: readonly string[]; log: string; paths?: readonly string[]; inject?: string },
): Promise<Traced> {
  const paths = (options.paths ?? []).flatMap((path) => ['-P', path]);
  const inject = options.inject === undefined ? [] : ['-e', `inject=${options.inject}`];
  const args = ['-f', '-y', '-s', '16', '-p', String(pid), '-e', `trace=${options.calls.join(',')}`, ...paths];
  const strace = spawn('strace', [...args, ...inject, '-o', options.log], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(strace, 'exit');
  // It says so once it is attached.
  await once(strace.stderr, 'data');
  return {
    detach: async () => {
      strace.kill('SIGINT');
      await ended;
      return readFileSync(options.log, 'utf8').split('\n');
    },
  };
}
