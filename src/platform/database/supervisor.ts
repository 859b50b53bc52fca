import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import type { Log } from '../log.ts';
import { installationRoot } from '../root.ts';
import { storageError } from '../storage-error.ts';
import { connectDatabase, type Database } from './connect.ts';
import { connectionError } from './connection-error.ts';
import { type Embedded, embeddedDatabase } from './embedded.ts';
import { withFolderLock } from './folder-lock.ts';
import { type HeldLease, type Lease, liveLeases, type Purpose, takeLease } from './leases.ts';
import { migrate, pendingMigrations, readMigrations } from './migrate.ts';
import { refuseForgottenServer, rememberServer } from './server-marker.ts';

export type OpenDatabase = {
  database: Database;
  /** True for the Postgres under the data folder, false for the server of `DATABASE_URL`. */
  embedded: boolean;
  /** Holds a password. */
  url: string;
  /** The real path of the data folder. */
  dataDir: string;
  /** Tells other processes where this server answers. */
  announce(url: string): void;
  /** Gives everything back. The last process that uses the embedded database stops it. */
  close(): Promise<void>;
  /** The same for a process that must end now: nothing is waited for, nothing acknowledged is lost. */
  abort(): void;
};

type Request = {
  config: Config;
  log: Log;
  purpose: Purpose;
  /** Where a server will answer. */
  url?: string;
  /** How often to look whether the database still runs. */
  watchEveryMs?: number;
};

// A first start or a recovery may take that long on a slow disk; a process that died does not count.
const LOCK_TIMEOUT_MS = 330_000;
const WATCH_EVERY_MS = 5_000;
const CONNECTIONS = { server: 10, command: 4 } as const;

/**
 * Opens the database of the data folder, migrated: the embedded one, which is started if no process uses it yet and
 * joined otherwise, or the server of `DATABASE_URL`. Any number of commands may use a data folder at once, but one server.
 * Throws `AppError`; nothing is left running then.
 */
export async function openDatabase(request: Request): Promise<OpenDatabase> {
  const { config, log } = request;
  const dataDir = openDataFolder(config.dataDir);
  refuseForgottenServer(dataDir, config.databaseUrl);
  const embedded = config.databaseUrl ? null : embeddedDatabase({ dataDir, systemDir: config.systemDir, log });
  const membership = new Membership(dataDir, embedded, log);
  const { url, database } = await membership.enter(request).catch((error: unknown) => {
    throw storageError(error, `The data folder ${dataDir} cannot be used`);
  });
  return {
    database,
    embedded: embedded !== null,
    url,
    dataDir,
    announce: (address) => membership.announce(address),
    close: async () => {
      await database.close();
      await membership.leave();
    },
    abort: () => membership.abort(),
  };
}

/** The processes that use this data folder now. */
export async function whoUses(dataDir: string): Promise<Lease[]> {
  const folder = openDataFolder(dataDir);
  return withFolderLock(lockFolder(folder), { timeoutMs: LOCK_TIMEOUT_MS }, async () =>
    liveLeases(leaseFolder(folder)),
  );
}

function lockFolder(dataDir: string): string {
  return join(dataDir, 'locks');
}

function leaseFolder(dataDir: string): string {
  return join(dataDir, 'processes');
}

/** This process among those that use one data folder. */
class Membership {
  readonly #dataDir: string;
  readonly #embedded: Embedded | null;
  readonly #log: Log;
  #lease: HeldLease | undefined;
  #watch: NodeJS.Timeout | undefined;
  #repairing = false;

  constructor(dataDir: string, embedded: Embedded | null, log: Log) {
    this.#dataDir = dataDir;
    this.#embedded = embedded;
    this.#log = log;
  }

  /** All of it under the lock: whoever comes second finds a database that is complete and migrated. */
  enter(request: Request): Promise<{ url: string; database: Database }> {
    return this.#locked(async () => {
      const others = this.#others();
      if (request.purpose === 'server') refuseSecondServer(others, this.#dataDir);
      this.#lease = takeLease(leaseFolder(this.#dataDir), request.purpose, Date.now(), request.url);
      try {
        const embeddedUrl = await this.#embedded?.ensureRunning(others.length === 0);
        const url = embeddedUrl ?? request.config.databaseUrl ?? '';
        const database = await connectMigrated(url, others, request);
        if (!this.#embedded) rememberServer(this.#dataDir, url);
        this.#watch = this.#keepWatch(request.watchEveryMs ?? WATCH_EVERY_MS);
        return { url, database };
      } catch (error) {
        await this.#giveUp();
        throw error;
      }
    });
  }

  announce(url: string): void {
    this.#lease?.announce(url);
  }

  async leave(): Promise<void> {
    clearInterval(this.#watch);
    await this.#locked(() => this.#giveUp());
  }

  abort(): void {
    clearInterval(this.#watch);
    this.#lease?.giveUp();
    // Without the lock: a process that starts in this instant finds the database stopped, and starts it again.
    if (this.#others().length === 0) this.#embedded?.abort();
  }

  #others(): Lease[] {
    return liveLeases(leaseFolder(this.#dataDir));
  }

  async #giveUp(): Promise<void> {
    this.#lease?.giveUp();
    if (this.#others().length === 0) await this.#embedded?.stop();
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return withFolderLock(
      lockFolder(this.#dataDir),
      {
        timeoutMs: LOCK_TIMEOUT_MS,
        onWait: (pid) => this.#log.info(`waiting for process ${pid}, which is starting or stopping the database`),
      },
      work,
    );
  }

  /** Shows that this process lives, and starts the database again if it was killed. */
  #keepWatch(everyMs: number): NodeJS.Timeout {
    return setInterval(() => {
      this.#look().catch((error: unknown) => this.#log.error({ err: error }, 'the data folder can no longer be used'));
    }, everyMs).unref();
  }

  async #look(): Promise<void> {
    this.#lease?.renew();
    const embedded = this.#embedded;
    if (!embedded || this.#repairing || embedded.isRunning()) return;
    this.#repairing = true;
    try {
      this.#log.error('the database has ended unexpectedly and is started again');
      await this.#locked(() => embedded.ensureRunning(false));
      this.#log.info('the database is back');
    } finally {
      this.#repairing = false;
    }
  }
}

async function connectMigrated(url: string, others: readonly Lease[], { purpose, log }: Request): Promise<Database> {
  const database = connectDatabase(url, {
    maxConnections: CONNECTIONS[purpose],
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  try {
    const migrations = readMigrations(join(installationRoot(), 'migrations'));
    const server = others.find((other) => other.purpose === 'server');
    if (server && (await pendingMigrations(database.pool, migrations)) > 0)
      throw new AppError(
        'conflict',
        `The server that uses this data (process ${server.holder.pid}) was started from an older version. Restart it and try again. Nothing was changed.`,
      );
    await migrate(database.pool, migrations);
    return database;
  } catch (error) {
    await database.close();
    throw connectionError(error, url);
  }
}

function refuseSecondServer(others: readonly Lease[], dataDir: string): void {
  const running = others.find(({ purpose }) => purpose === 'server');
  if (!running) return;
  const { pid } = running.holder;
  throw new AppError(
    'conflict',
    `Assay already runs on ${dataDir}: process ${pid}, ${running.url ?? 'still starting'}, since ${running.since}. Use that one, end it with "kill ${pid}", or choose another data folder with ASSAY_DATA_DIR and another port with ASSAY_PORT.`,
  );
}
