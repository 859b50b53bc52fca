import { execFile } from 'node:child_process';
import { AppError } from '#src/kernel/errors.ts';
import type { GitRoute } from './mirror-git-remote.ts';

export type GitResult = { ok: boolean; output: string; complaint: string };

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
// git has no bound for what a remote sends, the system has one for every file: in units of 512 bytes, as POSIX has it.
const FILE_BYTES_MAX = 512 * 1024 * 1024;
const BOUNDED = `ulimit -f ${FILE_BYTES_MAX / 512}; exec git "$@"`;
// What a POSIX shell ends with for a program it does not find.
const NOT_FOUND = 127;

// Nothing of a repository, a user or a machine may run a program, ask a question or sign in our name.
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.fsync=all',
  'core.logAllRefUpdates=false',
  'credential.helper=',
  'commit.gpgSign=false',
  'push.gpgSign=false',
  'push.followTags=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'core.alternateRefsCommand=true',
  'protocol.allow=never',
  'protocol.file.allow=always',
  'protocol.ssh.allow=always',
  'protocol.https.allow=always',
  // A redirect would lead past the address that was checked.
  'http.followRedirects=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=10',
  'fetch.fsckObjects=true',
  'fetch.unpackLimit=1',
].flatMap((setting) => ['-c', setting]);

const ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  SSH_ASKPASS_REQUIRE: 'never',
  GIT_ALLOW_PROTOCOL: 'file:ssh:https',
  GIT_SSH_COMMAND: '/bin/false',
};

/**
 * Runs git on a bare repository, with nothing of the caller's environment but where programs are and, for ssh, whose
 * keys are used. Throws `AppError('unavailable')` when there is no git or it takes too long.
 */
export function runGit(
  repository: string,
  args: readonly string[],
  options: {
    input?: string;
    env?: Record<string, string>;
    timeoutMs?: number;
    /** The way to the remote; without it none can be called. */
    route?: GitRoute;
  } = {},
): Promise<GitResult> {
  const { PATH = '', HOME = '/nonexistent', SSH_AUTH_SOCK } = process.env;
  const env = {
    ...ENVIRONMENT,
    PATH,
    HOME,
    ...(SSH_AUTH_SOCK === undefined ? {} : { SSH_AUTH_SOCK }),
    GIT_DIR: repository,
    ...(options.route && { GIT_SSH_COMMAND: options.route.sshCommand }),
    ...options.env,
  };
  const timeoutMs = options.timeoutMs ?? 30_000;
  return new Promise((resolve, reject) => {
    const child = execFile(
      'sh',
      ['-c', BOUNDED, 'git', ...SETTINGS, ...(options.route?.settings ?? []).flatMap((one) => ['-c', one]), ...args],
      { env, cwd: '/', timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX },
      (error, output, complaint) => {
        if (error?.code === NOT_FOUND)
          reject(new AppError('unavailable', 'git is not installed, and a mirror in a git repository needs it.'));
        else if (error?.killed)
          reject(new AppError('unavailable', `git did not finish within ${timeoutMs / 1000} s on ${repository}.`));
        else resolve({ ok: error === null, output, complaint: firstLine(complaint) });
      },
    );
    // A git that ends before it has read its input is told apart by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

// Addresses may hold credentials; what git complains of repeats them.
function firstLine(complaint: string): string {
  const line = complaint.split('\n').find((one) => one.trim() !== '') ?? '';
  return line.replace(/:\/\/[^@/\s]*@/g, '://').slice(0, 300);
}
