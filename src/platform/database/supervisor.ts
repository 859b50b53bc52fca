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

type Request = { config: Config; log: Log; purpose: Purpose /** Where a server will answer. */; url?: string };

// A first start or a recovery may take that long on a slow disk; a process that died does not count.
const LOCK_TIMEOUT_MS = 330_000;
const RENEW_EVERY_MS = 5_000;
const CONNECTIONS = { server: 10, command: 4 } as const;

/**
 * Opens the database of the data folder, migrated: the embedded one, which is started if no process uses it yet and
 * joined otherwise, or the server of `DATABASE_URL`. Any number of commands may use a data folder at once, but one server.
 * Throws `AppError`; nothing is left running then.
 */
export async function openDatabase(request: Request): Promise<OpenDatabase> {
  const { config, log } = request;
  const dataDir = openDataFolder(config.dataDir);
  const embedded = config.databaseUrl ? null : embeddedDatabase({ dataDir, systemDir: config.systemDir, log });
  const membership = await enter(dataDir, embedded, request);
  const url = membership.url ?? config.databaseUrl ?? '';
  const database = connectDatabase(url, {
    maxConnections: CONNECTIONS[request.purpose],
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  try {
    await bringUpToDate(database, membership, url);
  } catch (error) {
    await database.close();
    await membership.leave();
    throw error;
  }
  return {
    database,
    embedded: embedded !== null,
    url,
    dataDir,
    announce: membership.announce,
    close: async () => {
      await database.close();
      await membership.leave();
    },
    abort: membership.abort,
  };
}

/** The processes that use this data folder now. */
export async function whoUses(dataDir: string): Promise<Lease[]> {
  const folder = openDataFolder(dataDir);
  return withFolderLock(join(folder, 'locks'), { timeoutMs: LOCK_TIMEOUT_MS }, async () =>
    liveLeases(leaseFolder(folder)),
  );
}

function leaseFolder(dataDir: string): string {
  return join(dataDir, 'processes');
}

async function bringUpToDate(database: Database, membership: Membership, url: string): Promise<void> {
  const migrations = readMigrations(join(installationRoot(), 'migrations'));
  const server = membership.others.find(({ purpose }) => purpose === 'server');
  try {
    if (server && (await pendingMigrations(database.pool, migrations)) > 0)
      throw new AppError(
        'conflict',
        `The server that uses this data (process ${server.holder.pid}) was started from an older version. Restart it and try again. Nothing was changed.`,
      );
    await migrate(database.pool, migrations);
  } catch (error) {
    throw connectionError(error, url);
  }
}

type Membership = {
  /** Of the embedded database. */
  url: string | undefined;
  others: Lease[];
  announce(url: string): void;
  leave(): Promise<void>;
  abort(): void;
};

async function enter(dataDir: string, embedded: Embedded | null, request: Request): Promise<Membership> {
  const { log, purpose } = request;
  const leases = leaseFolder(dataDir);
  const locked = <T>(timeoutMs: number, work: () => Promise<T>) =>
    withFolderLock(
      join(dataDir, 'locks'),
      {
        timeoutMs,
        onWait: (pid) => log.info(`waiting for process ${pid}, which is starting or stopping the database`),
      },
      work,
    );
  const { lease, url, others } = await locked(LOCK_TIMEOUT_MS, async () => {
    const others = liveLeases(leases);
    if (purpose === 'server') refuseSecondServer(others, dataDir);
    const lease = takeLease(leases, purpose, Date.now(), request.url);
    try {
      return { lease, others, url: await embedded?.ensureRunning(others.length === 0) };
    } catch (error) {
      lease.giveUp();
      throw error;
    }
  }).catch((error: unknown) => {
    throw storageError(error, `The data folder ${dataDir} cannot be used`);
  });
  const watch = keepAlive(lease, embedded, locked, log);
  return {
    url,
    others,
    announce: lease.announce,
    leave: async () => {
      clearInterval(watch);
      await locked(LOCK_TIMEOUT_MS, async () => {
        lease.giveUp();
        if (liveLeases(leases).length === 0) await embedded?.stop();
      });
    },
    abort: () => {
      clearInterval(watch);
      lease.giveUp();
      // Without the lock: a process that starts in this instant finds the database stopped, and starts it again.
      if (liveLeases(leases).length === 0) embedded?.abort();
    },
  };
}

/** Shows that this process lives, and starts the database again if it was killed. */
function keepAlive(
  lease: HeldLease,
  embedded: Embedded | null,
  locked: <T>(timeoutMs: number, work: () => Promise<T>) => Promise<T>,
  log: Log,
): NodeJS.Timeout {
  let repairing = false;
  const repair = async (database: Embedded) => {
    log.error('the database has ended unexpectedly and is started again');
    await locked(LOCK_TIMEOUT_MS, () => database.ensureRunning(false));
    log.info('the database is back');
  };
  const beat = async () => {
    lease.renew();
    if (!embedded || repairing || embedded.isRunning()) return;
    repairing = true;
    await repair(embedded).finally(() => {
      repairing = false;
    });
  };
  return setInterval(() => {
    beat().catch((error: unknown) => log.error({ err: error }, 'the data folder can no longer be used'));
  }, RENEW_EVERY_MS).unref();
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
