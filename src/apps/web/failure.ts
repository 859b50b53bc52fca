import type { ErrorCode } from '#src/kernel/errors.ts';

/** A call that did not succeed, as a screen needs it: what failed, what to do, and the request to look up in the log. */
export class ApiFailure extends Error {
  override name = 'ApiFailure';
  readonly code: ErrorCode | 'offline';
  readonly requestId: string | undefined;
  /** Messages by field of the form, where the input was at fault. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode | 'offline',
    message: string,
    rest: { requestId?: string; fields?: Record<string, string> } = {},
  ) {
    super(message);
    this.code = code;
    this.requestId = rest.requestId;
    this.fields = rest.fields ?? {};
  }
}

export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure('internal', error instanceof Error ? error.message : 'Something went wrong on this page.');
}
