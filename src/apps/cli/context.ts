import type { Command } from 'commander';
import type { Config } from '#src/platform/config.ts';
import type { OpenDatabase } from '#src/platform/database/supervisor.ts';
import type { Log } from '#src/platform/log.ts';

/** What every command is given. */
export type CommandContext = {
  readonly config: Config;
  /** Goes to standard error. */
  readonly log: Log;
  readonly cwd: string;
  /** Aborted by Ctrl-C. A command that does long work stops then; the database is closed for it. */
  readonly signal: AbortSignal;
  /** True when standard error is a terminal: only then is progress shown. */
  readonly interactive: boolean;
  /** Opens the database on first use, starting it if nobody runs it. Closed when the command ends. */
  openDatabase(): Promise<OpenDatabase>;
  /** Writes a line of the command's result to standard output. */
  print(text: string): void;
  /** A line that replaces the one before, on a terminal; nothing otherwise. An empty one clears it. */
  progress(text: string): void;
  /** Ends the command, once it is done, with 1: it ran, and found something that is wrong. */
  foundProblems(): void;
  /** For a command that runs until it is told to: `stop` is waited for before the database closes, and the exit code is 0. */
  onStop?(stop: () => Promise<void>): void;
};

/** A file in commands/ exports `register`, which adds its commands. What they need is imported inside the action. */
export type CommandModule = { register(program: Command, context: CommandContext): void };
