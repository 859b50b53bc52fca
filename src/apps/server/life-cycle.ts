import { setImmediate } from 'node:timers/promises';
import { AppError } from '#src/kernel/errors.ts';
import type { Clock } from '#src/kernel/time.ts';
import { type Config, readConfig } from '#src/platform/config.ts';
import { type OpenDatabase, openDatabase } from '#src/platform/database/supervisor.ts';
import { listen } from '#src/platform/http/listen.ts';
import type { App } from '#src/platform/http/route.ts';
import { createLog, type Log } from '#src/platform/log.ts';

/** The server with all its parts, not yet running. */
export type Composition = {
  app: App;
  /** Starts work that goes on beside requests. Called before the server answers. */
  start(): Promise<void>;
  /** Ends that work. Called after the last request was answered and before the database goes. */
  stop(): Promise<void>;
  /** What to tell the person who started the server, once it answers at `url`: for example the first sign-in link. */
  greet?(url: string): Promise<string[]>;
};

export type Compose = (parts: {
  config: Config;
  log: Log;
  database: OpenDatabase;
  clock: Clock;
}) => Promise<Composition>;

// One Ctrl-C reaches us twice under npm: from the terminal, and passed on by npm.
const SAME_SIGNAL_MS = 1_000;
const STOP_TIMEOUT_MS = 30_000;

/** Runs the server until it is told to stop, then ends the process: 0 stopped, 2 wrong settings, 3 could not run. */
export async function runServer(loadCompose: () => Promise<Compose>, args: readonly string[]): Promise<void> {
  const running = new Running();
  endOnSignals(running);
  // Whoever read our words may go away; the server stays.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  try {
    refuseArguments(args);
    await running.start(start(running, loadCompose));
  } catch (error) {
    const expected = error instanceof AppError;
    if (expected) console.error(error.message);
    else running.log.fatal({ err: error }, 'the server could not start');
    await running.stop(expected && error.code === 'invalid_input' ? 2 : 3);
  }
}

function refuseArguments(args: readonly string[]): void {
  if (args[0] === undefined) return;
  throw new AppError(
    'invalid_input',
    `"${args[0].slice(0, 100)}" is not known. Settings are environment variables, such as ASSAY_PORT.`,
  );
}

function endOnSignals(running: Running): void {
  let firstAtMs: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (firstAtMs === undefined) {
        firstAtMs = performance.now();
        if (process.stdout.isTTY) console.log('\nStopping. Ctrl-C again ends at once.');
        void running.stop(0);
      } else if (performance.now() - firstAtMs > SAME_SIGNAL_MS) running.abort(130);
    });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      running.log.fatal({ err: error }, 'an error nobody handled; the server stops');
      void running.stop(1);
    });
}

async function start(running: Running, loadCompose: () => Promise<Compose>): Promise<void> {
  const config = readConfig(process.env, process.cwd());
  running.log = createLog({ level: config.logLevel, output: 2 });
  const { log } = running;
  // Loading the parts takes as long as starting the database: side by side. A failure is met where it is awaited.
  const loading = setImmediate(undefined).then(loadCompose);
  loading.catch(() => undefined);
  const database = await openDatabase({ config, log, purpose: 'server', url: plannedUrl(config) });
  running.onStop(() => database.close());
  running.onAbort(() => database.abort());
  if (running.isStopping) return;
  const compose = await loading;
  const parts = await compose({ config, log, database, clock: Date.now });
  running.onStop(() => parts.stop());
  if (running.isStopping) return;
  await parts.start();
  running.onStop(() => parts.app.close());
  const { host, port, trustedProxy } = config;
  const url = await listen(parts.app, { host, port, tls: config.tlsCertFile !== undefined, trustedProxy });
  database.announce(url);
  if (running.isStopping) return;
  const told = (await parts.greet?.(config.publicUrl ?? url)) ?? [];
  const storage = database.embedded ? database.dataDir : `${database.dataDir} and the server of DATABASE_URL`;
  console.log(
    [`Assay answers at ${config.publicUrl ?? url}`, `Data is in ${storage}`, ...told, 'Ctrl-C stops it.'].join('\n'),
  );
}

function plannedUrl(config: Config): string {
  return `${config.tlsCertFile === undefined ? 'http' : 'https'}://${config.host}:${config.port}`;
}

/** What has been started so far, and how to end it in the opposite order. */
class Running {
  log: Log = createLog({ output: 2 });
  #stops: (() => Promise<unknown>)[] = [];
  #aborts: (() => void)[] = [];
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  start(work: Promise<void>): Promise<void> {
    this.#starting = work;
    return work;
  }

  onStop(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  onAbort(abort: () => void): void {
    this.#aborts.push(abort);
  }

  stop(exitCode: number): Promise<void> {
    this.#stopping ??= this.#stop(exitCode);
    return this.#stopping;
  }

  async #stop(exitCode: number): Promise<void> {
    const late = setTimeout(() => {
      this.log.error('stopping takes too long and is cut short');
      this.abort(3);
    }, STOP_TIMEOUT_MS);
    let code = exitCode;
    // A start under way looks at `isStopping` between its steps. Cut in the middle of one, it would leave things behind.
    await this.#starting.catch(() => undefined);
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop())
      await stop().catch((error: unknown) => {
        this.log.error({ err: error }, 'a part of the server did not stop cleanly');
        code = 3;
      });
    clearTimeout(late);
    process.exit(code);
  }

  abort(exitCode: number): void {
    for (const abort of this.#aborts) abort();
    process.exit(exitCode);
  }
}
