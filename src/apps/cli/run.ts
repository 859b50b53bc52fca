import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { AppError } from '#src/kernel/errors.ts';
import { type Config, readConfig } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import { createLog, type Log } from '#src/platform/log.ts';
import { installationRoot } from '#src/platform/root.ts';
import { COMMANDS } from './commands/index.ts';
import type { CommandContext } from './context.ts';

/** 0 it ran; 1 it ran and found something wrong; 2 it was called wrongly; 3 it could not run. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

const EXIT_CODES = `
Exit codes: 0 done, 1 done and something is wrong, 2 called wrongly, 3 could not run.
Settings are environment variables: ASSAY_DATA_DIR (default: .assay in the installation), DATABASE_URL, ASSAY_LOG_LEVEL.`;
// One Ctrl-C can arrive twice: from the terminal, and passed on by npm or another parent.
const SAME_SIGNAL_MS = 1_000;

/** Runs one command line and returns the exit code. Everything it opened is closed then. */
export async function runCommand(args: readonly string[]): Promise<ExitCode> {
  const session = new Session();
  const release = session.listenToSignals();
  try {
    const program = await buildProgram(args, session.context);
    // A command that does not look at the signal is left where it is: the database takes back what it did not commit.
    const code = await Promise.race([parse(program, args), session.interrupted]);
    const lost = await session.outputLost();
    if (lost) {
      process.stderr.write(
        `assay: the result could not be written to standard output: ${lost}. Nothing else was lost.\n`,
      );
      return 3;
    }
    // What runs until it is told to stop has done all it was asked to.
    if (code === 130 && session.isService) return 0;
    return code === 0 && session.problemsFound ? 1 : code;
  } finally {
    session.context.progress('');
    await session.stop();
    await session.close();
    release();
  }
}

async function buildProgram(args: readonly string[], context: CommandContext): Promise<Command> {
  const program = new Command('assay')
    .description('Evidence for SOC 2 and beyond, from the systems of an AI company.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .showHelpAfterError('Run with --help for usage.')
    .exitOverride();
  const named = args.find((word) => !word.startsWith('-'));
  const load = named === undefined ? undefined : COMMANDS[named];
  for (const module of await Promise.all((load ? [load] : Object.values(COMMANDS)).map((one) => one())))
    module.register(program, context);
  for (const command of allCommands(program)) command.exitOverride();
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...allCommands(one)]);
}

async function parse(program: Command, args: readonly string[]): Promise<ExitCode> {
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`assay: ${error.message}\n`);
    return error.code === 'invalid_input' ? 2 : 3;
  }
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(installationRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** What one run of a command holds open. */
class Session {
  problemsFound = false;
  readonly interrupted: Promise<ExitCode>;
  readonly context: CommandContext;
  #database: Promise<OpenDatabase> | undefined;
  #opened: OpenDatabase | undefined;
  #config: Config | undefined;
  #log: Log | undefined;
  #abort = new AbortController();
  #progressShown = false;
  readonly #stops: (() => Promise<void>)[] = [];
  #outputError: NodeJS.ErrnoException | undefined;

  constructor() {
    this.interrupted = new Promise((resolve) => {
      this.#abort.signal.addEventListener('abort', () => resolve(130), { once: true });
    });
    this.context = this.#makeContext();
  }

  #makeContext(): CommandContext {
    const session = this;
    return {
      get config() {
        session.#config ??= readConfig(process.env, process.cwd());
        return session.#config;
      },
      get log() {
        // A command's own words are its result; the log speaks up only when something is wrong.
        session.#log ??= createLog({ level: process.env.ASSAY_LOG_LEVEL ? this.config.logLevel : 'warn', output: 2 });
        return session.#log;
      },
      cwd: process.cwd(),
      signal: this.#abort.signal,
      interactive: process.stderr.isTTY === true,
      openDatabase: () => this.#openDatabase(),
      print: (text) => {
        this.context.progress('');
        process.stdout.write(`${text}\n`);
      },
      progress: (text) => this.#showProgress(text),
      foundProblems: () => {
        this.problemsFound = true;
      },
      onStop: (stop) => {
        this.#stops.push(stop);
      },
    };
  }

  get isService(): boolean {
    return this.#stops.length > 0;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop();
  }

  #openDatabase(): Promise<OpenDatabase> {
    this.#database ??= this.#open();
    return this.#database;
  }

  async #open(): Promise<OpenDatabase> {
    const { openDatabase } = await import('#src/platform/database/supervisor.ts');
    const { config, log } = this.context;
    this.#opened = await openDatabase({ config, log, purpose: 'command' });
    return this.#opened;
  }

  #showProgress(text: string): void {
    if (!this.context.interactive || (text === '' && !this.#progressShown)) return;
    const columns = Math.max(20, (process.stderr.columns ?? 80) - 1);
    process.stderr.write(`\r\u001b[2K${text.slice(0, columns)}`);
    this.#progressShown = text !== '';
  }

  listenToSignals(): () => void {
    let firstAtMs: number | undefined;
    const onSignal = () => {
      if (firstAtMs === undefined) {
        firstAtMs = performance.now();
        this.#abort.abort();
      } else if (performance.now() - firstAtMs > SAME_SIGNAL_MS) {
        this.#opened?.abort();
        process.exit(130);
      }
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const name of signals) process.on(name, onSignal);
    // `assay … | head` closes our output early: that is the end of the work, not a failure.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#outputError = error;
      this.#abort.abort();
    });
    return () => {
      for (const name of signals) process.off(name, onSignal);
    };
  }

  /** Why not all of the result reached standard output; undefined when it did, or when nobody reads it any more. */
  async outputLost(): Promise<string | undefined> {
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    // The error of a write is told in a turn of its own, after its callback.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#outputError && (this.#outputError.code ?? this.#outputError.message);
  }

  async close(): Promise<void> {
    // A database that could not be opened was already reported by the command that asked for it.
    const opened = await this.#database?.catch(() => undefined);
    await opened?.close();
  }
}
