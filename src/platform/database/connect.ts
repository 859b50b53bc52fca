import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';

export type Drizzle = NodePgDatabase;
/** What a store needs to run a statement: the database itself or an open transaction. */
export type Executor = Pick<
  Drizzle,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | 'execute' | 'with' | '_'
>;
export type Transaction = Parameters<Parameters<Drizzle['transaction']>[0]>[0];

export type Database = {
  drizzle: Drizzle;
  pool: pg.Pool;
  /** Runs `work` in one transaction: all of it is stored, or nothing. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

// int8 comes as a string by default; every count and index here stays below 2^53, and a loss of precision must not pass in silence.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`a database integer is beyond 2^53: ${text}`);
  return value;
});

/** Opens a pool on `url` (postgres://…, or a socket folder in `host`). `onError` hears of connections lost between statements. */
export function connectDatabase(
  url: string,
  options: { maxConnections?: number; onError?: (error: Error) => void } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 10_000,
    application_name: 'assay',
  });
  // An idle client that loses its server emits here; without a listener Node would end the process.
  pool.on('error', (error) => options.onError?.(error));
  // So does one that is in use between two statements, such as a listener; its user learns of it at the next one.
  pool.on('connect', (client) => client.on('error', (error) => options.onError?.(error)));
  const db = drizzle(pool);
  return {
    drizzle: db,
    pool,
    transaction: (work) => db.transaction(work),
    close: () => pool.end(),
  };
}

/**
 * Runs a statement that the server parses and plans once for each connection, under a name that no other text has. Dates
 * come back as texts, as they do from `execute`.
 */
export async function executePrepared<Row>(
  executor: Executor,
  { name, text, values }: { name: string; text: string; values: unknown[] },
): Promise<Row[]> {
  const statement = executor._.session.prepareQuery({ sql: text, params: values }, undefined, name, false);
  const { rows } = (await statement.execute()) as { rows: Row[] };
  return rows;
}
