import * as z from 'zod';

/** Who did something: a person, one of their API keys, or the product itself. `name` is for screens and never reaches a ledger leaf. */
export const Who = z
  .object({ kind: z.enum(['user', 'api-key', 'service']), id: z.string(), name: z.string() })
  .meta({ id: 'Who' });
export type Who = z.infer<typeof Who>;

/** The one source under which the product's own records are stored as facts, so that one test can see them together. */
export const RECORDS_SOURCE = { key: 'assay:records', title: "Assay's own records", kind: 'records' } as const;
