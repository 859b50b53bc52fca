import type { ErrorCode } from '#src/kernel/errors.ts';
import { isStatementError, messageWithoutValues } from '../statement-error.ts';

const CAUSES_MAX = 4;

type Described = { name: string; message: string; code?: string; stack?: string; cause?: Described };

/**
 * An error as the log may hold it. The database layer writes the statement and its values into its messages, and the
 * server writes the offending row into `detail`: both can be personal data, so only the innermost message is kept there.
 */
export function describeError(error: unknown, depth = 0): Described {
  if (!(error instanceof Error)) return { name: 'unknown', message: 'something that is not an error was thrown' };
  const code = codeOf(error);
  return {
    name: error.name,
    message: messageWithoutValues(error),
    ...(code ? { code } : {}),
    ...(isStatementError(error) || !error.stack ? {} : { stack: error.stack }),
    ...(error.cause !== undefined && depth < CAUSES_MAX ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const UNREACHABLE = 'The database cannot be reached. Nothing was stored. Try again in a moment.';
const BUSY = 'The database has no free connection. Nothing was stored. Try again in a moment.';
const FULL = 'The disk of the database is full. Nothing was stored. Free some space, then try again.';
const CROSSED = 'Another change to the same data came first. Nothing was stored. Try again.';

const UNSTORABLE = 'A text holds a character that cannot be stored, such as NUL. Remove it.';

// Codes of Node and of Postgres (appendix A) a caller can do something about.
const DATABASE_PROBLEMS: Record<string, { code: ErrorCode; message: string }> = {
  ECONNREFUSED: { code: 'unavailable', message: UNREACHABLE },
  ECONNRESET: { code: 'unavailable', message: UNREACHABLE },
  ENOENT: { code: 'unavailable', message: UNREACHABLE },
  '57P01': { code: 'unavailable', message: UNREACHABLE },
  '57P02': { code: 'unavailable', message: UNREACHABLE },
  '57P03': { code: 'unavailable', message: UNREACHABLE },
  '08006': { code: 'unavailable', message: UNREACHABLE },
  '53300': { code: 'unavailable', message: BUSY },
  '53100': { code: 'unavailable', message: FULL },
  ENOSPC: { code: 'unavailable', message: FULL },
  '22021': { code: 'invalid_input', message: UNSTORABLE },
  '22P05': { code: 'invalid_input', message: UNSTORABLE },
  '40001': { code: 'conflict', message: CROSSED },
  '40P01': { code: 'conflict', message: CROSSED },
};

/** What a caller is told about a failure of the database, decided by its code; undefined for everything else. */
export function databaseProblem(error: unknown): { code: ErrorCode; message: string } | undefined {
  let current: unknown = error;
  for (let depth = 0; depth <= CAUSES_MAX && current instanceof Error; depth++) {
    const code = codeOf(current);
    // A missing file is a database that is down only where it is the socket of a connection.
    const isMissingFile = code === 'ENOENT' && !('syscall' in current && current.syscall === 'connect');
    if (code && !isMissingFile && DATABASE_PROBLEMS[code]) return DATABASE_PROBLEMS[code];
    current = current.cause;
  }
  return undefined;
}
