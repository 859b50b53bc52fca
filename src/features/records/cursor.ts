import { AppError } from '#src/kernel/errors.ts';

/** Where a page ended, as an opaque text: the sort values of its last row. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** Throws `invalid_input` for a text that did not come from `encodeCursor` with `count` values. */
export function decodeCursor(text: string, count: number): string[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    values = null;
  }
  if (!Array.isArray(values) || values.length !== count || !values.every((value) => typeof value === 'string'))
    throw new AppError('invalid_input', 'The cursor is not one this list gave out. Start again from the first page.');
  return values;
}
