const STATEMENT_FAILED = 'a database statement failed';

/** True for an error of the database layer, whose message and stack hold the statement and its values: personal data. */
export function isStatementError(error: Error): boolean {
  return 'query' in error && 'params' in error;
}

/** The message of an error as a log may hold it: without the values of a statement. */
export function messageWithoutValues(error: Error): string {
  return isStatementError(error) ? STATEMENT_FAILED : error.message;
}

/** The same for an error that is handed on to code that logs or stores it: says why the statement failed. */
export function withoutValues(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('something that is not an error was thrown');
  if (!isStatementError(error)) return error;
  const { cause } = error;
  if (!(cause instanceof Error)) return new Error(STATEMENT_FAILED);
  const code = 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return new Error(`${STATEMENT_FAILED}: ${cause.message}${code}`);
}
