import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { REPOSITORY } from './installation.ts';
import { traceProcess } from './strace.ts';

const processes: FaultProcess[] = [];

/** Ends what was started since the last time. */
export function killProcesses(): void {
  for (const one of processes.splice(0)) one.child.kill('SIGKILL');
}

/** Builds `source` into the file `program`, whose folder is made to look like an installation. */
export async function buildProgram(source: string, program: string): Promise<void> {
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: [source],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  for (const name of ['node_modules', 'package.json', 'migrations'])
    if (!existsSync(join(dirname(program), name))) symlinkSync(join(REPOSITORY, name), join(dirname(program), name));
}

export type Answer = { done?: unknown; failed?: string; name?: string };

/** A program that does what it is told, one line a command, and what it has said so far. */
export class FaultProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<unknown>;
  readonly acknowledged: string[] = [];
  readonly notes: string[] = [];
  readonly #answers: ((answer: Answer) => void)[] = [];
  #complaint = '';
  #isOver = false;

  private constructor(program: string, args: readonly string[]) {
    // strace counts the calls of each thread by themselves; with one thread for files their order is the whole order.
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
    this.child = spawn(process.execPath, [program, ...args], { stdio: 'pipe', env });
    this.ended = once(this.child, 'close').then(() => {
      this.#isOver = true;
      for (const answer of this.#answers.splice(0)) answer(this.#end());
    });
    this.child.stderr.on('data', (text) => {
      this.#complaint += text;
    });
    // What a process that was just killed is told goes nowhere.
    this.child.stdin.on('error', () => undefined);
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const said = JSON.parse(line);
      if (said.acknowledged) this.acknowledged.push(said.acknowledged);
      else if (said.signed) this.notes.push(said.signed);
      else this.#answers.shift()?.(said);
    });
    processes.push(this);
  }

  static async start(program: string, args: readonly string[]): Promise<FaultProcess> {
    const started = new FaultProcess(program, args);
    expect(await started.#next()).toEqual({ ready: started.pid });
    return started;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  tell(what: string, more: object = {}): Promise<Answer> {
    const answer = this.#next();
    this.child.stdin.write(`${JSON.stringify({ do: what, ...more })}\n`);
    return answer;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  #end(): Answer {
    return { failed: `the process ended: ${this.#complaint}`, name: 'ended' };
  }

  #next(): Promise<Answer> {
    if (this.#isOver) return Promise.resolve(this.#end());
    return new Promise((resolve) => this.#answers.push(resolve));
  }
}

const CALLS = ['openat', 'write', 'pwrite64', 'fsync', 'rename', 'link', 'unlink', 'mkdir', 'rmdir'] as const;
type Call = (typeof CALLS)[number];
const ERRORS = ['EIO', 'ENOSPC'] as const;

/**
 * Lets each system call on `paths` that `work` makes fail once, one at a time, for as long as there is one more.
 * `expectAfter` looks at what is left each time. Gives the number of calls that failed.
 */
export async function failEachCall(
  running: FaultProcess,
  options: {
    paths: (pid: number) => string[];
    /** Only these kinds of calls. */
    calls?: readonly Call[];
    /** Where the calls are written to. */
    log: string;
    prepare?: () => Promise<void>;
    work: () => Promise<Answer>;
    expectAfter: (answer: Answer, call: string) => Promise<void>;
  },
): Promise<Record<string, number>> {
  const failed: Record<string, number> = {};
  for (const [call, error] of (options.calls ?? CALLS).flatMap((one) => ERRORS.map((each) => [one, each] as const))) {
    for (let nth = 1; ; nth++) {
      await options.prepare?.();
      const traced = await traceProcess(running.pid, {
        calls: [call],
        paths: options.paths(running.pid),
        inject: `${call}:error=${error}:when=${nth}`,
        log: options.log,
      });
      const answer = await options.work();
      const lines = await traced.detach();
      const injected = lines.find((line) => line.includes('(INJECTED)'));
      if (injected === undefined) {
        expect(answer.failed, `no ${call} failed, and the work did`).toBeUndefined();
        break;
      }
      expect(answer.failed, `number ${nth}, not noticed: ${injected}`).toBeDefined();
      failed[call] = nth;
      await options.expectAfter(answer, injected);
    }
  }
  return failed;
}

/** Which calls of a kind, counted from 1 as strace does in each thread, the main thread made on paths with `on` in them. */
export function placesOf(
  lines: readonly string[],
  { pid, call, on }: { pid: number; call: string; on: string },
): number[] {
  const own = lines.filter((line) => line.startsWith(`${pid} `) && line.includes(` ${call}(`));
  return own.flatMap((line, i) => (line.includes(on) ? [i + 1] : []));
}
