import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { writeDurably } from '../durable-file.ts';

const MARKER = 'database-server';

/**
 * Throws `AppError('conflict')` when the data folder belongs to the database of a server and `DATABASE_URL` is not set:
 * an empty embedded database beside it would start a second history with the keys and files of the first.
 */
export function refuseForgottenServer(dataDir: string, databaseUrl: string | undefined): void {
  if (databaseUrl !== undefined) return;
  const server = readMarker(dataDir);
  if (server === null) return;
  throw new AppError(
    'conflict',
    `The data folder ${dataDir} belongs to the database ${server}, and DATABASE_URL is not set. Set DATABASE_URL to that database again, or choose another data folder with ASSAY_DATA_DIR. If its data was moved into the data folder on purpose, remove ${join(dataDir, MARKER)} first. Nothing was changed.`,
  );
}

/** Remembers, without user and password, to which server's database the data folder belongs. */
export function rememberServer(dataDir: string, databaseUrl: string): void {
  const { hostname, port, pathname } = new URL(databaseUrl);
  const server = `${decodeURIComponent(pathname.slice(1))} at ${hostname || 'the local socket'}${port && `:${port}`}`;
  if (readMarker(dataDir) !== server) writeDurably(join(dataDir, MARKER), `${server}\n`);
}

function readMarker(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, MARKER), 'utf8').trim().slice(0, 500);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
