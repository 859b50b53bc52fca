import * as z from 'zod';

/** Words shown to people. */
export const SentenceText = z.string().trim().min(1).max(2000);

/** An identifier of the catalog's own vocabulary, e.g. `training_pipeline`. */
export const Slug = z.string().regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be lower case words joined by _');

/** An identifier such as `AIG-01`: capital letters, a dash, two or three digits. Ids are added, never renumbered or reused. */
export function idWith(pattern: RegExp, example: string) {
  return z.string().regex(pattern, `must look like ${example}`);
}
