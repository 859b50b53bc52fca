import { existsSync } from 'node:fs';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandModule } from '../context.ts';

type Status = {
  version: string;
  dataDir: string;
  server: { pid: number; url: string | null; since: string } | null;
  database: { embedded: boolean; postgres: string; schema: number; sizeBytes: number };
};

export const register: CommandModule['register'] = (program, context) => {
  program
    .command('status')
    .description('show where the data is, whether a server runs on it, and what the database holds')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const status = await readStatus(context, program.version() ?? '');
      context.print(json ? JSON.stringify(status, null, 2) : describe(status));
    });
};

async function readStatus(context: Parameters<CommandModule['register']>[1], version: string): Promise<Status> {
  const { whoUses } = await import('#src/platform/database/supervisor.ts');
  // Asking must not make what it asks about: a mistyped folder would come out as an empty installation.
  if (context.config.databaseUrl === undefined && !existsSync(context.config.dataDir))
    throw new AppError(
      'not_found',
      `There is no data at ${context.config.dataDir}. Start with "npm start", or set ASSAY_DATA_DIR to where the data is.`,
    );
  const { database, embedded, dataDir } = await context.openDatabase();
  const server = (await whoUses(dataDir)).find(({ purpose }) => purpose === 'server');
  const { rows } = await database.pool.query<{ postgres: string; schema: number; size: number }>(
    `select current_setting('server_version') as postgres,
            (select max(number) from schema_migration) as schema,
            pg_database_size(current_database()) as size`,
  );
  const [found] = rows;
  return {
    version,
    dataDir,
    server: server ? { pid: server.holder.pid, url: server.url ?? null, since: server.since } : null,
    database: {
      embedded,
      postgres: found?.postgres ?? '',
      schema: found?.schema ?? 0,
      sizeBytes: found?.size ?? 0,
    },
  };
}

function describe({ version, dataDir, server, database }: Status): string {
  const running = server ? `${server.url ?? 'starting'} (process ${server.pid}, since ${server.since})` : 'not running';
  const kind = database.embedded ? 'embedded' : 'server of DATABASE_URL';
  return [
    `Assay     ${version}`,
    `Data      ${dataDir}`,
    `Server    ${running}`,
    `Database  Postgres ${database.postgres}, ${kind}, schema ${database.schema}, ${(database.sizeBytes / 1_048_576).toFixed(1)} MiB`,
  ].join('\n');
}
