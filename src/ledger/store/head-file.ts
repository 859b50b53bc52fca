import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** In the data folder: the newest signed head, outside the database. */
export const HEAD_FILE = 'ledger-head';

/** The last head of a log that was sealed, kept under its id when a new log takes over the head file. */
export function formerHeadFile(logId: string): string {
  return `${HEAD_FILE}.${logId}`;
}

export function readHeadFile(dataDir: string, name: string = HEAD_FILE): string | null {
  try {
    return readFileSync(join(dataDir, name), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Makes way for the heads of a new ledger: the head file of the one before is kept under that one's id. Returns the new
 * name. Nothing forks by it: a new ledger has a new origin.
 */
export function setAsideHeadFile(dataDir: string): string | null {
  const file = readHeadFile(dataDir);
  if (file === null) return null;
  const name = formerHeadFile(/^[^\n]*\/([0-9a-f]{32})\n/.exec(file)?.[1] ?? 'unknown');
  renameSync(join(dataDir, HEAD_FILE), join(dataDir, name));
  return name;
}
